import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

/// What is the same for data of every kind of file.
@Suite("Data files") struct DataFileTests {
  private func samples(_ specification: String, outputs: Int? = nil) throws -> Samples<Double> {
    try DataSpecification(parsing: specification).samples(outputs: outputs)
  }

  /// 20 × 3, every element different, and a label of three classes for each row.
  private let inputs = Matrix<Double>(rows: 20, columns: 3, (0..<60).map { Double($0 * 7 % 61) })
  private let labels = (0..<20).map { $0 * 5 % 3 }

  /// The same samples in every form, by the specification that reads them.
  private func everyForm(in directory: String) throws -> [String] {
    let (x, y) = (Tensor(inputs), Tensor(labels))
    try writeNpz([("x", x), ("y", y)], to: directory + "/stored.npz")
    try writeNpz([("x", x), ("y", y)], to: directory + "/deflated.npz", compressed: true)
    try writeSafetensors([("x", x), ("y", y)], to: directory + "/data.safetensors")
    try writeNpy(x, to: directory + "/x.npy")
    try writeNpy(y, to: directory + "/y.npy")
    let rows = (0..<20).map { i in inputs.row(i) + [Double(labels[i])] }
    try writeNpy(Tensor(rows.flatMap { $0 }, shape: [20, 4]), to: directory + "/table.npy")
    for (name, separator) in [("comma.csv", ","), ("tab.tsv", "\t"), ("space.txt", " ")] {
      let text = rows.map { $0.map { "\($0)" }.joined(separator: separator) + "\n" }.joined()
      try Data(text.utf8).write(to: URL(filePath: directory + "/" + name))
    }
    return [
      "stored.npz", "deflated.npz", "data.safetensors", "table.npy", "comma.csv", "tab.tsv",
      "space.txt",
    ].map { directory + "/" + $0 } + [directory + "/x.npy:labels=\(directory)/y.npy"]
  }

  @Test("every form gives the same samples, parts, limits and standardised inputs")
  func forms() throws {
    try withTemporaryDirectory { directory in
      for form in try everyForm(in: directory) {
        let whole = try samples(form)
        #expect(whole.inputs == inputs && whole.isClassification, "\(form)")
        #expect((0..<20).allSatisfy { whole.targets[$0, labels[$0]] == 1 })
        #expect(whole.targets.columns == 3)
        try checkOptions(form, separator: form.contains(":") ? "," : ":", whole: whole)
      }
    }
  }

  /// Parts make up the whole; limits cut; inputs are standardised by the training part.
  private func checkOptions(_ form: String, separator: String, whole: Samples<Double>) throws {
    func part(_ options: String) throws -> Samples<Double> {
      try samples(form + separator + options)
    }
    let (train, test) = (try part("split=train"), try part("split=test"))
    let rows = { (samples: Samples<Double>) in
      (0..<samples.count).map { samples.inputs.row($0) + samples.targets.row($0) }
    }
    #expect(test.count == whole.count / 5 && train.count == whole.count - test.count)
    #expect(Set(rows(train) + rows(test)) == Set(rows(whole)))
    for split in ["train", "test"] {
      let limited = try part("split=\(split),limit=3")
      #expect(rows(limited) == Array(rows(split == "train" ? train : test).prefix(3)))
    }
    #expect(try part("limit=1000").count == whole.count)

    let n = Double(train.count)
    for split in ["train", "test"] {
      let plain = split == "train" ? train : test
      let standardised = try part("split=\(split),standardize,limit=2")
      for j in 0..<plain.inputs.columns {
        let column = train.inputs.column(j)
        let mean = column.reduce(0, +) / n
        let deviation = (column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n).squareRoot()
        for i in 0..<standardised.count {
          let expected = deviation > 0 ? (plain.inputs[i, j] - mean) / deviation : 0
          #expect(abs(standardised.inputs[i, j] - expected) < 1e-12)
        }
      }
    }
  }

