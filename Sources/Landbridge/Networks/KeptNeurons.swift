/// The neurons kept in each hidden layer: for layer ℓ = 1 … L the sorted indices A_ℓ, or `nil`
/// where all are kept.
public struct KeptNeurons: Sendable, Equatable {
  /// A₁ … A_L, neurons counted from 0.
  public var layers: [[Int]?]

  /// - Parameter layers: A₁ … A_L.
  public init(layers: [[Int]?]) { self.layers = layers }

  /// Every neuron of `layers` hidden layers.
  public static func all(layers: Int) -> KeptNeurons {
    KeptNeurons(layers: Array(repeating: nil, count: layers))
  }

  /// The first `counts[ℓ]` neurons of every hidden layer.
  public static func first(_ counts: [Int]) -> KeptNeurons {
    KeptNeurons(layers: counts.map { Array(0..<$0) })
  }

  /// The first ⌊N_ℓ/2⌋ neurons of every hidden layer, one where that is none.
  public static func firstHalves(of widths: [Int]) -> KeptNeurons {
    .first(widths.map { max(1, $0 / 2) })
  }

  /// Neurons dropped from hidden layer `layer` (1 … `layers`) alone.
  public static func only(_ indices: [Int], inLayer layer: Int, of layers: Int) -> KeptNeurons {
    precondition((1...layers).contains(layer), "hidden layer \(layer) of \(layers)")
    var kept = KeptNeurons.all(layers: layers)
    kept.layers[layer - 1] = indices
    return kept
  }

  /// The same sets in layers ℓ … L, everything below layer ℓ = `layer`: partial dropout, the knot
  /// θ^{(ℓ)} of docs/theory.md §4.
  public func droppingOnly(fromLayer layer: Int) -> KeptNeurons {
    precondition((1...layers.count).contains(layer), "hidden layer \(layer) of \(layers.count)")
    return KeptNeurons(
      layers: layers.enumerated().map { $0.offset + 1 < layer ? nil : $0.element })
  }

  /// All choices of these halves or the other ones in each of the hidden layers, 2^L in number; bit
  /// ℓ − 1 of the index tells whether layer ℓ keeps its other half.
  ///
  /// - Parameter widths: N₁ … N_L; of layer ℓ this keeps max(1, ⌊N_ℓ/2⌋). The other half are the last
  ///   as many of the neurons outside (of a single neuron, the same one again).
  public func halvings(of widths: [Int]) -> [KeptNeurons] {
    precondition(widths.count <= 16, "2^L halvings of \(widths.count) layers")
    precondition(layers.count == widths.count, "\(layers.count) layers for widths \(widths)")
    let pairs = zip(layers, widths).map { half, width in
      guard let half else { preconditionFailure("a half of every hidden layer is needed") }
      return [half, otherHalf(of: half, width: width)]
    }
    return (0..<(1 << pairs.count)).map { bits in
      KeptNeurons(layers: pairs.enumerated().map { $0.element[bits >> $0.offset & 1] })
    }
  }
}

/// The ⌊N/2⌋ last neurons outside a half.
func otherHalf(of half: [Int], width: Int) -> [Int] {
  let count = max(1, width / 2)
  precondition(half.count == count, "a half of \(width) neurons with \(half.count)")
  if width == 1 { return half }
  let inside = Set(half)
  return Array((0..<width).filter { !inside.contains($0) }.suffix(count))
}
