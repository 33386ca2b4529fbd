internal import LinearAlgebra

/// A target that a loss cannot be taken of.
///
/// Cross-entropy is convex in the outputs, and at least 0, for targets that are classes or
/// probabilities. For others it may be concave and without bound, and everything that is said of
/// maxima on paths and of dropout would be wrong.
public struct UnfitTarget: Error, Equatable, Sendable {
  /// Which sample, from 0.
  public var sample: Int
  /// The target, in words.
  public var found: String
  /// What the loss takes, in words.
  public var expected: String

  /// - Parameter sample: from 0.
  public init(sample: Int, found: String, expected: String) {
    (self.sample, self.found, self.expected) = (sample, found, expected)
  }
}

extension UnfitTarget: CustomStringConvertible {
  public var description: String {
    "target of sample \(sample) (from 0): found \(found), expected \(expected)"
  }
}

extension Samples {
  /// Throws unless every target fits the loss: any for squared loss; for cross-entropy ±1 with one
  /// output, and with several a class (one-hot) or probabilities, entries ≥ 0 that add up to 1
  /// within 10⁻⁵, which leaves room for the rounding of Float.
  ///
  /// - Complexity: O(nK)
  public func requireTargets(for loss: Loss) throws(UnfitTarget) {
    if let unfit = firstUnfitTarget(for: loss) { throw unfit }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func firstUnfitTarget(for loss: Loss) -> UnfitTarget? {
    guard loss == .crossEntropy else { return nil }
    let k = outputDimension
    let sample: Int? = unsafe targets.withUnsafeBufferPointer { y in
      if k == 1 { return unsafe y.firstIndex { $0 != 1 && $0 != -1 } }
      return (0..<count).first { i in
        var (sum, areNonnegative) = (0.0, true)
        for j in i * k..<(i + 1) * k {
          unsafe sum += Double(y[j])
          if unsafe !(y[j] >= 0) { areNonnegative = false }
        }
        return !(areNonnegative && abs(sum - 1) <= 1e-5)
      }
    }
    return sample.map { UnfitTarget(sample: $0, target: targets.row($0).map { Double($0) }) }
  }
}

extension UnfitTarget {
  fileprivate init(sample: Int, target: [Double]) {
    if target.count == 1 {
      self.init(
        sample: sample, found: "\(target[0])", expected: "1 or -1 for cross-entropy of one output")
      return
    }
    let shown = target.prefix(8).map { "\($0)" }.joined(separator: ", ")
    let sum = target.reduce(0, +)
    self.init(
      sample: sample,
      found: "(\(shown)\(target.count > 8 ? ", …" : "")), which adds up to \(sum)",
      expected: "a class or probabilities for cross-entropy: entries ≥ 0 that add up to 1")
  }
}