  @Test("images of MNIST and CIFAR-10: pixels in [0, 1], parts, limits, standardised")
  func images() throws {
    try withTemporaryDirectory { directory in
      let count = 12
      for (part, offset) in [("train", 3), ("t10k", 90)] {
        let pixels = (0..<count * 4).map { UInt8(truncatingIfNeeded: $0 * 37 + offset) }
        try writeIDX(
          Tensor(pixels, shape: [count, 2, 2]), to: directory + "/\(part)-images-idx3-ubyte")
        try writeIDX(
          Tensor((0..<count).map { UInt8($0 % 10) }), to: directory + "/\(part)-labels-idx1-ubyte")
      }
      let batches = (1...5).map { "data_batch_\($0)" } + ["test_batch"]
      for (index, name) in batches.enumerated() {
        let pixels = (0..<2 * 3072).map { UInt8(truncatingIfNeeded: $0 * 31 + index * 17) }
        try writeCIFAR10(
          LabelledImages(
            images: Tensor(pixels, shape: [2, 3, 32, 32]), labels: [index, 9 - index]),
          to: directory + "/\(name).bin", compressed: false)
      }
      for (kind, n, d, trainCount) in [
        ("mnist", 12, 4, 12), ("fashion-mnist", 12, 4, 12), ("cifar10", 2, 3072, 10),
      ] {
        let form = "\(kind):\(directory)"
        let (test, train) = (try samples(form), try samples(form + ",split=train"))
        #expect(test.count == n && train.count == trainCount && test.inputDimension == d)
        #expect(test.outputDimension == 10 && test.isClassification)
        #expect((test.inputs.elements + train.inputs.elements).allSatisfy { (0...1).contains($0) })
        #expect(test.inputs[0, 1] == Double(kind == "cifar10" ? 5 * 17 + 31 : 90 + 37) / 255)
        #expect(try samples(form + ",limit=1").inputs.elements == test.inputs.row(0))
        let standardised = try samples(form + ",split=train,standardize")
        let first = standardised.inputs.column(0)
        #expect(abs(first.reduce(0, +)) < 1e-9 * Double(trainCount))
        expectProblem("split=all") { try samples(form + ",split=all") }
      }
    }
  }

  @Test("more classes than ten in MNIST's files, the same in both parts; Keras' archive of pixels")
  func imageClasses() throws {
    try withTemporaryDirectory { directory in
      let folder = directory + "/MNIST/raw"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for (part, largest) in [("train", 26), ("t10k", 12)] {
        try writeIDX(
          Tensor((0..<20).map { UInt8($0 * 12) }, shape: [5, 2, 2]),
          to: folder + "/\(part)-images-idx3-ubyte")
        try writeIDX(
          Tensor([1, 2, 3, 4, UInt8(largest)]), to: folder + "/\(part)-labels-idx1-ubyte")
      }
      for text in ["mnist:\(directory)", "mnist:\(directory),split=train"] {
        let read = try samples(text)
        #expect(read.outputDimension == 27 && read.inputs[4, 3] == 19 * 12.0 / 255, "\(text)")
      }
      let archive = directory + "/mnist.npz"
      let pixels = Tensor((0..<20).map { UInt8($0 * 12) }, shape: [5, 2, 2])
      try writeNpz(
        [
          ("x_test", pixels), ("x_train", pixels), ("y_test", Tensor([0, 1, 2, 3, 4])),
          ("y_train", Tensor([9, 0, 1, 2, 3])),
        ], to: archive)
      // As any archive the pixels are as they are; as MNIST they are scaled.
      #expect(try samples(archive).inputs[4, 3] == 19 * 12 && samples(archive).targets[4, 4] == 1)
      #expect(try samples(archive + ":split=train").targets[0, 9] == 1)
      let scaled = try samples("mnist:\(archive)")
      #expect(scaled.inputs[4, 3] == 19 * 12.0 / 255 && scaled.outputDimension == 10)
      let limited = try samples("mnist:\(archive),split=train,limit=2")
      #expect(limited.count == 2 && limited.targets[0, 9] == 1)
    }
  }

