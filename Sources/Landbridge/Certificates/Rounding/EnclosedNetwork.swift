internal import LinearAlgebra

/// The outputs of a network for a block of samples, within bounds.
struct EnclosedOutputs: Sendable {
  /// ŷ, n × K, and bounds on its errors.
  var value: Matrix<Double>
  var error: Matrix<Double>
  /// For every layer the largest relative error of a sample's preactivations.
  var relativeErrors: [Double]
  /// (1/N)Σ‖c_i − f‖² of every sample with bounds on their errors, where asked for.
  var variance: (values: [Double], errors: [Double])?
}

/// A network prepared for evaluation with bounds on its rounding errors (docs/theory.md §4.2).
struct EnclosedNetwork: Sendable {
  private let network: Network<Double>
  private let layers: [LayerBounds]
  private let variance: VarianceBounds?

  /// - Parameter variance: whether V is asked for as well.
  init(_ network: Network<Double>, mode: RoundingMode, variance: Bool, threads: Int) {
    self.network = network
    layers = network.layers.indices.map {
      LayerBounds(of: network, index: $0, mode: mode, threads: threads)
    }
    self.variance = variance ? VarianceBounds(network) : nil
  }

  func outputs(_ inputs: Matrix<Double>) -> EnclosedOutputs {
    var h = EnclosedLayer(exact: inputs)
    var relativeErrors: [Double] = []
    var last = h
    for layer in layers {
      last = h
      h = layer.forward(h)
      relativeErrors.append(h.relativeError)
    }
    if let low = h.low { h.error = Matrix.combine(h.error, low) { roundedUp($0 + abs($1)) } }
    let variance = variance?.ofSamples(last, outputs: h)
    return EnclosedOutputs(
      value: h.value, error: h.error, relativeErrors: relativeErrors, variance: variance)
  }
}

/// Bounds on V = E (1/N)Σ‖c_i − f‖², what dropout of the last hidden layer spreads (docs/theory.md §3).
///
/// (1/N)Σ‖c_i‖² − ‖f‖² with ‖c_i‖² = (Ns)²‖W[:, i]‖²h_i² and f = ŷ − b.
private struct VarianceBounds: Sendable {
  /// ‖W[:, i]‖², off by at most γ_{K+1} of itself.
  private var squares: [Double]
  private let bias: [Double]?
  private let outputs: Int
  private let isMeanField: Bool
  /// N
  private let fanIn: Double

  init(_ network: Network<Double>) {
    let layer = network.layers.last!
    fanIn = Double(layer.fanIn)
    squares = Array(repeating: 0, count: layer.weights.columns)
    outputs = layer.weights.rows
    for k in 0..<outputs {
      for (i, w) in layer.weights.row(k).enumerated() { squares[i] += w * w }
    }
    bias = layer.bias
    isMeanField = network.scaling == .meanField
  }

  func ofSamples(
    _ h: EnclosedLayer, outputs ŷ: EnclosedLayer
  ) -> (values: [Double], errors: [Double]) {
    let width = squares.count
    var result = (values: [Double](), errors: [Double]())
    for sample in h.norms.indices {
      let (row, errors) = (h.value.row(sample), h.error.row(sample))
      let low = h.low?.row(sample)
      var (sum, error) = (0.0, 0.0)
      for i in 0..<width {
        let e = errors[i] + (low.map { abs($0[i]) } ?? 0)
        sum += squares[i] * (row[i] * row[i])
        error += squares[i] * (2 * abs(row[i]) + e) * e
      }
      let total = Enclosure(
        sum,
        error: inflated(error, terms: width + outputs + 8)
          + gamma(width + outputs + 8) * sum * (1 + 8 * unit) + Double(width) * 0x1p-1000)
      let mean =
        isMeanField
        ? total.divided(by: fanIn) : total.scaled(by: fanIn)
      let f = (0..<outputs).map { k in
        Enclosure(ŷ.value[sample, k], error: ŷ.error[sample, k]) - Enclosure(bias?[k] ?? 0)
      }
      let variance = f.reduce(mean) { $0 - $1 * $1 }.nonnegative
      result.values.append(width == 1 ? 0 : variance.value)
      result.errors.append(width == 1 ? 0 : variance.error)
    }
    return result
  }
}
