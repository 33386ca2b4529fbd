import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

/// Samples that a model has seen are known again, whatever file they are in.
@Suite("Samples that were seen") struct SeenSamplesTests {
  private let x = Matrix<Double>(
    rows: 600, columns: 3,
    (0..<1800).map { Double(Int($0) * 7919 % 1801) / 10 - 60 })
  private let labels = (0..<600).map { ($0 * 31 + $0 / 7) % 3 }

  private func write(
    _ directory: String, _ name: String, rows: [Int]? = nil, oneHot: Bool = false
  ) throws -> String {
    let path = directory + "/" + name
    let rows = rows ?? Array(0..<600)
    let y = rows.map { labels[$0] }
    if name.hasSuffix(".csv") {
      let text = rows.map { row in
        (x.row(row).map { "\($0)" } + ["\(labels[row])"]).joined(separator: ",") + "\n"
      }
      try Data(text.joined().utf8).write(to: URL(filePath: path))
    } else {
      let inputs = x.rows(rows)
      let targets =
        oneHot
        ? Tensor(
          y.flatMap { label in (0..<3).map { $0 == label ? 1.0 : 0 } }, shape: [rows.count, 3])
        : Tensor(y.map { Float($0) })
      try writeNpz([("x", Tensor(Matrix<Float>(scalars: inputs))), ("y", targets)], to: path)
    }
    return path
  }

  private func trained(_ text: String) throws -> SeenSamples {
    let data: Dataset<Float> = try DataSpecification(parsing: text).dataset(loss: .squared)
    return SeenSamples([data.record])
  }

  private func rows(_ text: String, _ models: SeenSamples...) throws -> SampleRows {
    let selected: SelectedSamples<Float> = try DataSpecification(parsing: text).measured(
      for: DataUse(loss: .squared, outputs: 3, models: models))
    #expect(selected.samples.count == selected.rows.count)
    return selected.rows
  }

