internal import LinearAlgebra

/// The image G[−1, 1]ⁿ of a box in K dimensions, and how far it reaches.
///
/// For every e > 0, ‖Gu‖² ≤ λ_max(S)·Σe_i with S = G diag(1/e) Gᵀ: an ellipsoid around the box. The
/// best e is found from M ⪰ 0 with e_i = √(g_iᵀ M g_i); M = C Cᵀ is multiplied by S from both sides,
/// C ← SC, which is right in one step where rows do not mix, and needs nothing but products. Any e
/// is valid, so that its errors do not matter; those of S, of λ_max and of the sum are enclosed.
///
/// The square root of what is found is at most √(π/2) times the farthest point's distance at the
/// best e (Nesterov 1998).
///
/// Source: docs/theory.md §4.1.
struct BoxImage {
  /// G, K × n. Every entry may be off by a few units in the last place.
  let generators: Matrix<Double>

  static let steps = 24

  /// No less than max ‖Gu‖ over |u_i| ≤ 1; infinite where numbers overflow.
  func radiusBound(steps: Int = BoxImage.steps) -> Double {
    let largest = generators.elements.reduce(0) { max($0, abs($1)) }
    guard generators.elements.allSatisfy(\.isFinite) else { return .infinity }
    guard largest > 0 else { return 0 }
    // A power of two, so that nothing is lost; entries that underflow then are made up for below.
    let unit = largest.binade
    let g = generators.map { $0 / unit }
    let (k, n) = (g.rows, g.columns)
    var c = Matrix<Double>.identity(k)
    var e: [Double] = []
    var s = c
    for step in 0..<steps {
      e = squareRoots(c, g)
      s = weighted(g, e)
      if step < steps - 1 {
        c = Matrix.product(s, c)
        let norm = c.elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard norm > 0, norm.isFinite else { break }
        c = c.map { $0 / norm }
      }
    }
    // |Ŝ − S| ≤ γ·|G| diag(1/e) |G|ᵀ entry by entry, whose Frobenius norm is at most the trace.
    let trace = Outward.enlarged((0..<k).reduce(0) { $0 + s[$1, $1] }, operations: n + k + 16)
    let eigenvalue = largestEigenvalueBound(s) + 2 * Outward.gamma(n + 20) * trace
    let sum = e.reduce(0, +)
    let square = Outward.enlarged(eigenvalue * sum, operations: n + 8)
    // n columns of K entries, each of them lost in 2⁻¹⁰²² of the largest at most.
    let lost = Double(n) * Double(k) * .leastNormalMagnitude
    let radius = Outward.enlarged(square.squareRoot() + lost, operations: 2) * unit
    return radius.isFinite ? Outward.enlarged(radius, operations: 1) : .infinity
  }

  /// e_i = ‖Cᵀg_i‖, none of them nearly 0.
  private func squareRoots(_ c: Matrix<Double>, _ g: Matrix<Double>) -> [Double] {
    let x = Matrix.product(c, g, transposingFirst: true)
    var squares = [Double](repeating: 0, count: g.columns)
    for k in 0..<x.rows {
      for (i, value) in x.row(k).enumerated() { squares[i] += value * value }
    }
    let roots = squares.map { $0.squareRoot() }
    let floor = 1e-9 * roots.reduce(0, +) / Double(roots.count) + 1e-150
    return roots.map { $0 + floor }
  }

  /// S, symmetric to the last bit.
  private func weighted(_ g: Matrix<Double>, _ e: [Double]) -> Matrix<Double> {
    var scaled = g
    scaled.scaleColumns(by: e.map { 1 / $0 })
    return Matrix.product(scaled, g, transposingSecond: true).symmetrized
  }
}

/// No less than the largest eigenvalue of a symmetric matrix: λ ≤ ‖T^(2^j)‖^(1/2^j), the Frobenius
/// norm, with the rounding of every square.
///
/// λ(T)² ≤ λ(T²), and the computed square differs from T² by at most γ_K‖T‖² in that norm.
///
/// - Returns: at most 1.00003·K^(1/2¹⁵) times the eigenvalue; ∞ where numbers are not finite.
func largestEigenvalueBound(_ matrix: Matrix<Double>) -> Double {
  let k = matrix.rows
  var power = matrix
  var norms: [Double] = []
  for _ in 0..<14 {
    let norm = frobeniusBound(power)
    guard norm.isFinite else { return .infinity }
    guard norm > 0 else { break }
    norms.append(norm)
    let unit = power.map { $0 / norm }
    power = Matrix.product(unit, unit).symmetrized
  }
  let error = 2 * Outward.gamma(k + 8)
  return norms.reversed().reduce(frobeniusBound(power)) { square, norm in
    Outward.enlarged(((square + error).squareRoot() + 8 * Outward.unit) * norm, operations: 8)
  }
}

/// No less than ‖A‖_F.
private func frobeniusBound(_ matrix: Matrix<Double>) -> Double { normBound(matrix.elements) }

extension Matrix<Double> {
  fileprivate static func identity(_ size: Int) -> Matrix {
    var result = Matrix(rows: size, columns: size)
    for i in 0..<size { result[i, i] = 1 }
    return result
  }

  /// (A + Aᵀ)/2
  fileprivate var symmetrized: Matrix {
    Matrix.combine(self, transposed) { ($0 + $1) / 2 }
  }
}
