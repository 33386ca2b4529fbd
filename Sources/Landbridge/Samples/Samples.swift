public import LinearAlgebra

/// n labelled samples (x, y) held in memory.
public struct Samples<Scalar: MatrixScalar>: Sendable {
  /// n × d
  public var inputs: Matrix<Scalar>
  /// n × K: ±1 or a real number for K = 1; one-hot or a real vector for K > 1.
  public var targets: Matrix<Scalar>
  /// True when targets name classes, so that a 0-1 error has a meaning.
  public var isClassification: Bool

  /// - Parameters:
  ///   - inputs: n × d.
  ///   - targets: n × K.
  ///   - isClassification: whether targets name classes.
  public init(inputs: Matrix<Scalar>, targets: Matrix<Scalar>, isClassification: Bool) {
    precondition(
      inputs.rows == targets.rows, "\(inputs.rows) inputs with \(targets.rows) targets")
    self.inputs = inputs
    self.targets = targets
    self.isClassification = isClassification
  }

  /// Samples with class labels: two classes become ±1 with one output (the first class is −1)
  /// unless `oneHot`, more become one-hot vectors.
  ///
  /// - Parameter labels: one class in 0 ..< `classes` per row of `inputs`.
  public init(inputs: Matrix<Scalar>, labels: [Int], classes: Int, oneHot: Bool = false) {
    precondition(inputs.rows == labels.count, "\(inputs.rows) inputs, \(labels.count) labels")
    let single = classes == 2 && !oneHot
    var targets = Matrix<Scalar>(rows: labels.count, columns: single ? 1 : classes)
    for (i, label) in labels.enumerated() {
      precondition((0..<classes).contains(label), "label \(label) of \(classes) classes")
      if single { targets[i, 0] = label == 0 ? -1 : 1 } else { targets[i, label] = 1 }
    }
    self.init(inputs: inputs, targets: targets, isClassification: true)
  }

  /// n
  public var count: Int { inputs.rows }
  /// d
  public var inputDimension: Int { inputs.columns }
  /// K
  public var outputDimension: Int { targets.columns }

  /// The samples with the given indices, in the given order.
  public func selecting(_ indices: some Collection<Int>) -> Samples {
    Samples(
      inputs: inputs.rows(indices), targets: targets.rows(indices),
      isClassification: isClassification)
  }

  /// Consecutive samples.
  public func selecting(_ range: Range<Int>) -> Samples {
    Samples(
      inputs: inputs.rows(range), targets: targets.rows(range), isClassification: isClassification)
  }
}
