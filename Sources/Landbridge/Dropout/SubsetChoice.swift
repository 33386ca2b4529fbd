internal import LinearAlgebra

/// The sets of neurons that are chosen without looking at samples.
struct SubsetChoice: Sendable {
  /// The hidden layer that neurons are dropped from; `nil` for all of them, in proportion to M of the
  /// last one.
  let layer: Int?
  let widths: [Int]
  /// Draw r at M is its item M·2³² + r; with all layers at once, that of layer ℓ is item
  /// (ℓ − 1)·2⁵⁶ + M·2³² + r.
  let stream: RandomStream

  /// How many neurons every hidden layer keeps, ⌊M·N_ℓ/N_L⌋ ≥ 1 of all at once; `nil` where it keeps
  /// all.
  func counts(_ kept: Int) -> [Int?] {
    widths.indices.map { index in
      if let layer { return index == layer - 1 ? kept : nil }
      return max(1, kept * widths[index] / widths.last!)
    }
  }

  func first(_ kept: Int) -> KeptNeurons { choose(kept) { count, _ in Array(0..<count) } }

  func random(_ kept: Int, draw: Int) -> KeptNeurons {
    choose(kept) { count, index in
      stream.subset(count, of: widths[index], item: item(kept, draw, index))
    }
  }

  /// Both ends of a random order of every layer: disjoint sets if no layer keeps more than half, and
  /// a set and its complement if all keep half.
  func randomPair(_ kept: Int, draw: Int) -> [KeptNeurons] {
    // An item is for one kind of draws only; the top bit keeps orders apart from subsets.
    let orders = widths.indices.map {
      stream.permutation(of: widths[$0], item: item(kept, draw, $0) | 1 << 63)
    }
    return [
      choose(kept) { count, index in orders[index].prefix(count).sorted() },
      choose(kept) { count, index in orders[index].suffix(count).sorted() },
    ]
  }

  private func item(_ kept: Int, _ draw: Int, _ index: Int) -> UInt64 {
    UInt64(kept) << 32 | UInt64(draw) | UInt64(layer == nil ? index : 0) << 56
  }

  private func choose(_ kept: Int, _ body: (Int, Int) -> [Int]) -> KeptNeurons {
    KeptNeurons(
      layers: counts(kept).enumerated().map { index, count in count.map { body($0, index) } })
  }
}
