internal import LinearAlgebra

/// The knots at the ends of a segment, evaluated.
struct SegmentEnds<Scalar: MatrixScalar> {
  let evaluations: (start: Evaluation, end: Evaluation)
  /// ŷ₀ and ŷ₁, n × K.
  let outputs: (start: Matrix<Scalar>, end: Matrix<Scalar>)
}

/// Loss and 0-1 error along a segment, found in the way that its proof allows: exactly from its ends
/// where outputs are constant or affine, at sampled points where nothing is known.
struct SegmentCurve<Scalar: MatrixScalar>: Sendable {
  private enum Law: Sendable {
    case constant
    case affine(AffineLoss<Scalar>)
    case sampled
  }

  /// E‖ŷ₁ − ŷ₀‖²
  let outputDistance: Double
  /// max |Δŷ| between the ends, of a constant segment whose ends were both evaluated.
  let deviation: Double?
  /// The exact 0-1 error of an affine segment; `nil` for others, and when targets are no classes.
  let errors: ErrorCurve?
  /// The points evaluated on a sampled segment, both ends included, t increasing; else none.
  let points: [PathPoint]
  private let start: Evaluation
  private let end: Evaluation
  private let law: Law

  init(constant ends: SegmentEnds<Scalar>, deviation: Double?) {
    (start, end) = ends.evaluations
    (outputDistance, self.deviation, errors, points, law) = (0, deviation, nil, [], .constant)
  }

  init(affine ends: SegmentEnds<Scalar>, targets samples: Samples<Scalar>, loss: Loss, threads: Int)
  {
    (start, end) = ends.evaluations
    let (ŷ0, ŷ1) = ends.outputs
    outputDistance = meanSquaredDistance(ŷ0, ŷ1, threads: threads)
    errors =
      samples.isClassification
      ? ErrorCurve(from: ŷ0, to: ŷ1, targets: samples.targets, threads: threads) : nil
    (deviation, points) = (nil, [])
    law = .affine(
      AffineLoss(
        loss: loss, outputs: ends.outputs, targets: samples.targets, distance: outputDistance,
        threads: threads))
  }

  init(sampled ends: SegmentEnds<Scalar>, points: [PathPoint], threads: Int) {
    (start, end) = ends.evaluations
    outputDistance = meanSquaredDistance(ends.outputs.start, ends.outputs.end, threads: threads)
    (deviation, errors, self.points, law) = (nil, nil, points, .sampled)
  }

  /// L(t) and 0-1 error at `t` ∈ [0, 1]; `nil` where nothing is known between ``points``.
  func values(at t: Double) -> (loss: Double, error: Double?)? {
    switch law {
    case .constant: (start.loss, start.error)
    case .affine(let law):
      (
        law.value(at: t, from: start.loss, to: end.loss),
        errors.map { Double($0.errors(at: t)) / Double($0.samples) }
      )
    case .sampled: nil
    }
  }
}

/// The loss along a segment on which ŷ_t = (1 − t)ŷ₀ + tŷ₁.
private struct AffineLoss<Scalar: MatrixScalar>: Sendable {
  let loss: Loss
  let outputs: (start: Matrix<Scalar>, end: Matrix<Scalar>)
  let targets: Matrix<Scalar>
  /// E‖ŷ₁ − ŷ₀‖²
  let distance: Double
  let threads: Int

  /// L(t), from L(0) and L(1).
  func value(at t: Double, from start: Double, to end: Double) -> Double {
    if t == 0 { return start }
    if t == 1 { return end }
    switch loss {
    case .squared: return (1 - t) * start + t * end - t * (1 - t) * distance
    case .crossEntropy:
      return meanLoss(
        loss, between: outputs.start, outputs.end, at: t, targets: targets, threads: threads)
    }
  }
}