  @Test("of the file that a model was trained on, the held-out fifth is measured")
  func fifth() throws {
    try withTemporaryDirectory { directory in
      let csv = try write(directory, "own.csv")
      let record = try trained(csv)
      #expect(
        try rows(csv, record)
          == SampleRows(part: .test, rule: .fixedFifth, count: 120, of: 600, seen: [0]))
      #expect("\(try rows(csv, record))" == "held out: 120 of 600 rows")
      // The same rows that training held out.
      let data: Dataset<Float> = try DataSpecification(parsing: csv).dataset(loss: .squared)
      let measured: SelectedSamples<Float> = try DataSpecification(parsing: csv).measured(
        for: DataUse(loss: .squared, outputs: 3, models: [record]))
      #expect(measured.samples.inputs == data.heldOut.inputs)
      #expect(measured.samples.targets == data.heldOut.targets)
      // Other files of the same samples, other types, one-hot targets, other options.
      for form in [
        try write(directory, "copy.npz"), try write(directory, "hot.npz", oneHot: true),
        csv + ":standardize", csv + ":limit=50",
      ] {
        let found = try rows(form, record)
        #expect(found.part == .test && found.seen == [0] && found.areUnseen, "\(form)")
      }
      // A model that knows nothing of it is measured on the whole.
      #expect(
        try rows(csv, SeenSamples())
          == SampleRows(part: .all, rule: .fixedFifth, count: 600, of: 600, seen: [0]))
      // Of two models the rows that neither was trained on.
      #expect(try rows(csv, record, SeenSamples()).part == .test)
      #expect(try rows(csv, record, record).seen == [0, 0])
    }
  }

  @Test("what split= asks for is measured, and how much of it was seen is counted exactly")
  func asked() throws {
    try withTemporaryDirectory { directory in
      let csv = try write(directory, "own.csv")
      let (fifth, some, all) = (
        try trained(csv), try trained(csv + ":limit=100"), try trained(csv + ":split=all")
      )
      #expect(try rows(csv + ":split=train", fifth).seen == [480])
      #expect(try rows(csv + ":split=all", fifth, some).seen == [480, 100])
      #expect(try rows(csv + ":split=train,limit=150", some).seen == [100])
      #expect(try rows(csv + ":split=test", all).seen == [120])
      // Nothing was kept apart: the whole, which says nothing of new samples.
      #expect(
        try rows(csv, all)
          == SampleRows(part: .all, rule: .fixedFifth, count: 600, of: 600, seen: [600]))
      #expect(try !rows(csv + ":split=all", fifth).areUnseen)
    }
  }

  @Test("rows in files of their own: exact for small sets, estimated for large ones")
  func otherFiles() throws {
    try withTemporaryDirectory { directory in
      let csv = try write(directory, "own.csv")
      let order = RandomStream(seed: 9, purpose: .subsets).permutation(of: 600)
      let (mine, yours) = (Array(order.prefix(100)), Array(order.dropFirst(100)))
      let small = try trained(try write(directory, "mine.csv", rows: mine))
      // 80 of 100 rows were trained on: fewer than a sketch holds.
      #expect(
        try rows(csv, small)
          == SampleRows(part: .all, rule: .fixedFifth, count: 600, of: 600, seen: [80]))
      #expect(try rows(try write(directory, "yours.npz", rows: yours), small).seen == [0])
      // 480 of 600: the sketch has 256 of them. Of the 100 rows, 80 in the mean; three standard
      // deviations of a part of 256/480 of them are 12.
      let large = try trained(csv)
      let found = try rows(try write(directory, "some.npz", rows: mine), large)
      let truth = try SampleRows.exact(mine, 600)
      #expect(found.part == .all && abs(found.seen[0] - truth) <= 15, "\(found) \(truth)")
      #expect(!found.areUnseen)
      // Shuffled, all are there; which is which the order would tell.
      let shuffled = try rows(try write(directory, "shuffled.npz", rows: order), large)
      #expect(abs(shuffled.seen[0] - 480) <= 40 && shuffled.part == .all)
    }
  }

  @Test("parts that data bring with them, by their own digests, and saved by themselves")
  func givenParts() throws {
    try withTemporaryDirectory { directory in
      let (train, test) = (Array(0..<500), Array(500..<600))
      let path = directory + "/parts.npz"
      try writeNpz(
        [
          ("x_train", Tensor(x.rows(train))), ("y_train", Tensor(train.map { labels[$0] })),
          ("x_test", Tensor(x.rows(test))), ("y_test", Tensor(test.map { labels[$0] })),
        ], to: path)
      let record = try trained(path)
      #expect(
        try rows(path, record) == SampleRows(part: .test, rule: .given, count: 100, seen: [0]))
      #expect(try rows(path + ":split=train", record).seen == [500])
      #expect(try rows(try write(directory, "train.csv", rows: train), record).seen == [500])
      #expect(try rows(try write(directory, "test.csv", rows: test), record).seen == [0])
      #expect(throws: DataSpecification.Problem.self) { try rows(path + ":split=all", record) }
      // Classes are those of both parts.
      let few = directory + "/few.npz"
      try writeNpz(
        [
          ("train_images", Tensor((0..<24).map { UInt8($0) }, shape: [6, 2, 2])),
          ("train_labels", Tensor([0, 1, 2, 3, 1, 0])),
          ("test_images", Tensor((0..<8).map { UInt8($0) }, shape: [2, 2, 2])),
          ("test_labels", Tensor([0, 1])),
        ], to: few)
      let samples: Samples<Float> = try DataSpecification(parsing: few).samples(loss: .crossEntropy)
      #expect(samples.outputDimension == 4 && samples.count == 2 && samples.inputDimension == 4)
      #expect(samples.inputs[1, 3] == 7)
    }
  }

  @Test("fitting takes the training part of what is known, and all of what is measured whole")
  func fitting() throws {
    try withTemporaryDirectory { directory in
      let csv = try write(directory, "own.csv")
      let specification = try DataSpecification(parsing: csv)
      func shared(_ models: SeenSamples, _ options: String = "") throws -> (Int, Int) {
        let specification = try DataSpecification(parsing: csv + options)
        let use = DataUse(loss: .squared, outputs: 3, models: [models])
        let measured: SelectedSamples<Float> = try specification.measured(for: use)
        let fitted: SelectedSamples<Float> = try specification.fitting(for: use)
        return (fitted.rows.count, measured.shared(with: fitted))
      }
      #expect(try shared(trained(csv)) == (480, 0))
      #expect(try shared(SeenSamples()) == (600, 600))
      #expect(try shared(SeenSamples(), ":split=test") == (480, 0))
      #expect(try shared(trained(csv), ":split=train") == (480, 480))
      #expect(try shared(trained(csv), ":split=all") == (480, 480))
      let digits = try DataSpecification(parsing: "digits")
      let fitted: SelectedSamples<Float> = try digits.fitting()
      #expect(fitted.rows.count == 1438 && "\(specification)".hasSuffix("own.csv"))
    }
  }

  @Test("records survive the metadata of a model, and damaged ones are refused")
  func records() throws {
    try withTemporaryDirectory { directory in
      let record = try trained(try write(directory, "own.csv"))
      let path = directory + "/m.safetensors"
      let network: Network<Float> = Architecture(hidden: [2]).network(
        inputs: 3, outputs: 3, stream: RandomStream(seed: 0, purpose: .initialization))
      try ModelFile(network: network, metadata: record.metadata).write(to: path)
      let file = try ModelFile<Float>(path: path)
      #expect(try SeenSamples(metadata: file.metadata, path: path) == record)
      #expect(record.adding(record.records) == record)
      let key = "landbridge.samples"
      let text = try #require(record.metadata[key])
      for bad in [
        "", "{}", "[1]", text.replacing("\"fixed-fifth\"", with: "\"other\""),
        text.replacing("\"rows\":480", with: "\"rows\":-1"),
        text.replacing("\"rows\":480", with: "\"rows\":601"),
        text.replacing("\"sha256\":\"", with: "\"sha256\":\"0"),
        text.replacing("\"sketch\":\"", with: "\"sketch\":\"f"),
        text.replacing("\"sketch\":\"", with: "\"sketch\":\"ffffffffffff"),
      ] {
        expectError("m.safetensors", key) { try SeenSamples(metadata: [key: bad], path: path) }
      }
      #expect(try SeenSamples(metadata: [:], path: path).records.isEmpty)
    }
  }

  /// The digests of docs/data.md, computed there in Python:
  ///
  ///     rows = [([0.1, -0.0, 2.5], 1), ([3.0, 4.0, 1e-3], 0)]
  ///     digests = [sha256(pack("<II4f", 3, 1, *(float32(v) + 0 for v in x), y)) for x, y in rows]
  ///     sha256(b"".join(digests)).hexdigest()
  @Test("the digest is that of the page on data")
  func golden() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/g.csv"
      try Data("0.1,-0.0,2.5,1\n3,4,0.001,-1\n".utf8).write(to: URL(filePath: path))
      let record: SelectedSamples<Double> = try DataSpecification(parsing: path).measured()
      #expect(
        record.record.sha256 == "291dd6ac564b1b749052d89e1df0fce55c3b3d8c60dfd22ec66f500def157047")
      #expect(record.record.sketch == "7aa0082616478b896ac97e7c")
    }
  }
}

extension SampleRows {
  /// How many of the rows are in the training part of n rows, by the rule of the page on data.
  fileprivate static func exact(_ rows: [Int], _ n: Int) throws -> Int {
    let order = RandomStream(seed: 0, purpose: .shuffle).permutation(of: n)
    return Set(order.dropFirst(n / 5)).intersection(rows).count
  }
}
