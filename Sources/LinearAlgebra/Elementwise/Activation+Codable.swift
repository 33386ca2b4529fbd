/// Coded as its name.
extension Activation: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let activation = Activation(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "unknown activation \(text)")
    }
    self = activation
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
