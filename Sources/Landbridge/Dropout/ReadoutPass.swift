internal import LinearAlgebra

/// What a block of samples looks like inside a network.
struct HiddenBlock<Scalar: Real>: Sendable {
  let samples: Samples<Scalar>
  /// h_ℓ (n × N_ℓ) for ℓ = 1 … L, `nil` where it was not asked for; h_L is always there.
  let hidden: [Matrix<Scalar>?]
  /// ŷ (n × K)
  let outputs: Matrix<Scalar>

  /// h_L
  var last: Matrix<Scalar> { hidden.last!! }
}

extension Network {
  /// λ in c_i = λ·W_{L+1}[:, i] h_{L,i}, so that ŷ = b + mean c_i: 1, or N for
  /// ``Scaling/standard`` (docs/theory.md §1).
  var contributionScale: Double { scaling == .meanField ? 1 : Double(lastHiddenWidth) }

  /// One forward pass over `samples`: `part` of each block, on `threads` threads, then `body` of the
  /// parts of a group of consecutive blocks, in order.
  ///
  /// A group has at most about 32 million activations (at least one block); blocks that parts do not
  /// hold on to are gone by then, and their memory is warm for the next. Neither blocks nor groups
  /// depend on `threads`, so sums taken block by block are the same bytes on any number.
  ///
  /// - Parameter layers: inner hidden layers whose activations blocks should have.
  func forEachHiddenGroup<Part: Sendable>(
    of samples: Samples<Scalar>, layers: Set<Int> = [], threads: Int,
    part: (HiddenBlock<Scalar>) -> Part, _ body: ([Part]) -> Void
  ) {
    precondition(samples.count > 0, "no samples")
    let widest = hiddenWidths.max()!
    let size = min(512, max(16, (1 << 22) / widest))
    let blocks = chunks(of: samples.count, size: size)
    let perGroup = max(1, (1 << 25) / (size * widest * (1 + layers.count)))
    for group in chunks(of: blocks.count, size: perGroup) {
      body(
        concurrentMap(group.count, threads: threads) { index in
          part(hiddenBlock(samples.selecting(blocks[group.lowerBound + index]), layers: layers))
        })
    }
  }

  private func hiddenBlock(
    _ samples: Samples<Scalar>, layers wanted: Set<Int>
  ) -> HiddenBlock<Scalar> {
    var h = samples.inputs
    var hidden: [Matrix<Scalar>?] = []
    for layer in 1...hiddenLayerCount {
      h = forward(h, throughLayer: layer - 1)
      hidden.append(layer == hiddenLayerCount || wanted.contains(layer) ? h : nil)
    }
    return HiddenBlock(samples: samples, hidden: hidden, outputs: readout(h))
  }
}

extension SampleLosses {
  init(losses: [Double], misclassified: [Bool]?) {
    self.losses = losses
    self.misclassified = misclassified
  }
}
