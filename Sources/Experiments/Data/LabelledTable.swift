internal import DataFormats
internal import Foundation
internal import Landbridge
internal import LinearAlgebra

/// Inputs with labels or targets, as files have them.
struct LabelledTable {
  enum Target {
    case classes([Int])
    case values(Matrix<Double>)
  }

  var path: String
  var inputs: Matrix<Double>
  var target: Target
  /// How many classes there are, where the data say so.
  var classes: Int?

  /// A fixed random fifth is the test part.
  func part(_ split: DataSpecification.Split) -> LabelledTable {
    guard split != .all else { return self }
    let n = inputs.rows
    let order = RandomStream(seed: 0, purpose: .shuffle).permutation(of: n)
    let held = n / 5
    let chosen = split == .test ? Array(order.prefix(held)) : Array(order.dropFirst(held))
    var result = self
    result.inputs = inputs.rows(chosen)
    switch target {
    case .classes(let labels): result.target = .classes(chosen.map { labels[$0] })
    case .values(let values): result.target = .values(values.rows(chosen))
    }
    return result
  }

  /// Samples for a network with `outputs` outputs, or as many as the labels suggest.
  func samples<Scalar: Real>(classes wanted: Int?, outputs: Int?) throws -> Samples<Scalar> {
    guard inputs.rows > 0 else {
      throw FormatError(path: path, found: "no samples", expected: "at least one")
    }
    if let i = inputs.elements.firstIndex(where: { !$0.isFinite }) {
      throw FormatError(
        path: path, place: "sample \(i / inputs.columns), input \(i % inputs.columns)",
        found: "\(inputs.elements[i])", expected: "a finite number")
    }
    let x = Matrix<Scalar>(scalars: inputs)
    try requireRoom(classes: wanted, of: Scalar.self)
    switch target {
    case .values(let y):
      return Samples(inputs: x, targets: Matrix(scalars: y), isClassification: isOneHot(y))
    case .classes(let labels):
      let signed = labels.contains(-1) && labels.allSatisfy { $0 == 1 || $0 == -1 }
      let labels = signed ? labels.map { ($0 + 1) / 2 } : labels
      if let i = labels.firstIndex(where: { $0 < 0 }) {
        throw FormatError(
          path: path, place: "label \(i)", found: "\(labels[i])", expected: "a class ≥ 0, or ±1")
      }
      let classes = max(wanted ?? self.classes ?? LabelledTable.classes(of: labels), outputs ?? 0)
      if let i = labels.firstIndex(where: { $0 >= classes }) {
        throw FormatError(
          path: path, place: "label \(i)", found: "class \(labels[i])",
          expected: "a class from 0 to \(classes - 1)")
      }
      return Samples(inputs: x, labels: labels, classes: classes, oneHot: outputs == 2)
    }
  }

  /// How many classes labels ≥ 0 suggest, from 2 to the largest number there may be.
  static func classes(of labels: [Int]) -> Int {
    min(max(labels.max() ?? 0, 1), maximumClasses - 1) + 1
  }

  /// Targets are one-hot: more would not fit memory.
  static let maximumClasses = 100_000

  /// Targets are one-hot: without this a short file with one large label takes all memory.
  private func requireRoom<Scalar>(classes wanted: Int?, of type: Scalar.Type) throws {
    guard case .classes(let labels) = target, let largest = labels.max() else { return }
    // A part of the samples need not hold the largest class, hence the 5.
    let most = max(1000, 5 * labels.count)
    guard wanted != nil || largest < most else {
      throw FormatError(
        path: path, place: "label \(labels.firstIndex(of: largest)!)",
        found: "class \(largest) among \(labels.count) samples",
        expected: "at most \(most) classes, or as many as classes=K says")
    }
    let classes = min(max(wanted ?? 0, largest), 100_000)
    try requireMemory(labels.count * classes * MemoryLayout<Scalar>.size, path: path)
  }

