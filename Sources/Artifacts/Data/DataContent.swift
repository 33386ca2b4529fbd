internal import DataFormats
internal import LinearAlgebra

/// What a specification of finite data names, as read.
struct DataContent {
  enum Samples {
    case whole(RawSamples)
    /// A reader of each part, and what is enough of both to know the targets.
    case parts(@Sendable (DataSplit) throws -> RawSamples, targets: () throws -> [RawSamples])
  }

  var path: String
  var samples: Samples
  /// How many there are, where the kind of data says so.
  var classes: Int?
  /// What was taken for what, where the file left it open.
  var note: String?

  static func reading(_ specification: DataSpecification) throws -> DataContent {
    let path = specification.location ?? specification.kind.rawValue
    switch specification.kind {
    case .digits:
      let digits = try BuiltInData.digits()
      return DataContent(
        path: path,
        samples: .whole(
          try RawSamples(path: path, inputs: digits.pixels, divisor: 16, labels: digits.labels)),
        classes: 10)
    case .cifar10VGG:
      return images(path, classes: 10) { split in
        let features = try BuiltInData.cifar10VGG(split)
        return try RawSamples(
          path: path, inputs: Matrix(scalars: features.values), divisor: 1,
          labels: features.labels)
      }
    case .cifar10:
      return images(path, classes: 10) {
        try RawSamples(images: readCIFAR10(directory: path, split: $0), path: path)
      }
    case .mnist: return try mnist(path, folder: "MNIST")
    case .fashionMNIST: return try mnist(path, folder: "FashionMNIST")
    case .file: return try file(path, specification)
    case .gaussians, .teacher: preconditionFailure("fresh samples are no finite set")
    }
  }

  /// Data whose format has parts and so many classes.
  private static func images(
    _ path: String, classes: Int, _ read: @escaping @Sendable (DataSplit) throws -> RawSamples
  ) -> DataContent {
    DataContent(
      path: path,
      samples: .parts(
        read,
        targets: {
          [
            try RawSamples(
              path: path, inputs: Matrix(rows: classes, columns: 1), divisor: 1,
              labels: Array(0..<classes))
          ]
        }), classes: classes)
  }

  /// The original files in a directory, or Keras' archive of the same pixels.
  private static func mnist(_ path: String, folder: String) throws -> DataContent {
    guard path.lowercased().hasSuffix(".npz") else {
      // EMNIST has more than ten, and not every class is in every part.
      let labels = try DataSplit.allCases.compactMap {
        try readMNISTLabels(directory: path, $0, name: folder)
      }
      return images(path, classes: max(10, 1 + (labels.joined().max() ?? 0))) {
        try RawSamples(images: readMNIST(directory: path, split: $0, name: folder), path: path)
      }
    }
    var content = try archive(path)
    guard case .parts(let part, let targets) = content.samples else {
      throw FormatError(
        path: path, place: "arrays", found: "one set of samples",
        expected: "x_train, y_train, x_test and y_test")
    }
    content.samples = .parts(
      {
        var samples = try part($0)
        samples.divisor = 255
        return samples
      }, targets: targets)
    return content
  }

  private static func file(
    _ path: String, _ specification: DataSpecification
  ) throws -> DataContent {
    let name = path.lowercased()
    if name.hasSuffix(".npz") { return try archive(path) }
    if name.hasSuffix(".safetensors") {
      let file = try SafetensorsFile(path)
      return try arrays(path, file.names) { try file.tensor($0) }
    }
    if name.hasSuffix(".npy"), let labels = specification.options.labels {
      return DataContent(
        path: path,
        samples: .whole(try RawSamples(path: path, x: readNpy(path), y: readNpy(labels)))
      )
    }
    return try table(
      path,
      name.hasSuffix(".npy")
        ? NumericTable(values: try readNpy(path).matrix())
        : try readCSV(path, header: specification.header), specification)
  }

  private static func archive(_ path: String) throws -> DataContent {
    let file = try NpzFile(path)
    return try arrays(path, file.names) { try file.tensor($0) }
  }

  private static func arrays(
    _ path: String, _ names: [String], tensor: @escaping @Sendable (String) throws -> Tensor
  ) throws -> DataContent {
    switch SampleArrays(names) {
    case .whole(let x, let y):
      return DataContent(
        path: path,
        samples: .whole(
          try RawSamples(path: path, x: tensor(x), y: tensor(y), names: (x, y))))
    case .parts(let train, let test):
      return DataContent(
        path: path,
        samples: .parts(
          { split in
            let (x, y) = split == .train ? train : test
            return try RawSamples(path: path, x: tensor(x), y: tensor(y), names: (x, y))
          }, targets: { try [train.y, test.y].map { try targets(path, $0, tensor($0)) } }))
    case nil:
      throw FormatError(
        path: path, place: "arrays",
        found: names.isEmpty ? "none" : names.prefix(10).joined(separator: ", "),
        expected: "x (n × d) and y (n labels or n × K targets), or x_train, y_train, x_test, y_test"
      )
    }
  }

  /// Targets without their inputs.
  private static func targets(_ path: String, _ name: String, _ y: Tensor) throws -> RawSamples {
    let n = y.shape.first ?? 0
    return try RawSamples(
      path: path, x: Tensor([UInt8](repeating: 0, count: n), shape: [n, 1]), y: y,
      names: (name, name))
  }

  private static func table(
    _ path: String, _ table: NumericTable, _ specification: DataSpecification
  ) throws -> DataContent {
    guard table.values.columns >= 2 else {
      throw FormatError(
        path: path, found: "\(table.values.columns == 1 ? "1 column" : "no columns")",
        expected: "inputs and a label")
    }
    guard table.values.rows > 0 else {
      throw FormatError(path: path, found: "no samples", expected: "at least one")
    }
    let columns = try TableColumns(
      of: table, path: path, label: specification.options.label,
      index: specification.options.index)
    return DataContent(
      path: path,
      samples: .whole(
        try RawSamples(
          path: path, inputs: table.values.columns(columns.inputs),
          targets: table.values.columns([columns.label]))),
      note: "\(path): \(columns.note)")
  }
}

extension RawSamples {
  fileprivate init(images: LabelledImages, path: String) throws {
    let pixels: [Double] = images.images.values()
    try self.init(
      path: path,
      inputs: Matrix(
        rows: images.count, columns: pixels.count / max(images.count, 1), pixels),
      divisor: 255, labels: images.labels)
  }
}
