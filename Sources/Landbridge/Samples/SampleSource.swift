public import LinearAlgebra

/// Where the sample of step k comes from.
///
/// Sample k is a function of the source and of k alone, so that training can stop and go on
/// anywhere, in blocks of any size.
public protocol SampleSource<Scalar>: Sendable {
  associatedtype Scalar: MatrixScalar

  /// d
  var inputDimension: Int { get }
  /// K
  var outputDimension: Int { get }
  /// True when targets name classes.
  var isClassification: Bool { get }

  /// Writes samples `first ..< first + count`, row after row.
  ///
  /// - Parameters:
  ///   - inputs: `count` × d; element j of sample `first + i` is `inputs[i * d + j]`.
  ///   - targets: `count` × K, likewise.
  mutating func fill(
    first: Int, count: Int, inputs: inout MutableSpan<Scalar>, targets: inout MutableSpan<Scalar>)
}

extension SampleSource {
  /// The first `count` samples, in memory.
  public func samples(_ count: Int) -> Samples<Scalar> {
    var source = self
    var inputs = Matrix<Scalar>(rows: count, columns: inputDimension)
    var targets = Matrix<Scalar>(rows: count, columns: outputDimension)
    unsafe inputs.withUnsafeMutableBufferPointer { inputs in
      unsafe targets.withUnsafeMutableBufferPointer { targets in
        var x = unsafe inputs.mutableSpan
        var y = unsafe targets.mutableSpan
        source.fill(first: 0, count: count, inputs: &x, targets: &y)
      }
    }
    return Samples(inputs: inputs, targets: targets, isClassification: isClassification)
  }
}
