internal import DataFormats
internal import Landbridge
internal import LinearAlgebra

/// What a column of targets is.
public enum TargetKind: String, Codable, Sendable, CaseIterable {
  /// Labels: ±1 for one output, else one-hot.
  case classes
  /// The values themselves.
  case numbers
}

/// What is to be known of the targets of a whole data set before they can be read.
struct TargetFacts: Sendable {
  struct Place: Sendable {
    /// The number of the sample in its file.
    var sample: Int
    var value: Double
  }

  /// K
  var columns: Int
  var count: Int
  /// Several columns, each row 0 but for one 1.
  var isOneHot: Bool
  /// One column of −1 and 1 alone, with a −1.
  var isSigned: Bool
  /// Of one column; its place too.
  var largest: Place
  /// The first that is no whole number, or too large to be told from one.
  var fraction: Place?
  /// The first that is below 0, unless all are ±1.
  var negative: Place?
  /// How many of the classes 0 … largest do not occur.
  var missing: Int

  /// - Parameter parts: all parts of the data set.
  init(_ parts: [RawSamples]) {
    columns = parts[0].targets.columns
    count = parts.reduce(0) { $0 + $1.count }
    isOneHot = columns > 1 && parts.allSatisfy { TargetFacts.isOneHot($0.targets) }
    (largest, missing, isSigned) = (Place(sample: 0, value: -.infinity), 0, false)
    guard columns == 1 else { return }
    let signed = parts.allSatisfy { $0.targets.elements.allSatisfy { abs($0) == 1 } }
    isSigned = signed && parts.contains { $0.targets.elements.contains(-1) }
    var seen: Set<Double> = []
    for part in parts {
      for (i, value) in part.targets.elements.enumerated() {
        let place = Place(sample: part.number(i), value: value)
        if value > largest.value { largest = place }
        if fraction == nil, value != value.rounded() || abs(value) > 0x1p53 { fraction = place }
        if negative == nil, value < 0, !isSigned { negative = place }
        if seen.count <= TargetRule.maximumClasses { seen.insert(value) }
      }
    }
    if fraction == nil, negative == nil, !isSigned {
      missing = max(0, Int(min(largest.value, 1e9)) + 1 - seen.count)
    }
  }

  private static func isOneHot(_ y: Matrix<Double>) -> Bool {
    (0..<y.rows).allSatisfy { i in
      let row = y.row(i)
      return row.allSatisfy { $0 == 0 || $0 == 1 } && row.reduce(0, +) == 1
    }
  }
}

/// What the targets of a data set are to a network.
public enum TargetMeaning: Sendable, Equatable {
  /// Labels 0 … count − 1, or ±1; as ±1 where there are two and not `oneHot`.
  case classes(count: Int, oneHot: Bool)
  case numbers
  /// Targets of several columns as they are; one-hot rows name classes.
  case vectors(isClassification: Bool)

  /// `classes` or `numbers`
  public var kind: TargetKind {
    switch self {
    case .classes, .vectors(isClassification: true): .classes
    case .numbers, .vectors(isClassification: false): .numbers
    }
  }
}

extension TargetMeaning: CustomStringConvertible {
  /// `10 classes, one output each`
  public var description: String {
    switch self {
    case .classes(2, false): "two classes, −1 and 1"
    case .classes(let count, _): "\(count) classes, one output each"
    case .numbers: "numbers"
    case .vectors(true): "classes, one-hot"
    case .vectors(false): "numbers, several columns"
    }
  }
}

/// Whether targets are classes or numbers: one rule for all formats, in which their type in the
/// file has no say.
///
/// 1. `targets=` decides, and `classes=K`, which says classes.
/// 2. Cross-entropy means classes, also where they are written 0.0 and 1.0.
/// 3. Under squared loss, targets that are not all whole are numbers.
/// 4. Whole ones are classes for a network of several outputs. For one output ±1 is either; other
///    whole numbers are what the network was trained with, if its own record says so, and refused
///    otherwise: the loss against 0 and 1 is another number than that against −1 and 1.
/// 5. For a network still to be trained whole numbers are classes if each of 0 … K − 1 occurs, and
///    refused otherwise.
struct TargetRule {
  /// `targets=`
  var declared: TargetKind?
  /// What the network was trained with.
  var recorded: TargetKind?
  var loss: Loss?
  /// K of the network, if there is one.
  var outputs: Int?
  /// `classes=`
  var classes: Int?
  /// How many classes the format itself promises.
  var promised: Int?
  var path: String

  /// Targets are one-hot: more would not fit memory.
  static let maximumClasses = 100_000

