package import DataFormats
internal import Foundation

/// What was understood of the tensors of a model file, and what was not.
///
/// Layers are modules with a `weight` [out, in] or a `kernel` [in, out] of two dimensions and,
/// perhaps, a `bias` [out]. Their order is that of the numbers in their names, else the only one
/// that their sizes allow (``LayerOrder``), else that of an archive, or that of the prefixes they
/// are selected by. Where none of these tells, or several networks lie beside each other
/// (``Alternatives``), this is no network.
package struct ModelStructure: Sendable {
  package struct Layer: Sendable {
    /// The module, as it can be given to `--layers`.
    package let name: String
    package let weight: TensorInfo
    package let bias: TensorInfo?
    /// Whether the weight is stored as [in, out], as Flax does.
    package let isKernel: Bool
    let module: [String]

    package var inputs: Int { weight.shape[isKernel ? 0 : 1] }
    package var outputs: Int { weight.shape[isKernel ? 1 : 0] }
    package var parameters: Int { weight.count + (bias?.count ?? 0) }

    var element: LayerOrder.Element {
      .init(module: module, inputs: inputs, outputs: outputs, countsFromBare: isKernel)
    }
  }

  package let path: String
  package private(set) var layers: [Layer] = []
  package private(set) var obstacles: [Obstacle] = []
  /// Biases and layers that do not fit each other, one line each.
  package private(set) var mismatches: [String] = []
  /// Orders and networks between which the file does not decide, one line each.
  package private(set) var ambiguities: [String] = []
  /// Selections for `--layers` that give a network, where the whole file does not.
  package private(set) var suggestions: [String] = []
  /// What was decided that the names do not say; whoever uses the network is to be told.
  package private(set) var notes: [String] = []

  /// Networks beside each other, by the names of their layers' weights; none if there is one.
  private(set) var networks: [Set<String>] = []

  private let file: ModelTensors
  /// Where the metadata of a file of Landbridge's put each weight.
  private let ranks: [String: Int]
  /// Layers that follow each other without anything between, before they are put in order.
  private var runs: [[Layer]] = []

  /// - Parameter prefixes: the modules to look at, in this order, each with all below it; `nil` for
  ///   the whole file.
  /// - Throws: `FormatError` for a prefix that nothing or only what is selected already lies below;
  ///   for tensors that cannot be read. Anything else is not thrown but told by the properties.
  package init(_ file: ModelTensors, selecting prefixes: [String]? = nil) throws {
    path = file.path
    self.file = file
    ranks = ModelStructure.ranks(in: file)
    for (prefix, names) in try ModelStructure.select(prefixes ?? [""], of: file) {
      layers += order(try read(names, below: prefix), isWhole: prefixes == nil)
    }
    let lost = file.lostAliases.filter { name in
      prefixes.map { $0.contains { name.isBelow(TensorName.prefix($0)) } } ?? true
    }
    obstacles += lost.map {
      Obstacle(
        module: $0.moduleName, items: [.init(name: $0.text, shape: [], dtype: "")], reason: .lost)
    }
    addMismatches()
    notes += layers.filter { file.aliases[$0.weight.name] != nil }.map {
      "\(quoted($0.weight.name)) is \(quoted(file.aliases[$0.weight.name]!)), which the file stores "
        + "once; here they are two layers"
    }
    guard !isNetwork else { return }
    if ambiguities.isEmpty {
      if obstacles.isEmpty, layers.count >= 2,
        let order = LayerOrder.bySizes(layers.map(\.element))
      {
        suggestions = [list(order.map { layers[$0] })].compactMap { $0 }
      } else {
        suggestions = runs.filter { $0.count >= 2 }.compactMap(selection)
      }
    }
    suggestions = suggestions.compactMap(ModelStructure.typed)
  }

  /// Whether this is a fully connected network and nothing else.
  package var isNetwork: Bool {
    layers.count >= 2 && obstacles.isEmpty && mismatches.isEmpty && ambiguities.isEmpty
  }

  private mutating func addMismatches() {
    for layer in layers {
      guard let bias = layer.bias, bias.shape != [layer.outputs] || bias.dtype!.isInteger else {
        continue
      }
      mismatches.append(
        "\(bias.label) (\(bias.type)) beside \(layer.weight.label), which has "
          + "\(layer.outputs) outputs")
    }
    guard ambiguities.isEmpty else { return }
    for (below, above) in zip(layers, layers.dropFirst()) where below.outputs != above.inputs {
      mismatches.append(
        "\(below.weight.label) has \(below.outputs) outputs, \(above.weight.label) takes "
          + "\(above.inputs) inputs")
    }
  }
}

