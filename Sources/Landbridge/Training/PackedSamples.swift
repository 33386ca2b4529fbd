internal import LinearAlgebra

/// Samples of a block, in the order in which ``MatrixScalar/affine(_:outputs:depth:panels:weights:bias:into:stride:)``
/// reads them.
final class PackedSamples<Scalar: MatrixScalar> {
  private let columns: Int
  private let panels: Buffer<Scalar>

  init(capacity: Int, columns: Int) {
    self.columns = columns
    let width = Scalar.panelWidth
    panels = Buffer(count: (capacity + width - 1) / width * width * columns)
  }

  /// Where the panels of the samples from `first` on begin; a multiple of the panel's width.
  @unsafe func base(from first: Int = 0) -> UnsafePointer<Scalar> {
    unsafe UnsafePointer(panels.base + first * columns)
  }

  /// Packs the rows of `count` samples, times `scale`: every `members`-th panel, from that of
  /// `member` on.
  @unsafe func pack(
    _ rows: UnsafePointer<Scalar>, count: Int, scale: Scalar, member: Int, of members: Int
  ) {
    let width = Scalar.panelWidth
    for (index, samples) in chunks(of: count, size: width).enumerated()
    where index % members == member {
      unsafe Scalar.packPanel(
        samples.count, columns: columns, scale: scale, rows + samples.lowerBound * columns,
        stride: columns, into: panels.base + samples.lowerBound * columns)
    }
  }
}
