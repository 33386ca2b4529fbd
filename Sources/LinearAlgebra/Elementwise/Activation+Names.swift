/// `tanh`, `relu`, …, as files and the command line have them. Two take numbers: a ramp is written
/// `ramp` (the standard one) or `ramp(-2.5,7.5,0.5,1.5)`, a leaky ReLU `leaky-relu` (slope 0.01) or
/// `leaky-relu:0.2`.
extension Activation: LosslessStringConvertible {
  /// The names that are known.
  public static let allNames = [
    "tanh", "sigmoid", "erf", "softplus", "relu", "leaky-relu", "gelu", "gelu-tanh", "silu", "elu",
    "selu", "hard-tanh", "cos", "ramp", "identity",
  ]

  /// The activation of that name; `nil` if there is none.
  public init?(_ description: String) {
    guard let activation = try? Activation(name: description) else { return nil }
    self = activation
  }

  /// The activation of this name, or of the one that other libraries have for it: case, spaces, `-`
  /// and `_` do not matter, and PyTorch's way to print a module is understood, `LeakyReLU`,
  /// `LeakyReLU(negative_slope=0.2)`, `GELU(approximate='tanh')`.
  ///
  /// - Throws: ``UnknownActivation`` with the nearest name, or with the argument that σ does not have.
  public init(name text: String) throws(UnknownActivation) {
    let call = Call(text)
    guard let call, let named = Self.named(call.name) else {
      throw UnknownActivation(text: text, nearest: call.flatMap { Self.nearest(to: $0.name) })
    }
    guard let activation = named.with(call.arguments) else {
      throw UnknownActivation(text: text, form: named.form)
    }
    self = activation
  }

  /// The name, as ``init(_:)`` reads it.
  public var description: String {
    switch self {
    case .identity: "identity"
    case .tanh: "tanh"
    case .sigmoid: "sigmoid"
    case .erf: "erf"
    case .softplus: "softplus"
    case .relu: "relu"
    case .cos: "cos"
    case .saturatingRamp: "ramp"
    case .ramp(let low, let high, let from, let to): "ramp(\(low),\(high),\(from),\(to))"
    case .usualLeakyReLU: "leaky-relu"
    case .leakyReLU(let slope): "leaky-relu:\(slope)"
    case .elu: "elu"
    case .selu: "selu"
    case .hardTanh: "hard-tanh"
    case .silu: "silu"
    case .gelu: "gelu"
    case .geluTanh: "gelu-tanh"
    }
  }

  /// By names without capitals, `-` and `_`.
  private static func named(_ name: String) -> Activation? {
    switch name {
    case "identity", "linear": .identity
    case "tanh": .tanh
    case "sigmoid", "logistic": .sigmoid
    case "erf": .erf
    case "softplus": .softplus
    case "relu": .relu
    case "cos": .cos
    case "ramp": .saturatingRamp
    case "leakyrelu": .usualLeakyReLU
    case "elu": .elu
    case "selu": .selu
    case "hardtanh": .hardTanh
    case "silu", "swish": .silu
    case "gelu": .gelu
    case "gelutanh", "gelunew", "gelupytorchtanh": .geluTanh
    default: nil
    }
  }

  /// How it is written, for a message.
  private var form: String {
    switch self {
    case .ramp: "ramp, or ramp(low,high,from,to) with from < to"
    case .leakyReLU: "leaky-relu, or leaky-relu:slope with 0 < slope < 1"
    case .gelu: "gelu or gelu-tanh"
    case .elu: "elu, whose alpha is 1"
    case .hardTanh: "hard-tanh, from -1 to 1, or ramp(low,high,from,to)"
    default: description
    }
  }

