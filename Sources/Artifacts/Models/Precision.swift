/// The floating-point type of a network, and of the work on it.
public enum Precision: String, CaseIterable, Codable, Sendable {
  case float, double
}
