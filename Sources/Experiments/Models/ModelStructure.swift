package import DataFormats

/// What was understood of the tensors of a model file, and what was not.
///
/// Layers are modules with a `weight` [out, in] or a `kernel` [in, out] of two dimensions and,
/// perhaps, a `bias` [out]; their order is the natural one of their names (`fc2` before `fc10`), or
/// that of the prefixes they are selected by.
package struct ModelStructure: Sendable {
  package struct Layer: Sendable {
    /// The module, as it can be given to `--layers`.
    package let name: String
    package let weight: Tensor
    package let bias: Tensor?
    /// Whether the weight is stored as [in, out], as Flax does.
    package let isKernel: Bool

    package var inputs: Int { weight.shape[isKernel ? 0 : 1] }
    package var outputs: Int { weight.shape[isKernel ? 1 : 0] }
    package var parameters: Int { weight.count + (bias?.count ?? 0) }
  }

  package let path: String
  package private(set) var layers: [Layer] = []
  package private(set) var obstacles: [Obstacle] = []
  /// Biases and layers that do not fit each other, one line each.
  package private(set) var mismatches: [String] = []
  /// Selections for `--layers` that give a network, where the whole file does not.
  package private(set) var suggestions: [String] = []
  /// Layers that follow each other without anything between, by the number of the first.
  private var runs: [Range<Int>] = []

  /// - Parameter prefixes: the modules to look at, in this order, each with all below it; `nil` for
  ///   the whole file.
  /// - Throws: `FormatError` for a prefix that nothing or only what is selected already lies below;
  ///   for tensors that cannot be read. Anything else is not thrown but told by the properties.
  package init(_ file: ModelTensors, selecting prefixes: [String]? = nil) throws {
    path = file.path
    let selected = try ModelStructure.select(prefixes ?? [""], of: file)
    var isContinued = false
    for (prefixLength, names) in selected {
      for group in names.chunked(by: { $0.module == $1.module }) {
        let before = (layers.count, obstacles.count)
        try add(group, of: file, prefixLength: prefixLength)
        if layers.count > before.0 {
          let last = layers.count - 1
          if isContinued, layers[last - 1].outputs == layers[last].inputs {
            runs[runs.count - 1] = runs.last!.lowerBound..<layers.count
          } else {
            runs.append(last..<layers.count)
          }
        }
        isContinued = obstacles.count == before.1 && layers.count > before.0
      }
    }
    for (below, above) in zip(layers, layers.dropFirst()) where below.outputs != above.inputs {
      mismatches.append(
        "\(below.weight.label) has \(below.outputs) outputs, \(above.weight.label) takes "
          + "\(above.inputs) inputs")
    }
    guard !isNetwork else { return }
    if obstacles.isEmpty, layers.count >= 2, let order = onlyOrder {
      suggestions = [order.map(\.name).joined(separator: ",")]
    } else {
      suggestions = runs.filter { $0.count >= 2 }.map { selection(of: $0, in: file) }
    }
    // Names may hold anything; what cannot be typed is of no use.
    suggestions.removeAll { text in
      text.unicodeScalars.contains { !$0.isASCII || $0.value <= 0x20 || $0.value == 0x7F }
    }
  }

  /// Whether this is a fully connected network and nothing else.
  package var isNetwork: Bool {
    layers.count >= 2 && obstacles.isEmpty && mismatches.isEmpty
  }

  /// - Throws: `FormatError` that names everything that stands in the way, and what can be done.
  package func requireNetwork() throws {
    guard !isNetwork else { return }
    var found = obstacles.prefix(6).map(\.summary) + mismatches.prefix(6)
    let rest = obstacles.count + mismatches.count - found.count
    if rest > 0 { found.append("\(rest) more") }
    var expected = "linear layers alone, weight [out, in] or kernel [in, out] and bias [out]"
    if layers.count < 2 && mismatches.isEmpty {
      found.append("\(layers.count) linear layer\(layers.count == 1 ? "" : "s")")
      expected = "at least 2 " + expected
    }
    var hints = advice
    if !suggestions.isEmpty {
      hints.append(
        "here: " + suggestions.prefix(4).map { "--layers \($0)" }.joined(separator: " or "))
    }
    throw FormatError(
      path: path, place: "tensors", found: found.joined(separator: "; "),
      expected: ([expected] + hints).joined(separator: "; "))
  }

  /// What can be done about what stands in the way.
  package var advice: [String] {
    let reasons = Set(obstacles.map(\.reason))
    return Obstacle.Reason.allCases.filter(reasons.contains).compactMap(\.advice) + mismatchAdvice
  }

  private var mismatchAdvice: [String] {
    let pairs = zip(layers, layers.dropFirst())
    guard pairs.contains(where: { $0.outputs != $1.inputs }) else { return [] }
    return pairs.allSatisfy { $0.inputs == $1.outputs }
      ? ["the weights look like [in, out]: name them kernel"]
      : ["another order of the layers is given as --layers NAME,NAME,…"]
  }

  /// The only order in which the layers follow each other, if sizes alone tell.
  private var onlyOrder: [Layer]? {
    let byInput = Dictionary(grouping: layers, by: \.inputs)
    let outputs = Set(layers.map(\.outputs))
    guard byInput.count == layers.count, outputs.count == layers.count,
      var layer = layers.first(where: { !outputs.contains($0.inputs) })
    else { return nil }
    var order = [layer]
    while let next = byInput[layer.outputs]?.first {
      order.append(next)
      layer = next
    }
    return order.count == layers.count ? order : nil
  }

  /// The names below each prefix, with the length of the prefix.
  private static func select(
    _ prefixes: [String], of file: ModelTensors
  ) throws -> [(Int, [TensorName])] {
    var taken: Set<TensorName> = []
    return try prefixes.map { text in
      let prefix = TensorName.prefix(text)
      let names = file.names.filter { $0.module.starts(with: prefix) }
      let fresh = names.filter { taken.insert($0).inserted }
      guard !fresh.isEmpty || text.isEmpty else {
        let modules = file.names.map(\.moduleName).chunked(by: ==).map { quoted($0[0]) }
        throw FormatError(
          path: file.path, place: "--layers \(text)",
          found: names.isEmpty ? "no tensor below it" : "layers that are selected already",
          expected: modules.prefix(12).joined(separator: ", ")
            + (modules.count > 12 ? ", … (\(modules.count) in all)" : "")
            + ", or a part before a dot")
      }
      return (prefix.count, fresh)
    }
  }

  private mutating func add(
    _ names: [TensorName], of file: ModelTensors, prefixLength: Int
  ) throws {
    let tensors = try names.map { try file.tensor($0) }
    func obstacle(_ indices: [Int], _ reason: Obstacle.Reason) {
      obstacles.append(
        Obstacle(
          module: names[0].moduleName,
          items: indices.map {
            .init(
              name: names[$0].text, shape: tensors[$0].shape, dtype: tensors[$0].dtype.rawValue)
          }, reason: reason))
    }
    let module = TensorModule(
      path: Array(names[0].module.dropFirst(prefixLength)),
      tensors: zip(names, tensors).map { ($0.leaf, $1.shape, !$1.dtype.isInteger) })
    if let reason = module.reason { return obstacle(Array(names.indices), reason) }
    let weight = names.firstIndex { $0.leaf == "weight" || $0.leaf == "kernel" }!
    let bias = names.firstIndex { $0.leaf == "bias" }
    let layer = Layer(
      name: names[0].moduleName, weight: tensors[weight], bias: bias.map { tensors[$0] },
      isKernel: names[weight].leaf == "kernel")
    let others = names.indices.filter { $0 != weight && $0 != bias }
    if !others.isEmpty { obstacle(others, .unknown) }
    if let bias = layer.bias, bias.shape != [layer.outputs] || bias.dtype.isInteger {
      mismatches.append(
        "\(bias.label) (\(bias.dtype.rawValue)) beside \(layer.weight.label), which has "
          + "\(layer.outputs) outputs")
    }
    layers.append(layer)
  }

  /// What selects the layers of a run: a prefix of them and nothing else, or the list of them.
  private func selection(of run: Range<Int>, in file: ModelTensors) -> String {
    let chosen = layers[run].map { TensorName($0.weight.name) }
    var prefix = chosen[0].module
    for name in chosen {
      prefix = Array(zip(prefix, name.module).prefix { $0 == $1 }.map(\.0))
    }
    let modules = Set(chosen.map(\.module))
    let isExclusive = file.names.allSatisfy {
      !$0.module.starts(with: prefix) || modules.contains($0.module)
    }
    guard isExclusive, !prefix.isEmpty else {
      return chosen.map(\.moduleName).joined(separator: ",")
    }
    return prefix.joined(separator: chosen[0].text.contains("/") ? "/" : ".")
  }
}

extension Obstacle {
  /// `"1" is a batch norm (bias [8], weight [8], …)`
  var summary: String {
    let list = items.prefix(5).map { "\(quoted($0.name)) \($0.shape)" }.joined(separator: ", ")
    return "\(quoted(module)): \(reason.rawValue) (\(list)\(items.count > 5 ? ", …" : ""))"
  }
}

extension Tensor {
  /// `"fc1.weight" [50, 64]`
  fileprivate var label: String { "\(quoted(name)) \(shape)" }
}

extension Array {
  /// Consecutive elements that belong together.
  fileprivate func chunked(by together: (Element, Element) -> Bool) -> [[Element]] {
    reduce(into: []) { chunks, element in
      if let last = chunks.last?.last, together(last, element) {
        chunks[chunks.count - 1].append(element)
      } else {
        chunks.append([element])
      }
    }
  }
}
