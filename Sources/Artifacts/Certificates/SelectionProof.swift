internal import Crypto
internal import Foundation
internal import Landbridge
internal import LinearAlgebra

/// Whether the weights show that the knots were chosen without a look at data.
///
/// A dropout path visits few different functions: θ or θ′, whole or with dropout in layers ℓ … L for
/// some ℓ. Where the neurons kept are the first or the last of every layer, and the weights that
/// leave them are N/M times the stored ones to the bit, models and numbers kept determine each of
/// these, wherever its neurons sit, and samples had no part in it. Neurons are recognised by what
/// they compute: by their bias and their weights from recognised neurons below.
///
/// - Complexity: O(number of weights) per knot and per layer, two digests per neuron.
struct SelectionProof {
  /// A weight other than zero, and the neuron that it comes from.
  private struct Term: Equatable {
    var source: UInt64
    var weight: UInt64
  }

  /// What an output layer reads.
  private struct Readout: Equatable {
    var rows: [[Term]]
    var bias: [UInt64]?
  }

  /// A model with dropout, without its dropped neurons.
  private struct Reduced {
    var neurons: Set<UInt64>
    var readout: Readout
  }

  /// Of every plateau of the path.
  private var plateaus: [Readout] = []
  private var known: [SHA256.Digest: UInt64] = [:]

  /// Takes the network of the next plateau.
  mutating func append(_ network: Network<Double>) {
    plateaus.append(
      reduced(network, firstNames(network), with: network.hiddenWidths.map { 0..<$0 }).readout)
  }

  /// What in the weights contradicts a selection, for people; `nil` if nothing does.
  mutating func contradiction(
    of selection: Certificate.Selection, start: Network<Double>, end: Network<Double>
  ) -> String? {
    let widths = start.hiddenWidths
    guard selection.kept.count == widths.count,
      zip(selection.kept, widths).allSatisfy({ (1...$1).contains($0) })
    else { return "hidden layers of \(widths)" }
    let kept = candidates(widths, selection.kept)
    func reducedNetworks(_ list: some Sequence<[Range<Int>]>) -> [Reduced] {
      [start, end].flatMap { model in
        let names = firstNames(model)
        return list.flatMap { kept in
          // As the tool multiplies: in the type that knots are stored in.
          [true, false].map { reduced(model, names, with: kept, isFloat: $0) }
        }
      }
    }
    let allowed = reducedNetworks(kept)
    // Every neuron is one of the whole network's: fitted weights read those that are left.
    let left = reducedNetworks(kept.dropFirst())
    for (index, plateau) in plateaus.enumerated() {
      if allowed.contains(where: { $0.readout == plateau }) { continue }
      guard selection.outputWeights == .refitted else {
        return "others at plateau \(index) of the path"
      }
      let sources = Set(plateau.rows.joined().map(\.source))
      if !left.contains(where: { $0.neurons.isSuperset(of: sources) }) {
        return "other neurons at plateau \(index) of the path"
      }
    }
    return nil
  }

  /// All kept, then the first and the last ones of layers ℓ … L.
  private func candidates(_ widths: [Int], _ counts: [Int]) -> [[Range<Int>]] {
    let all = widths.map { 0..<$0 }
    let first = counts.map { 0..<$0 }
    let last = zip(widths, counts).map { $0 - $1..<$0 }
    return [all]
      + widths.indices.flatMap { layer in
        [first, last].map { Array(all[..<layer] + $0[layer...]) }
      }
  }

  private mutating func reduced(
    _ network: Network<Double>, _ firstNames: [UInt64], with kept: [Range<Int>],
    isFloat: Bool = false
  ) -> Reduced {
    var names = Array(firstNames[kept[0]])
    func terms(_ layer: Int, _ row: Int) -> [Term] {
      let (width, columns) = (network.layers[layer].weights.columns, kept[layer - 1])
      let factor = Double(width) / Double(columns.count)
      let weights = network.layers[layer].weights.row(row)
      let list = zip(names, columns).compactMap { name, column -> Term? in
        let weight = weights[column]
        let product =
          columns.count == width
          ? weight
          : isFloat
            ? Double(Float(width) / Float(columns.count) * Float(weight)) : factor * weight
        return product == 0 ? nil : Term(source: name, weight: product.bitPattern)
      }
      return list.sorted { ($0.source, $0.weight) < ($1.source, $1.weight) }
    }
    let depth = network.hiddenLayerCount
    for layer in 1..<depth {
      names = kept[layer].map { row in
        name(layer, network.layers[layer].bias?[row], terms(layer, row))
      }
    }
    let output = network.layers[depth]
    return Reduced(
      neurons: Set(names),
      readout: Readout(
        rows: (0..<output.weights.rows).map { terms(depth, $0) },
        bias: output.bias?.map { ($0 + 0).bitPattern }))
  }

  /// Names of the neurons of the first hidden layer, which reads inputs.
  private mutating func firstNames(_ network: Network<Double>) -> [UInt64] {
    let layer = network.layers[0]
    return (0..<layer.weights.rows).map { row in
      let terms = layer.weights.row(row).enumerated().compactMap { column, weight in
        weight == 0 ? nil : Term(source: UInt64(column), weight: weight.bitPattern)
      }
      return name(0, layer.bias?[row], terms)
    }
  }

  /// One number for equal neurons, another one for others.
  private mutating func name(_ layer: Int, _ bias: Double?, _ terms: [Term]) -> UInt64 {
    var words = [UInt64(layer), bias == nil ? 0 : 1, ((bias ?? 0) + 0).bitPattern]
    for term in terms { words += [term.source, term.weight] }
    let digest = unsafe words.withUnsafeBytes { unsafe SHA256.hash(data: $0) }
    if let name = known[digest] { return name }
    let name = UInt64(known.count)
    known[digest] = name
    return name
  }
}
