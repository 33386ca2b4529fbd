internal import LinearAlgebra

/// The outputs of one network on all samples, with the losses and errors that follow.
package struct KnotEvaluation: Sendable {
  package let losses: [Double]
  package let misclassified: [Bool]?
  /// Outputs in blocks of rows that are the same for all networks of one shape.
  private let blocks: [Matrix<Double>]

  package init(
    of network: Network<Double>, on samples: Samples<Double>, loss: Loss, threads: Int
  ) {
    let blocks = network.inBlocks(of: samples, threads: threads) { block, _ in
      network.outputs(block.inputs)
    }
    self.init(blocks: blocks, samples: samples, loss: loss)
  }

  private init(blocks: [Matrix<Double>], samples: Samples<Double>, loss: Loss) {
    var (losses, wrong, first) = ([Double](), [Bool](), 0)
    for block in blocks {
      let part = SampleLosses(
        outputs: block, samples: samples.selecting(first..<first + block.rows), loss: loss)
      losses += part.losses
      wrong += part.misclassified ?? []
      first += block.rows
    }
    self.blocks = blocks
    self.losses = losses
    misclassified = samples.isClassification ? wrong : nil
  }

  package var meanLoss: Double { losses.reduce(0, +) / Double(losses.count) }
  package var errors: Int? { misclassified?.count { $0 } }

  /// E‖ŷ′ − ŷ‖²
  package func outputDistance(to other: KnotEvaluation) -> Double {
    differences(to: other).reduce(0) { $0 + $1 * $1 } / Double(losses.count)
  }

  /// max |ŷ′ − ŷ| over samples and outputs.
  package func largestDistance(to other: KnotEvaluation) -> Double {
    differences(to: other).reduce(0) { max($0, abs($1)) }
  }

  /// The largest |ŷ|.
  package var magnitude: Double {
    blocks.reduce(0) { $1.elements.reduce($0) { max($0, abs($1)) } }
  }

  private func differences(to other: KnotEvaluation) -> [Double] {
    zip(blocks, other.blocks).flatMap { zip($0.elements, $1.elements).map { $1 - $0 } }
  }

  /// E ℓ((ŷ + ŷ′)/2, y)
  package func meanLossHalfway(
    to other: KnotEvaluation, samples: Samples<Double>, loss: Loss
  ) -> Double {
    let halfway = zip(blocks, other.blocks).map { pair in
      Matrix.combine(pair.0, pair.1) { ($0 + $1) / 2 }
    }
    return KnotEvaluation(blocks: halfway, samples: samples, loss: loss).meanLoss
  }

  /// On how many samples one of the two is wrong; `nil` when targets are no classes.
  ///
  /// Where outputs are affine between the two, every network in between is right wherever both
  /// are: the outputs that name a class are a convex set.
  package func errorsOfEither(_ other: KnotEvaluation) -> Int? {
    guard let mine = misclassified, let theirs = other.misclassified else { return nil }
    return zip(mine, theirs).count { $0 || $1 }
  }
}
