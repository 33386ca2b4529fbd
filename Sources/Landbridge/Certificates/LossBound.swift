internal import LinearAlgebra

/// Where the targets of a population lie.
package enum TargetSet: Equatable, Sendable {
  /// ±1 for one output, one-hot vectors for several.
  case classes
  /// Every entry in this range.
  case range(ClosedRange<Double>)
}

extension Network where Scalar == Double {
  /// Ranges that the outputs do not leave, whatever the inputs are in their range: interval
  /// arithmetic, layer by layer.
  ///
  /// - Parameter inputs: where every input lies; `nil` where nothing is known, which bounded
  ///   activations can do without.
  /// - Returns: K ranges, or `nil` if there is no bound.
  /// - Complexity: one pass over the weights.
  package func outputRanges(inputs: ClosedRange<Double>?) -> [ClosedRange<Double>]? {
    let everywhere = -Double.infinity...Double.infinity
    var ranges = Array(repeating: inputs ?? everywhere, count: inputDimension)
    for (index, layer) in layers.enumerated() {
      let factor = scale(ofLayer: index)
      ranges = (0..<layer.weights.rows).map { row in
        var (low, high) = (0.0, 0.0)
        for (w, range) in zip(layer.weights.row(row), ranges) where w != 0 {
          low += w * (w > 0 ? range.lowerBound : range.upperBound)
          high += w * (w > 0 ? range.upperBound : range.lowerBound)
        }
        let bias = layer.bias?[row] ?? 0
        (low, high) = (factor * low + bias, factor * high + bias)
        // Weights beyond all measure overflow.
        return layer.activation.range(over: low <= high ? low...high : everywhere)
      }
    }
    let isBounded = ranges.allSatisfy { $0.lowerBound.isFinite && $0.upperBound.isFinite }
    return isBounded ? ranges : nil
  }
}

extension Loss {
  /// B with 0 ≤ ℓ(ŷ, y) ≤ B for all outputs in the given ranges and all targets in the given set;
  /// `nil` for cross-entropy of targets that are no classes.
  ///
  /// Enlarged by a part in 10⁹, which covers the rounding of the ranges.
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
      bound = others.reduce(0, +) + zip(own, others).map { $0 - $1 }.max()!
    case (.crossEntropy, .range): return nil
    case (.crossEntropy, .classes) where outputs.count == 1:
      bound = softplus(max(outputs[0].upperBound, -outputs[0].lowerBound))
    case (.crossEntropy, .classes):
      bound = outputs.indices.map { logSumExpOver(outputs, class: $0) }.max()!
    }
    return bound.isFinite ? bound * (1 + 1e-9) : nil
  }

  /// log(1 + Σ_{j ≠ c} e^{ŷ_j − ŷ_c}) with ŷ_c as low and the others as high as they get.
  private func logSumExpOver(_ outputs: [ClosedRange<Double>], class c: Int) -> Double {
    let exponents = outputs.indices.map { j in
      j == c ? 0 : outputs[j].upperBound - outputs[c].lowerBound
    }
    let largest = exponents.max()!
    return largest + logarithm(exponents.reduce(0) { $0 + exponential($1 - largest) })
  }
}
