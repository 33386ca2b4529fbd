internal import LinearAlgebra

/// The mean and the variance of the dropout loss L_S over all subsets S of M neurons, without
/// visiting one. Letters as in docs/theory.md §3; γ = (N−M)/(M(N−1)).
extension DropoutMoments {
  /// γ, the factor of V in the mean; zero for M = N.
  func reduction(kept: Int) -> Double {
    checkKept(kept)
    let (N, M) = (Double(width), Double(kept))
    return kept == width ? 0 : (N - M) / (M * (N - 1))
  }

  /// E_S L_S over all subsets S of M = `kept` neurons of the last hidden layer, 1 ≤ M ≤ N:
  /// L_N + γV for squared loss (E1, exact), L_N + γV/4 for softmax cross-entropy and L_N + γV/8 for
  /// logistic loss (E6, an **upper bound**, see ``expectedLossIsUpperBound``).
  public func expectedLoss(kept: Int) -> Double {
    evaluation.loss + expectedExcess(kept: kept)
  }

  /// E_S L_S − L_N, or an upper bound on it: κγV.
  public func expectedExcess(kept: Int) -> Double {
    curvature * expectedDistance(kept: kept)
  }

  /// E_S Q = γV over all subsets S of M = `kept` neurons, where Q = E‖f_S − f‖²; exact whatever the
  /// loss.
  public func expectedDistance(kept: Int) -> Double { reduction(kept: kept) * variance }

  /// False for squared loss, whose mean is exact.
  public var expectedLossIsUpperBound: Bool { lossFunction != .squared }

  /// √Var_S L_S over all subsets S of M = `kept` neurons (E2, exact); `nil` for cross-entropy,
  /// which has no such formula, and where the Gram matrix was not asked for.
  public func standardDeviation(kept: Int) -> Double? {
    expectedLossIsUpperBound ? nil : excessStandardDeviation(kept: kept)
  }

  /// The standard deviation over S of ℓ + κQ, where L_S − L_N ≤ ℓ + κQ with ℓ = −(2/M)Σ_{i∈S} g_i
  /// and Q = E‖f_S − f‖², and equality for squared loss; its mean is ``expectedExcess(kept:)``.
  ///
  /// E2 with its p-terms gathered, so that nothing cancels when all K_ii and all K_ij are equal (Q is
  /// then the same for every S): with ρ = M(N−M)/(N(N−1)),
  /// A = ρ(M−1)(N−M−1)/((N−2)(N−3)) and B = ρ(N(N+1) − 6M(N−M))/((N−2)(N−3)),
  ///
  ///     Var Q = M⁻⁴[2A·Σ_{i≠j}(K_ij + V/(N−1))² + (2A + B)·Σ_i(K_ii − V)²]
  ///     Cov(ℓ, Q) = −2M⁻³ρ(N − 2M)/(N − 2)·G₃,   Var ℓ = 4γ(1/N)Σg_i²
  ///
  /// - Returns: `nil` where the Gram matrix was not asked for.
  public func excessStandardDeviation(kept: Int) -> Double? {
    checkKept(kept)
    guard let gram else { return nil }
    if kept == width { return 0 }
    let (N, M) = (Double(width), Double(kept))
    let γ = reduction(kept: kept)
    let ρ = M * (N - M) / (N * (N - 1))
    var (A, B, third) = (0.0, 1 / N, 0.0)
    if width > 3 {
      A = ρ * (M - 1) * (N - M - 1) / ((N - 2) * (N - 3))
      B = ρ * (N * (N + 1) - 6 * M * (N - M)) / ((N - 2) * (N - 3))
    }
    if width > 2 { third = ρ * (N - 2 * M) / (N - 2) }
    let varQ =
      (2 * A * gram.offDiagonalSpread + (2 * A + B) * gram.diagonalSpread) / (M * M * M * M)
    let covariance = -2 * third * gram.correlatedDiagonal / (M * M * M)
    let varℓ = 4 * γ * meanSquareCorrelation
    let κ = curvature
    return max(varℓ + 2 * κ * covariance + κ * κ * varQ, 0).squareRoot()
  }

  /// How far the last hidden layer can be pruned without retraining: the smallest M for which
  /// κγV + z·sd ≤ `tolerance`, sd that of ``excessStandardDeviation(kept:)``. For squared loss the left
  /// side is the mean of L_S − L_N plus z standard deviations; for cross-entropy that of an upper bound.
  ///
  /// - Parameters:
  ///   - tolerance: the increase of the loss that is allowed.
  ///   - z: how many standard deviations to stay on the safe side; other than 0 it needs the Gram
  ///     matrix.
  /// - Returns: `nil` when no M ≤ N will do, that is for a negative or undefined tolerance.
  public func smallestWidth(tolerance: Double, standardDeviations z: Double = 0) -> Int? {
    precondition(z == 0 || gram != nil, "standard deviations need the Gram matrix")
    return (1...width).first { kept in
      let deviation = z == 0 ? 0 : z * excessStandardDeviation(kept: kept)!
      return expectedExcess(kept: kept) + deviation <= tolerance
    }
  }

  /// √((1/N)Σg_i²). Halving the layer changes the loss by about 2·rms(g)/√(N−1) to first order.
  public var rootMeanSquareCorrelation: Double { meanSquareCorrelation.squareRoot() }

  /// 2·rms(g)/√(N−1), the standard deviation of the linear term of L_S − L_N at M = N/2; slope −1/2
  /// in N. Zero for N = 1.
  public var typicalLinearChange: Double {
    width == 1 ? 0 : 2 * rootMeanSquareCorrelation / Double(width - 1).squareRoot()
  }

  /// V/(N−1), the mean of the quadratic term of L_S − L_N at M = N/2; slope −1 in N. Zero for N = 1.
  public var typicalQuadraticChange: Double { width == 1 ? 0 : variance / Double(width - 1) }

  /// N* ≈ (V/(2 rms g))²: below this width the quadratic term of the change in loss prevails, above
  /// it the linear one. `nil` when g = 0, where there is no crossover.
  public var crossoverWidth: Double? {
    let slope = 2 * rootMeanSquareCorrelation
    guard slope > 0 else { return nil }
    let square = (variance / slope) * (variance / slope)
    return square.isFinite ? square : nil
  }

  private func checkKept(_ kept: Int) {
    precondition((1...width).contains(kept), "\(kept) neurons kept of \(width)")
  }
}