  /// What the arguments make of it; `nil` if it cannot have them.
  private func with(_ arguments: [Call.Argument]) -> Activation? {
    // What PyTorch prints and what is no property of σ.
    let arguments = arguments.filter { $0.key != "inplace" }
    switch self {
    case .ramp where !arguments.isEmpty:
      let numbers = arguments.compactMap { $0.key == nil ? $0.number : nil }
      guard numbers.count == 4, arguments.count == 4, numbers[2] < numbers[3],
        ((numbers[1] - numbers[0]) / (numbers[3] - numbers[2])).isFinite
      else { return nil }
      return .ramp(low: numbers[0], high: numbers[1], from: numbers[2], to: numbers[3])
    case .leakyReLU where !arguments.isEmpty:
      guard arguments.count == 1, [nil, "negativeslope"].contains(arguments[0].key),
        let slope = arguments[0].number, slope > 0, slope < 1
      else { return nil }
      return .leakyReLU(slope: slope)
    case .gelu where !arguments.isEmpty:
      guard arguments.count == 1, arguments[0].key == "approximate" else { return nil }
      return ["tanh": .geluTanh, "none": .gelu][arguments[0].value.filter { !"'\"".contains($0) }]
    default:
      // The numbers that PyTorch prints though nobody changed them.
      let usual: [String: Double] =
        switch self {
        case .elu: ["alpha": 1]
        case .softplus: ["beta": 1, "threshold": 20]
        case .hardTanh: ["minval": -1, "maxval": 1]
        default: [:]
        }
      let areUsual = arguments.allSatisfy { argument in
        argument.key.flatMap { usual[$0] }.map { $0 == argument.number } ?? false
      }
      return areUsual ? self : nil
    }
  }

  private static func nearest(to name: String) -> String? {
    let candidates = allNames.map { ($0, editDistance(name, $0.filter { $0 != "-" })) }
    let best = candidates.min { $0.1 < $1.1 }
    return best.flatMap { $0.1 * 2 <= max(name.count, 2) ? $0.0 : nil }
  }
}

/// A text that names no ``Activation``.
public struct UnknownActivation: Error, CustomStringConvertible, Equatable {
  /// What was found.
  public let text: String
  /// What would have been understood.
  public let advice: String

  init(text: String, nearest: String?) {
    self.text = text
    let names = Activation.allNames.joined(separator: ", ")
    advice = (nearest.map { "\($0)? known are " } ?? "one of ") + names
  }

  init(text: String, form: String) { (self.text, advice) = (text, form) }

  /// The text that is no name, and what helps.
  public var description: String { "“\(text)” is no activation: \(advice)" }
}

/// `name`, `name:value` or `name(value,key=value)`.
private struct Call {
  struct Argument {
    var key: String?
    var value: String
    /// The value, if it is a finite number.
    var number: Double? { Double(value).flatMap { $0.isFinite ? $0 : nil } }
  }

  var name: String
  var arguments: [Argument] = []

  init?(_ text: String) {
    let text = text.filter { !$0.isWhitespace }
    let head = text.prefix { $0 != "(" && $0 != ":" }
    name = Self.plain(head)
    let rest = text.dropFirst(head.count)
    let list: Substring
    switch rest.first {
    case nil: return
    case ":": list = rest.dropFirst()
    default:
      guard rest.last == ")" else { return nil }
      list = rest.dropFirst().dropLast()
      if list.isEmpty { return }
    }
    arguments = list.split(separator: ",", omittingEmptySubsequences: false).map { part in
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return pair.count == 2
        ? Argument(key: Self.plain(pair[0]), value: String(pair[1]))
        : Argument(key: nil, value: String(part))
    }
  }

  private static func plain(_ name: Substring) -> String {
    name.lowercased().filter { $0 != "-" && $0 != "_" }
  }
}

/// Insertions, deletions and replacements that make `b` of `a` (Levenshtein).
private func editDistance(_ a: String, _ b: String) -> Int {
  var row = Array(0...b.count)
  for (i, x) in a.prefix(64).enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let change = diagonal + (x == y ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(change, diagonal + 1, row[j] + 1)
    }
  }
  return row[b.count]
}