extension ModelStructure {
  /// The layers of one selection in their order; in that of their names, with the reason among
  /// ``ambiguities``, where nothing tells.
  private mutating func order(_ found: [Layer], isWhole: Bool) -> [Layer] {
    guard found.count > 1 else { return found }
    if found.allSatisfy({ ranks[$0.weight.name] != nil }) {
      return found.sorted { ranks[$0.weight.name]! < ranks[$1.weight.name]! }
    }
    let elements = found.map(\.element)
    let networks = Alternatives(elements).networks.map { $0.map { found[$0] } }
    if !networks.isEmpty {
      self.networks += networks.map { Set($0.map(\.weight.name)) }
      let list = networks.prefix(6).map { network in
        "\(network.prefix(3).map { quoted($0.name) }.joined(separator: ", "))"
          + (network.count > 3 ? ", … (\(network.count) layers)" : "")
      }
      ambiguities.append(
        "several networks beside each other: " + list.joined(separator: "; ")
          + (networks.count > 6 ? "; … (\(networks.count) in all)" : ""))
      // What is left beside single layers, the heads of a trunk, is no network without them.
      if networks.allSatisfy({ $0.count > 1 }) { suggestions += networks.compactMap(selection) }
      return found
    }
    // What stands between layers must be dealt with first.
    guard obstacles.isEmpty else { return found }
    let order = LayerOrder(elements)
    if order.orders.count == 1, !order.isIncomplete {
      let ordered = order.orders[0].map { found[$0] }
      // Sizes alone would chain the table of an embedding too.
      let bare = found.filter { $0.bias == nil }
      if !order.isNumbered, order.orders[0] != Array(found.indices), !bare.isEmpty,
        bare.count < found.count
      {
        ambiguities.append(
          "\(names(bare)) without a bias, unlike the others, and not in the order of the names: "
            + "perhaps an embedding or a projection")
        suggestions += [list(ordered)].compactMap(\.self)
        return found
      }
      if !order.isNumbered, order.orders[0] != Array(found.indices) || joinsModules(found) {
        notes.append("layers in the only order that their sizes allow: \(names(ordered))")
      }
      return ordered
    }
    guard order.orders.count > 1 || order.isIncomplete else { return found }
    if let ordered = archived(found) {
      notes.append("layers in the order of the archive: \(names(ordered))")
      return ordered
    }
    let more = order.orders.count >= LayerOrder.most || order.isIncomplete
    ambiguities.append(
      "\(more ? "more than one order" : "\(order.orders.count) orders") of the layers "
        + found.prefix(8).map { quoted($0.name) }.joined(separator: ", ")
        + (found.count > 8 ? ", … (\(found.count) in all)" : "")
        + " \(more ? "fits" : "fit"), and no numbers in the names decide")
    let orders = order.orders.map { $0.map { found[$0] } }
    suggestions += orders.sorted { breaks($0) < breaks($1) }.prefix(3).compactMap(list)
    return found
  }

  /// Whether the layers are those of several modules, each of which has more than one.
  private func joinsModules(_ layers: [Layer]) -> Bool {
    Dictionary(grouping: layers) { $0.module.dropLast() }.values.count { $0.count > 1 } > 1
  }

