internal import DataFormats
internal import Landbridge
internal import LinearAlgebra

/// Inputs and targets as they were read: nothing chosen, scaled or interpreted yet.
struct RawSamples: Sendable {
  /// For messages.
  var path: String
  /// n × d; pixels from 0 to 255.
  var inputs: Matrix<Double>
  /// What inputs are divided by before use: 255 for pixels.
  var divisor = 1.0
  /// n × K: a column of labels or numbers, or targets of several columns.
  var targets: Matrix<Double>
  /// Where the rows are in the file, if these are a part of it.
  private var numbers: [Int]?

  /// - Precondition: as many rows of inputs as of targets.
  /// - Throws: `FormatError` naming the first sample that is not of finite numbers.
  init(path: String, inputs: Matrix<Double>, divisor: Double = 1, targets: Matrix<Double>) throws {
    precondition(
      inputs.rows == targets.rows, "\(inputs.rows) inputs with \(targets.rows) targets")
    (self.path, self.inputs, self.divisor, self.targets) = (path, inputs, divisor, targets)
    guard inputs.rows > 0 else {
      throw FormatError(path: path, found: "no samples", expected: "at least one")
    }
    try requireFinite(inputs, "input", expected: "a finite number")
    try requireFinite(targets, "target", expected: "a finite number")
  }

  var count: Int { inputs.rows }

  /// The place of row `i` in the file, from 0.
  func number(_ i: Int) -> Int { numbers?[i] ?? i }

  /// The rows with the given indices, in their order.
  func selecting(_ rows: [Int]) -> RawSamples {
    var result = self
    result.inputs = inputs.rows(rows)
    result.targets = targets.rows(rows)
    result.numbers = rows.map(number)
    return result
  }

  func requireFinite<Scalar: MatrixScalar>(
    _ values: Matrix<Scalar>, _ name: String, of original: Matrix<Double>? = nil, expected: String
  ) throws {
    guard let k = values.elements.firstIndex(where: { !$0.isFinite }) else { return }
    let (i, j) = (k / values.columns, k % values.columns)
    throw FormatError(
      path: path, place: "sample \(number(i)), \(name) \(j)",
      found: "\(original.map { $0[i, j] } ?? Double(values[i, j]))", expected: expected)
  }
}

extension RawSamples {
  /// Arrays of a file: inputs n × d (or n images, flattened), targets n or n × K.
  init(path: String, x: Tensor, y: Tensor, names: (x: String, y: String) = ("x", "y")) throws {
    guard let n = x.shape.first, x.shape.count >= 2, n > 0, x.count > 0 else {
      throw FormatError(
        path: path, place: names.x, found: "shape \(x.shape)",
        expected: "n × d, both at least 1")
    }
    guard y.shape.first == n, y.shape.count <= 2, y.count > 0 else {
      throw FormatError(
        path: y.path, place: names.y, found: "shape \(y.shape)",
        expected: "\(n) labels or \(n) × K")
    }
    try self.init(
      path: path,
      inputs: Matrix(rows: n, columns: x.count / n, x.values(as: Double.self)),
      targets: Matrix(rows: n, columns: y.count / n, y.values(as: Double.self)))
  }

  init(path: String, inputs: Matrix<Double>, divisor: Double, labels: [Int]) throws {
    try self.init(
      path: path, inputs: inputs, divisor: divisor,
      targets: Matrix(rows: labels.count, columns: 1, labels.map { Double($0) }))
  }
}
