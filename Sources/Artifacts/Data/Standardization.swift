internal import Foundation
internal import LinearAlgebra

/// Every input less its mean, divided by its standard deviation, both over the training part.
///
/// A column is constant if its largest and smallest value differ by at most 32·2⁻⁵² of the larger
/// magnitude, which sums of decimals leave by rounding: such a column becomes 0 where it has these
/// values and x − c elsewhere, never a quotient of rounding errors.
struct Standardization: Sendable {
  fileprivate enum Column {
    /// Its values lie in the range.
    case constant(ClosedRange<Double>)
    /// In units of `unit`, a power of two, so that squares neither overflow nor vanish.
    case varying(mean: Double, factor: Double, unit: Double)
  }

  /// How much of its magnitude a constant may vary by.
  static let bound = 32 * 0x1p-52

  private let columns: [Column]

  /// - Parameter reference: the training part, at least one row.
  init(_ reference: Matrix<Double>) {
    columns = (0..<reference.columns).map { Column(reference.column($0)) }
  }

  func apply(to inputs: inout Matrix<Double>) {
    for (j, column) in columns.enumerated() {
      for i in 0..<inputs.rows { inputs[i, j] = column(inputs[i, j]) }
    }
  }
}

extension Standardization.Column {
  fileprivate init(_ values: [Double]) {
    let (low, high) = (values.min()!, values.max()!)
    let largest = max(abs(low), abs(high))
    let unit = largest.isNormal ? largest.binade : 1
    guard high / unit - low / unit > Standardization.bound * (largest / unit) else {
      self = .constant(low...high)
      return
    }
    // Where the spread is small beside the values, the sum is taken from the smallest on: of the
    // values themselves it would round by more than they differ.
    let origin = high / unit - low / unit > 0x1p-20 * (largest / unit) ? 0 : low / unit
    let n = Double(values.count)
    let mean = origin + values.reduce(0) { $0 + ($1 / unit - origin) } / n
    let variance = values.reduce(0) { $0 + ($1 / unit - mean) * ($1 / unit - mean) } / n
    self = .varying(mean: mean, factor: 1 / variance.squareRoot(), unit: unit)
  }

  fileprivate func callAsFunction(_ x: Double) -> Double {
    switch self {
    case .constant(let range): range.contains(x) ? 0 : x - range.lowerBound
    case .varying(let mean, let factor, let unit): (x / unit - mean) * factor
    }
  }
}
