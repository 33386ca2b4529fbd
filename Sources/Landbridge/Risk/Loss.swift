public import LinearAlgebra

/// The loss ℓ(ŷ, y) of one sample.
///
/// Targets are what is trained on: with one output a real number, ±1 for two classes; with K > 1
/// outputs a vector, one-hot for K classes.
public enum Loss: String, Codable, Sendable, CaseIterable {
  /// ‖y − ŷ‖², the loss of the theorems.
  case squared
  /// Softmax cross-entropy −Σ_j y_j log softmax(ŷ)_j for K > 1;
  /// logistic log(1 + e^{−yŷ}) for one output and y = ±1.
  case crossEntropy = "cross-entropy"

  /// ℓ(ŷ, y) ≥ 0 of one sample with `count` outputs; not finite when ŷ is not.
  @unsafe @inlinable public func value<Scalar: MatrixScalar>(
    count: Int, output ŷ: UnsafePointer<Scalar>, target y: UnsafePointer<Scalar>
  ) -> Double {
    switch self {
    case .squared:
      var sum = 0.0
      for j in 0..<count {
        let r = unsafe Double(y[j]) - Double(ŷ[j])
        sum += r * r
      }
      return sum
    case .crossEntropy:
      if count == 1 { return unsafe softplus(-Double(y[0]) * Double(ŷ[0])) }
      return unsafe classLoss(count, ŷ, y, logNormalizer: logSumExp(count, ŷ))
    }
  }

  /// ℓ(ŷ, y), and δ ← −∂ℓ/∂ŷ: 2(y − ŷ), or y − softmax(ŷ), or y/(1 + e^{yŷ}); δ apart from ŷ and y.
  @unsafe @inlinable public func valueAndDescent<Scalar: MatrixScalar>(
    count: Int, output ŷ: UnsafePointer<Scalar>, target y: UnsafePointer<Scalar>,
    descent δ: UnsafeMutablePointer<Scalar>
  ) -> Double {
    switch self {
    case .squared:
      for j in 0..<count { unsafe δ[j] = 2 * (y[j] - ŷ[j]) }
    case .crossEntropy:
      if count == 1 {
        let y = unsafe Double(y[0])
        unsafe δ[0] = Scalar(y * logistic(-y * Double(ŷ[0])))
      } else {
        // One exponential per class: they wait where the descent is to stand.
        let largest = unsafe Double(ŷ[indexOfLargest(count, ŷ)])
        var sum = 0.0
        for j in 0..<count {
          let term = unsafe exponential(Double(ŷ[j]) - largest)
          sum += term
          unsafe δ[j] = Scalar(term)
        }
        let inverse = 1 / sum
        for j in 0..<count { unsafe δ[j] = y[j] - Scalar(Double(δ[j]) * inverse) }
        let logNormalizer = largest + logarithm(sum)
        return unsafe classLoss(count, ŷ, y, logNormalizer: logNormalizer)
      }
    }
    return unsafe value(count: count, output: ŷ, target: y)
  }
}

/// True when the predicted class differs from that of the target: the sign for one output (zero
/// counts as wrong), the first largest entry for several.
@unsafe @inlinable public func isMisclassified<Scalar: MatrixScalar>(
  count: Int, output ŷ: UnsafePointer<Scalar>, target y: UnsafePointer<Scalar>
) -> Bool {
  if count == 1 { return unsafe !(ŷ[0] * y[0] > 0) }
  return unsafe indexOfLargest(count, ŷ) != indexOfLargest(count, y)
}

@unsafe @inlinable func indexOfLargest<Scalar: MatrixScalar>(
  _ count: Int, _ x: UnsafePointer<Scalar>
) -> Int {
  var best = 0
  for j in 1..<count where unsafe x[j] > x[best] { best = j }
  return best
}

@unsafe @usableFromInline func logSumExp<Scalar: MatrixScalar>(
  _ count: Int, _ x: UnsafePointer<Scalar>
) -> Double {
  let largest = unsafe Double(x[indexOfLargest(count, x)])
  var sum = 0.0
  for j in 0..<count { sum += unsafe exponential(Double(x[j]) - largest) }
  return largest + logarithm(sum)
}

/// −Σ_j y_j log softmax(ŷ)_j
@unsafe @usableFromInline func classLoss<Scalar: MatrixScalar>(
  _ count: Int, _ ŷ: UnsafePointer<Scalar>, _ y: UnsafePointer<Scalar>, logNormalizer: Double
) -> Double {
  var sum = 0.0
  for j in 0..<count where unsafe y[j] != 0 {
    sum += unsafe Double(y[j]) * (logNormalizer - Double(ŷ[j]))
  }
  return sum
}

@usableFromInline func softplus(_ z: Double) -> Double {
  max(z, 0) + logarithm(onePlus: exponential(-abs(z)))
}

@usableFromInline func logistic(_ z: Double) -> Double {
  z >= 0 ? 1 / (1 + exponential(-z)) : exponential(z) / (1 + exponential(z))
}
