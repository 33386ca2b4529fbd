internal import CKernels

// One kernel per array, never per element: which of the two types is at hand is asked once a call,
// and not at all where the caller is specialised.
extension MatrixScalar {
  /// C ← α·op(A)·op(B), plus C where `adding`; row-major, on the calling thread alone.
  ///
  /// The same bytes on every processor: an element is a sum over the depth in order, as a chain of
  /// fused multiply-adds in blocks of 384 terms.
  ///
  /// - Parameters:
  ///   - m: rows of C and of op(A).
  ///   - n: columns of C and of op(B).
  ///   - k: columns of op(A), rows of op(B).
  ///   - lda: distance between the rows of A as stored; likewise `ldb`, `ldc`.
  @unsafe package static func gemm(
    _ transposeA: Bool, _ transposeB: Bool, m: Int, n: Int, k: Int,
    _ α: Self, _ a: UnsafePointer<Self>, _ lda: Int, _ b: UnsafePointer<Self>, _ ldb: Int,
    adding: Bool, _ c: UnsafeMutablePointer<Self>, _ ldc: Int
  ) {
    let (opA, opB, adds): (Int32, Int32, Int32) = (
      transposeA ? 1 : 0, transposeB ? 1 : 0, adding ? 1 : 0
    )
    if isFloat {
      unsafe lb_gemm_f32(
        opA, opB, m, n, k, f32(α), f32(a), lda, f32(b), ldb, adds, f32(c), ldc)
    } else {
      unsafe lb_gemm_f64(
        opA, opB, m, n, k, f64(α), f64(a), lda, f64(b), ldb, adds, f64(c), ldc)
    }
  }

  /// y ← α·op(A)·x, plus y where `adding`; row-major A of `m` × `n` as stored, on the calling thread
  /// alone.
  @unsafe package static func gemv(
    _ transpose: Bool, m: Int, n: Int, _ α: Self, _ a: UnsafePointer<Self>, _ lda: Int,
    _ x: UnsafePointer<Self>, adding: Bool, _ y: UnsafeMutablePointer<Self>
  ) {
    let (op, adds): (Int32, Int32) = (transpose ? 1 : 0, adding ? 1 : 0)
    if isFloat {
      unsafe lb_gemv_f32(op, m, n, f32(α), f32(a), lda, f32(x), adds, f32(y))
    } else {
      unsafe lb_gemv_f64(op, m, n, f64(α), f64(a), lda, f64(x), adds, f64(y))
    }
  }

  /// A ← A + α·x·yᵀ, row-major A of `m` × `n`, on the calling thread alone.
  @unsafe package static func ger(
    m: Int, n: Int, _ α: Self, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>,
    _ a: UnsafeMutablePointer<Self>, _ lda: Int
  ) {
    if isFloat {
      unsafe lb_ger_f32(m, n, f32(α), f32(x), f32(y), f32(a), lda)
    } else {
      unsafe lb_ger_f64(m, n, f64(α), f64(x), f64(y), f64(a), lda)
    }
  }

  /// y ← σ(x) for `n` elements.
  @unsafe package static func apply(
    _ σ: Activation, _ n: Int, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>
  ) {
    unsafe σ.withKernel {
      isFloat
        ? unsafe lb_apply_f32($0, $1, n, f32(x), f32(y))
        : unsafe lb_apply_f64($0, $1, n, f64(x), f64(y))
    }
  }

  /// y ← σ(x) and dy ← σ′(x) for `n` elements.
  @unsafe package static func applyWithDerivative(
    _ σ: Activation, _ n: Int, _ x: UnsafePointer<Self>, _ y: UnsafeMutablePointer<Self>,
    _ dy: UnsafeMutablePointer<Self>
  ) {
    unsafe σ.withKernel {
      isFloat
        ? unsafe lb_apply_derivative_f32($0, $1, n, f32(x), f32(y), f32(dy))
        : unsafe lb_apply_derivative_f64($0, $1, n, f64(x), f64(y), f64(dy))
    }
  }

  /// z ← z + Σ_l g_l·C_l over the first `rows` rows of C, which lie `stride` apart.
  @unsafe package static func accumulateRows(
    _ n: Int, rows: Int, _ g: UnsafePointer<Self>, _ c: UnsafePointer<Self>, stride: Int,
    _ z: UnsafeMutablePointer<Self>
  ) {
    isFloat
      ? unsafe lb_accumulate_rows_f32(n, rows, f32(g), f32(c), stride, f32(z))
      : unsafe lb_accumulate_rows_f64(n, rows, f64(g), f64(c), stride, f64(z))
  }

