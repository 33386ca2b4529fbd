/// The factor L of A + r·diag(A) = L Lᵀ for a symmetric positive semidefinite A, which may be singular.
///
/// Rows and columns are first scaled to a unit diagonal, so that neither the units of the variables nor
/// a variable that is zero throughout matter. The ridge r is the one asked for, at least the rounding
/// error of the factorisation, and grows tenfold until all pivots are positive.
package struct Cholesky {
  /// r
  package let ridge: Double
  private let factor: Matrix<Double>
  private let scales: [Double]

  /// - Parameters:
  ///   - matrix: of which the upper triangle is read; all entries finite.
  ///   - least: the least r.
  /// - Returns: `nil` when an entry is not finite.
  /// - Complexity: n³/3 flops, mostly in matrix products.
  package init?(_ matrix: Matrix<Double>, ridge least: Double = 0) {
    let n = matrix.rows
    precondition(matrix.columns == n, "Cholesky factor of \(n) × \(matrix.columns)")
    let scales = (0..<n).map { matrix[$0, $0] > 0 ? 1 / matrix[$0, $0].squareRoot() : 1 }
    var scaled = Matrix<Double>(rows: n, columns: n)
    unsafe scaled.withUnsafeMutableBufferPointer { target in
      unsafe matrix.withUnsafeBufferPointer { source in
        for i in 0..<n {
          for j in 0...i { unsafe target[i * n + j] = source[j * n + i] * scales[i] * scales[j] }
        }
      }
    }
    guard unsafe scaled.withUnsafeBufferPointer({ unsafe $0.allSatisfy(\.isFinite) }) else {
      return nil
    }
    var ridge = max(least, 8 * Double(n + 1) * Double.ulpOfOne)
    while true {
      var attempt = scaled
      for i in 0..<n { attempt[i, i] = 1 + ridge }
      if attempt.factorLower() {
        (self.ridge, self.factor, self.scales) = (ridge, attempt, scales)
        return
      }
      // Diagonally dominant, hence positive definite, before this ends.
      if ridge > max(least, 2 * Double(n)) { return nil }
      ridge *= 10
    }
  }

  /// Replaces every row b of `rows` by x with (A + r·diag(A)) x = b.
  ///
  /// - Complexity: 2n² flops per row.
  package func solve(_ rows: inout Matrix<Double>) {
    let n = factor.rows
    precondition(rows.columns == n, "system of \(n) unknowns, right-hand side of \(rows.columns)")
    let count = rows.rows
    unsafe factor.withUnsafeBufferPointer { factor in
      unsafe rows.withUnsafeMutableBufferPointer { rows in
        guard let l = factor.baseAddress, let x = rows.baseAddress else { return }
        for row in 0..<count {
          let x = unsafe x + row * n
          for i in 0..<n {
            let known = unsafe Double.dot(i, l + i * n, x)
            unsafe x[i] = unsafe (x[i] * scales[i] - known) / l[i * n + i]
          }
          for i in stride(from: n - 1, through: 0, by: -1) {
            unsafe x[i] /= unsafe l[i * n + i]
            var value = unsafe -x[i]
            unsafe Double.accumulateRows(i, rows: 1, &value, l + i * n, stride: n, x)
          }
          for i in 0..<n { unsafe x[i] *= scales[i] }
        }
      }
    }
  }
}

extension Matrix<Double> {
  /// Overwrites the lower triangle of a square matrix with its Cholesky factor; false when a pivot is
  /// not positive.
  fileprivate mutating func factorLower() -> Bool {
    let (n, panel) = (rows, 64)
    return unsafe withUnsafeMutableBufferPointer { buffer in
      guard let a = buffer.baseAddress else { return true }
      for start in stride(from: 0, to: n, by: panel) {
        let end = min(start + panel, n)
        unsafe Double.gemm(
          false, true, m: n - start, n: end - start, k: start, -1, a + start * n, n,
          a + start * n, n, adding: true, a + start * n + start, n)
        for i in start..<n {
          let row = unsafe a + i * n + start
          for j in start..<min(i + 1, end) {
            let rest = unsafe row[j - start] - Double.dot(j - start, row, a + j * n + start)
            if i > j {
              unsafe row[j - start] = unsafe rest / a[j * n + j]
            } else {
              guard rest > 0 else { return false }
              unsafe row[j - start] = rest.squareRoot()
            }
          }
        }
      }
      return true
    }
  }
}
