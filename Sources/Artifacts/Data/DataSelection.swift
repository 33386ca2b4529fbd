internal import DataFormats
internal import Landbridge
internal import LinearAlgebra

/// Rows of a finite data set, for one use.
struct DataSelection {
  typealias Part = DataSpecification.Split

  private let data: FiniteData
  private let use: DataUse
  private let meaning: TargetMeaning
  /// Of the whole, where the data have no parts of their own.
  private let digests: SampleDigests?
  private let digest: String?

  init(_ specification: DataSpecification, use: DataUse) throws {
    data = try FiniteData(specification)
    self.use = use
    meaning = try data.meaning(loss: use.loss, outputs: use.outputs, recorded: use.recorded)
    digests = data.digests
    digest = digests?.digest
  }

  private var specification: DataSpecification { data.specification }
  private var isFileWithoutParts: Bool { specification.kind == .file && data.rule == .fixedFifth }

  /// Whether a model knows this file: it was trained on a part of it.
  private var isRecognised: Bool {
    use.models.contains { $0.records.contains { $0.sha256 != nil && $0.sha256 == digest } }
  }

  /// See ``DataSpecification/measured(of:for:)``.
  var measuredPart: Part {
    if let split = specification.options.split { return split }
    guard isFileWithoutParts else { return .test }
    guard isRecognised, let digests else { return .all }
    // Where all of the fifth was trained on (split=all) there is nothing to be kept apart.
    let test = FiniteData.rows(of: .test, count: digests.count)
    let isSeen = use.models.contains {
      seen(by: $0, test, digests.selecting(test), ofSet: digest, count: digests.count)
        == test.count
    }
    return isSeen ? .all : .test
  }

  /// See ``DataSpecification/fitting(of:for:seed:elsewhere:)``.
  func fittedPart(elsewhere: Bool) -> Part {
    if elsewhere { return specification.options.split ?? (isFileWithoutParts ? .all : .train) }
    guard isFileWithoutParts,
      specification.options.split == nil || specification.options.split == .all
    else {
      return .train
    }
    return isRecognised ? .train : .all
  }

  /// The first samples of a part, at most `limit`.
  func samples<Scalar: MatrixScalar>(_ part: Part, limit: Int?) throws -> SelectedSamples<Scalar> {
    let whole = try data.samples(part)
    let count = min(whole.count, limit ?? .max)
    guard count > 0 else {
      throw FormatError(
        path: whole.path, found: "too few samples for a \(part.rawValue) part",
        expected: "at least 5, or split=all")
    }
    var chosen = try data.standardized(whole, isTrainingPart: part == .train)
    if count < whole.count { chosen = chosen.selecting(Array(0..<count)) }
    let place = self.place(of: part, whole)
    let rows = Array(place.rows.prefix(count))
    let rowDigests = place.digests.selecting(rows)
    let name = SampleRows.Part(rawValue: part.rawValue)!
    return SelectedSamples(
      samples: try chosen.samples(meaning),
      rows: SampleRows(
        part: name, rule: data.rule, count: count, of: data.count,
        seen: use.models.map {
          seen(by: $0, rows, rowDigests, ofSet: place.set, count: place.digests.count)
        }),
      targets: meaning,
      record: SampleRecord(
        data: specification.description, rule: data.rule, part: name, rows: count,
        of: place.digests.count, sha256: place.set, targets: meaning.kind,
        sketch: SampleSketch(rowDigests).text),
      note: data.note, digests: rowDigests)
  }

  /// The set that a part belongs to, and where its rows are in it.
  private func place(
    of part: Part, _ samples: RawSamples
  ) -> (digests: SampleDigests, set: String, rows: [Int]) {
    if let digests, let digest {
      return (digests, digest, FiniteData.rows(of: part, count: digests.count))
    }
    let digests = SampleDigests(samples)
    return (digests, digests.digest, Array(0..<digests.count))
  }

  /// How many of the given rows of a set a model has seen.
  private func seen(
    by model: SeenSamples, _ rows: [Int], _ digests: SampleDigests, ofSet set: String?, count: Int
  ) -> Int {
    model.records.map { record in
      if record.sha256 == nil { return 0 }
      guard record.sha256 == set, record.of == count else {
        return record.sketch.flatMap { SampleSketch(text: $0) }?.members(of: digests) ?? 0
      }
      let part: Part =
        record.rule == .given ? .all : Part(rawValue: record.part.rawValue) ?? .all
      let known = Set(FiniteData.rows(of: part, count: count).prefix(record.rows))
      return rows.count { known.contains($0) }
    }.max() ?? 0
  }
}
