/// The quantile of Student's t distribution with `degrees` degrees of freedom.
///
/// - Parameter probability: strictly between 0 and 1.
public func studentQuantile(_ probability: Double, degrees: Double) -> Double {
  precondition(probability > 0 && probability < 1, "t quantile at \(probability)")
  return probability <= 0.5
    ? -studentQuantile(upperTail: probability, degrees: degrees)
    : studentQuantile(upperTail: 1 - probability, degrees: degrees)
}

/// What Student's t exceeds with probability `tail`, from 0 (not included) to 1/2.
public func studentQuantile(upperTail tail: Double, degrees: Double) -> Double {
  precondition(tail > 0 && tail <= 0.5 && degrees > 0, "t quantile at \(tail)")
  if tail == 0.5 { return 0 }
  // P(|T| > t) = I_x(ν/2, 1/2) with x = ν/(ν + t²).
  let (x, rest) = inverseIncompleteBeta(2 * tail, degrees / 2, 0.5)
  return (degrees * rest / x).squareRoot()
}

/// The exact (Clopper–Pearson) interval for a probability after `successes` of `trials`.
///
/// It misses with probability at most δ = `failure`, at most δ/2 on either side, and is computed from
/// the tails themselves, whatever δ is. Widened by more than the error of the tails.
///
/// - Parameters:
///   - successes: how many; a range where some are undecided, all of which the interval allows for.
///   - failure: δ, strictly between 0 and 1.
///
/// Source: Clopper and Pearson, Biometrika 26 (1934).
public func clopperPearson(
  successes: ClosedRange<Int>, trials: Int, failure: Double
) -> ClosedRange<Double> {
  let (least, most) = (successes.lowerBound, successes.upperBound)
  precondition(least >= 0 && most <= trials && trials > 0, "\(successes) of \(trials)")
  precondition(failure > 0 && failure < 1, "failure probability \(failure)")
  let n = Double(trials)
  // The enlarged tails are those of a slightly smaller δ.
  let tail = failure / 2 * (1 - 1e-11)
  let low =
    least == 0 ? 0 : inverseIncompleteBeta(tail, Double(least), n - Double(least) + 1).x
  let high =
    most == trials
    ? 1 : inverseIncompleteBeta(tail, n - Double(most), Double(most) + 1).complement
  return low.nextDown.nextDown.clamped...high.nextUp.nextUp.clamped
}

/// ``clopperPearson(successes:trials:failure:)`` of a count that is known.
public func clopperPearson(successes: Int, trials: Int, failure: Double) -> ClosedRange<Double> {
  clopperPearson(successes: successes...successes, trials: trials, failure: failure)
}

extension Double {
  fileprivate var clamped: Double { min(max(self, 0), 1) }
}
