/// Eight channels, transformed side by side.
package typealias Lanes = SIMD8<Float>
/// The same for weights, which are transformed once, in double precision.
typealias WideLanes = SIMD8<Double>

/// The one-dimensional transforms of F(m, 3): m outputs of a three-tap filter with m + 2
/// multiplications instead of 3m.
///
///     y = Aᵀ[(G g) ⊙ (Bᵀ d)],   d ∈ ℝ^{m+2},  g ∈ ℝ³,  y ∈ ℝᵐ
///
/// Applied to the columns and then to the rows of a tile they give F(m×m, 3×3). Values come from
/// `load` and go to `store`, by index, so that a transform can read from and write to wherever its
/// caller keeps them without a copy between.
///
/// Source: A. Lavin, S. Gray, *Fast Algorithms for Convolutional Neural Networks*, CVPR 2016.
protocol WinogradTransform {
  /// m, the side of the output tile.
  static var outputs: Int { get }
  /// v = Bᵀ d, m + 2 values from m + 2.
  static func input(_ load: (Int) -> Lanes, _ store: (Int, Lanes) -> Void)
  /// u = G g, m + 2 values from three.
  static func filter(_ load: (Int) -> WideLanes, _ store: (Int, WideLanes) -> Void)
  /// y = Aᵀ z, m values from m + 2.
  static func output(_ load: (Int) -> Lanes, _ store: (Int, Lanes) -> Void)
}

extension WinogradTransform {
  /// m + 2, the side of the input tile.
  @inline(__always) static var side: Int { outputs + 2 }
}

/// F(2, 3), interpolation at 0, 1, −1, ∞.
enum WinogradF2: WinogradTransform {
  @inline(__always) static var outputs: Int { 2 }

  @inline(__always) static func input(_ load: (Int) -> Lanes, _ store: (Int, Lanes) -> Void) {
    let (d0, d1, d2, d3) = (load(0), load(1), load(2), load(3))
    store(0, d0 - d2)
    store(1, d1 + d2)
    store(2, d2 - d1)
    store(3, d1 - d3)
  }

  @inline(__always) static func filter(
    _ load: (Int) -> WideLanes, _ store: (Int, WideLanes) -> Void
  ) {
    let (g0, g1, g2) = (load(0), load(1), load(2))
    store(0, g0)
    store(1, (g0 + g1 + g2) / 2)
    store(2, (g0 - g1 + g2) / 2)
    store(3, g2)
  }

  @inline(__always) static func output(_ load: (Int) -> Lanes, _ store: (Int, Lanes) -> Void) {
    let (z0, z1, z2, z3) = (load(0), load(1), load(2), load(3))
    store(0, z0 + z1 + z2)
    store(1, z1 - z2 - z3)
  }
}

/// F(4, 3), interpolation at 0, ±1, ±2, ∞.
enum WinogradF4: WinogradTransform {
  @inline(__always) static var outputs: Int { 4 }

  @inline(__always) static func input(_ load: (Int) -> Lanes, _ store: (Int, Lanes) -> Void) {
    let (d0, d1, d2, d3, d4, d5) = (load(0), load(1), load(2), load(3), load(4), load(5))
    store(0, 4 * d0 - 5 * d2 + d4)
    let (even1, odd1) = (d4 - 4 * d2, d3 - 4 * d1)
    store(1, even1 + odd1)
    store(2, even1 - odd1)
    let (even2, odd2) = (d4 - d2, 2 * (d3 - d1))
    store(3, even2 + odd2)
    store(4, even2 - odd2)
    store(5, 4 * d1 - 5 * d3 + d5)
  }

  @inline(__always) static func filter(
    _ load: (Int) -> WideLanes, _ store: (Int, WideLanes) -> Void
  ) {
    let (g0, g1, g2) = (load(0), load(1), load(2))
    store(0, g0 / 4)
    store(1, (g0 + g1 + g2) / -6)
    store(2, (g0 - g1 + g2) / -6)
    store(3, (g0 + 2 * g1 + 4 * g2) / 24)
    store(4, (g0 - 2 * g1 + 4 * g2) / 24)
    store(5, g2)
  }

  @inline(__always) static func output(_ load: (Int) -> Lanes, _ store: (Int, Lanes) -> Void) {
    let (z1, z2, z3, z4) = (load(1), load(2), load(3), load(4))
    let (even1, odd1) = (z1 + z2, z1 - z2)
    let (even2, odd2) = (z3 + z4, z3 - z4)
    store(0, load(0) + even1 + even2)
    store(1, odd1 + 2 * odd2)
    store(2, even1 + 4 * even2)
    store(3, odd1 + 8 * odd2 + load(5))
  }
}