  /// z_k ← z_k + Σ_l g_kl·C_l for `m` rows of z and `rows` rows of C, all `stride` apart; the rows
  /// of g lie `gStride` apart. Reads C once for several rows of z, and copies nothing.
  @unsafe package static func accumulateBlock(
    _ n: Int, outputs m: Int, rows: Int, _ g: UnsafePointer<Self>, gStride: Int,
    _ c: UnsafePointer<Self>, _ z: UnsafeMutablePointer<Self>, stride: Int
  ) {
    isFloat
      ? unsafe lb_accumulate_block_f32(n, m, rows, f32(g), gStride, f32(c), stride, f32(z))
      : unsafe lb_accumulate_block_f64(n, m, rows, f64(g), gStride, f64(c), stride, f64(z))
  }

  /// Samples in a panel of ``packPanel(_:columns:scale:_:stride:into:)``: at most 32.
  package static var panelWidth: Int { isFloat ? lb_panel_width_f32() : lb_panel_width_f64() }

  /// Packs up to ``panelWidth`` samples of `columns` numbers, times `scale`, for
  /// ``affine(_:outputs:depth:panels:weights:bias:into:stride:)``; a panel has
  /// `panelWidth × columns` numbers, zeros where samples are missing.
  @unsafe package static func packPanel(
    _ count: Int, columns: Int, scale: Self, _ rows: UnsafePointer<Self>, stride: Int,
    into panel: UnsafeMutablePointer<Self>
  ) {
    isFloat
      ? unsafe lb_pack_panel_f32(count, columns, f32(scale), f32(rows), stride, f32(panel))
      : unsafe lb_pack_panel_f64(count, columns, f64(scale), f64(rows), stride, f64(panel))
  }

  /// z_k ← W x_k + b for `count` packed samples, W of `outputs` × `depth`; rows of z lie `stride`
  /// apart. For few samples and many weights: these are read once, and never copied.
  @unsafe package static func affine(
    _ count: Int, outputs: Int, depth: Int, panels: UnsafePointer<Self>,
    weights w: UnsafePointer<Self>, bias: UnsafePointer<Self>?,
    into z: UnsafeMutablePointer<Self>, stride: Int
  ) {
    if isFloat {
      unsafe lb_affine_f32(
        count, outputs, depth, f32(panels), f32(w), bias.map { unsafe f32($0) }, f32(z), stride)
    } else {
      unsafe lb_affine_f64(
        count, outputs, depth, f64(panels), f64(w), bias.map { unsafe f64($0) }, f64(z), stride)
    }
  }

  /// Σ a·b, summed in an order that depends on `n` alone.
  @unsafe package static func dot(
    _ n: Int, _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>
  ) -> Double {
    isFloat ? unsafe lb_dot_f32(n, f32(a), f32(b)) : unsafe lb_dot_f64(n, f64(a), f64(b))
  }

  /// a ← a + s·p, then Σ a·h in the same pass.
  @unsafe package static func updateDot(
    _ n: Int, _ s: Self, _ p: UnsafePointer<Self>, _ a: UnsafeMutablePointer<Self>,
    _ h: UnsafePointer<Self>
  ) -> Double {
    isFloat
      ? unsafe lb_update_dot_f32(n, f32(s), f32(p), f32(a), f32(h))
      : unsafe lb_update_dot_f64(n, f64(s), f64(p), f64(a), f64(h))
  }

  /// c ← a ⊙ b
  @unsafe package static func multiply(
    _ n: Int, _ a: UnsafePointer<Self>, _ b: UnsafePointer<Self>, _ c: UnsafeMutablePointer<Self>
  ) {
    isFloat
      ? unsafe lb_multiply_f32(n, f32(a), f32(b), f32(c))
      : unsafe lb_multiply_f64(n, f64(a), f64(b), f64(c))
  }

  /// a ← s·a
  @unsafe package static func scale(_ n: Int, _ s: Self, _ a: UnsafeMutablePointer<Self>) {
    isFloat ? unsafe lb_scale_f32(n, f32(s), f32(a)) : unsafe lb_scale_f64(n, f64(s), f64(a))
  }

  /// b ← b + a
  @unsafe package static func add(
    _ n: Int, _ a: UnsafePointer<Self>, _ b: UnsafeMutablePointer<Self>
  ) {
    isFloat ? unsafe lb_add_f32(n, f32(a), f32(b)) : unsafe lb_add_f64(n, f64(a), f64(b))
  }
}
