internal import DataFormats
internal import Foundation

/// Where the parts of two model files differ that were not selected, `"features.0.weight"`; `nil` if
/// they are the same, bit by bit, or nothing but what is selected is in the files.
///
/// Heads selected with `--layers` take what the rest of their file, the backbone, makes of an input.
/// Two heads have a common input only if their backbones are one. Tensors are compared by the names
/// of their modules, wrappers such as `module.` aside; counters of training (`num_batches_tracked`)
/// change no output and are not.
///
/// - Complexity: O(size of the backbones), piece by piece where files are mapped.
package func backboneDifference(
  _ paths: (String, String), selecting prefixes: [String]
) throws -> (name: String, difference: String)? {
  let files = (try ModelTensors(paths.0), try ModelTensors(paths.1))
  let prefixes = prefixes.map(TensorName.prefix)
  func rest(_ file: ModelTensors) -> [[String]: TensorName] {
    let counters: Set = ["num_batches_tracked", "n_averaged"]
    let names = file.names.filter { name in
      !counters.contains(name.leaf) && !prefixes.contains { name.isBelow($0) }
    }
    return Dictionary(names.map { ($0.module + [$0.leaf], $0) }) { first, _ in first }
  }
  let (first, second) = (rest(files.0), rest(files.1))
  for key in Set(first.keys).union(second.keys).sorted(by: modulePrecedes) {
    guard let a = first[key], let b = second[key] else {
      let name = (first[key] ?? second[key])!.text
      return (name, "is only in \(first[key] == nil ? paths.1 : paths.0)")
    }
    let (x, y) = (try files.0.info(a), try files.1.info(b))
    guard x.type == y.type, x.shape == y.shape else {
      return (a.text, "is \(x.type) \(x.shape) in one, \(y.type) \(y.shape) in the other")
    }
    guard try files.0.bytes(a.text) == files.1.bytes(b.text) else {
      return (a.text, "has other values in each")
    }
  }
  return nil
}
