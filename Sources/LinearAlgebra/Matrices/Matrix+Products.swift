extension Matrix {
  /// α·op(A)·op(B), with op the transpose where asked for.
  ///
  /// - Parameter threads: how many threads share the rows of the result. The pieces do not depend
  ///   on it, so neither do the bytes of the result.
  /// - Complexity: 2·m·n·k flops.
  public static func product(
    _ a: Matrix, _ b: Matrix,
    transposingFirst transposeA: Bool = false, transposingSecond transposeB: Bool = false,
    scale α: Scalar = 1, threads: Int = 1
  ) -> Matrix {
    let m = transposeA ? a.columns : a.rows
    let n = transposeB ? b.rows : b.columns
    var c = Matrix(rows: m, columns: n)
    c.addProduct(
      a, b, transposingFirst: transposeA, transposingSecond: transposeB, scale: α,
      threads: threads)
    return c
  }

  /// C ← C + α·op(A)·op(B)
  public mutating func addProduct(
    _ a: Matrix, _ b: Matrix,
    transposingFirst transposeA: Bool = false, transposingSecond transposeB: Bool = false,
    scale α: Scalar = 1, threads: Int = 1
  ) {
    let (m, k) = transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
    let (k2, n) = transposeB ? (b.columns, b.rows) : (b.rows, b.columns)
    precondition(
      k == k2 && rows == m && columns == n,
      "product of \(m) × \(k) and \(k2) × \(n) into \(rows) × \(columns)")
    guard m > 0, n > 0, k > 0 else { return }
    let pieces = chunks(of: m, size: 256)
    let (lda, ldb, ldc) = (a.columns, b.columns, columns)
    unsafe a.withUnsafeBufferPointer { a in
      unsafe b.withUnsafeBufferPointer { b in
        unsafe withUnsafeMutableBufferPointer { c in
          let (a, b, c) = (a.baseAddress!, b.baseAddress!, c.baseAddress!)
          concurrently(pieces.count, threads: threads) { piece in
            let rows = pieces[piece]
            unsafe Scalar.gemm(
              transposeA, transposeB, m: rows.count, n: n, k: k,
              α, a + rows.lowerBound * (transposeA ? 1 : lda), lda, b, ldb,
              adding: true, c + rows.lowerBound * ldc, ldc)
          }
        }
      }
    }
  }
}
