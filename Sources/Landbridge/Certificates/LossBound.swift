internal import LinearAlgebra

/// Where the targets of a population lie.
package enum TargetSet: Equatable, Sendable {
  /// ±1 for one output, one-hot vectors for several.
  case classes
  /// Every entry in this range.
  case range(ClosedRange<Double>)
}

extension Network where Scalar == Double {
  /// B with 0 ≤ ℓ(ŷ(x), y) ≤ B for all inputs x in their range and all targets y in their set: the
  /// smallest of what interval arithmetic gives and, for squared loss, ``OutputBox`` as a whole,
  /// for cross-entropy, the differences of its rows. Rounded outwards.
  ///
  /// - Parameter inputs: where every input lies, `nil` where nothing is known.
  /// - Returns: `nil` if there is no bound.
  /// - Complexity: one pass over the weights, and about 48·K³·N flops for squared loss, fewer
  ///   where that is beyond 2·10¹⁰.
  package func lossBound(
    _ loss: Loss, inputs: ClosedRange<Double>?, targets: TargetSet
  ) -> Double? {
    let simple = outputRanges(inputs: inputs).flatMap { loss.bound(outputs: $0, targets: targets) }
    guard let box = OutputBox(of: self, inputs: inputs) else { return simple }
    let sharp: Double?
    switch (loss, targets) {
    case (.squared, _): sharp = box.squaredLossBound(targets: targets)
    case (.crossEntropy, .classes) where outputDimension > 1: sharp = box.crossEntropyBound
    case (.crossEntropy, _): sharp = nil
    }
    return [simple, sharp].compactMap { $0 }.min()
  }
}

extension Loss {
  /// B with 0 ≤ ℓ(ŷ, y) ≤ B for all outputs in the given ranges and all targets in the given set;
  /// `nil` for cross-entropy of targets that are no classes. Rounded outwards.
  package func bound(
    outputs: [ClosedRange<Double>], targets: TargetSet
  ) -> Double? {
    func farthest(_ range: ClosedRange<Double>, from y: ClosedRange<Double>) -> Double {
      let distance = max(range.upperBound - y.lowerBound, y.upperBound - range.lowerBound)
      return distance * distance
    }
    let bound: Double
    switch (self, targets) {
    case (.squared, .range(let y)):
      bound = outputs.reduce(0) { $0 + farthest($1, from: y) }
    case (.squared, .classes) where outputs.count == 1:
      bound = farthest(outputs[0], from: -1...1)
    case (.squared, .classes):
      let others = outputs.map { farthest($0, from: 0...0) }
      let own = outputs.map { farthest($0, from: 1...1) }
      bound = outputs.indices.map { k in
        others.indices.reduce(0) { $0 + ($1 == k ? own[k] : others[$1]) }
      }.max()!
    case (.crossEntropy, .range): return nil
    case (.crossEntropy, .classes) where outputs.count == 1:
      return logSumExpBound([0, max(outputs[0].upperBound, -outputs[0].lowerBound)])
    case (.crossEntropy, .classes):
      return outputs.indices.map { c in
        logSumExpBound(
          outputs.indices.map { $0 == c ? 0 : outputs[$0].upperBound - outputs[c].lowerBound })
      }.reduce(0) { a, b in a.flatMap { a in b.map { max(a, $0) } } }
    }
    return bound.isFinite ? Outward.enlarged(bound, operations: outputs.count + 8) : nil
  }
}

/// No less than log Σ e^{z_j}, with the largest z_j ≥ 0, each z_j known up to a rounding; `nil` where
/// it is not finite.
///
/// exp and log of the C library are off by less than two units in the last place.
func logSumExpBound(_ z: [Double]) -> Double? {
  let largest = z.max()!
  let bound = largest + logarithm(z.reduce(0) { $0 + exponential($1 - largest) })
  guard bound.isFinite else { return nil }
  return bound + (Double(z.count) + abs(bound) + 16) * (8 * Outward.unit)
}
