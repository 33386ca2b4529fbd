internal import CKernels

extension Float {
  public static func fillNormal(
    _ stream: RandomStream, item: UInt64, _ n: Int, mean: Float, scale: Float,
    _ out: UnsafeMutablePointer<Float>
  ) {
    var state = lb_stream(seed: stream.seed, item: item, tag: stream.tag)
    unsafe lb_fill_normal_f32(&state, n, mean, scale, out)
  }

  public static func fillUniform(
    _ stream: RandomStream, item: UInt64, _ n: Int, lower: Float, width: Float,
    _ out: UnsafeMutablePointer<Float>
  ) {
    var state = lb_stream(seed: stream.seed, item: item, tag: stream.tag)
    unsafe lb_fill_uniform_f32(&state, n, lower, width, out)
  }
}

extension Double {
  public static func fillNormal(
    _ stream: RandomStream, item: UInt64, _ n: Int, mean: Double, scale: Double,
    _ out: UnsafeMutablePointer<Double>
  ) {
    var state = lb_stream(seed: stream.seed, item: item, tag: stream.tag)
    unsafe lb_fill_normal_f64(&state, n, mean, scale, out)
  }

  public static func fillUniform(
    _ stream: RandomStream, item: UInt64, _ n: Int, lower: Double, width: Double,
    _ out: UnsafeMutablePointer<Double>
  ) {
    var state = lb_stream(seed: stream.seed, item: item, tag: stream.tag)
    unsafe lb_fill_uniform_f64(&state, n, lower, width, out)
  }
}
