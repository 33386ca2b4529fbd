import LinearAlgebra
import Testing

private func matrix<Scalar: MatrixScalar>(_ rows: Int, _ columns: Int, _ salt: Int) -> Matrix<
  Scalar
> {
  Matrix(rows: rows, columns: columns, scrambled(rows * columns, salt))
}

@Suite("Matrix products agree with the definition")
struct MatrixProductTests {
  static let shapes = [
    (0, 3, 2), (3, 0, 2), (2, 3, 0), (1, 1, 1), (7, 8, 9), (31, 33, 17), (300, 5, 40), (513, 2, 3),
  ]

  @Test(arguments: shapes) func products(m: Int, n: Int, k: Int) {
    check(m, n, k, Float.self)
    check(m, n, k, Double.self)
  }

  func check<Scalar: MatrixScalar>(_ m: Int, _ n: Int, _ k: Int, _: Scalar.Type) {
    for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
      let a: Matrix<Scalar> = transposeA ? matrix(k, m, 1) : matrix(m, k, 1)
      let b: Matrix<Scalar> = transposeB ? matrix(n, k, 2) : matrix(k, n, 2)
      let start: Matrix<Scalar> = matrix(m, n, 3)
      var c = start
      c.addProduct(
        a, b, transposingFirst: transposeA, transposingSecond: transposeB, scale: 0.5)
      for i in 0..<m {
        for j in 0..<n {
          let terms = (0..<k).map { l in
            0.5 * Double(transposeA ? a[l, i] : a[i, l]) * Double(transposeB ? b[j, l] : b[l, j])
          }
          let sum = terms.reduce(Double(start[i, j]), +)
          let scale = terms.reduce(abs(Double(start[i, j]))) { $0 + abs($1) }
          #expect(abs(Double(c[i, j]) - sum) <= Tolerance.rounding(Scalar.self) * scale)
        }
      }
      let fresh = Matrix.product(
        a, b, transposingFirst: transposeA, transposingSecond: transposeB)
      #expect(fresh.rows == m && fresh.columns == n)
    }
  }

  @Test func threadsDoNotChangeTheBytes() {
    let a: Matrix<Float> = matrix(1000, 33, 1)
    let b: Matrix<Float> = matrix(33, 20, 2)
    let one = Matrix.product(a, b, threads: 1)
    for threads in [2, 3, 8] { #expect(Matrix.product(a, b, threads: threads) == one) }
  }
}

@Suite("Matrices are values")
struct MatrixTests {
  @Test func copiesAreIndependent() {
    let original: Matrix<Double> = matrix(3, 4, 1)
    var copy = original
    copy[1, 2] = 42
    #expect(original == matrix(3, 4, 1))
    #expect(copy != original)
    #expect(copy[1, 2] == 42)
    copy[1, 2] = original[1, 2]
    #expect(copy == original)
  }

  @Test func productIntoACopyLeavesTheOriginal() {
    let original: Matrix<Float> = matrix(2, 2, 1)
    var copy = original
    copy.addProduct(original, original)
    #expect(original == matrix(2, 2, 1))
    #expect(copy[0, 0] != original[0, 0])
  }

  @Test func zerosAndShapes() {
    let zeros = Matrix<Float>(rows: 2, columns: 3)
    #expect(zeros.elements == [Float](repeating: 0, count: 6))
    #expect(Matrix<Float>(rows: 0, columns: 3) != Matrix<Float>(rows: 3, columns: 0))
    #expect(Matrix<Double>(rows: 0, columns: 0).elements == [])
    unsafe zeros.withUnsafeBufferPointer {
      let address = Int(bitPattern: $0.baseAddress!)
      #expect(address % 64 == 0)
    }
  }

  @Test func selection() {
    let a = Matrix<Double>(rows: 3, columns: 4, (0..<12).map(Double.init))
    #expect(a.row(1) == [4, 5, 6, 7])
    #expect(a.column(2) == [2, 6, 10])
    #expect(a.rows([2, 0, 2]).elements == [8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11])
    #expect(a.columns([3, 1]).elements == [3, 1, 7, 5, 11, 9])
    #expect(a.rows([]).columns == 4 && a.columns([]).rows == 3)
    #expect(a.rows(0..<3) == a && a.columns(0..<4) == a)
    #expect(a.transposed.row(3) == a.column(3) && a.transposed.transposed == a)
  }

  @Test func elementwise() {
    let a: Matrix<Double> = matrix(5, 7, 1)
    #expect(a.map { 2 * $0 } == Matrix.combine(a, a, +))
    var positive = a
    positive.apply(.relu)
    #expect(positive.elements == a.elements.map { max($0, 0) })
    #expect(
      Matrix<Double>(scalars: Matrix<Float>(scalars: a)).elements
        == a.elements.map { Double(Float($0)) })
  }

  /// The first rows share memory with the whole until either is changed.
  @Test func firstRowsAreIndependent() {
    let whole = Matrix<Double>(rows: 3, columns: 2, [1, 2, 3, 4, 5, 6])
    var (changed, first) = (whole, whole.rows(0..<2))
    #expect(first == Matrix(rows: 2, columns: 2, [1, 2, 3, 4]))
    #expect(whole.rows([0, 1]) == first && whole.rows([1, 0]) != first)
    changed[0, 0] = 9
    first[1, 1] = 8
    #expect(whole.elements == [1, 2, 3, 4, 5, 6])
    #expect(changed.elements == [9, 2, 3, 4, 5, 6] && first.elements == [1, 2, 3, 8])
    #expect(whole.rows(0..<0).count == 0)
  }
}
