public import LinearAlgebra

/// Fresh samples of two Gaussians: y = ±1 equiprobable, x | y ~ N(yμ, (1 + yΔ)² I_d).
///
/// With μ = 0 the classes differ in scale only, the task of Mei, Montanari and Nguyen (2018) and of
/// the paper's Figure 1; the law is rotation invariant but for μ, which points along the first
/// axis. Source: docs/theory.md §5.
public struct IsotropicGaussians<Scalar: MatrixScalar>: SampleSource {
  /// d
  public let inputDimension: Int
  /// One output, y = ±1.
  public let outputDimension = 1
  /// The sign of y is the class.
  public let isClassification = true
  /// Δ ∈ [0, 1)
  public let delta: Double
  /// |μ| ≥ 0
  public let mean: Double
  private let stream: RandomStream

  /// - Parameters:
  ///   - dimension: d ≥ 1.
  ///   - delta: Δ ∈ [0, 1).
  ///   - mean: |μ|.
  ///   - stream: sample k takes its items 2k and 2k + 1.
  public init(dimension: Int, delta: Double, mean: Double = 0, stream: RandomStream) {
    precondition(dimension > 0, "dimension \(dimension)")
    precondition((0..<1).contains(delta), "Δ = \(delta) is not in [0, 1)")
    self.inputDimension = dimension
    self.delta = delta
    self.mean = mean
    self.stream = stream
  }

  /// Sample k is items 2k and 2k + 1 of the stream.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func fill(
    first: Int, count: Int, inputs: inout MutableSpan<Scalar>, targets: inout MutableSpan<Scalar>
  ) {
    let d = inputDimension
    precondition(inputs.count >= count * d && targets.count >= count, "\(count) samples")
    unsafe inputs.withUnsafeMutableBufferPointer { inputs in
      unsafe targets.withUnsafeMutableBufferPointer { targets in
        for i in 0..<count {
          let item = UInt64(first + i)
          var labels = stream.generator(item: 2 * item + 1)
          let y = labels.next() >> 63 == 0 ? -1.0 : 1.0
          let x = unsafe UnsafeMutableBufferPointer(
            start: inputs.baseAddress! + i * d, count: d)
          unsafe stream.fillNormal(item: 2 * item, x, scale: Scalar(1 + y * delta))
          if mean != 0 { unsafe x[0] += Scalar(y * mean) }
          unsafe targets[i] = Scalar(y)
        }
      }
    }
  }
}
