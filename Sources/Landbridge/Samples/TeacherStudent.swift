public import LinearAlgebra

/// Fresh samples of a regression task: x ~ N(0, I_d), y = f*(x) + noise·N(0, I_K), with f* a network.
public struct TeacherStudent<Scalar: MatrixScalar>: SampleSource {
  /// f*
  public let teacher: Network<Scalar>
  /// Standard deviation of the noise on every output.
  public let noise: Double
  /// d
  public var inputDimension: Int { teacher.inputDimension }
  /// K
  public var outputDimension: Int { teacher.outputDimension }
  /// Targets are real numbers.
  public let isClassification = false
  private let stream: RandomStream

  /// - Parameters:
  ///   - teacher: f*.
  ///   - noise: ≥ 0, in the units of the outputs.
  ///   - stream: sample k takes its items 2k and 2k + 1.
  public init(teacher: Network<Scalar>, noise: Double = 0, stream: RandomStream) {
    precondition(noise >= 0 && noise.isFinite, "noise \(noise)")
    self.teacher = teacher
    self.noise = noise
    self.stream = stream
  }

  /// Sample k is items 2k and 2k + 1 of the stream.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func fill(
    first: Int, count: Int, inputs: inout MutableSpan<Scalar>, targets: inout MutableSpan<Scalar>
  ) {
    let (d, K) = (inputDimension, outputDimension)
    for i in 0..<count {
      let item = UInt64(first + i)
      stream.fillNormal(item: 2 * item, &inputs, in: i * d..<(i + 1) * d)
      stream.fillNormal(
        item: 2 * item + 1, &targets, in: i * K..<(i + 1) * K, scale: Scalar(noise))
    }
    // The teacher sees one sample at a time, so that its answer does not depend on the block.
    for i in 0..<count {
      let x = unsafe inputs.withUnsafeBufferPointer { inputs in
        unsafe Matrix(rows: 1, columns: d, inputs[i * d..<(i + 1) * d])
      }
      for (j, value) in teacher.outputs(x).elements.enumerated() { targets[i * K + j] += value }
    }
  }
}
