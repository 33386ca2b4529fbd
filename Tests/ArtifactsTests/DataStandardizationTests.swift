import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

@Suite("Standardised inputs") struct DataStandardizationTests {
  /// The training part and the part held out of n rows with these columns, standardised.
  private func standardized(
    _ columns: [[Double]]
  ) throws -> (
    train: Matrix<Double>, test: Matrix<Double>, rawTrain: Matrix<Double>, rawTest: Matrix<Double>
  ) {
    try withTemporaryDirectory { directory in
      let n = columns[0].count
      let path = directory + "/d.npz"
      let x = Matrix(
        rows: n, columns: columns.count, (0..<n).flatMap { i in columns.map { $0[i] } })
      try writeNpz([("x", Tensor(x)), ("y", Tensor((0..<n).map { $0 % 2 }))], to: path)
      func part(_ options: String) throws -> Matrix<Double> {
        let samples: Samples<Double> = try DataSpecification(parsing: path + ":" + options)
          .samples()
        return samples.inputs
      }
      return (
        try part("split=train,standardize"), try part("split=test,standardize"),
        try part("split=train"), try part("split=test")
      )
    }
  }

  @Test("constants are 0, whatever their mean rounds to, and never a quotient of roundings")
  func constants() throws {
    for c in [0.5, 0.1, 0.3, 0.7, 1e-300, -1e300, 1 / 3.0, Double.leastNonzeroMagnitude, 0, 1e16] {
      for n in [10, 50, 333] {
        let found = try standardized([[Double](repeating: c, count: n)])
        #expect((found.train.elements + found.test.elements).allSatisfy { $0 == 0 }, "\(c)")
      }
    }
    // Sums of decimals that are one number but for rounding.
    let rounded = (0..<50).map { $0 % 2 == 0 ? 0.3 : 0.1 + 0.2 }
    #expect(rounded[0] != rounded[1])
    let found = try standardized([rounded])
    #expect(found.train.elements.allSatisfy { $0 == 0 })
  }

  @Test("off a constant it is x − c, in scale 1")
  func offConstant() throws {
    // The fixed fifth of 50 rows is known by standardising row numbers' parity away: read it.
    let numbers = (0..<50).map { Double($0) }
    let held = try standardized([numbers]).rawTest.elements.map { Int($0) }
    let column = (0..<50).map { held.contains($0) ? 0.3 + Double($0 % 3) : 0.3 }
    let found = try standardized([column])
    #expect(found.train.elements.allSatisfy { $0 == 0 })
    for (value, raw) in zip(found.test.elements, found.rawTest.elements) {
      #expect(value == (raw == 0.3 ? 0 : raw - 0.3) && abs(value) < 3)
    }
  }

  @Test(
    "columns that vary have mean 0 and variance 1, of any size and however small their spread",
    arguments: [
      (1.0, 1.0), (1e-200, 0), (1e200, 0), (1, 1e9), (1e-6, 1), (1e-9, 3), (1e-10, 1),
    ])
  func varying(_ scale: Double, _ offset: Double) throws {
    let values = (0..<100).map { offset + scale * (Double($0 * 37 % 101) / 50 - 1) }
    let found = try standardized([values])
    let z = found.train.elements
    let n = Double(z.count)
    let mean = z.reduce(0, +) / n
    // The inputs themselves are rounded: by 2⁻⁵³ of the offset, in units of the spread.
    let rounding = 1e-12 + 4 * abs(offset) * 0x1p-52 / scale
    #expect(abs(mean) < rounding)
    #expect(abs(z.reduce(0) { $0 + $1 * $1 } / n - mean * mean - 1) < 1e-12 + 2 * rounding)
  }
}
