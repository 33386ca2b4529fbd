/// Numbers of which only intervals are known, one per sample: `lower[i]` ≤ x_i ≤ `upper[i]`.
package struct EnclosedValues: Sendable, Equatable {
  package var lower: [Double]
  package var upper: [Double]

  package var count: Int { lower.count }

  package init(lower: [Double], upper: [Double]) {
    precondition(lower.count == upper.count, "\(lower.count) lower, \(upper.count) upper ends")
    (self.lower, self.upper) = (lower, upper)
  }

  /// x_i ± e_i, rounded outwards.
  package init(_ values: [Double], errors: [Double]) {
    precondition(values.count == errors.count, "\(values.count) values, \(errors.count) errors")
    self.init(
      lower: zip(values, errors).map { $1 == 0 ? $0 : ($0 - $1).nextDown },
      upper: zip(values, errors).map { $1 == 0 ? $0 : ($0 + $1).nextUp })
  }

  /// a_i − b_i, rounded outwards.
  package static func - (a: EnclosedValues, b: EnclosedValues) -> EnclosedValues {
    EnclosedValues(
      lower: zip(a.lower, b.upper).map { ($0 - $1).nextDown },
      upper: zip(a.upper, b.lower).map { ($0 - $1).nextUp })
  }

  /// max(a_i, b_i)
  package static func larger(_ a: EnclosedValues, _ b: EnclosedValues) -> EnclosedValues {
    EnclosedValues(
      lower: zip(a.lower, b.lower).map { max($0, $1) },
      upper: zip(a.upper, b.upper).map { max($0, $1) })
  }

  /// min(x_i, c)
  package func clipped(at c: Double) -> EnclosedValues {
    EnclosedValues(lower: lower.map { min($0, c) }, upper: upper.map { min($0, c) })
  }
}
