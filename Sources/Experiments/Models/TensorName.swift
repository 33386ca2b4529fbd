internal import DataFormats

/// The name of a tensor in a model file, taken apart.
///
/// `module.fc1.weight`, `layers.0.linear.weight`, `params/Dense_0/kernel` and
/// `['params']['Dense_0']['kernel']` are all a module and what the tensor is to it. The wrappers
/// that PyTorch puts around a whole model (`module.` by `DataParallel`, `_orig_mod.` by
/// `torch.compile`) are no part of the module.
struct TensorName: Sendable, Hashable {
  /// As in the file.
  let text: String
  /// `["fc1"]`, `["layers", "0", "linear"]`, `["params", "Dense_0"]`; may be empty.
  let module: [String]
  /// `weight`, `kernel`, `bias`, …
  let leaf: String

  init(_ text: String) {
    self.text = text
    let parts = TensorName.components(of: text)
    module = Array(parts.dropLast())
    leaf = parts.last ?? text
  }

  /// The parts of a name without the wrappers; the last part is none.
  private static func components(of text: String) -> [String] {
    let parts = split(text)
    return Array(parts.dropLast().drop(while: isWrapper)) + parts.suffix(1)
  }

  /// The parts of a prefix of modules without the wrappers.
  static func prefix(_ text: String) -> [String] { Array(split(text).drop(while: isWrapper)) }

  private static func split(_ text: String) -> [String] {
    text.split { "./[]'\"".contains($0) }.map(String.init)
  }

  private static func isWrapper(_ part: String) -> Bool { part == "module" || part == "_orig_mod" }

  /// The module as it can be given to `--layers`, in the manner of the file.
  var moduleName: String {
    module.isEmpty ? text : module.joined(separator: text.contains("/") ? "/" : ".")
  }
}

/// Whether module `a` comes before `b`: part by part, numbers by value.
func modulePrecedes(_ a: [String], _ b: [String]) -> Bool {
  for (x, y) in zip(a, b) where x != y { return naturallyPrecedes(x, y) }
  return a.count < b.count
}
