internal import LinearAlgebra

/// Online SGD one sample at a time: a matrix-vector product and a rank-one update per layer.
///
/// The plain twin of ``BlockedSGD``: docs/theory.md §2 line by line. Every step reads and writes all
/// weights, so that it runs at the speed of memory.
final class StepByStepSGD<Scalar: MatrixScalar>: SGDKernel {
  private(set) var network: Network<Scalar>
  /// A block is over within a second or so, as it is never given up.
  let blockSize: Int
  private let loss: Loss
  private let trained: ClosedRange<Int>
  /// Per layer: h_ℓ, σ′(u_ℓ) and D_ℓ. The last entry of `h` is ŷ and of `D` is −∂ℓ/∂ŷ.
  private let h: [Buffer<Scalar>]
  private let derivative: [Buffer<Scalar>]
  private let D: [Buffer<Scalar>]

  init(network: Network<Scalar>, loss: Loss, trained: TrainedLayers) {
    self.network = network
    self.loss = loss
    self.trained = network.trainedRange(trained)
    blockSize = max(1, min(64, (1 << 25) / network.parameterCount))
    let buffers = { network.layers.map { Buffer<Scalar>(count: $0.weights.rows) } }
    (h, derivative, D) = (buffers(), buffers(), buffers())
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func train(
    inputs: UnsafePointer<Scalar>, targets: UnsafePointer<Scalar>, stepSizes: [Double],
    shouldGiveUp: @Sendable () -> Bool
  ) -> (steps: Int, lossSum: Double)? {
    let (d, K) = (network.inputDimension, network.outputDimension)
    var lossSum = 0.0
    for (k, α) in stepSizes.enumerated() {
      let x = unsafe inputs + k * d
      for ℓ in network.layers.indices { unsafe forward(ℓ, x) }
      let value = unsafe loss.valueAndDescent(
        count: K, output: h.last!.base, target: targets + k * K, descent: D.last!.base)
      guard value.isFinite, value < divergenceLimit else { return (k, lossSum) }
      lossSum += value
      for ℓ in network.layers.indices.reversed().dropLast() where ℓ > trained.lowerBound {
        backward(from: ℓ)
      }
      for ℓ in trained { unsafe update(ℓ, x, Scalar(α)) }
    }
    return (stepSizes.count, lossSum)
  }

  @unsafe private func forward(_ ℓ: Int, _ x: UnsafePointer<Scalar>) {
    let layer = network.layers[ℓ]
    let (m, n) = (layer.weights.rows, layer.weights.columns)
    let z = unsafe h[ℓ].base
    let input = unsafe ℓ == 0 ? x : UnsafePointer(h[ℓ - 1].base)
    if let bias = layer.bias {
      unsafe z.update(from: bias, count: m)
    } else {
      unsafe z.update(repeating: 0, count: m)
    }
    unsafe layer.weights.withUnsafeBufferPointer {
      unsafe Scalar.gemv(
        false, m: m, n: n, network.scale(ofLayer: ℓ), $0.baseAddress!, n, input, adding: true, z)
    }
    unsafe Scalar.applyWithDerivative(layer.activation, m, z, z, derivative[ℓ].base)
  }

  /// D_{ℓ−1} = (W_ℓᵀ D_ℓ / N_ℓ) ⊙ σ′, without the 1/N_ℓ for the output layer (docs/theory.md §2).
  private func backward(from ℓ: Int) {
    let weights = network.layers[ℓ].weights
    let (m, n) = (weights.rows, weights.columns)
    let scale = ℓ == network.hiddenLayerCount ? 1 : network.backwardScale(ofLayer: ℓ)
    unsafe weights.withUnsafeBufferPointer {
      unsafe Scalar.gemv(
        true, m: m, n: n, scale, $0.baseAddress!, n, D[ℓ].base, adding: false, D[ℓ - 1].base)
    }
    unsafe Scalar.multiply(n, D[ℓ - 1].base, derivative[ℓ - 1].base, D[ℓ - 1].base)
  }

  /// W_ℓ ← W_ℓ + α D_ℓ h_{ℓ−1}ᵀ, b_ℓ ← b_ℓ + α D_ℓ. D is the direction of descent.
  @unsafe private func update(_ ℓ: Int, _ x: UnsafePointer<Scalar>, _ α: Scalar) {
    let input = unsafe ℓ == 0 ? x : UnsafePointer(h[ℓ - 1].base)
    let (m, n) = (network.layers[ℓ].weights.rows, network.layers[ℓ].weights.columns)
    unsafe network.layers[ℓ].weights.withUnsafeMutableBufferPointer {
      unsafe Scalar.ger(m: m, n: n, α, D[ℓ].base, input, $0.baseAddress!, n)
    }
    unsafe network.layers[ℓ].bias?.withUnsafeMutableBufferPointer { bias in
      for i in 0..<m { unsafe bias[i] += α * D[ℓ].base[i] }
    }
  }
}