  /// How often layers of one module are apart: orders that keep them together are named first.
  private func breaks(_ layers: [Layer]) -> Int {
    zip(layers, layers.dropFirst()).count { $0.module.dropLast() != $1.module.dropLast() }
  }

  /// The order of an archive, which is that in which its author named the arrays: if it respects
  /// numbers and sizes, and is not merely alphabetical, as JAX sorts its trees.
  private func archived(_ found: [Layer]) -> [Layer]? {
    guard let archive = file.archiveOrder else { return nil }
    let places = Dictionary(uniqueKeysWithValues: archive.enumerated().map { ($1, $0) })
    let ordered = found.sorted { places[$0.weight.name]! < places[$1.weight.name]! }
    func isSorted(_ precedes: (Layer, Layer) -> Bool) -> Bool {
      zip(ordered, ordered.dropFirst()).allSatisfy(precedes)
    }
    let isAlphabetical =
      isSorted { modulePrecedes($0.module, $1.module) }
      || isSorted { $0.weight.name < $1.weight.name }
      || isSorted { $0.module.lexicographicallyPrecedes($1.module) }
      || isSorted { $0.weight.name.lowercased() < $1.weight.name.lowercased() }
    let isPossible =
      isSorted { $0.outputs == $1.inputs }
      && ordered.indices.allSatisfy { later in
        ordered[..<later].allSatisfy {
          !numbersPrecede(
            ordered[later].module, $0.module,
            countsFromBare: ordered[later].isKernel && $0.isKernel)
        }
      }
    return isPossible && !isAlphabetical ? ordered : nil
  }

  /// Under which key Landbridge's own files have the names of their weights, layer by layer, where
  /// these are not Landbridge's: a JSON list. A reader looks the order up there, nothing else.
  static let layersKey = "landbridge.layers"

  /// What the metadata of Landbridge's own files say of names that came from elsewhere.
  private static func ranks(in file: ModelTensors) -> [String: Int] {
    guard file.isOwn, let text = file.metadata[layersKey],
      let names = try? decodeUntrusted([String].self, from: Data(text.utf8), path: file.path),
      names.allSatisfy(isStreamSafe)
    else { return [:] }
    return Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
  }

  private func names(_ layers: [Layer]) -> String {
    layers.prefix(12).map(\.name).joined(separator: ", ") + (layers.count > 12 ? ", …" : "")
  }
}

extension ModelStructure {
  /// The names below each prefix.
  private static func select(
    _ prefixes: [String], of file: ModelTensors
  ) throws -> [(prefix: [String], names: [TensorName])] {
    var taken: Set<TensorName> = []
    return try prefixes.map { text in
      let prefix = TensorName.prefix(text)
      let names = file.names.filter { prefix.isEmpty && text.isEmpty || $0.isBelow(prefix) }
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
      return (prefix, fresh)
    }
  }

  /// The layers among the tensors of those names; what is none goes to ``obstacles``.
  private mutating func read(_ names: [TensorName], below prefix: [String]) throws -> [Layer] {
    var found: [Layer] = []
    var isContinued = false
    for group in names.chunked(by: { $0.module == $1.module }) {
      let before = obstacles.count
      guard let layer = try readModule(group, below: prefix) else {
        isContinued = false
        continue
      }
      // A module that holds more than its layer cannot be selected.
      let isClean = obstacles.count == before
      if isClean, isContinued, found.last!.outputs == layer.inputs {
        runs[runs.count - 1].append(layer)
      } else if isClean {
        runs.append([layer])
      }
      found.append(layer)
      isContinued = isClean
    }
    return found
  }

