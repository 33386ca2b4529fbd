/// The barrier of a path whose loss is convex on every segment, from the losses at its knots.
///
/// Knot i of m + 1 is at s = i/m. On every segment L, and L minus any affine function of s, is
/// convex, so both have their maximum at a knot (THEORY §4).
package struct PathBarrier: Equatable, Sendable {
  /// The largest loss on the path.
  package var maximumLoss: Double
  /// maximumLoss − max{L(θ), L(θ′)}
  package var overEnds: Double
  /// max L − ((1 − s)L(θ) + sL(θ′))
  package var overChord: Double
  /// L(s = 1/2) − (L(θ) + L(θ′))/2
  package var atMidpoint: Double

  /// - Parameters:
  ///   - knots: the losses at the knots, at least two.
  ///   - midpoint: the loss at s = 1/2, which for odd m is in the middle of a segment.
  package init(knots: [Double], midpoint: Double) {
    precondition(knots.count >= 2, "\(knots.count) knots")
    let (start, end) = (knots.first!, knots.last!)
    maximumLoss = knots.max()!
    overEnds = maximumLoss - max(start, end)
    overChord = knots.enumerated().map { index, loss in
      let s = Double(index) / Double(knots.count - 1)
      return loss - (1 - s) * start - s * end
    }.max()!
    // Rounding of the ends themselves.
    overChord = max(0, overChord)
    atMidpoint = midpoint - (start + end) / 2
  }
}
