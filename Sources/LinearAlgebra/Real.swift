internal import CKernels

/// A floating-point type with vectorised kernels: `Float` or `Double`.
///
/// Generic code calls one kernel per array, never per element, so that dispatch through this
/// protocol costs nothing that can be measured.
public protocol Real: BinaryFloatingPoint, SIMDScalar, Sendable, Codable, LosslessStringConvertible
where RawSignificand: FixedWidthInteger {
  /// The name used on the command line and in files: `float` or `double`.
  static var precisionName: String { get }

  /// C ← α·op(A)·op(B) + β·C, row-major, on the calling thread alone.
  ///
  /// - Parameters:
  ///   - m: rows of C and of op(A).
  ///   - n: columns of C and of op(B).
  ///   - k: columns of op(A), rows of op(B).
  ///   - lda: distance between the rows of A as stored; likewise `ldb`, `ldc`.
  @unsafe static func gemm(
    _ transposeA: Bool, _ transposeB: Bool, m: Int, n: Int, k: Int,
    _ α: Self, _ a: UnsafePointer<Self>, _ lda: Int, _ b: UnsafePointer<Self>, _ ldb: Int,
    _ β: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int)

  /// y ← α·op(A)·x + β·y, row-major A of `m` × `n` as stored, on the calling thread alone.
  @unsafe static func gemv(
    _ transpose: Bool, m: Int, n: Int, _ α: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ x: UnsafePointer<Self>, _ β: Self, _ y: UnsafeMutablePointer<Self>)

  /// A ← A + α·x·yᵀ, row-major A of `m` × `n`, on the calling thread alone.
  @unsafe static func ger(
    m: Int, n: Int, _ α: Self, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>,
    _ a: UnsafeMutablePointer<Self>, _ lda: Int)

  /// y ← σ(x) for `n` elements.
  @unsafe static func apply(
    _ σ: Activation, _ n: Int, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>)

  /// y ← σ(x) and dy ← σ′(x) for `n` elements.
  @unsafe static func applyWithDerivative(
    _ σ: Activation, _ n: Int, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>,
    _ dy: UnsafeMutablePointer<Self>)

  /// z ← z + Σ_l g_l·C_l over the first `rows` rows of C, which lie `stride` apart.
  @unsafe static func accumulateRows(
    _ n: Int, rows: Int, _ g: UnsafePointer<Self>, _ c: UnsafePointer<Self>, stride: Int,
    _ z: UnsafeMutablePointer<Self>)

  /// z_k ← z_k + Σ_l g_kl·C_l for `m` rows of z and `rows` rows of C, all `stride` apart; the rows
  /// of g lie `gStride` apart. Reads C once for several rows of z, and copies nothing.
  @unsafe static func accumulateBlock(
    _ n: Int, outputs m: Int, rows: Int, _ g: UnsafePointer<Self>, gStride: Int,
    _ c: UnsafePointer<Self>, _ z: UnsafeMutablePointer<Self>, stride: Int)

  /// Samples in a panel of ``packPanel(_:columns:scale:_:stride:into:)``: at most 32.
  static var panelWidth: Int { get }

  /// Packs up to ``panelWidth`` samples of `columns` numbers, times `scale`, for
  /// ``affine(_:outputs:depth:panels:weights:bias:into:stride:)``; a panel has
  /// `panelWidth × columns` numbers, zeros where samples are missing.
  @unsafe static func packPanel(
    _ count: Int, columns: Int, scale: Self, _ rows: UnsafePointer<Self>, stride: Int,
    into panel: UnsafeMutablePointer<Self>)

  /// z_k ← W x_k + b for `count` packed samples, W of `outputs` × `depth`; rows of z lie `stride`
  /// apart. For few samples and many weights: these are read once, and never copied.
  @unsafe static func affine(
    _ count: Int, outputs: Int, depth: Int, panels: UnsafePointer<Self>,
    weights w: UnsafePointer<Self>, bias: UnsafePointer<Self>?,
    into z: UnsafeMutablePointer<Self>, stride: Int)

  /// Σ a·b, summed in an order that depends on `n` alone.
  @unsafe static func dot(_ n: Int, _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>) -> Double

  /// a ← a + s·p, then Σ a·h in the same pass.
  @unsafe static func updateDot(
    _ n: Int, _ s: Self, _ p: UnsafePointer<Self>, _ a: UnsafeMutablePointer<Self>,
    _ h: UnsafePointer<Self>
  ) -> Double

  /// c ← a ⊙ b
  @unsafe static func multiply(
    _ n: Int, _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, _ c: UnsafeMutablePointer<Self>)

  /// a ← s·a
  @unsafe static func scale(_ n: Int, _ s: Self, _ a: UnsafeMutablePointer<Self>)

  /// b ← b + a
  @unsafe static func add(
    _ n: Int, _ a: UnsafePointer<Self>, _ b: UnsafeMutablePointer<Self>)

  /// out ← mean + scale·z with z the first `n` standard normal numbers of an item.
  @unsafe static func fillNormal(
    _ stream: RandomStream, item: UInt64, _ n: Int, mean: Self, scale: Self,
    _ out: UnsafeMutablePointer<Self>)

  /// out ← lower + width·u with u the first `n` numbers of an item, uniform on [0, 1).
  @unsafe static func fillUniform(
    _ stream: RandomStream, item: UInt64, _ n: Int, lower: Self, width: Self,
    _ out: UnsafeMutablePointer<Self>)
}

/// Which elementwise kernels the processor at hand runs, for instance `x86-64-v3`.
public var kernelLevel: String { unsafe String(cString: lb_level()) }
