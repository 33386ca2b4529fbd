public import LinearAlgebra

/// What is expected of a random set of M neurons.
public struct DropoutExpectation: Sendable, Equatable, Codable {
  public enum Basis: String, Sendable, Codable {
    /// `loss` and `standardDeviation` are those over all sets.
    case exact
    /// They are those of an upper bound on the loss of every set, L_N + ℓ + κQ.
    case upperBound = "upper-bound"
    /// They are those of `draws` random sets.
    case sampled
  }

  public var basis: Basis
  /// M, of the layer, or of the last hidden layer where it is all of them.
  public var kept: Int
  public var loss: Double
  /// Over sets, not of the mean; `nil` where it is not known, or for a single draw.
  public var standardDeviation: Double?
  /// Q = E‖ŷ_S − ŷ‖², mean over all sets (γV), or over the draws.
  public var outputDistance: Double
  public var draws: Int?
}

/// What dropping random neurons will do to the loss, said before any is chosen.
///
/// For the last hidden layer alone it is known exactly (E1 and E2 of THEORY §3, squared loss) or
/// bounded (E6, cross-entropy), for all M from one pass. For other layers, and for all at once, there
/// is no formula: random sets are drawn and evaluated.
public struct DropoutForecast<Scalar: Real>: Sendable {
  /// L_N
  public let wholeLoss: Double
  /// The formulas, where there are any.
  public let moments: DropoutMoments?
  private let network: Network<Scalar>
  private let samples: Samples<Scalar>
  private let loss: Loss
  private let choice: SubsetChoice
  private let draws: Int
  private let threads: Int

  /// - Parameters:
  ///   - layer: ℓ ∈ 1 … L; `nil` for all hidden layers at once, which keep ⌊M·N_ℓ/N_L⌋ ≥ 1 neurons
  ///     each. With one hidden layer both are the same.
  ///   - standardDeviation: whether to spend the N × N Gram matrix where there are formulas.
  ///   - draws: how many sets are drawn where there are none, at least 1.
  ///   - stream: where they come from.
  public init(
    of network: Network<Scalar>, layer: Int? = nil, on samples: Samples<Scalar>, loss: Loss,
    standardDeviation: Bool = true, draws: Int = 20,
    stream: RandomStream = RandomStream(seed: 0, purpose: .subsets), threads: Int = 1
  ) {
    let depth = network.hiddenLayerCount
    precondition(layer == nil || (1...depth).contains(layer!), "hidden layer \(layer ?? 0)")
    precondition(draws >= 1, "\(draws) draws")
    let isLast = layer == depth || depth == 1
    moments =
      isLast
      ? network.dropoutMoments(
        on: samples, loss: loss, standardDeviation: standardDeviation, threads: threads) : nil
    wholeLoss =
      moments?.evaluation.loss ?? network.evaluate(on: samples, loss: loss, threads: threads).loss
    choice = SubsetChoice(
      layer: isLast ? depth : layer, widths: network.hiddenWidths, stream: stream)
    (self.network, self.samples, self.loss) = (network, samples, loss)
    (self.draws, self.threads) = (draws, threads)
  }

  /// N of the layer; of the last hidden layer where it is all of them.
  public var width: Int { choice.widths[(choice.layer ?? choice.widths.count) - 1] }

  /// What is expected with M = `kept` neurons, 1 ≤ M ≤ N.
  ///
  /// - Complexity: O(1) with formulas, else an evaluation of the whole network and of every draw.
  public func expectation(kept: Int) -> DropoutExpectation {
    precondition((1...width).contains(kept), "\(kept) neurons kept of \(width)")
    if let moments {
      return DropoutExpectation(
        basis: moments.expectedLossIsUpperBound ? .upperBound : .exact, kept: kept,
        loss: moments.expectedLoss(kept: kept),
        standardDeviation: moments.excessStandardDeviation(kept: kept),
        outputDistance: moments.expectedDistance(kept: kept))
    }
    let drawn = network.dropoutEvaluations(
      keeping: (0..<draws).map { choice.random(kept, draw: $0) }, on: samples, loss: loss,
      threads: threads)
    let summary = SampleSummary(of: drawn.map(\.loss))
    return DropoutExpectation(
      basis: .sampled, kept: kept, loss: summary.mean,
      standardDeviation: summary.standardDeviation,
      outputDistance: drawn.reduce(0) { $0 + $1.outputDistance } / Double(draws), draws: draws)
  }

  /// The smallest M for which E L_S − L_N + z·sd ≤ `tolerance`, with mean and deviation those of
  /// ``expectation(kept:)``.
  ///
  /// If L_S is about normal over the sets, a random one stays within tolerance with probability 0.977
  /// for z = 2 and 0.95 for z = 1.645; whatever its law, with at least z²/(1 + z²) (Cantelli): 0.8 and
  /// 0.73. Where there is no formula M is found by halving, as if the criterion were monotone in M, and
  /// it is an estimate from the draws.
  ///
  /// - Parameters:
  ///   - tolerance: ≥ 0; the increase of the loss that is allowed.
  ///   - z: ≥ 0; other than 0 it needs the Gram matrix, or two draws.
  public func smallestWidth(tolerance: Double, standardDeviations z: Double) -> Int {
    precondition(tolerance >= 0, "tolerance \(tolerance) must be a number ≥ 0")
    if let moments {
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