  private func isOneHot(_ y: Matrix<Double>) -> Bool {
    if y.columns == 1 { return y.elements.allSatisfy { abs($0) == 1 } }
    return (0..<y.rows).allSatisfy { i in
      let row = y.row(i)
      return row.allSatisfy { $0 == 0 || $0 == 1 } && row.reduce(0, +) == 1
    }
  }
}

extension LabelledTable {
  /// Reads CSV, npy, npz or safetensors.
  ///
  /// - Parameters:
  ///   - label: for tables (CSV, npy) the column of the label: `last` (default), `first`, a number
  ///     from 1, or a name in the header.
  ///   - labels: for npy another npy file with labels or targets; then all columns are inputs.
  init(file path: String, label: String?, labels: String?) throws {
    if path.hasSuffix(".npy") {
      let x = try readNpy(path)
      if let labels {
        try self.init(path: path, x: x, y: readNpy(labels))
      } else {
        let table = NumericTable(values: try x.matrix())
        try self.init(table: table, path: path, label: label)
      }
    } else if path.hasSuffix(".npz") {
      let file = try NpzFile(path)
      try self.init(path: path, names: file.names) { try file.tensor($0) }
    } else if path.hasSuffix(".safetensors") {
      let file = try SafetensorsFile(path)
      try self.init(path: path, names: file.names) { try file.tensor($0) }
    } else {
      try self.init(table: readCSV(path), path: path, label: label)
    }
  }

  private init(path: String, names: [String], tensor: (String) throws -> Tensor) throws {
    for name in ["x", "y"] where !names.contains(name) {
      throw FormatError(
        path: path, place: "arrays",
        found: names.isEmpty ? "none" : names.prefix(10).joined(separator: ", "),
        expected: "x (n × d) and y (n labels or n × K targets)")
    }
    try self.init(path: path, x: tensor("x"), y: tensor("y"))
  }

  private init(path: String, x: Tensor, y: Tensor) throws {
    self.path = path
    guard let n = x.shape.first, x.shape.count >= 2, n > 0, x.count > 0 else {
      throw FormatError(path: path, place: "x", found: "shape \(x.shape)", expected: "n × d")
    }
    guard y.shape.first == n, y.shape.count <= 2, y.count > 0 else {
      throw FormatError(
        path: y.path, place: "y", found: "shape \(y.shape)", expected: "\(n) labels or \(n) × K")
    }
    inputs = Matrix(rows: n, columns: x.count / n, x.values(as: Double.self))
    // Labels may be a column too, as the original CIFAR arrays have them.
    if y.dtype.isInteger && y.count == n {
      let labels = try y.integers()
      target = .classes(labels)
      if labels.allSatisfy({ $0 >= 0 }) { classes = LabelledTable.classes(of: labels) }
    } else {
      target = .values(Matrix(rows: n, columns: y.count / n, y.values(as: Double.self)))
    }
  }

  private init(table: NumericTable, path: String, label: String?) throws {
    self.path = path
    let columns = table.values.columns
    guard columns >= 2 else {
      throw FormatError(path: path, found: "\(columns) column", expected: "inputs and a label")
    }
    let index: Int
    switch label ?? "last" {
    case "last": index = columns - 1
    case "first": index = 0
    case let text:
      if let number = Int(text), (1...columns).contains(number) {
        index = number - 1
      } else if let position = table.header?.firstIndex(of: text) {
        index = position
      } else {
        throw FormatError(
          path: path, place: "label=\(text)",
          found: table.header.map { "columns " + $0.prefix(12).joined(separator: ", ") }
            ?? "\(columns) columns without names",
          expected: "last, first, a number from 1 to \(columns), or a name in the header")
      }
    }
    inputs = table.values.columns((0..<columns).filter { $0 != index })
    let labels = table.values.column(index)
    let isInteger = labels.allSatisfy { $0 == $0.rounded() && abs($0) < 1e6 }
    guard isInteger else {
      target = .values(Matrix(rows: labels.count, columns: 1, labels))
      return
    }
    let classes = labels.map { Int($0) }
    target = .classes(classes)
    if classes.allSatisfy({ $0 >= 0 }) { self.classes = LabelledTable.classes(of: classes) }
  }
}
