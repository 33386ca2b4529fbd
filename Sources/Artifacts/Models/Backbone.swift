internal import DataFormats
internal import Foundation

/// Where the parts of two model files differ that were not selected, `"features.0.weight"`; `nil` if
/// they are the same, bit by bit, or nothing but what is selected is in the files.
///
/// Heads selected with `--layers` take what the rest of their file, the backbone, makes of an input.
/// Two heads have a common input only if their backbones are one. Tensors are compared by the names
/// of their modules, wrappers such as `module.` aside; counters of training (`num_batches_tracked`)
/// change no output and are not. Nor are the weights beside their running average, or the other way
/// round: what they give is nobody's input.
///
/// - Complexity: O(size of the backbones), piece by piece where files are mapped.
package func backboneDifference(
  _ paths: (String, String), selecting prefixes: [String]
) throws -> (name: String, difference: String)? {
  let files = (try ModelTensors(paths.0), try ModelTensors(paths.1))
  func rest(_ file: ModelTensors) throws -> [[String]: TensorName] {
    let counters: Set = ["num_batches_tracked", "n_averaged"]
    let twins = try modulesOfTwins(in: file, selecting: prefixes)
    let selected = prefixes.map(TensorName.prefix)
    let names = file.names.filter { name in
      !counters.contains(name.leaf) && !twins.contains(name.module)
        && !selected.contains { name.isBelow($0) }
    }
    return Dictionary(names.map { ($0.module + [$0.leaf], $0) }) { first, _ in first }
  }
  let (first, second) = (try rest(files.0), try rest(files.1))
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

/// The modules of the networks beside the selected one that have its structure.
private func modulesOfTwins(
  in file: ModelTensors, selecting prefixes: [String]
) throws -> Set<[String]> {
  func sizes(_ layers: [ModelStructure.Layer]) -> [[Int]] {
    layers.map { [$0.inputs, $0.outputs] }.sorted { $0.lexicographicallyPrecedes($1) }
  }
  let whole = try ModelStructure(file)
  let chosen = try ModelStructure(file, selecting: prefixes).layers
  guard whole.networks.contains(Set(chosen.map(\.weight.name))) else { return [] }
  // Without a word for it, a trunk and a head may look the same.
  func isAverage(_ layers: [ModelStructure.Layer]) -> Bool {
    layers.allSatisfy { $0.module.contains(where: Alternatives.isAverage) }
  }
  let twins = whole.networks.map { names in whole.layers.filter { names.contains($0.weight.name) } }
    .filter { sizes($0) == sizes(chosen) && (isAverage($0) || isAverage(chosen)) }
  return Set(twins.flatMap { $0.map(\.module) })
}
