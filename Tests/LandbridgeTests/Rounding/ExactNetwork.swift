import Landbridge
import LinearAlgebra

/// A network in arithmetic of 768 bits: outputs, losses and all that certificates say of them.
struct ExactNetwork {
  /// ŷ of every sample, and h_L.
  let outputs: [[BigReal]]
  let hidden: [[BigReal]]
  private let network: Network<Double>

  init(_ network: Network<Double>, on samples: Samples<Double>) {
    self.network = network
    let layers = network.layers.map { layer in
      (
        rows: (0..<layer.weights.rows).map { layer.weights.row($0).map { BigReal($0) } },
        bias: (layer.bias ?? Array(repeating: 0, count: layer.weights.rows)).map { BigReal($0) },
        activation: layer.activation
      )
    }
    var (outputs, hidden) = ([[BigReal]](), [[BigReal]]())
    for sample in 0..<samples.count {
      var h = samples.inputs.row(sample).map { BigReal($0) }
      for (index, layer) in layers.enumerated() {
        if index == layers.count - 1 { hidden.append(h) }
        let isScaled = network.scaling == .meanField && index > 0
        let factor = isScaled ? BigReal(1) / BigReal(h.count) : BigReal(1)
        h = zip(layer.rows, layer.bias).map { row, bias in
          let sum = zip(row, h).reduce(BigReal()) { $0 + $1.0 * $1.1 }
          return (sum * factor + bias).applying(layer.activation)
        }
      }
      outputs.append(h)
    }
    (self.outputs, self.hidden) = (outputs, hidden)
  }

  static func losses(
    _ outputs: [[BigReal]], _ samples: Samples<Double>, _ loss: Loss
  ) -> [BigReal] {
    outputs.enumerated().map { sample, f in
      let y = samples.targets.row(sample).map { BigReal($0) }
      switch loss {
      case .squared: return zip(y, f).reduce(BigReal()) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      case .crossEntropy where f.count == 1: return (-(y[0] * f[0])).softplus
      case .crossEntropy:
        let top = f.reduce(f[0], BigReal.larger)
        let others = f.reduce(BigReal(-1)) { $0 + ($1 - top).exponential }
        let normalizer = top + others.logarithmOnePlus
        return zip(y, f).reduce(BigReal()) { $0 + $1.0 * (normalizer - $1.1) }
      }
    }
  }

  static func mean(_ values: [BigReal]) -> BigReal {
    values.reduce(BigReal(), +) / BigReal(values.count)
  }

  func errors(_ samples: Samples<Double>) -> [Bool] {
    outputs.enumerated().map { sample, f in
      let y = samples.targets.row(sample)
      if y.count == 1 { return f[0] * BigReal(y[0]) <= BigReal() }
      let label = y.firstIndex(of: y.max()!)!
      var best = 0
      for j in f.indices where f[best] < f[j] { best = j }
      return best != label
    }
  }

  func distance(to other: ExactNetwork) -> BigReal {
    Self.mean(
      zip(outputs, other.outputs).map { a, b in
        zip(a, b).reduce(BigReal()) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      })
  }

  /// E (1/N)Σ‖c_i − f‖², by its definition.
  var variance: BigReal {
    let weights = network.layers.last!.weights
    let width = weights.columns
    let factor = BigReal(network.scaling == .meanField ? 1 : width)
    return Self.mean(
      hidden.map { h in
        let contributions = (0..<width).map { i in
          (0..<weights.rows).map { BigReal(weights[$0, i]) * h[i] * factor }
        }
        let mean = (0..<weights.rows).map { k in
          contributions.reduce(BigReal()) { $0 + $1[k] } / BigReal(width)
        }
        return contributions.reduce(BigReal()) { sum, c in
          zip(c, mean).reduce(sum) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        } / BigReal(width)
      })
  }
}

extension BigReal {
  func applying(_ σ: Activation) -> BigReal {
    switch σ {
    case .identity: return self
    case .relu: return .larger(self, BigReal())
    case .tanh: return tanh
    case .sigmoid: return sigmoid
    case .softplus: return softplus
    case .erf: return errorFunction
    case .cos: return cosine
    case .ramp(let low, let high, let from, let to):
      if self < BigReal(from) { return BigReal(low) }
      if BigReal(to) < self { return BigReal(high) }
      let slope = (BigReal(high) - BigReal(low)) / (BigReal(to) - BigReal(from))
      return BigReal(low) + slope * (self - BigReal(from))
    case .leakyReLU(let slope):
      return self < BigReal() ? self * BigReal(slope) : self
    case .elu: return self < BigReal() ? exponentialMinusOne : self
    case .selu:
      // 10¹⁹λ and 10¹⁹λα, to the digits that their authors give.
      let unit = BigReal(1) / BigReal(10_000_000_000) / BigReal(1_000_000_000)
      let λ = (BigReal(10_507_009_873) * BigReal(1_000_000_000) + BigReal(554_804_934)) * unit
      let λα = (BigReal(17_580_993_408) * BigReal(1_000_000_000) + BigReal(473_768_600)) * unit
      return self < BigReal() ? λα * exponentialMinusOne : λ * self
    case .hardTanh:
      return self < BigReal(-1) ? BigReal(-1) : BigReal(1) < self ? BigReal(1) : self
    case .silu: return self * sigmoid
    case .gelu: return self * (BigReal(1) + errorFunction) * BigReal(power: -1)
    case .geluTanh:
      let cubic = BigReal(44_715) / BigReal(1_000_000) * self * self * self
      let v = Self.rootOfTwoOverPi * (self + cubic)
      return self * (v * BigReal(2)).sigmoid
    }
  }
}
