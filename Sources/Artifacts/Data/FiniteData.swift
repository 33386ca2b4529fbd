internal import DataFormats
internal import Landbridge
internal import LinearAlgebra

/// A finite data set: its samples as read, cut into a training and a test part.
///
/// Data have parts of their own, or a fixed random fifth is the test part. A file is read once.
struct FiniteData: Sendable {
  let specification: DataSpecification
  let rule: DataRule
  let facts: TargetFacts
  /// What was taken for what, where the file left it open.
  let note: String?
  /// How many classes the format promises.
  private let promised: Int?
  /// The whole for ``DataRule/fixedFifth``.
  private let whole: RawSamples?
  private let read: @Sendable (DataSplit) throws -> RawSamples

  /// - Throws: `FormatError`, and ``DataSpecification/Problem`` for options that make no sense.
  init(_ specification: DataSpecification) throws {
    self.specification = specification
    let content = try DataContent.reading(specification)
    (note, promised) = (content.note, content.classes)
    switch content.samples {
    case .whole(let samples):
      rule = .fixedFifth
      whole = samples
      read = { _ in samples }
      facts = TargetFacts([samples])
    case .parts(let part, let all):
      guard specification.options.split != .all else {
        let name = specification.kind == .file ? content.path : specification.kind.rawValue
        throw DataSpecification.Problem(
          description: "split=all: \(name) has its own parts, train and test")
      }
      rule = .given
      whole = nil
      read = part
      facts = TargetFacts(try all())
    }
  }

  /// The rows of a part of `n` rows that have no parts of their own: a fixed random fifth is held
  /// out, whatever the seed.
  static func rows(of part: DataSpecification.Split, count n: Int) -> [Int] {
    guard part != .all else { return Array(0..<n) }
    let order = RandomStream(seed: 0, purpose: .shuffle).permutation(of: n)
    let held = n / 5
    return part == .test ? Array(order.prefix(held)) : Array(order.dropFirst(held))
  }

  /// The samples of a part as read.
  func samples(_ part: DataSpecification.Split) throws -> RawSamples {
    guard let whole else { return try read(part == .train ? .train : .test) }
    return part == .all ? whole : whole.selecting(FiniteData.rows(of: part, count: whole.count))
  }

  /// How many rows both parts have; `nil` where they are read one by one.
  var count: Int? { whole?.count }

  /// Of the whole; `nil` where the parts are sets of their own.
  var digests: SampleDigests? { whole.map(SampleDigests.init) }

  func meaning(loss: Loss?, outputs: Int?, recorded: TargetKind?) throws -> TargetMeaning {
    let options = specification.options
    return try TargetRule(
      declared: options.targets, recorded: recorded, loss: loss, outputs: outputs,
      classes: options.classes,
      promised: promised, path: whole?.path ?? specification.location ?? specification.description
    ).meaning(of: facts)
  }

  /// Standardised if that is asked for, by the training part without its limit.
  func standardized(_ samples: RawSamples, isTrainingPart: Bool) throws -> RawSamples {
    guard specification.options.standardize ?? false else { return samples }
    let reference = isTrainingPart ? samples : try self.samples(.train)
    var result = samples
    result.inputs = result.inputs.map { $0 / result.divisor }
    Standardization(reference.inputs.map { $0 / reference.divisor }).apply(to: &result.inputs)
    result.divisor = 1
    return result
  }
}
