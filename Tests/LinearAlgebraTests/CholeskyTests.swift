import LinearAlgebra
import Testing

@Suite("Cholesky factors")
struct CholeskyTests {
  /// AᵀA for a random A of n rows; of rank at most n.
  private func gram(_ rows: Int, _ size: Int) -> Matrix<Double> {
    let a = Matrix<Double>.normal(
      rows: rows, columns: size, stream: RandomStream(seed: 3, purpose: .initialization))
    return .product(a, a, transposingFirst: true)
  }

  @Test("What is solved for gives the right-hand side", arguments: [1, 2, 63, 64, 65, 130])
  func solves(size: Int) throws {
    let matrix = gram(2 * size + 8, size)
    let factor = try #require(Cholesky(matrix))
    let b = Matrix<Double>.normal(
      rows: 3, columns: size, stream: RandomStream(seed: 4, purpose: .initialization))
    var x = b
    factor.solve(&x)
    let image = Matrix.product(x, matrix)
    let largest = zip(image.elements, b.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(largest < 1e-9, "\(size): \(largest)")
  }

  @Test("The ridge is added in units of the diagonal")
  func ridge() throws {
    let matrix = Matrix<Double>(rows: 2, columns: 2, [4, 1, 1, 100])
    let factor = try #require(Cholesky(matrix, ridge: 0.5))
    #expect(factor.ridge == 0.5)
    var x = Matrix<Double>(rows: 1, columns: 2, [6, 150])
    factor.solve(&x)
    // (6 1; 1 150) x = (6, 150)
    #expect(abs(6 * x[0, 0] + x[0, 1] - 6) < 1e-12)
    #expect(abs(x[0, 0] + 150 * x[0, 1] - 150) < 1e-12)
  }

  @Test("Singular matrices and variables that are zero get a ridge, numbers that are none do not")
  func singular() throws {
    for matrix in [gram(3, 8), Matrix<Double>(rows: 4, columns: 4)] {
      let factor = try #require(Cholesky(matrix))
      #expect(factor.ridge > 0 && factor.ridge < 1e-8)
      var x = Matrix<Double>(rows: 1, columns: matrix.columns)
      factor.solve(&x)
      #expect(x.elements.allSatisfy { $0 == 0 })
    }
    #expect(Cholesky(Matrix(rows: 1, columns: 1, [Double.nan])) == nil)
    #expect(Cholesky(Matrix(rows: 1, columns: 1, [Double.infinity])) == nil)
  }
}
