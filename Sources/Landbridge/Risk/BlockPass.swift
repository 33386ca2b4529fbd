internal import LinearAlgebra

/// One forward pass of a network over samples, in blocks that threads share.
///
/// Neither blocks nor groups of them depend on the number of threads, so sums taken block by block
/// are the same bytes on any number.
struct BlockPass<Scalar: MatrixScalar> {
  private let network: Network<Scalar>
  private let samples: Samples<Scalar>
  private let threads: Int

  init(of network: Network<Scalar>, over samples: Samples<Scalar>, threads: Int) {
    (self.network, self.samples, self.threads) = (network, samples, threads)
  }

  /// `body` of every block of samples, in parallel; results in order.
  ///
  /// A layer's activations on a block are at most about 2 million numbers.
  func map<Result: Sendable>(_ body: (Samples<Scalar>) -> Result) -> [Result] {
    let blocks = blocks(activations: 1 << 21)
    return concurrentMap(blocks.count, threads: threads) { body(samples.selecting(blocks[$0])) }
  }

  /// ŷ of all samples: n × K.
  func outputs() -> Matrix<Scalar> {
    stacked(map { network.outputs($0.inputs) }, columns: network.outputDimension)
  }

  /// `part` of what each block looks like inside the network, in parallel, then `body` of the parts
  /// of a group of consecutive blocks, in order.
  ///
  /// A group has at most about 32 million activations (at least one block); blocks that parts do not
  /// hold on to are gone by then, and their memory is warm for the next.
  ///
  /// - Parameter layers: inner hidden layers whose activations blocks should have.
  func forEachGroup<Part: Sendable>(
    layers: Set<Int> = [], part: (HiddenBlock<Scalar>) -> Part, _ body: ([Part]) -> Void
  ) {
    precondition(samples.count > 0, "no samples")
    let blocks = blocks(activations: 1 << 22)
    let perBlock = blocks[0].count * widest * (1 + layers.count)
    for group in chunks(of: blocks.count, size: max(1, (1 << 25) / perBlock)) {
      body(
        concurrentMap(group.count, threads: threads) { index in
          part(
            HiddenBlock(
              of: network, samples.selecting(blocks[group.lowerBound + index]), layers: layers))
        })
    }
  }

  private var widest: Int { network.hiddenWidths.max()! }

  private func blocks(activations: Int) -> [Range<Int>] {
    chunks(of: samples.count, size: min(512, max(16, activations / widest)))
  }
}

/// What a block of samples looks like inside a network.
struct HiddenBlock<Scalar: MatrixScalar>: Sendable {
  let samples: Samples<Scalar>
  /// h_ℓ (n × N_ℓ) for ℓ = 1 … L, `nil` where it was not asked for; h_L is always there.
  let hidden: [Matrix<Scalar>?]
  /// ŷ (n × K)
  let outputs: Matrix<Scalar>

  fileprivate init(
    of network: Network<Scalar>, _ samples: Samples<Scalar>, layers wanted: Set<Int>
  ) {
    var h = samples.inputs
    var hidden: [Matrix<Scalar>?] = []
    for layer in 1...network.hiddenLayerCount {
      h = network.forward(h, throughLayer: layer - 1)
      hidden.append(layer == network.hiddenLayerCount || wanted.contains(layer) ? h : nil)
    }
    (self.samples, self.hidden, outputs) = (samples, hidden, network.readout(h))
  }

  /// h_L
  var last: Matrix<Scalar> { hidden.last!! }
}
