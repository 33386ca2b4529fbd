internal import CKernels

extension MatrixScalar {
  /// out ← mean + scale·z with z the first `n` standard normal numbers of an item.
  @unsafe package static func fillNormal(
    _ stream: RandomStream, item: UInt64, _ n: Int, mean: Self, scale: Self,
    _ out: UnsafeMutablePointer<Self>
  ) {
    var state = lb_stream(seed: stream.seed, item: item, tag: stream.tag)
    isFloat
      ? unsafe lb_fill_normal_f32(&state, n, f32(mean), f32(scale), f32(out))
      : unsafe lb_fill_normal_f64(&state, n, f64(mean), f64(scale), f64(out))
  }

  /// out ← lower + width·u with u the first `n` numbers of an item, uniform on [0, 1).
  @unsafe package static func fillUniform(
    _ stream: RandomStream, item: UInt64, _ n: Int, lower: Self, width: Self,
    _ out: UnsafeMutablePointer<Self>
  ) {
    var state = lb_stream(seed: stream.seed, item: item, tag: stream.tag)
    isFloat
      ? unsafe lb_fill_uniform_f32(&state, n, f32(lower), f32(width), f32(out))
      : unsafe lb_fill_uniform_f64(&state, n, f64(lower), f64(width), f64(out))
  }
}
