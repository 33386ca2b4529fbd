public import LinearAlgebra

/// What dropping random neurons will do to the loss, said before any is chosen.
///
/// For the last hidden layer alone and squared loss it is known exactly, for all M from one pass (E1
/// and E2 of docs/theory.md §3). For cross-entropy there is only a bound on the mean (E6), for other layers and
/// for all at once no formula: random sets are drawn and evaluated.
public struct DropoutForecast<Scalar: MatrixScalar>: Sendable {
  /// L_N
  public let wholeLoss: Double
  /// The formulas, where there are any; those of cross-entropy are bounds.
  public let moments: DropoutMoments?
  private let network: Network<Scalar>
  private let risk: any DropoutRisk<Scalar>
  private let choice: SubsetChoice
  private let draws: Int

  /// - Parameters:
  ///   - layer: ℓ ∈ 1 … L; `nil` for all hidden layers at once, which keep ⌊M·N_ℓ/N_L⌋ ≥ 1 neurons
  ///     each. With one hidden layer both are the same.
  ///   - standardDeviation: whether to spend the N × N Gram matrix where formulas are exact.
  ///   - draws: how many sets are drawn where they are not, at least 1.
  ///   - stream: where they come from: the sets of
  ///     ``Network/dropoutCurve(on:layer:kept:standardDeviation:moments:draws:stream:)``.
  public init(
    of network: Network<Scalar>, layer: Int? = nil, on risk: some DropoutRisk<Scalar>,
    standardDeviation: Bool = true, draws: Int = 20,
    stream: RandomStream = RandomStream(seed: 0, purpose: .subsets)
  ) {
    let depth = network.hiddenLayerCount
    precondition(layer == nil || (1...depth).contains(layer!), "hidden layer \(layer ?? 0)")
    precondition(draws >= 1, "\(draws) draws")
    let isLast = layer == depth || depth == 1
    moments =
      isLast
      ? network.dropoutMoments(
        on: risk, standardDeviation: standardDeviation && risk.loss == .squared) : nil
    wholeLoss = moments?.evaluation.loss ?? network.evaluate(on: risk).loss
    choice = SubsetChoice(
      layer: isLast ? depth : layer, widths: network.hiddenWidths, stream: stream)
    (self.network, self.risk, self.draws) = (network, risk, draws)
  }

  /// N of the layer; of the last hidden layer where it is all of them.
  public var width: Int { choice.widths[(choice.layer ?? choice.widths.count) - 1] }

  /// The formulas, if they say what the loss is and not only what it does not exceed.
  private var exactMoments: DropoutMoments? {
    moments.flatMap { $0.expectedLossIsUpperBound ? nil : $0 }
  }

  /// What is expected with M = `kept` neurons, 1 ≤ M ≤ N.
  ///
  /// - Complexity: O(1) with exact formulas, else an evaluation of the whole network and of every draw.
  public func expectation(kept: Int) -> DropoutExpectation {
    precondition((1...width).contains(kept), "\(kept) neurons kept of \(width)")
    if let exactMoments { return exactMoments.expectation(kept: kept) }
    let drawn = network.dropoutEvaluations(
      keeping: (0..<draws).map { choice.random(kept, draw: $0) }, on: risk)
    return DropoutExpectation(
      kept: kept, of: drawn, upperBound: moments?.expectedLoss(kept: kept))
  }

  /// The smallest M for which E L_S − L_N + z·sd ≤ `tolerance`, with mean and deviation those of
  /// ``expectation(kept:)``.
  ///
  /// If L_S is about normal over the sets, a random one stays within tolerance with probability 0.977
  /// for z = 2 and 0.95 for z = 1.645; whatever its law, with at least z²/(1 + z²) (Cantelli): 0.8 and
  /// 0.73. Where there is no exact formula M is found by halving, as if the criterion were monotone in M,
  /// and it is an estimate from the draws; the M that is returned meets it, or is N.
  ///
  /// - Parameters:
  ///   - tolerance: ≥ 0; the increase of the loss that is allowed.
  ///   - z: ≥ 0; other than 0 it needs the Gram matrix, or two draws.
  public func smallestWidth(tolerance: Double, standardDeviations z: Double) -> Int {
    precondition(tolerance >= 0, "tolerance \(tolerance) must be a number ≥ 0")
    if let moments = exactMoments {
      return moments.smallestWidth(tolerance: tolerance, standardDeviations: z) ?? width
    }
    precondition(z == 0 || draws > 1, "standard deviations need two draws")
    var (tooFew, enough) = (0, width)
    while enough - tooFew > 1 {
      let middle = (tooFew + enough) / 2
      let found = expectation(kept: middle)
      let deviation = z == 0 ? 0 : z * found.standardDeviation!
      if found.loss - wholeLoss + deviation <= tolerance {
        enough = middle
      } else {
        tooFew = middle
      }
    }
    return enough
  }
}
