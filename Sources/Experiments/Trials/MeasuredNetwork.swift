public import Landbridge
public import LinearAlgebra

/// A network in training as quantities see it: what several of them look at is computed once, and
/// only if one does.
public final class MeasuredNetwork<Scalar: MatrixScalar> {
  public let network: Network<Scalar>
  /// The held-out one.
  public let risk: EmpiricalRisk<Scalar>
  /// Mean loss of the training samples since the last measurement, each before its step; `nil`
  /// before the first one.
  public let trainingLoss: Double?
  private let usesMoments: Bool
  private var halfEvaluations: [Int: Evaluation] = [:]

  /// - Parameter usesMoments: whether a quantity will look at ``moments``.
  init(
    _ network: Network<Scalar>, on risk: EmpiricalRisk<Scalar>, trainingLoss: Double?,
    usesMoments: Bool
  ) {
    (self.network, self.risk) = (network, risk)
    (self.trainingLoss, self.usesMoments) = (trainingLoss, usesMoments)
  }

  /// What dropout of the last hidden layer costs on average.
  public private(set) lazy var moments: DropoutMoments = network.dropoutMoments(on: risk)

  /// Loss and error of the whole network.
  public private(set) lazy var whole: Evaluation =
    usesMoments ? moments.evaluation : evaluation(of: network)

  /// The same of the first ⌊N/2⌋ neurons of every hidden layer, rescaled.
  public var firstHalf: Evaluation { half(0) }

  /// The same of all 2^L choices of the first or the last ⌊N/2⌋ neurons in every hidden layer, the
  /// first layer's changing fastest.
  public var halves: [Evaluation] { selections.indices.map(half) }

  private lazy var selections = KeptNeurons.firstHalves(of: network.hiddenWidths)
    .halvings(of: network.hiddenWidths)

  private func half(_ index: Int) -> Evaluation {
    if let known = halfEvaluations[index] { return known }
    let found = evaluation(of: network.keeping(selections[index]))
    halfEvaluations[index] = found
    return found
  }

  private func evaluation(of network: Network<Scalar>) -> Evaluation {
    network.evaluate(on: risk)
  }
}
