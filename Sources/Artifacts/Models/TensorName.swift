internal import DataFormats

/// The name of a tensor in a model file, taken apart.
///
/// `module.fc1.weight`, `layers.0.linear.weight`, `params/Dense_0/kernel`, `dense/kernel:0`,
/// `['params']['Dense_0']['kernel'].value` and `mlp/~/linear_0/w` are all a module and what the
/// tensor is to it. The wrappers that PyTorch puts around a whole model (`module.` by
/// `DataParallel`, `_orig_mod.` by `torch.compile`) are no part of the module.
struct TensorName: Sendable, Hashable {
  /// As in the file.
  let text: String
  /// `["fc1"]`, `["layers", "0", "linear"]`, `["params", "Dense_0"]`; may be empty.
  let module: [String]
  /// The same with the wrappers.
  let wrappedModule: [String]
  /// `weight`, `kernel`, `bias`, …
  let leaf: String

  /// - Parameter keepsWrappers: whether `module.` and `_orig_mod.` are parts as any others.
  init(_ text: String, keepsWrappers: Bool = false) {
    self.text = text
    let (parts, leaf) = TensorName.components(of: text)
    self.leaf = leaf
    wrappedModule = parts
    module = keepsWrappers ? parts : Array(parts.drop(while: TensorName.isWrapper))
  }

  /// Module and leaf, in the words of PyTorch and Flax whatever the manner of the name.
  private static func components(of text: String) -> ([String], leaf: String) {
    var parts = split(text)
    guard var leaf = parts.popLast() else { return ([], text) }
    // Flax's nnx: what a variable holds is its value.
    if ["value", "raw_value"].contains(leaf), let last = parts.last, roles.contains(last) {
      leaf = parts.removeLast()
    }
    // Keras 2 and TensorFlow: the number of the output of an operation.
    if let colon = leaf.lastIndex(of: ":"), colon > leaf.startIndex,
      leaf[leaf.index(after: colon)...].allSatisfy(\.isNumber)
    {
      leaf = String(leaf[..<colon])
    }
    // Haiku. Elsewhere a w may be either way round.
    if text.contains("/"), !parts.isEmpty, let plain = ["w": "kernel", "b": "bias"][leaf] {
      leaf = plain
    }
    guard leaf.last?.isNumber == true else { return (parts, leaf) }
    // scikit-learn: coefs_0 [in, out], intercepts_0, by hand from lists.
    if let match = leaf.wholeMatch(of: /(coefs|intercepts)_*([0-9]+)/) {
      parts.append(String(match.2))
      leaf = match.1 == "coefs" ? "kernel" : "bias"
    }
    // Control points of a curve through weight space: each is a network of its own.
    if let match = leaf.wholeMatch(of: /(weight|bias)_([0-9]+)/) {
      parts.append("weight_\(match.2)")
      leaf = String(match.1)
    }
    return (parts, leaf)
  }

  private static let roles: Set = ["kernel", "bias", "weight", "scale", "embedding", "mean", "var"]

  /// The parts of a prefix of modules.
  static func prefix(_ text: String) -> [String] { split(text) }

  /// Whether the module lies below a prefix, or is it; wrappers may be left out in the prefix.
  func isBelow(_ prefix: [String]) -> Bool {
    if wrappedModule.starts(with: prefix) { return true }
    let plain = prefix.drop(while: TensorName.isWrapper)
    return !plain.isEmpty && module.starts(with: plain)
  }

  private static func split(_ text: String) -> [String] {
    text.split { "./[]'\"".contains($0) }.map(String.init)
  }

  private static func isWrapper(_ part: String) -> Bool { part == "module" || part == "_orig_mod" }

  /// The module as it can be given to `--layers`, in the manner of the file.
  var moduleName: String { module.isEmpty ? text : joined(module) }

  /// Parts of a module as they can be given to `--layers`.
  func joined(_ parts: some Sequence<String>) -> String {
    parts.joined(separator: text.contains("/") ? "/" : ".")
  }
}

/// Whether module `a` comes before `b`: part by part, numbers by value.
func modulePrecedes(_ a: [String], _ b: [String]) -> Bool {
  for (x, y) in zip(a, b) where x != y { return naturallyPrecedes(x, y) }
  return a.count < b.count
}

/// Whether the numbers in the names say that module `a` comes before `b`.
///
/// They do where the names are the same up to a number: `fc2` before `fc10`, `blocks.0.up` before
/// `blocks.1.down`. Words say nothing: neither `encoder` nor `decoder` comes first. Keras and Haiku
/// leave the first number out: `dense`, `dense_1`, `dense_2`.
///
/// A strict partial order.
func numbersPrecede(_ a: [String], _ b: [String], countsFromBare: Bool) -> Bool {
  guard let (x, y) = zip(a, b).first(where: { $0 != $1 }) else { return false }
  let (p, q) = (NameTokens(x).tokens, NameTokens(y).tokens)
  if countsFromBare, p.count == 1, q.count == 2, case .text(let stem) = p[0],
    case .text(let other) = q[0], other == stem + "_", case .number(let digits) = q[1]
  {
    return digits != ""
  }
  guard let (u, v) = zip(p, q).first(where: { $0 != $1 }), case .number(let m) = u,
    case .number(let n) = v
  else { return false }
  return m.count == n.count ? m < n : m.count < n.count
}

/// A part of a name as texts and numbers in turn.
struct NameTokens {
  enum Token: Hashable {
    case text(String)
    /// Digits without leading zeros; none for zero.
    case number(String)
  }

  private(set) var tokens: [Token] = []

  init(_ part: String) {
    var rest = part[...]
    while let first = rest.first {
      let isDigit = first.isASCII && first.isNumber
      let run = rest.prefix { ($0.isASCII && $0.isNumber) == isDigit }
      tokens.append(isDigit ? .number(String(run.drop { $0 == "0" })) : .text(String(run)))
      rest = rest.dropFirst(run.count)
    }
  }
}
