internal import Landbridge
internal import LinearAlgebra

extension QuantityName {
  /// Mean loss of the training samples since the last measurement, each before its step.
  public static let trainingLoss = StandardQuantity.trainingLoss.name
  /// L_N of the whole network on held-out samples, and its 0-1 error.
  public static let loss = StandardQuantity.loss.name
  public static let error = StandardQuantity.error.name
  /// The same of the network of the first ⌊N/2⌋ neurons of every hidden layer, rescaled.
  public static let dropoutLoss = StandardQuantity.dropoutLoss.name
  public static let dropoutError = StandardQuantity.dropoutError.name
  /// Mean of L_S − L_N over the 2^L ways to keep the first or the last ⌊N/2⌋ neurons of each layer.
  public static let antitheticChange = StandardQuantity.antitheticChange.name
  /// The same for the 0-1 error.
  public static let antitheticErrorChange = StandardQuantity.antitheticErrorChange.name
  /// For one hidden layer and squared loss the exact mean of L_S − L_N over all subsets of half of
  /// the neurons, γV (E1); V/(N − 1) for even N. An upper bound for cross-entropy (E6). For more
  /// layers that of dropout in the last hidden layer alone.
  public static let expectedChange = StandardQuantity.expectedChange.name

  /// What trials of experiments measure.
  public static let ofTrials: [QuantityName] = [
    .loss, .error, .dropoutLoss, .dropoutError, .antitheticChange, .antitheticErrorChange,
    .expectedChange,
  ]

  /// What `train` measures.
  public static let ofTraining: [QuantityName] = [
    .trainingLoss, .loss, .error, .dropoutLoss, .dropoutError,
  ]
}

/// The quantities of the paper's experiments, documented with their names in ``QuantityName``.
enum StandardQuantity: String, CaseIterable, Quantity {
  case trainingLoss, loss, error, dropoutLoss, dropoutError
  case antitheticChange, antitheticErrorChange, expectedChange

  var name: QuantityName { QuantityName(rawValue: rawValue) }

  var usesMoments: Bool { self == .expectedChange }

  func value<Scalar: MatrixScalar>(of network: MeasuredNetwork<Scalar>) -> Double? {
    switch self {
    case .trainingLoss: network.trainingLoss
    case .loss: network.whole.loss
    case .error: network.whole.error
    case .dropoutLoss: network.firstHalf.loss
    case .dropoutError: network.firstHalf.error
    case .antitheticChange: mean(network.halves.map(\.loss)) - network.whole.loss
    case .antitheticErrorChange:
      network.whole.error.map { whole in
        // Errors are counts: rounding must not make a change of none.
        let n = Double(network.risk.samples.count)
        let halves = network.halves.compactMap(\.error).map { ($0 * n).rounded() }
        return (mean(halves) - (whole * n).rounded()) / n
      }
    case .expectedChange:
      network.moments.expectedExcess(kept: max(1, network.network.lastHiddenWidth / 2))
    }
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}