  func meaning(of facts: TargetFacts) throws -> TargetMeaning {
    guard facts.columns == 1 else { return try meaningOfVectors(facts) }
    switch try kind(of: facts) {
    case .numbers:
      guard loss != .crossEntropy else {
        throw error("targets=numbers", "expected classes for cross-entropy")
      }
      return .numbers
    case .classes: return try classes(facts)
    }
  }

  private func meaningOfVectors(_ facts: TargetFacts) throws -> TargetMeaning {
    if declared == .numbers { return .vectors(isClassification: false) }
    guard facts.isOneHot || declared == nil else {
      throw error("rows that are not one-hot", "classes")
    }
    return .vectors(isClassification: facts.isOneHot)
  }

  private func kind(of facts: TargetFacts) throws -> TargetKind {
    if let declared { return declared }
    if classes != nil || promised != nil || loss == .crossEntropy { return .classes }
    if facts.fraction != nil { return .numbers }
    switch outputs {
    case 1? where loss == .squared:
      if facts.isSigned || facts.largest.value == 1 && facts.missing == 1 && facts.negative == nil {
        return .classes
      }
      if let recorded { return recorded }
      throw ambiguous(facts, "for one output and squared loss")
    case nil where loss == .squared:
      if facts.negative != nil || facts.missing > 0 && facts.largest.value != 1 {
        throw ambiguous(facts, "not every class from 0 on")
      }
      return .classes
    default: return .classes
    }
  }

  private func ambiguous(_ facts: TargetFacts, _ why: String) -> FormatError {
    let numbers = "targets=numbers (the loss against these values)"
    let classes =
      facts.negative != nil
      ? ""
      : facts.largest.value <= 1
        ? ", or targets=classes (against −1 and 1)" : ", or targets=classes (one output each)"
    return error(
      "whole numbers up to \(short(facts.largest.value))"
        + (facts.negative.map { ", \(short($0.value)) among them" } ?? "") + ", \(why)",
      numbers + classes + " after the name of the data")
  }

  private func short(_ value: Double) -> String {
    Int(exactly: value).map { "\($0)" } ?? "\(value)"
  }

  private func classes(_ facts: TargetFacts) throws -> TargetMeaning {
    func bad(_ place: TargetFacts.Place, _ found: String, _ expected: String) -> FormatError {
      FormatError(path: path, place: "label \(place.sample)", found: found, expected: expected)
    }
    let orNumbers = loss == .crossEntropy || declared != nil ? "" : ", or targets=numbers"
    if let place = facts.fraction {
      throw bad(place, "\(place.value)", "a class, a whole number from 0 on, or ±1" + orNumbers)
    }
    if let place = facts.negative {
      throw bad(place, short(place.value), "a class ≥ 0, or ±1" + orNumbers)
    }
    let largest = facts.isSigned ? 1 : Int(facts.largest.value)
    let most = max(1000, 5 * facts.count)
    guard classes != nil || promised != nil || largest < most else {
      throw bad(
        facts.largest, "class \(largest) among \(facts.count) samples",
        "at most \(most) classes, or as many as classes=K says" + orNumbers)
    }
    let inferred = min(max(largest, 1), TargetRule.maximumClasses - 1) + 1
    let isOpen = classes == nil && promised == nil
    let count =
      if isOpen, let outputs, outputs > 1 { outputs } else {
        max(classes ?? promised ?? inferred, outputs ?? 0)
      }
    guard largest < count else {
      throw bad(facts.largest, "class \(largest)", "a class from 0 to \(count - 1)")
    }
    return .classes(count: count, oneHot: outputs == 2)
  }

  private func error(_ found: String, _ expected: String) -> FormatError {
    FormatError(path: path, place: "targets", found: found, expected: expected)
  }
}

extension RawSamples {
  /// Samples for a network that takes the targets so.
  ///
  /// - Throws: `FormatError` for values beyond the range of `Scalar`, and for more classes than
  ///   memory holds.
  func samples<Scalar: MatrixScalar>(_ meaning: TargetMeaning) throws -> Samples<Scalar> {
    let range = "a number within the range of float (--precision double)"
    let scaled = divisor == 1 ? inputs : inputs.map { $0 / divisor }
    let x = Matrix<Scalar>(scalars: scaled)
    try requireFinite(x, "input", of: scaled, expected: range)
    switch meaning {
    case .numbers, .vectors:
      let y = Matrix<Scalar>(scalars: targets)
      try requireFinite(y, "target", of: targets, expected: range)
      return Samples(inputs: x, targets: y, isClassification: meaning.kind == .classes)
    case .classes(let classes, let oneHot):
      try requireMemory(count * classes * MemoryLayout<Scalar>.size, path: path)
      // −1 is the first of two classes.
      let labels = targets.elements.map { max(0, Int($0)) }
      return Samples(inputs: x, labels: labels, classes: classes, oneHot: oneHot)
    }
  }
}
