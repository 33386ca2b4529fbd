internal import DataFormats
internal import Foundation

/// Which samples a model was trained on, or pruned or fitted on: part of its file, so that they are
/// known again.
///
/// The record names a set by the digest of its samples, not by its path, and the rows by a rule; a
/// sketch of the rows tells them in other files too, such as a part that was saved by itself.
public struct SampleRecord: Codable, Sendable, Equatable {
  /// As after `--data`; information.
  public var data: String
  /// How the set is cut into parts.
  public var rule: DataRule
  /// The part that was seen.
  public var part: SampleRows.Part
  /// How many rows: the first ones of the part.
  public var rows: Int
  /// Rows of the set.
  public var of: Int
  /// Of the set: all samples where the rule is ``DataRule/fixedFifth``, those of the part where the
  /// data have their own parts, nothing for fresh samples.
  public var sha256: String?
  /// What the targets were taken for.
  public var targets: TargetKind
  /// The smallest digests of the rows, see docs/data.md.
  public var sketch: String?

  /// A record of the given values, unchecked.
  public init(
    data: String, rule: DataRule, part: SampleRows.Part, rows: Int, of: Int, sha256: String? = nil,
    targets: TargetKind, sketch: String? = nil
  ) {
    (self.data, self.rule, self.part, self.rows, self.of) = (data, rule, part, rows, of)
    (self.sha256, self.targets, self.sketch) = (sha256, targets, sketch)
  }

  /// The metadata key of model files.
  static let key = "landbridge.samples"

  /// Whether these are numbers that a record can have.
  fileprivate var isSound: Bool {
    let isDigest = sha256.map { $0.utf8.count == 64 } ?? (rule == .fresh)
    let isSketch = sketch.map { SampleSketch(text: $0) != nil } ?? true
    return isDigest && isSketch && rows >= 0 && of >= 0 && (rule == .fresh || rows <= of)
      && (part == .fresh) == (rule == .fresh)
  }
}

/// How a data set is cut into a training and a test part.
public enum DataRule: String, Codable, Sendable {
  /// The data have parts of their own.
  case given
  /// A fixed random fifth is the test part, the same for every seed.
  case fixedFifth = "fixed-fifth"
  /// Samples are drawn anew.
  case fresh
}

/// All samples that a model has seen, as its file tells.
public struct SeenSamples: Sendable, Equatable {
  /// In the order of their use: training, pruning, …
  public var records: [SampleRecord]

  /// What has been seen, in the order of its use; nothing unless given.
  public init(_ records: [SampleRecord] = []) { self.records = records }

  /// Reads what a model file's metadata say; nothing for files from elsewhere.
  ///
  /// - Throws: `FormatError` for a record that Landbridge does not write.
  public init(metadata: [String: String], path: String) throws {
    guard let text = metadata[SampleRecord.key] else {
      records = []
      return
    }
    let found = try? decodeUntrusted([SampleRecord].self, from: Data(text.utf8), path: path)
    guard let found, found.count <= 1000, found.allSatisfy(\.isSound) else {
      throw FormatError(
        path: path, place: "metadata key \(SampleRecord.key)", found: "something else",
        expected: "records of the samples that the model has seen")
    }
    records = found
  }

  /// These and others, each once.
  public func adding(_ others: [SampleRecord]) -> SeenSamples {
    SeenSamples(others.reduce(into: records) { if !$0.contains($1) { $0.append($1) } })
  }

  /// What goes into the metadata of a model file; nothing where nothing was seen.
  public var metadata: [String: String] {
    get throws {
      if records.isEmpty { return [:] }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return [SampleRecord.key: String(decoding: try encoder.encode(records), as: UTF8.self)]
    }
  }

  /// What targets were in training, if all records say the same.
  public var targets: TargetKind? {
    let kinds = Set(records.map(\.targets))
    return kinds.count == 1 ? kinds.first : nil
  }

  /// Whether something finite was seen, so that digests are worth their time.
  var isFinite: Bool { records.contains { $0.rule != .fresh } }
}

/// Which rows of a data set are used, and how many of them models have seen.
public struct SampleRows: Codable, Sendable, Equatable {
  /// A part of a finite set, or samples that are drawn anew.
  public enum Part: String, Codable, Sendable { case train, test, all, fresh }

  /// The part that they are of.
  public var part: Part
  /// How the set is cut into parts.
  public var rule: DataRule
  /// How many rows.
  public var count: Int
  /// Rows of the set; absent where the data have their own parts.
  public var of: Int?
  /// Rows that a model's own record says it was trained, pruned or fitted on, one number per model:
  /// exact for the set of its record, an estimate where only the sketch knows the rows.
  public var seen: [Int]

  /// Rows of the given part.
  public init(part: Part, rule: DataRule, count: Int, of: Int? = nil, seen: [Int] = []) {
    (self.part, self.rule, self.count, self.of, self.seen) = (part, rule, count, of, seen)
  }

  /// Whether the rows say something of new samples: at most 1 % were seen by any model. (Where data
  /// are discrete by nature a new sample may equal an old one.)
  public var areUnseen: Bool { seen.allSatisfy { Double($0) <= 0.01 * Double(count) } }
}

extension SampleRows: CustomStringConvertible {
  /// `held out: 120 of 600 rows`
  public var description: String {
    if part == .fresh { return "\(grouped(count)) fresh samples" }
    guard let of else {
      return "the \(part == .train ? "training" : "test") part, \(grouped(count)) rows"
    }
    let total = " of \(grouped(of))"
    switch part {
    case .all: return of == count ? "all \(grouped(count)) rows" : "\(grouped(count))\(total) rows"
    case .test: return "held out: \(grouped(count))\(total) rows"
    case .train, .fresh: return "training part: \(grouped(count))\(total) rows"
    }
  }

  private func grouped(_ number: Int) -> String {
    guard number >= 10_000 else { return "\(number)" }
    return grouped(number / 1000) + " "
      + String("\(1000 + number % 1000)".dropFirst())
  }
}
