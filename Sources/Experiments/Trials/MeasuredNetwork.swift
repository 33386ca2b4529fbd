public import Landbridge
public import LinearAlgebra

/// A network in training as quantities see it: what several of them look at is computed once, and
/// only if one does.
public final class MeasuredNetwork<Scalar: Real> {
  public let network: Network<Scalar>
  /// Held out.
  public let samples: Samples<Scalar>
  public let loss: Loss
  /// Mean loss of the training samples since the last measurement, each before its step; `nil`
  /// before the first one.
  public let trainingLoss: Double?
  private let threads: Int
  private let usesMoments: Bool
  private var halfEvaluations: [Int: Evaluation] = [:]

  /// - Parameter usesMoments: whether a quantity will look at ``moments``.
  init(
    _ network: Network<Scalar>, on samples: Samples<Scalar>, loss: Loss, trainingLoss: Double?,
    usesMoments: Bool, threads: Int
  ) {
    (self.network, self.samples, self.loss) = (network, samples, loss)
    (self.trainingLoss, self.usesMoments, self.threads) = (trainingLoss, usesMoments, threads)
  }

  /// What dropout of the last hidden layer costs on average.
  public private(set) lazy var moments: DropoutMoments = network.dropoutMoments(
    on: samples, loss: loss, threads: threads)

  /// Loss and error of the whole network.
  public private(set) lazy var whole: Evaluation =
    usesMoments ? moments.evaluation : evaluation(of: network)

  /// The same of the first ⌊N/2⌋ neurons of every hidden layer, rescaled.
  public var firstHalf: Evaluation { half(0) }

  /// The same of all 2^L choices of the first or the last ⌊N/2⌋ neurons in every hidden layer, the
  /// last layer's changing fastest.
  public var halves: [Evaluation] { (0..<1 << network.hiddenLayerCount).map(half) }

  private func half(_ index: Int) -> Evaluation {
    if let known = halfEvaluations[index] { return known }
    let widths = network.hiddenWidths
    let kept = widths.enumerated().map { layer, width -> [Int]? in
      let half = max(1, width / 2)
      let isLast = index >> (widths.count - 1 - layer) & 1 == 1
      return isLast ? Array(width - half..<width) : Array(0..<half)
    }
    let found = evaluation(of: network.keeping(KeptNeurons(layers: kept)))
    halfEvaluations[index] = found
    return found
  }

  private func evaluation(of network: Network<Scalar>) -> Evaluation {
    network.evaluate(on: samples, loss: loss, threads: threads)
  }
}
