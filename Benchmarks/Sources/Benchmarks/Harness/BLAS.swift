#if canImport(Accelerate)
  import Accelerate
#else
  import COpenBLAS
#endif
import LinearAlgebra

/// The library that the package's own products are measured beside.
enum BLAS {
  static let name: String = {
    #if canImport(Accelerate)
      return "Accelerate"
    #else
      return String(cString: openblas_get_config())
        .split(separator: " ").joined(separator: " ")
    #endif
  }()

  /// C ← C + α·op(A)·B, its rows in pieces of 256 that threads share, each a call on one thread.
  static func addProduct(
    _ a: Matrix<Float>, _ b: Matrix<Float>, transposingFirst transpose: Bool = false,
    scale: Float = 1, to c: inout Matrix<Float>, threads: Int
  ) {
    #if !canImport(Accelerate)
      openblas_set_num_threads(1)
    #endif
    let (m, n, k) = (c.rows, c.columns, b.rows)
    let pieces = chunks(of: m, size: 256)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          let operands = Operands(a: a.baseAddress!, b: b.baseAddress!, c: c.baseAddress!)
          concurrently(pieces.count, threads: threads) { piece in
            let first = pieces[piece].lowerBound
            cblas_sgemm(
              CblasRowMajor, transpose ? CblasTrans : CblasNoTrans, CblasNoTrans,
              Int32(pieces[piece].count), Int32(n), Int32(k), scale,
              operands.a + (transpose ? first : first * k), Int32(transpose ? m : k), operands.b,
              Int32(n), 1, operands.c + first * n, Int32(n))
          }
        }
      }
    }
  }

  private struct Operands: @unchecked Sendable {
    let a: UnsafePointer<Float>
    let b: UnsafePointer<Float>
    let c: UnsafeMutablePointer<Float>
  }
}
