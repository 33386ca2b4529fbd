import LinearAlgebra

/// Every tolerance of these tests. They are never widened without a reason written here.
enum Tolerance {
  /// Largest error of an activation in ulps (`Activation` states what was measured).
  static let activation = 4.0
  /// GELU's too: two more roundings in its distribution function.
  static let gelu = 6.5
  /// Largest error of a derivative in ulps: three roundings more than the activation's.
  static let derivative = 6.0
  /// Magnitudes below which sigmoid, softplus and all derivatives may be 0 instead.
  static func vanishing<Scalar: MatrixScalar>(_: Scalar.Type) -> Double {
    Scalar.self == Float.self ? 7e-38 : 1.4e-307  // 4e⁻⁸⁷, 4e⁻⁷⁰⁸
  }
  /// The same for silu and GELU: that times |x| and more, at most this many times as much.
  static let vanishingGates = 700.0
  /// Central difference with h = 1e-5 in `Double`: h²/6·max|σ‴| + ulp/h.
  static let centralDifference = 3e-10
  /// A sum or product of n terms against the naive one: relative to Σ|a||b|, times √n.
  static func rounding<Scalar: MatrixScalar>(_: Scalar.Type) -> Double {
    4 * Double(Scalar.ulpOfOne)
  }
  /// Box–Muller against the same formula with the library's functions, relative to 1.
  static func normal<Scalar: MatrixScalar>(_: Scalar.Type) -> Double {
    16 * Double(Scalar.ulpOfOne)
  }
  /// Statistics: this many standard deviations. False alarm of one normal statistic: 6e-7; the
  /// seeds are fixed, so a test that passes once passes always.
  static let deviations = 5.0
}

/// Sizes on both sides of every vector length, block and register count.
let awkwardSizes = [0, 1, 7, 8, 9, 31, 33, 1000, 1024, 1025, 4133]

/// Values that look random but need no generator under test.
func scrambled<Scalar: MatrixScalar>(_ n: Int, _ salt: Int = 0) -> [Scalar] {
  (0..<n).map { Scalar((($0 &* 7919) &+ (salt &* 104_729)) % 2003) / 1001 - 1 }
}