  private mutating func readModule(
    _ names: [TensorName], below prefix: [String]
  ) throws -> Layer? {
    let infos = try names.map { try file.info($0) }
    func obstacle(_ indices: [Int], _ reason: Obstacle.Reason) {
      guard !indices.isEmpty else { return }
      obstacles.append(
        Obstacle(
          module: names[0].moduleName,
          items: indices.map {
            .init(name: infos[$0].name, shape: infos[$0].shape, dtype: infos[$0].type)
          }, reason: reason))
    }
    func isPart(_ index: Int) -> Bool { ["weight", "kernel", "bias"].contains(names[index].leaf) }
    let unread = names.indices.filter { infos[$0].dtype == nil }
    guard !unread.contains(where: isPart) else {
      obstacle(Array(names.indices), .unread)
      return nil
    }
    obstacle(unread, .unread)
    let rest = names.indices.filter { infos[$0].dtype != nil }
    guard !rest.isEmpty else { return nil }
    let leaves = Dictionary(grouping: rest) { names[$0].leaf }
    let twice = rest.filter { leaves[names[$0].leaf]!.count > 1 }
    guard twice.isEmpty else {
      obstacle(rest, .duplicate)
      return nil
    }
    let module = TensorModule(
      path: below(prefix, names[0]),
      tensors: rest.map { (names[$0].leaf, infos[$0].shape, !infos[$0].dtype!.isInteger) })
    if let reason = module.reason {
      obstacle(rest, reason)
      return nil
    }
    let weight = rest.first { names[$0].leaf == "weight" || names[$0].leaf == "kernel" }!
    let bias = rest.first { names[$0].leaf == "bias" }
    obstacle(rest.filter { $0 != weight && $0 != bias }, .unknown)
    return Layer(
      name: names[0].moduleName, weight: infos[weight], bias: bias.map { infos[$0] },
      isKernel: names[weight].leaf == "kernel", module: names[0].module)
  }

  /// Names above the selected prefix say nothing about the layer.
  private func below(_ prefix: [String], _ name: TensorName) -> [String] {
    if !prefix.isEmpty, name.wrappedModule.starts(with: prefix) {
      return Array(name.wrappedModule.dropFirst(prefix.count))
    }
    return name.module.starts(with: prefix)
      ? Array(name.module.dropFirst(prefix.count)) : name.module
  }
}

extension ModelStructure {
  /// What selects these layers: a prefix of them and nothing else, or, where their order is known,
  /// their list.
  private func selection(_ chosen: [Layer]) -> String? {
    let texts = Set(chosen.flatMap { [$0.weight.name, $0.bias?.name ?? ""] })
    let own = file.names.filter { texts.contains($0.text) }
    for parts in [\TensorName.module, \.wrappedModule] {
      var prefix = own[0][keyPath: parts]
      for name in own {
        prefix = Array(zip(prefix, name[keyPath: parts]).prefix(while: ==).map(\.0))
      }
      if !prefix.isEmpty,
        file.names.allSatisfy({ !$0.isBelow(prefix) || texts.contains($0.text) })
      {
        return own[0].joined(prefix)
      }
    }
    let order = LayerOrder(chosen.map(\.element))
    guard order.orders.count == 1, !order.isIncomplete else { return nil }
    return list(order.orders[0].map { chosen[$0] })
  }

  /// A name with a comma in it cannot be given.
  private func list(_ layers: [Layer]) -> String? {
    layers.contains { $0.name.contains(",") }
      ? nil : layers.map(\.name).joined(separator: ",")
  }

  /// A selection as it can be typed into a shell; `nil` for what cannot be.
  private static func typed(_ text: String) -> String? {
    guard text.unicodeScalars.allSatisfy({ $0.isASCII && $0.value >= 0x20 && $0.value != 0x7F })
    else { return nil }
    let isPlain = text.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || ("0"..."9").contains($0)
        || "_./~@:+=-,".unicodeScalars.contains($0)
    }
    // No name has a quote in it: they are taken apart there.
    return isPlain && !text.hasPrefix("~") && !text.hasPrefix("-") ? text : "'\(text)'"
  }
}

extension TensorInfo {
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
