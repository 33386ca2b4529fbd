public import LinearAlgebra

/// One pass after another over a finite set, each in an order of its own.
///
/// Step k takes sample number k mod n of pass k / n. One pass is online SGD as the theorems have
/// it; more passes see samples again.
public struct ShuffledPasses<Scalar: MatrixScalar>: SampleSource {
  /// The n samples of every pass.
  public let samples: Samples<Scalar>
  /// d
  public var inputDimension: Int { samples.inputDimension }
  /// K
  public var outputDimension: Int { samples.outputDimension }
  /// True when targets name classes.
  public var isClassification: Bool { samples.isClassification }
  private let stream: RandomStream
  private var pass = -1
  private var order: [Int] = []

  /// - Parameter stream: pass p takes the permutation of item p.
  public init(_ samples: Samples<Scalar>, stream: RandomStream) {
    precondition(samples.count > 0, "no samples")
    self.samples = samples
    self.stream = stream
  }

  /// Copies rows in the order of their pass.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func fill(
    first: Int, count: Int, inputs: inout MutableSpan<Scalar>, targets: inout MutableSpan<Scalar>
  ) {
    let (n, d, K) = (samples.count, inputDimension, outputDimension)
    precondition(inputs.count >= count * d && targets.count >= count * K, "\(count) samples")
    for i in 0..<count {
      let (pass, position) = (first + i).quotientAndRemainder(dividingBy: n)
      if pass != self.pass {
        order = stream.permutation(of: n, item: UInt64(pass))
        self.pass = pass
      }
      let row = order[position]
      unsafe inputs.withUnsafeMutableBufferPointer { inputs in
        unsafe samples.inputs.withUnsafeBufferPointer {
          unsafe (inputs.baseAddress! + i * d).update(from: $0.baseAddress! + row * d, count: d)
        }
      }
      unsafe targets.withUnsafeMutableBufferPointer { targets in
        unsafe samples.targets.withUnsafeBufferPointer {
          unsafe (targets.baseAddress! + i * K).update(from: $0.baseAddress! + row * K, count: K)
        }
      }
    }
  }
}
