/// What was measured of a network after one step.
///
/// In JSON an object with `step`, `time` and one key for every quantity that exists and is finite.
public struct TrainingMeasurement: Sendable, Equatable {
  public var step: Int
  /// t = Σ α_k
  public var time: Double
  public var values: [QuantityName: Double]

  public init(step: Int, time: Double, values: [QuantityName: Double]) {
    (self.step, self.time, self.values) = (step, time, values)
  }

  public subscript(name: QuantityName) -> Double? { values[name] }

  /// Keys that no quantity can have.
  static let reserved = ["step", "time"]
}

extension TrainingMeasurement: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: NamedKey.self)
    step = try container.decode(Int.self, forKey: "step")
    time = try container.decode(Double.self, forKey: "time")
    values = [:]
    for key in container.allKeys where !Self.reserved.contains(key.stringValue) {
      values[QuantityName(rawValue: key.stringValue)] = try container.decode(
        Double.self, forKey: key)
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: NamedKey.self)
    try container.encode(step, forKey: "step")
    try container.encode(time, forKey: "time")
    for (name, value) in values {
      try container.encode(value, forKey: NamedKey(stringValue: name.rawValue))
    }
  }
}

/// A key of a JSON object whose keys are names.
struct NamedKey: CodingKey, ExpressibleByStringLiteral {
  var stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }

  init?(intValue: Int) { nil }

  init(stringLiteral value: String) { stringValue = value }
}
