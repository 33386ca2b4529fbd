internal import LinearAlgebra

/// A bound on ‖W‖₂, the largest singular value, from above and rounded up: within a few per cent of
/// it for matrices up to a few thousand rows.
///
/// ‖A‖₂ ≤ ‖A‖_F, and ‖A‖₂² = ‖AᵀA‖₂: five squarings bring the Frobenius norm's excess, at most
/// √rank, down to its 64th root. The computed Â of AᵀA is off by at most γ|A|ᵀ|A|, of which
/// γ‖A‖_F² bounds the norm, so that ‖AᵀA‖₂ ≤ ‖Â‖₂ + γ‖A‖_F². Powers of two keep the numbers in range.
///
/// - Complexity: six products of the smaller Gram matrix's size.
func spectralNormBound(_ weights: Matrix<Double>, threads: Int) -> Double {
  bound(weights, squarings: 6, threads: threads)
}

private func bound(_ a: Matrix<Double>, squarings: Int, threads: Int) -> Double {
  let largest = a.elements.reduce(0) { max($0, abs($1)) }
  guard largest > 0, largest.isFinite else { return largest == 0 ? 0 : .infinity }
  // Exact, but for what underflows: less than 2⁻¹⁰⁷⁴ an entry, of a matrix with an entry near 1.
  let scale = largest.binade
  guard scale >= 0x1p-1000 else { return .infinity }
  let a = a.map { $0 / scale }
  let squares = a.elements.reduce(0) { $0 + $1 * $1 }
  let frobenius = roundedUp(norm(squares, terms: a.count) + Double(a.count) * 0x1p-1060)
  guard squarings > 0 else { return roundedUp(frobenius * scale) }
  let isWide = a.columns > a.rows
  let gram = Matrix.product(
    a, a, transposingFirst: !isWide, transposingSecond: isWide, threads: threads)
  let next = bound(gram, squarings: squarings - 1, threads: threads)
  let loss = gamma(max(a.rows, a.columns) + 2) * frobenius * frobenius
  let root = roundedUp(roundedUp(next + loss).squareRoot() + Double(a.count) * 0x1p-1060)
  return smaller(frobenius, root) * scale * (1 + 4 * unit)
}
