import LinearAlgebra
import Testing

/// Products beside their definitions, term by term: equal to the last bit where the processor has fused
/// multiply-add.
@Suite struct `Product kernels` {
  private static let shapes = [
    (1, 1, 1), (1, 40, 3), (40, 1, 3), (4, 4, 0), (5, 3, 400), (13, 33, 17), (7, 70, 385),
    (25, 129, 31), (100, 65, 64), (3, 1029, 2), (200, 10, 770),
  ]

  @Test func float() { check(Float.self) }
  @Test func double() { check(Double.self) }

  private func check<Scalar: MatrixScalar>(_: Scalar.Type) {
    for (m, n, k) in Self.shapes {
      for (transposeA, transposeB) in [(false, false), (true, false), (false, true), (true, true)] {
        for adding in [false, true] {
          checkProduct(m, n, k, transposeA, transposeB, adding, Scalar.self)
        }
      }
      for transpose in [false, true] {
        for adding in [false, true] { checkVector(m, n, transpose, adding, Scalar.self) }
      }
      checkOuter(m, n, Scalar.self)
    }
  }

  private func expectSame<Scalar: MatrixScalar>(
    _ found: [Scalar], _ expected: [Scalar], size: Double, _ what: String
  ) {
    if hasFusedMultiplyAdd {
      #expect(found == expected, "\(what)")
    } else {
      let tolerance = Scalar(Tolerance.rounding(Scalar.self) * size)
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance }, "\(what)")
    }
  }

  private func checkProduct<Scalar: MatrixScalar>(
    _ m: Int, _ n: Int, _ k: Int, _ transposeA: Bool, _ transposeB: Bool, _ adding: Bool,
    _: Scalar.Type
  ) {
    let α: Scalar = 0.7
    let (lda, ldb, ldc) = ((transposeA ? m : k) + 2, (transposeB ? k : n) + 1, n + 3)
    let a: [Scalar] = scrambled((transposeA ? k : m) * lda, 1)
    let b: [Scalar] = scrambled((transposeB ? n : k) * ldb, 2)
    let start: [Scalar] = scrambled(m * ldc, 3)
    var c = start
    unsafe Scalar.gemm(
      transposeA, transposeB, m: m, n: n, k: k, α, a, lda, b, ldb, adding: adding, &c, ldc)
    var expected = start
    for i in 0..<m {
      for j in 0..<n {
        var total: Scalar = adding ? start[i * ldc + j] : 0
        for block in stride(from: 0, to: k, by: 384) {
          var chain: Scalar = 0
          for l in block..<min(k, block + 384) {
            chain.addProduct(
              a[transposeA ? l * lda + i : i * lda + l], b[transposeB ? j * ldb + l : l * ldb + j])
          }
          total.addProduct(chain, α)
        }
        expected[i * ldc + j] = total
      }
    }
    // What lies between the rows of C is left alone, too.
    expectSame(
      c, expected, size: Double(k + 1),
      "\(m) × \(n) × \(k), transposed \(transposeA) \(transposeB), adding \(adding)")
  }

  private func checkVector<Scalar: MatrixScalar>(
    _ m: Int, _ n: Int, _ transpose: Bool, _ adding: Bool, _: Scalar.Type
  ) {
    let (α, lda): (Scalar, Int) = (-0.7, n + 1)
    let a: [Scalar] = scrambled(m * lda, 4)
    let x: [Scalar] = scrambled(transpose ? m : n, 5)
    let start: [Scalar] = scrambled(transpose ? n : m, 6)
    var y = start
    unsafe Scalar.gemv(transpose, m: m, n: n, α, a, lda, x, adding: adding, &y)
    var expected = start
    for i in start.indices {
      var total: Scalar = adding ? start[i] : 0
      if transpose {
        for l in 0..<m { total.addProduct(a[l * lda + i], α * x[l]) }
      } else {
        total.addProduct(α, chainsOfLanes(Array(a[(i * lda)..<(i * lda + n)]), x))
      }
      expected[i] = total
    }
    expectSame(
      y, expected, size: Double(m + n), "\(m) × \(n), transposed \(transpose), adding \(adding)")
  }

  /// Σ a·x as 64 bytes of partial sums; halved to 8, 4, 2 and 1, each of which takes in as many of the
  /// terms left over at the end.
  private func chainsOfLanes<Scalar: MatrixScalar>(_ a: [Scalar], _ x: [Scalar]) -> Scalar {
    var lanes = [Scalar](repeating: 0, count: 64 / MemoryLayout<Scalar>.size)
    var j = 0
    while j + lanes.count <= a.count {
      for t in lanes.indices { lanes[t].addProduct(a[j + t], x[j + t]) }
      j += lanes.count
    }
    while lanes.count > 1 {
      let half = lanes.count / 2
      lanes = (0..<half).map { lanes[$0] + lanes[$0 + half] }
      if j + half <= a.count {
        for t in lanes.indices { lanes[t].addProduct(a[j + t], x[j + t]) }
        j += half
      }
    }
    return lanes[0]
  }

  private func checkOuter<Scalar: MatrixScalar>(_ m: Int, _ n: Int, _: Scalar.Type) {
    let (α, lda): (Scalar, Int) = (0.3, n + 2)
    let (x, y): ([Scalar], [Scalar]) = (scrambled(m, 7), scrambled(n, 8))
    let start: [Scalar] = scrambled(m * lda, 9)
    var a = start
    unsafe Scalar.ger(m: m, n: n, α, x, y, &a, lda)
    var expected = start
    for i in 0..<m { for j in 0..<n { expected[i * lda + j].addProduct(y[j], α * x[i]) } }
    expectSame(a, expected, size: 2, "\(m) × \(n), outer product")
  }
}
