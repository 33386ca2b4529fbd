internal import LinearAlgebra

/// What is known of one sample: right, wrong, or within rounding of the boundary between.
enum Decision: Sendable {
  case right, wrong, undecided
}

extension Loss {
  /// ℓ(ŷ, y) and a bound on how far the exact value can be off, for outputs within `e` of ŷ.
  ///
  /// Squared: 2⟨|r|, e⟩ + ‖e‖² and the roundings of the sum. Cross-entropy of class c, with
  /// d_j = ŷ_j − ŷ_c and δ_j = e_j + e_c + u|d_j|: the gradient Σ_{j≠c} p_j δ_j and half the largest
  /// curvature, ½(max δ)², since the Hessian is a covariance; never more than max δ. Logistic:
  /// the slope is at most that at the nearer end. Elementary functions of the C library are taken
  /// to be off by up to 16u, eight times what its authors found.
  ///
  /// - Parameters:
  ///   - y: classes or probabilities for cross-entropy, see ``Samples/requireTargets(for:)``.
  @unsafe func enclosure(
    count k: Int, output ŷ: UnsafePointer<Double>, errors e: UnsafePointer<Double>,
    target y: UnsafePointer<Double>
  ) -> (value: Double, error: Double) {
    var (value, error) = (0.0, 0.0)
    switch self {
    case .squared:
      for j in 0..<k {
        let r = unsafe abs(y[j] - ŷ[j])
        let ε = unsafe e[j] + unit * r
        value += r * r
        error += (2 * r + ε) * ε
      }
      error = inflated(error, terms: 3 * k) + gamma(k + 2) * value
    case .crossEntropy where k == 1:
      (value, error) = unsafe logistic(margin: y[0] * ŷ[0], error: e[0])
    case .crossEntropy:
      for c in 0..<k where unsafe y[c] != 0 {
        let (own, ownError) = unsafe crossEntropy(class: c, count: k, output: ŷ, errors: e)
        unsafe value += y[c] * own
        unsafe error += y[c] * ownError
      }
      error = inflated(error, terms: k) + gamma(k + 2) * value
    }
    error = roundedUp(error)
    return (value, value.isFinite && error < .infinity ? error : .infinity)
  }

  /// log(1 + e^{−m})
  private func logistic(margin m: Double, error e: Double) -> (Double, Double) {
    let value = max(-m, 0) + logarithm(onePlus: exponential(-abs(m)))
    // σ(−m) ≤ e^{−m}, and its own slope is at most 1/4.
    let slope = min(1, exponential(min(-m, 0)) * (1 + 64 * unit) + 0.25 * e + 0x1p-1000)
    return (value, roundedUp(slope * e + 64 * unit * value))
  }

  /// log Σ_j e^{d_j}
  @unsafe private func crossEntropy(
    class c: Int, count k: Int, output ŷ: UnsafePointer<Double>, errors e: UnsafePointer<Double>
  ) -> (Double, Double) {
    var (top, largest) = (c, 0.0)
    for j in 0..<k {
      let d = unsafe ŷ[j] - ŷ[c]
      if d > largest { (top, largest) = (j, d) }
      if !d.isFinite { return (.nan, .infinity) }
    }
    // Σ e^{d_j − max} without the largest term, which is 1.
    var (others, gradient, rounding, farthest) = (0.0, 0.0, 0.0, 0.0)
    for j in 0..<k {
      let d = unsafe ŷ[j] - ŷ[c]
      let term = j == top ? 1 : exponential(d - largest)
      let slack = (largest - d) + Double(k + 32)
      if j != top {
        others += term
        rounding += term * slack
      }
      guard j != c else { continue }
      let δ = unsafe roundedUp(e[j] + e[c] + 2 * unit * abs(d))
      gradient += term * (1 + 4 * unit * slack) * δ
      farthest = max(farthest, δ)
    }
    let value = largest + logarithm(onePlus: others)
    let scale = 1 / (1 + others) * (1 + 4 * unit * Double(k + 32))
    let propagated = smaller(
      inflated(gradient * scale, terms: 3 * k) + farthest * farthest / 2, farthest)
    let own = 2 * unit * (inflated(rounding * scale, terms: 3 * k) + 32 * value)
    return (value, roundedUp(propagated + own))
  }

  /// The best loss that outputs can have which do not depend on the inputs: the scale on which
  /// rounding is judged where the loss itself is nearly zero. Itself up to rounding.
  func ofBestConstant(targets: Matrix<Double>) -> Double {
    let (n, k) = (targets.rows, targets.columns)
    let means = (0..<k).map { targets.column($0).reduce(0, +) / Double(n) }
    switch self {
    case .squared:
      var sum = 0.0
      for i in 0..<n {
        for j in 0..<k { sum += (targets[i, j] - means[j]) * (targets[i, j] - means[j]) }
      }
      return sum / Double(n)
    case .crossEntropy:
      let shares = k == 1 ? [(1 + means[0]) / 2, (1 - means[0]) / 2] : means
      return shares.reduce(0) { $0 - ($1 > 0 ? $1 * logarithm($1) : 0) }
    }
  }
}

/// Whether ŷ names the class of y, decided as by ``isMisclassified(count:output:target:)`` wherever
/// errors leave no doubt.
@unsafe func decision(
  count k: Int, output ŷ: UnsafePointer<Double>, errors e: UnsafePointer<Double>,
  target y: UnsafePointer<Double>
) -> Decision {
  /// Whether a margin is positive, or zero where that suffices.
  func isPositive(_ margin: Double, error: Double, orZero: Bool) -> Decision {
    if error == 0 { return margin > 0 || (orZero && margin == 0) ? .right : .wrong }
    let bound = roundedUp(error)
    if margin > bound { return .right }
    return margin < -bound ? .wrong : .undecided
  }
  if k == 1 {
    let margin = unsafe y[0] > 0 ? ŷ[0] : -ŷ[0]
    return unsafe y[0] == 0 ? .wrong : isPositive(margin, error: e[0], orZero: false)
  }
  let label = unsafe indexOfLargest(k, y)
  var result = Decision.right
  for j in 0..<k where j != label {
    let margin = unsafe ŷ[label] - ŷ[j]
    // The difference has the right sign, and is off by at most u times itself.
    let error = unsafe e[label] + e[j]
    switch isPositive(
      margin, error: error == 0 ? 0 : error + 2 * unit * abs(margin), orZero: j > label)
    {
    case .wrong: return .wrong
    case .undecided: result = .undecided
    case .right: break
    }
  }
  return result
}
