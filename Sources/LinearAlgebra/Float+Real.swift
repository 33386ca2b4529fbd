internal import CKernels

#if canImport(Accelerate)
  internal import Accelerate
#else
  internal import COpenBLAS
#endif

extension Float: Real {
  public static var precisionName: String { "float" }

  public static func gemm(
    _ transposeA: Bool, _ transposeB: Bool, m: Int, n: Int, k: Int,
    _ α: Self, _ a: UnsafePointer<Self>, _ lda: Int, _ b: UnsafePointer<Self>, _ ldb: Int,
    _ β: Self, _ c: UnsafeMutablePointer<Self>, _ ldc: Int
  ) {
    singleThreadedBLAS
    guard m > 0, n > 0 else { return }
    unsafe cblas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans,
      transposeB ? CblasTrans : CblasNoTrans, BLASInteger(m), BLASInteger(n), BLASInteger(k),
      α, a, BLASInteger(max(lda, 1)), b, BLASInteger(max(ldb, 1)),
      β, c, BLASInteger(max(ldc, 1)))
  }

  public static func gemv(
    _ transpose: Bool, m: Int, n: Int, _ α: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ x: UnsafePointer<Self>, _ β: Self, _ y: UnsafeMutablePointer<Self>
  ) {
    singleThreadedBLAS
    unsafe cblas_sgemv(
      CblasRowMajor, transpose ? CblasTrans : CblasNoTrans, BLASInteger(m), BLASInteger(n),
      α, a, BLASInteger(max(lda, 1)), x, 1, β, y, 1)
  }

  public static func ger(
    m: Int, n: Int, _ α: Self, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>,
    _ a: UnsafeMutablePointer<Self>, _ lda: Int
  ) {
    singleThreadedBLAS
    unsafe cblas_sger(
      CblasRowMajor, BLASInteger(m), BLASInteger(n), α, x, 1, y, 1, a, BLASInteger(max(lda, 1)))
  }

  public static func apply(
    _ σ: Activation, _ n: Int, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>
  ) {
    unsafe σ.withKernel { unsafe lb_apply_f32($0, $1, n, x, y) }
  }

  public static func applyWithDerivative(
    _ σ: Activation, _ n: Int, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>,
    _ dy: UnsafeMutablePointer<Self>
  ) {
    unsafe σ.withKernel { unsafe lb_apply_derivative_f32($0, $1, n, x, y, dy) }
  }

  public static func accumulateRows(
    _ n: Int, rows: Int, _ g: UnsafePointer<Self>, _ c: UnsafePointer<Self>, stride: Int,
    _ z: UnsafeMutablePointer<Self>
  ) {
    unsafe lb_accumulate_rows_f32(n, rows, g, c, stride, z)
  }

  public static func accumulateBlock(
    _ n: Int, outputs m: Int, rows: Int, _ g: UnsafePointer<Self>, gStride: Int,
    _ c: UnsafePointer<Self>, _ z: UnsafeMutablePointer<Self>, stride: Int
  ) {
    unsafe lb_accumulate_block_f32(n, m, rows, g, gStride, c, stride, z)
  }

  public static var panelWidth: Int { lb_panel_width_f32() }

  public static func packPanel(
    _ count: Int, columns: Int, scale: Self, _ rows: UnsafePointer<Self>, stride: Int,
    into panel: UnsafeMutablePointer<Self>
  ) {
    unsafe lb_pack_panel_f32(count, columns, scale, rows, stride, panel)
  }

  public static func affine(
    _ count: Int, outputs: Int, depth: Int, panels: UnsafePointer<Self>,
    weights w: UnsafePointer<Self>, bias: UnsafePointer<Self>?,
    into z: UnsafeMutablePointer<Self>, stride: Int
  ) {
    unsafe lb_affine_f32(count, outputs, depth, panels, w, bias, z, stride)
  }

  public static func dot(
    _ n: Int, _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>
  ) -> Double {
    unsafe lb_dot_f32(n, a, b)
  }

  public static func updateDot(
    _ n: Int, _ s: Self, _ p: UnsafePointer<Self>, _ a: UnsafeMutablePointer<Self>,
    _ h: UnsafePointer<Self>
  ) -> Double {
    unsafe lb_update_dot_f32(n, s, p, a, h)
  }

  public static func multiply(
    _ n: Int, _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, _ c: UnsafeMutablePointer<Self>
  ) {
    unsafe lb_multiply_f32(n, a, b, c)
  }

  public static func scale(_ n: Int, _ s: Self, _ a: UnsafeMutablePointer<Self>) {
    unsafe lb_scale_f32(n, s, a)
  }

  public static func add(
    _ n: Int, _ a: UnsafePointer<Self>, _ b: UnsafeMutablePointer<Self>
  ) {
    unsafe lb_add_f32(n, a, b)
  }
}
