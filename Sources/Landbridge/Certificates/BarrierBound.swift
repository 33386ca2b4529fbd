/// The barrier that some dropout path between any two two-layer networks does not exceed:
/// γ·max(V, V′), with γ = (N − M)/(M(N − 1)); a quarter of it for cross-entropy.
///
/// A uniformly random set S of M neurons has E_S L_S = L_N + γV under squared loss (E1), and at most
/// L_N + γV/4 under cross-entropy (E6); so some S is no worse, for θ and for θ′, and the largest
/// loss on the path through these sets is max{L(θ), L_S(θ), L_{S′}(θ′), L(θ′)}. For M = N/2 the
/// factor γ is 1/(N − 1). It holds for any parameters, trained or not.
///
/// - Parameters:
///   - variance: V = E (1/N)Σ‖c_i − f‖² of θ, in the units of the squared output.
///   - endVariance: V′, the same of θ′.
///   - width: N ≥ 2.
///   - kept: M, at most N/2; ⌊N/2⌋ unless given.
///
/// Source: docs/theory.md §3 (E1, E6) and §4.
public func barrierBound(
  variance: Double, endVariance: Double, width: Int, kept: Int? = nil, loss: Loss
) -> Double {
  let m = kept ?? width / 2
  precondition(width >= 2 && (1...width / 2).contains(m), "\(m) kept of \(width) neurons")
  let γ = Double(width - m) / (Double(m) * Double(width - 1))
  let bound = γ * max(variance, endVariance)
  return loss == .squared ? bound : bound / 4
}
