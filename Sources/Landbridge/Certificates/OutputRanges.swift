internal import LinearAlgebra

extension Network where Scalar == Double {
  /// Ranges that the outputs do not leave, whatever the inputs are in their range: interval
  /// arithmetic, layer by layer, rounded outwards.
  ///
  /// - Parameter inputs: where every input lies; `nil` where nothing is known, which bounded
  ///   activations can do without.
  /// - Returns: K ranges, or `nil` if there is no bound.
  /// - Complexity: one pass over the weights.
  package func outputRanges(inputs: ClosedRange<Double>?) -> [ClosedRange<Double>]? {
    let ranges = ranges(ofLayer: hiddenLayerCount, from: hiddenRanges(inputs: inputs))
    return ranges.allSatisfy(\.isBounded) ? ranges : nil
  }

  /// Ranges of the last hidden layer, unbounded where nothing is known.
  func hiddenRanges(inputs: ClosedRange<Double>?) -> [ClosedRange<Double>] {
    let start = Array(repeating: inputs ?? .everywhere, count: inputDimension)
    return (0..<hiddenLayerCount).reduce(start) { ranges(ofLayer: $1, from: $0) }
  }

  private func ranges(
    ofLayer index: Int, from inputs: [ClosedRange<Double>]
  ) -> [ClosedRange<Double>] {
    let (layer, factor) = (layers[index], scale(ofLayer: index))
    return (0..<layer.weights.rows).map { row in
      let preactivation = affineRange(
        layer.weights.row(row), inputs, factor: factor, bias: layer.bias?[row] ?? 0)
      return layer.activation.enclosedRange(over: preactivation)
    }
  }
}

/// s·Σ w_i x_i + b over all x_i in their ranges.
private func affineRange(
  _ weights: [Double], _ ranges: [ClosedRange<Double>], factor: Double, bias: Double
) -> ClosedRange<Double> {
  var (low, high, lowSize, highSize) = (0.0, 0.0, 0.0, 0.0)
  for (w, range) in zip(weights, ranges) where w != 0 {
    let below = w * (w > 0 ? range.lowerBound : range.upperBound)
    let above = w * (w > 0 ? range.upperBound : range.lowerBound)
    low += below
    lowSize += abs(below)
    high += above
    highSize += abs(above)
  }
  // The factor, its product and the bias: three operations more. Products may underflow.
  let relative = Outward.gamma(weights.count + 4)
  func error(_ size: Double) -> Double {
    relative * (factor * size + abs(bias)) + .leastNormalMagnitude
  }
  low = (factor * low + bias - error(lowSize)).nextDown
  high = (factor * high + bias + error(highSize)).nextUp
  // Weights beyond all measure overflow: then nothing is known on that side.
  let isOrdered = low <= high
  return
    (isOrdered && lowSize.isFinite ? low : -.infinity)...(isOrdered && highSize.isFinite
    ? high : .infinity)
}

extension Activation {
  /// ``range(over:)``, widened by more than the error of the kernels.
  ///
  /// Kernels are within a few units in the last place (``Activation``); 16 are allowed for, and
  /// 1e-300 for what is flushed to 0. The ramp is exact to two roundings of its larger level.
  func enclosedRange(over z: ClosedRange<Double>) -> ClosedRange<Double> {
    if self == .identity { return z }
    let range = range(over: z)
    var level = 0.0
    if case .ramp(let low, let high, _, _) = self { level = max(abs(low), abs(high)) }
    func slack(_ end: Double) -> Double {
      end.isFinite ? 16 * Double.ulpOfOne * max(abs(end), level) + 1e-300 : 0
    }
    let (low, high) = (range.lowerBound, range.upperBound)
    return low - slack(low)...high + slack(high)
  }
}

extension ClosedRange<Double> {
  static var everywhere: ClosedRange<Double> { -.infinity ... .infinity }

  var isBounded: Bool { lowerBound.isFinite && upperBound.isFinite }
}