  @Test("integer labels, as vector or column, ±1, target matrices, numbers")
  func targets() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/data.npz"
      func read(_ y: Tensor, outputs: Int? = nil) throws -> Samples<Double> {
        try writeNpz([("x", Tensor(inputs.rows(0..<4))), ("y", y)], to: path)
        return try samples(path, outputs: outputs)
      }
      let classes = [0, 1, 3, 1]
      let oneHot: [Double] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0]
      for y in [
        Tensor(classes), Tensor(classes, shape: [4, 1]), Tensor(classes.map { UInt8($0) }),
        Tensor(classes.map { Double($0) }), Tensor(oneHot, shape: [4, 4]),
        Tensor(oneHot.map { Int($0) }, shape: [4, 4]),
      ] {
        let read = try read(y)
        #expect(read.targets.elements == oneHot && read.isClassification)
      }
      // More outputs than classes that occur; two classes as ±1 or, for two outputs, one-hot.
      #expect(try read(Tensor(classes), outputs: 6).targets.columns == 6)
      for y in [[0, 1, 1, 0], [-1, 1, 1, -1]] {
        #expect(try read(Tensor(y)).targets.elements == [-1, 1, 1, -1])
        #expect(try read(Tensor(y), outputs: 2).targets.elements == [1, 0, 0, 1, 0, 1, 1, 0])
      }
      let flags = Tensor(shape: [4], dtype: .bool, bytes: Data([0, 1, 1, 0]))
      #expect(try read(flags).targets.elements == [-1, 1, 1, -1])
      let numbers = try read(Tensor([0.5, -2, 3, 1]))
      #expect(numbers.targets.elements == [0.5, -2, 3, 1] && !numbers.isClassification)
      let matrix = try read(Tensor([Float](repeating: 0.5, count: 8), shape: [4, 2]))
      #expect(matrix.targets.columns == 2 && !matrix.isClassification)

      expectError(path, "label 1", "-3") { try read(Tensor([0, -3, 1, 1])) }
      for (labels, place) in [([0, .min, 1, 1], "label 1"), ([0, 1, .max, 1], "label 2")] {
        // Beyond 2⁵³ they are numbers, unless classes are asked for.
        #expect(try !read(Tensor(labels)).isClassification)
        expectError(path, place, "9.22337203685477", "a class") {
          let _: Samples<Float> = try DataSpecification(parsing: path).samples(loss: .crossEntropy)
        }
      }
      expectError(path, "y", "shape [3]", "4 labels or 4 × K") { try read(Tensor([0, 1, 1])) }
      expectError(path, "y", "shape [4, 1, 1]") {
        try read(Tensor([0, 1, 1, 0], shape: [4, 1, 1]))
      }
      expectError(path, "sample 1, input 2", "nan") {
        var bad = inputs.rows(0..<4)
        bad[1, 2] = .nan
        try writeNpz([("x", Tensor(bad)), ("y", Tensor([0, 1, 1, 0]))], to: path)
        return try samples(path)
      }
      try writeNpz([("x", Tensor(inputs))], to: path)
      expectError(path, "arrays", "x", "y (n labels or n × K targets)") { try samples(path) }
      try writeNpz([("x", Tensor([1.0, 2])), ("y", Tensor([1, 2]))], to: path)
      expectError(path, "x", "shape [2]", "n × d") { try samples(path) }
    }
  }

  @Test("the number of classes is that of the whole file, whatever the part")
  func classesOfParts() throws {
    try withTemporaryDirectory { directory in
      // Class 4 occurs once.
      let labels = (0..<20).map { $0 == 7 ? 4 : $0 % 3 }
      let path = directory + "/data.npz"
      try writeNpz([("x", Tensor(inputs)), ("y", Tensor(labels))], to: path)
      for split in ["train", "test", "all"] {
        #expect(try samples(path + ":split=\(split)").outputDimension == 5)
      }
    }
  }

  /// An npy file as NumPy writes it, by hand.
  private func npy(_ type: String, fortran: Bool, _ shape: [Int], _ elements: [[UInt8]]) -> Data {
    let text =
      "{'descr': '\(type)', 'fortran_order': \(fortran ? "True" : "False"), "
      + "'shape': (\(shape.map(String.init).joined(separator: ", ")),), }\n"
    return Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0])
      + Data(text.utf8) + Data(elements.joined())
  }

  @Test("npy of every numeric type, both byte orders and both element orders, as inputs and labels")
  func types() throws {
    // 1 as each type has it, most significant byte first.
    let ones: [(String, [UInt8])] =
      [("b1", [1])]
      + ["i", "u"].flatMap { kind in
        [1, 2, 4, 8].map { ("\(kind)\($0)", [UInt8](repeating: 0, count: $0 - 1) + [1]) }
      } + [
        ("f2", [0x3C, 0]), ("f4", [0x3F, 0x80, 0, 0]), ("f8", [0x3F, 0xF0, 0, 0, 0, 0, 0, 0]),
      ]
    let bits = [[0, 1, 1], [1, 0, 0], [1, 1, 1], [0, 0, 1]]
    try withTemporaryDirectory { directory in
      for (code, one) in ones {
        for order in ["<", ">"] {
          let word = { (bit: Int) in
            let bytes = bit == 1 ? one : [UInt8](repeating: 0, count: one.count)
            return order == "<" ? bytes.reversed() : bytes
          }
          let type = (one.count == 1 ? "|" : order) + code
          let columns = (0..<3).flatMap { j in bits.map { word($0[j]) } }
          let rows = bits.flatMap { $0.map(word) }
          for fortran in [false, true] {
            try npy(type, fortran: fortran, [4, 3], fortran ? columns : rows)
              .write(to: URL(filePath: directory + "/x.npy"))
            try npy(type, fortran: fortran, [4], bits.map { word($0[0]) })
              .write(to: URL(filePath: directory + "/y.npy"))
            let read = try samples("\(directory)/x.npy:labels=\(directory)/y.npy")
            #expect(read.inputs.elements == bits.joined().map { Double($0) }, "\(type) \(fortran)")
            #expect(read.targets.elements == [-1, 1, 1, -1])
            // The last column as label.
            let table = try samples("\(directory)/x.npy")
            #expect(table.inputDimension == 2 && table.targets.elements == [1, -1, 1, 1])
            let first = try samples("\(directory)/x.npy:label=first")
            #expect(first.targets.elements == [-1, 1, 1, -1])
          }
        }
      }
    }
  }

  @Test("options that make no sense for a form are refused")
  func refusals() throws {
    for (text, words) in [
      ("a.npz:label=first", "has its labels in the array y"),
      ("a.safetensors:label=2", "has its labels in the array y"),
      ("a.csv:labels=b.npy", "only for .npy"), ("a.npy:label=1,labels=b.npy", "exclude each other"),
      ("a.csv:index=yes,labels=b.npy", "only for .npy"), ("a.csv:classes=100001", "at most 100000"),
      ("digits:labels=b.npy", "labels"),
    ] {
      expectProblem(words) { try DataSpecification(parsing: text) }
    }
    try withTemporaryDirectory { directory in
      try writeNpy(Tensor([1.0, 2], shape: [2]), to: directory + "/x.npy")
      expectError("x.npy", "shape [2]", "two dimensions") { try samples(directory + "/x.npy") }
      try writeNpy(Tensor([1.0, 2], shape: [2, 1]), to: directory + "/x.npy")
      expectError("x.npy", "1 column", "inputs and a label") { try samples(directory + "/x.npy") }
      try writeNpy(Tensor([1.0, 2, 3]), to: directory + "/y.npy")
      expectError("y.npy", "shape [3]", "2 labels") {
        try samples("\(directory)/x.npy:labels=\(directory)/y.npy")
      }
    }
  }

  @Test(
    "a file without samples or without inputs is refused", arguments: [[0, 3], [0, 1], [4, 0]])
  func empty(shape: [Int]) throws {
    try withTemporaryDirectory { directory in
      let count = shape[0] * shape[1]
      let x = Tensor([Double](repeating: 0, count: count), shape: shape)
      let y = Tensor([Double](repeating: 0, count: shape[0]), shape: [shape[0]])
      try writeNpy(x, to: directory + "/t.npy")
      try writeNpy(y, to: directory + "/y.npy")
      try writeNpz([("x", x), ("y", y)], to: directory + "/d.npz")
      try writeSafetensors([("x", x), ("y", y)], to: directory + "/d.safetensors")
      for name in ["t.npy", "t.npy:labels=\(directory)/y.npy", "d.npz", "d.safetensors"] {
        expectError("expected") { try samples(directory + "/" + name) }
      }
    }
  }

  private func expectProblem(
    _ words: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> some Any
  ) {
    #expect(sourceLocation: sourceLocation) {
      _ = try body()
    } throws: { error in
      error is DataSpecification.Problem && "\(error)".contains(words)
    }
  }
}
