/// Eight channels, transformed side by side.
package typealias Lanes = SIMD8<Float>

/// The one-dimensional transforms of F(m, 3): m outputs of a three-tap filter with m + 2
/// multiplications instead of 3m.
///
///     y = Aᵀ[(G g) ⊙ (Bᵀ d)],   d ∈ ℝ^{m+2},  g ∈ ℝ³,  y ∈ ℝᵐ
///
/// Applied to the rows and to the columns of a tile they give F(m×m, 3×3). The transforms read and
/// write `stride` apart, so that the same function serves rows and columns.
///
/// Source: A. Lavin, S. Gray, *Fast Algorithms for Convolutional Neural Networks*, CVPR 2016.
protocol WinogradTransform {
  /// m, the side of the output tile.
  static var outputs: Int { get }
  /// v = Bᵀ d, m + 2 values from m + 2.
  @unsafe static func input(
    _ d: UnsafePointer<Lanes>, _ v: UnsafeMutablePointer<Lanes>, stride: Int)
  /// u = G g, m + 2 values from three.
  @unsafe static func filter(
    _ g: UnsafePointer<SIMD8<Double>>, _ u: UnsafeMutablePointer<SIMD8<Double>>, stride: Int)
  /// y = Aᵀ z, m values from m + 2.
  @unsafe static func output(
    _ z: UnsafePointer<Lanes>, _ y: UnsafeMutablePointer<Lanes>, stride: Int)
}

extension WinogradTransform {
  /// m + 2, the side of the input tile.
  @inline(__always) static var side: Int { outputs + 2 }
}

/// F(2, 3), interpolation at 0, 1, −1, ∞.
enum WinogradF2: WinogradTransform {
  @inline(__always) static var outputs: Int { 2 }

  @inline(__always) @unsafe static func input(
    _ d: UnsafePointer<Lanes>, _ v: UnsafeMutablePointer<Lanes>, stride s: Int
  ) {
    let (d0, d1, d2, d3) = unsafe (d[0], d[s], d[2 * s], d[3 * s])
    unsafe v[0] = d0 - d2
    unsafe v[s] = d1 + d2
    unsafe v[2 * s] = d2 - d1
    unsafe v[3 * s] = d1 - d3
  }

  @inline(__always) @unsafe static func filter(
    _ g: UnsafePointer<SIMD8<Double>>, _ u: UnsafeMutablePointer<SIMD8<Double>>, stride s: Int
  ) {
    let (g0, g1, g2) = unsafe (g[0], g[s], g[2 * s])
    unsafe u[0] = g0
    unsafe u[s] = (g0 + g1 + g2) / 2
    unsafe u[2 * s] = (g0 - g1 + g2) / 2
    unsafe u[3 * s] = g2
  }

  @inline(__always) @unsafe static func output(
    _ z: UnsafePointer<Lanes>, _ y: UnsafeMutablePointer<Lanes>, stride s: Int
  ) {
    let (z0, z1, z2, z3) = unsafe (z[0], z[s], z[2 * s], z[3 * s])
    unsafe y[0] = z0 + z1 + z2
    unsafe y[s] = z1 - z2 - z3
  }
}

/// F(4, 3), interpolation at 0, ±1, ±2, ∞.
enum WinogradF4: WinogradTransform {
  @inline(__always) static var outputs: Int { 4 }

  @inline(__always) @unsafe static func input(
    _ d: UnsafePointer<Lanes>, _ v: UnsafeMutablePointer<Lanes>, stride s: Int
  ) {
    let (d0, d1, d2) = unsafe (d[0], d[s], d[2 * s])
    let (d3, d4, d5) = unsafe (d[3 * s], d[4 * s], d[5 * s])
    unsafe v[0] = 4 * d0 - 5 * d2 + d4
    let (even1, odd1) = (d4 - 4 * d2, d3 - 4 * d1)
    unsafe v[s] = even1 + odd1
    unsafe v[2 * s] = even1 - odd1
    let (even2, odd2) = (d4 - d2, 2 * (d3 - d1))
    unsafe v[3 * s] = even2 + odd2
    unsafe v[4 * s] = even2 - odd2
    unsafe v[5 * s] = 4 * d1 - 5 * d3 + d5
  }

  @inline(__always) @unsafe static func filter(
    _ g: UnsafePointer<SIMD8<Double>>, _ u: UnsafeMutablePointer<SIMD8<Double>>, stride s: Int
  ) {
    let (g0, g1, g2) = unsafe (g[0], g[s], g[2 * s])
    unsafe u[0] = g0 / 4
    unsafe u[s] = (g0 + g1 + g2) / -6
    unsafe u[2 * s] = (g0 - g1 + g2) / -6
    unsafe u[3 * s] = (g0 + 2 * g1 + 4 * g2) / 24
    unsafe u[4 * s] = (g0 - 2 * g1 + 4 * g2) / 24
    unsafe u[5 * s] = g2
  }

  @inline(__always) @unsafe static func output(
    _ z: UnsafePointer<Lanes>, _ y: UnsafeMutablePointer<Lanes>, stride s: Int
  ) {
    let (z1, z2, z3, z4) = unsafe (z[s], z[2 * s], z[3 * s], z[4 * s])
    let (even1, odd1) = (z1 + z2, z1 - z2)
    let (even2, odd2) = (z3 + z4, z3 - z4)
    unsafe y[0] = z[0] + even1 + even2
    unsafe y[s] = odd1 + 2 * odd2
    unsafe y[2 * s] = even1 + 4 * even2
    unsafe y[3 * s] = odd1 + 8 * odd2 + z[5 * s]
  }
}
