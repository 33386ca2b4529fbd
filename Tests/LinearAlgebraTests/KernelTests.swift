import LinearAlgebra
import Testing

@Suite("Array kernels agree with naive loops")
struct KernelTests {
  @Test(arguments: awkwardSizes) func float(n: Int) {
    check(n, Float.self)
  }

  @Test(arguments: awkwardSizes) func double(n: Int) {
    check(n, Double.self)
  }

  func check<Scalar: MatrixScalar>(_ n: Int, _: Scalar.Type) {
    checkDot(scrambled(n, 1) as [Scalar], scrambled(n, 2))
    checkUpdateDot(scrambled(n, 1) as [Scalar], scrambled(n, 2), scrambled(n, 3))
    for rows in [0, 1, 3, 4, 5, 17] { checkAccumulateRows(n, rows: rows, Scalar.self) }
    let (a, b): ([Scalar], [Scalar]) = (scrambled(n, 4), scrambled(n, 5))
    var c = a
    unsafe Scalar.multiply(n, a, b, &c)
    #expect(c == zip(a, b).map { $0 * $1 })
  }

  func near<Scalar: MatrixScalar>(_ x: Double, _ terms: [Double], _: Scalar.Type) -> Bool {
    let scale = terms.reduce(0) { $0 + abs($1) }
    return abs(x - terms.reduce(0, +)) <= Tolerance.rounding(Scalar.self) * scale
  }

  func checkDot<Scalar: MatrixScalar>(_ a: [Scalar], _ b: [Scalar]) {
    let sum = unsafe Scalar.dot(a.count, a, b)
    #expect(near(sum, zip(a, b).map { Double($0) * Double($1) }, Scalar.self))
    #expect(unsafe Scalar.dot(a.count, a, b) == sum)
  }

  func checkUpdateDot<Scalar: MatrixScalar>(_ p: [Scalar], _ a: [Scalar], _ h: [Scalar]) {
    var updated = a
    let s: Scalar = 0.375
    let sum = unsafe Scalar.updateDot(a.count, s, p, &updated, h)
    for i in a.indices {
      #expect(abs(updated[i] - (a[i] + s * p[i])) <= Scalar.ulpOfOne)
    }
    #expect(near(sum, zip(updated, h).map { Double($0) * Double($1) }, Scalar.self))
  }

  func checkAccumulateRows<Scalar: MatrixScalar>(_ n: Int, rows: Int, _: Scalar.Type) {
    let stride = n + 5
    let (g, c): ([Scalar], [Scalar]) = (scrambled(rows, 6), scrambled(rows * stride, 7))
    let start: [Scalar] = scrambled(n, 8)
    var z = start
    unsafe Scalar.accumulateRows(n, rows: rows, g, c, stride: stride, &z)
    var failures = 0
    for i in 0..<n {
      let terms = (0..<rows).map { Double(g[$0]) * Double(c[$0 * stride + i]) }
      if !near(Double(z[i]), terms + [Double(start[i])], Scalar.self) { failures += 1 }
    }
    #expect(failures == 0)
  }

  /// A million equal floats: partial sums in float alone would be off by 1e-3.
  @Test func longSumsOfFloatsAreAccurate() {
    let n = 1 << 20
    let a = [Float](repeating: 0.1, count: n)
    let exact = Double(Float(0.1)) * Double(Float(0.1)) * Double(n)
    #expect(abs(unsafe Float.dot(n, a, a) / exact - 1) < Double(Float.ulpOfOne) * 4)
  }

  @Test func levelIsOneOfThose() {
    #expect(["x86-64-v4", "x86-64-v3", "x86-64", "arm64 NEON"].contains(kernelLevel))
  }
}
