import Foundation
import Landbridge
import LinearAlgebra
import Testing

/// ∇ of the loss of one sample by the chain rule, written out in loops with every factor 1/N in its
/// place: independent of the library's kernels.
private func gradient(
  _ network: Network<Double>, _ samples: Samples<Double>, _ loss: Loss
) -> [Double] {
  let L = network.hiddenLayerCount
  var h = [samples.inputs.row(0)]
  var u: [[Double]] = []
  for (ℓ, layer) in network.layers.enumerated() {
    let s = network.scale(ofLayer: ℓ)
    let z = (0..<layer.weights.rows).map { i in
      (layer.bias?[i] ?? 0)
        + s * zip(layer.weights.row(i), h[ℓ]).reduce(0) { $0 + $1.0 * $1.1 }
    }
    u.append(z)
    var output = Matrix(rows: 1, columns: z.count, z)
    output.apply(layer.activation)
    h.append(output.elements)
  }
  let (ŷ, y) = (h[L + 1], samples.targets.row(0))
  var δ: [Double]
  switch loss {
  case .squared: δ = zip(ŷ, y).map { 2 * ($0 - $1) }
  case .crossEntropy where ŷ.count == 1: δ = [-y[0] / (1 + exponential(y[0] * ŷ[0]))]
  case .crossEntropy:
    let e = ŷ.map(exponential)
    δ = zip(e, y).map { $0 / e.reduce(0, +) - $1 }
  }
  var gradients: [[Double]] = []
  for ℓ in (0...L).reversed() {
    let (layer, s) = (network.layers[ℓ], network.scale(ofLayer: ℓ))
    var g = δ.flatMap { di in h[ℓ].map { s * di * $0 } }
    if layer.bias != nil { g += δ }
    gradients.append(g)
    guard ℓ > 0 else { break }
    let slope = derivative(network.layers[ℓ - 1].activation, u[ℓ - 1])
    δ = (0..<layer.weights.columns).map { j in
      s * slope[j] * (0..<δ.count).reduce(0) { $0 + layer.weights[$1, j] * δ[$1] }
    }
  }
  return gradients.reversed().flatMap { $0 }
}

private func derivative(_ σ: Activation, _ z: [Double]) -> [Double] {
  switch σ {
  case .tanh:
    return z.map {
      let e = exponential(-2 * abs($0))
      return 4 * e / ((1 + e) * (1 + e))
    }
  case .sigmoid: return z.map { 1 / (1 + exponential(-$0)) * (1 - 1 / (1 + exponential(-$0))) }
  case .erf: return z.map { (2 / Double.pi).squareRoot() * exponential(-$0 * $0 / 2) }
  case .softplus: return z.map { 1 / (1 + exponential(-$0)) }
  case .cos: return z.map { -cosine($0 - .pi / 2) }
  case .identity: return z.map { _ in 1 }
  case .relu: return z.map { $0 > 0 ? 1 : 0 }
  case .leakyReLU(let slope): return z.map { $0 > 0 ? 1 : slope }
  case .ramp(let low, let high, let from, let to):
    return z.map { $0 < from || $0 > to ? 0 : (high - low) / (to - from) }
  case .hardTanh: return z.map { abs($0) < 1 ? 1 : 0 }
  case .elu: return z.map { $0 > 0 ? 1 : exponential($0) }
  case .selu:
    return z.map { 1.0507009873554805 * ($0 > 0 ? 1 : 1.6732632423543772 * exponential($0)) }
  case .silu:
    return z.map {
      let s = 1 / (1 + exponential(-$0))
      return s + $0 * s * (1 - s)
    }
  case .gelu:
    return z.map {
      (1 + erf($0 / 2.0.squareRoot())) / 2
        + $0 * exponential(-$0 * $0 / 2) / (2 * Double.pi).squareRoot()
    }
  case .geluTanh:
    return z.map {
      let (k, c) = ((2 / Double.pi).squareRoot(), 0.044715)
      let t = tanh(k * ($0 + c * $0 * $0 * $0))
      return (1 + t) / 2 + $0 * (1 - t * t) * k * (1 + 3 * c * $0 * $0) / 2
    }
  }
}

@Suite("Gradients: exact") struct GradientTests {
  @Test(
    "the gradient is that of central differences",
    arguments: TrainingCase.all + TrainingCase.activations)
  func centralDifferences(_ c: TrainingCase) {
    let network = c.network(seed: 1)
    let samples = c.samples(1, seed: 2)
    let θ = parameters(network)
    let exact = gradient(network, samples, c.loss)
    let h = 1e-5
    let numeric = θ.indices.map { i in
      var (up, down) = (θ, θ)
      up[i] += h
      down[i] -= h
      return
        (setting(network, up).evaluate(on: empirical(samples, c.loss)).loss
        - setting(network, down).evaluate(on: empirical(samples, c.loss)).loss) / (2 * h)
    }
    let scale = exact.map(abs).max()!
    for (a, b) in zip(exact, numeric) {
      #expect(abs(a - b) < Tolerance.centralDifference * scale)
    }
  }

  @Test(
    "one step is −αN_ℓN_{ℓ−1} ∇ (1 for inputs and outputs)",
    arguments: TrainingCase.all + TrainingCase.activations)
  func oneStep(_ c: TrainingCase) {
    let network = c.network(seed: 1)
    let samples = c.samples(1, seed: 2)
    let g = gradient(network, samples, c.loss)
    let α = 0.05
    let L = network.hiddenLayerCount
    let widths = network.hiddenWidths
    var expected: [Double] = []
    var rest = g[...]
    for (ℓ, layer) in network.layers.enumerated() {
      let isTrained = c.trained == .all || (ℓ > 0 && ℓ < L)
      var weightFactor = 1.0
      var biasFactor = 1.0
      if c.scaling == .meanField {
        biasFactor = ℓ < L ? Double(widths[ℓ]) : 1
        weightFactor = (ℓ > 0 ? Double(widths[ℓ - 1]) : 1) * biasFactor
      }
      let rates = isTrained ? (α * weightFactor, α * biasFactor) : (0, 0)
      expected += layer.weights.elements.map { $0 - rates.0 * rest.removeFirst() }
      expected += (layer.bias ?? []).map { $0 - rates.1 * rest.removeFirst() }
    }
    for method in SGDMethod.allCases {
      let after = train(
        network, c, on: samples, steps: 1, stepSize: StepSize(α), method: method)
      let error = zip(parameters(after), expected).map { abs($0 - $1) }.max()!
      #expect(error < Tolerance.exact, "\(method)")
    }
  }
}
