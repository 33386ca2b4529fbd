internal import LinearAlgebra

/// The output layer of a network in training: ŷ = s·A h + b with A of K × N.
///
/// The update A ← A + α δ hᵀ of a sample is carried out in the pass over A that computes ŷ of the
/// next one.
@safe final class Readout<Scalar: Real> {
  /// −∂ℓ/∂ŷ of the sample at hand, K numbers.
  @unsafe let descent: UnsafeMutablePointer<Scalar>
  /// True for one output: then ``backpropagate(into:)`` leaves the factor δ out.
  let isSingle: Bool
  private let K: Int
  private let N: Int
  private let scale: Scalar
  private let A: Buffer<Scalar>
  private let bias: Buffer<Scalar>
  private let hasBias: Bool
  private let ŷ: Buffer<Scalar>
  private let δ: Buffer<Scalar>
  /// α δ of the previous sample, and its h: the update that A still lacks.
  private let pending: Buffer<Scalar>
  private var isPending = false
  private let activations: [Buffer<Scalar>]
  private var current = 0

  init(network: Network<Scalar>) {
    let layer = network.layers.last!
    (K, N) = (layer.weights.rows, layer.weights.columns)
    isSingle = K == 1
    scale = network.scale(ofLayer: network.hiddenLayerCount)
    A = Buffer(count: K * N)
    (bias, ŷ, δ, pending) = (
      Buffer(count: K), Buffer(count: K), Buffer(count: K), Buffer(count: K)
    )
    unsafe descent = δ.base
    hasBias = layer.bias != nil
    activations = [Buffer(count: N), Buffer(count: N)]
    load(layer)
  }

  /// Where h of the sample at hand is to be written: N numbers.
  @unsafe var nextActivations: UnsafeMutablePointer<Scalar> { unsafe activations[current].base }

  func load(_ layer: Layer<Scalar>) {
    unsafe layer.weights.withUnsafeBufferPointer {
      unsafe A.base.update(from: $0.baseAddress!, count: K * N)
    }
    if let values = layer.bias { for j in 0..<K { unsafe bias.base[j] = values[j] } }
    isPending = false
  }

  /// Carries out what is pending and writes A and b back.
  func store(in layer: inout Layer<Scalar>) {
    if isPending {
      for j in 0..<K {
        unsafe Scalar.accumulateRows(
          N, rows: 1, pending.base + j, activations[1 - current].base, stride: N, A.base + j * N)
      }
      isPending = false
    }
    unsafe layer.weights.withUnsafeMutableBufferPointer {
      unsafe $0.baseAddress!.update(from: A.base, count: K * N)
    }
    if hasBias { for j in 0..<K { unsafe layer.bias![j] = bias.base[j] } }
  }

  /// Computes ŷ from h, the loss and ``descent``.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @unsafe func loss(
    _ loss: Loss, _ h: UnsafePointer<Scalar>, target: UnsafePointer<Scalar>
  ) -> Double {
    let previous = unsafe activations[1 - current].base
    for j in 0..<K {
      let a = unsafe A.base + j * N
      let sum =
        unsafe isPending
        ? Scalar.updateDot(N, pending.base[j], previous, a, h) : Scalar.dot(N, a, h)
      unsafe ŷ.base[j] = Scalar(Double(scale) * sum) + bias.base[j]
    }
    isPending = false
    return unsafe loss.valueAndDescent(count: K, output: ŷ.base, target: target, descent: δ.base)
  }

  /// c ← Aᵀδ, or A itself where there is one output.
  @unsafe func backpropagate(into c: UnsafeMutablePointer<Scalar>) {
    if isSingle {
      unsafe c.update(from: A.base, count: N)
    } else {
      unsafe c.update(repeating: 0, count: N)
      unsafe Scalar.accumulateRows(N, rows: K, δ.base, A.base, stride: N, c)
    }
  }

  /// Takes the step of size α for A and b, or none for 0, and makes room for the next sample.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func advance(stepSize α: Scalar) {
    if α != 0 {
      for j in 0..<K {
        let step = unsafe α * δ.base[j]
        unsafe pending.base[j] = step
        if hasBias { unsafe bias.base[j] += step }
      }
      isPending = true
    }
    current = 1 - current
  }
}
