internal import DataFormats
public import Landbridge

/// The options of a ``DataSpecification``; `nil` where nothing is said.
public struct DataOptions: Sendable, Hashable {
  /// d ≥ 1, the dimension of a law's inputs.
  public var d: Int?
  /// Δ of the Gaussians, from 0 to 0.999.
  public var delta: Double?
  /// |μ| of the Gaussians.
  public var mean: Double?
  /// How many held-out samples are drawn of a law.
  public var n: Int?
  /// K of the teacher.
  public var outputs: Int?
  /// N of the teacher.
  public var hidden: Int?
  /// σ of the teacher.
  public var activation: Activation?
  /// Standard deviation of what is added to the teacher's outputs.
  public var noise: Double?
  /// Names the teacher's weights.
  public var teacherSeed: Int?
  /// Which part of a finite set.
  public var split: DataSpecification.Split?
  /// At most so many samples: of the part, or to train on.
  public var limit: Int?
  /// At most so many of the part held out from training.
  public var heldOut: Int?
  /// Whether inputs are shifted and scaled to mean 0 and variance 1 over the training part.
  public var standardize: Bool?
  /// K ≥ 2, where labels are classes.
  public var classes: Int?
  /// What whole numbers as targets are.
  public var targets: TargetKind?
  /// Which column of a table is the label, as it is typed.
  public var label: String?
  /// The file of labels beside an array.
  public var labels: String?
  /// Whether the first row of a table names columns.
  public var header: Bool?
  /// Whether the first column of a table numbers the rows.
  public var index: Bool?

  /// Options as given, unchecked; ``DataSpecification/init(parsing:)`` checks what is typed.
  public init(
    d: Int? = nil, delta: Double? = nil, mean: Double? = nil, n: Int? = nil, outputs: Int? = nil,
    hidden: Int? = nil, activation: Activation? = nil, noise: Double? = nil,
    teacherSeed: Int? = nil, split: DataSpecification.Split? = nil, limit: Int? = nil,
    heldOut: Int? = nil, standardize: Bool? = nil, classes: Int? = nil,
    targets: TargetKind? = nil, label: String? = nil, labels: String? = nil, header: Bool? = nil,
    index: Bool? = nil
  ) {
    (self.d, self.delta, self.mean, self.n) = (d, delta, mean, n)
    (self.outputs, self.hidden, self.activation) = (outputs, hidden, activation)
    (self.noise, self.teacherSeed) = (noise, teacherSeed)
    (self.split, self.limit, self.heldOut) = (split, limit, heldOut)
    (self.standardize, self.classes, self.targets) = (standardize, classes, targets)
    (self.label, self.labels, self.header, self.index) = (label, labels, header, index)
  }

  /// What an option is called, in the order in which options are printed.
  enum Key: String, CaseIterable {
    case activation, classes, d, delta, header, heldout, hidden, index, label, labels, limit, mean
    case n, noise, outputs, split, standardize, targets
    case teacherSeed = "teacher-seed"
  }

  /// Reads one option; an option without a value has the text `true`.
  mutating func set(_ key: Key, _ text: String) throws(DataSpecification.Problem) {
    func refusal(_ expected: String) -> DataSpecification.Problem {
      DataSpecification.Problem(description: "\(key.rawValue)=\(text): \(expected)")
    }
    func number(_ range: ClosedRange<Double>) throws(DataSpecification.Problem) -> Double {
      guard let number = Double(text), range.contains(number) else {
        throw refusal("expected a number from \(range.lowerBound) to \(range.upperBound)")
      }
      return number
    }
    func integer(atLeast minimum: Int = 1) throws(DataSpecification.Problem) -> Int {
      guard let number = Int(text), number >= minimum, number <= 1 << 32 else {
        throw refusal("expected a whole number ≥ \(minimum)")
      }
      return number
    }
    func choice() throws(DataSpecification.Problem) -> Bool {
      switch text {
      case "false", "no": return false
      case "true", "yes": return true
      default: throw refusal("expected yes or no")
      }
    }
    switch key {
    case .d: d = try integer()
    case .delta: delta = try number(0...0.999)
    case .mean: mean = try number(-1e6...1e6)
    case .n: n = try integer()
    case .outputs: outputs = try integer()
    case .hidden: hidden = try integer()
    case .activation:
      guard let found = Activation(text) else { throw refusal("unknown") }
      activation = found
    case .noise: noise = try number(0...1e6)
    case .teacherSeed: teacherSeed = try integer(atLeast: 0)
    case .split:
      guard let found = DataSpecification.Split(rawValue: text) else {
        throw refusal("expected train, test or all")
      }
      split = found
    case .limit: limit = try integer()
    case .heldout: heldOut = try integer()
    case .standardize: standardize = try choice()
    case .classes:
      classes = try integer(atLeast: 2)
      guard classes! <= TargetRule.maximumClasses else {
        throw refusal("at most \(TargetRule.maximumClasses)")
      }
    case .targets:
      guard let found = TargetKind(rawValue: text) else {
        throw refusal("expected classes or numbers")
      }
      targets = found
    case .label: label = text
    case .labels: labels = text
    case .header: header = try choice()
    case .index: index = try choice()
    }
  }

  /// The text that ``set(_:_:)`` reads back; `nil` where nothing is said.
  func text(_ key: Key) -> String? {
    func choice(_ value: Bool?) -> String? { value.map { $0 ? "yes" : "no" } }
    return switch key {
    case .d: d.map(String.init)
    case .delta: delta.map { "\($0)" }
    case .mean: mean.map { "\($0)" }
    case .n: n.map(String.init)
    case .outputs: outputs.map(String.init)
    case .hidden: hidden.map(String.init)
    case .activation: activation?.description
    case .noise: noise.map { "\($0)" }
    case .teacherSeed: teacherSeed.map(String.init)
    case .split: split?.rawValue
    case .limit: limit.map(String.init)
    case .heldout: heldOut.map(String.init)
    case .standardize: standardize.map { $0 ? "true" : "no" }
    case .classes: classes.map(String.init)
    case .targets: targets?.rawValue
    case .label: label
    case .labels: labels
    case .header: choice(header)
    case .index: choice(index)
    }
  }
}

/// `d=32,delta=0.5`, in alphabetical order.
extension DataOptions: CustomStringConvertible {
  /// As they are typed behind the name of the data.
  public var description: String {
    Key.allCases.compactMap { key in
      text(key).map { $0 == "true" ? key.rawValue : "\(key.rawValue)=\($0)" }
    }.joined(separator: ",")
  }
}
