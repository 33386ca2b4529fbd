internal import CKernels

extension Matrix where Scalar == Double {
  /// (A + δ)·Bᵀ in about twice the precision of Double: the sum of the two results.
  ///
  /// Each product and each sum is split into what Double holds and what it loses, both exact; the
  /// losses are added up in Double (Dot2 of Ogita, Rump and Oishi, Accurate sum and dot product,
  /// SIAM J. Sci. Comput. 26, 2005). Without overflow, with u = 2⁻⁵³, γ_k = ku/(1 − ku) and k the
  /// number of columns, an entry of sum + correction is off by at most
  ///
  ///     2γ²_{k+8} (|A||B|ᵀ)_ij + k·2⁻¹⁰⁷⁰
  ///
  /// Where something overflows, the entry is infinite or NaN.
  ///
  /// - Parameters:
  ///   - a: A, m × k.
  ///   - low: δ, with |δ_ij| ≤ u|A_ij|; `nil` for zero.
  ///   - b: B, n × k.
  /// - Complexity: m·n·k times about eight operations, on the calling thread.
  package static func compensatedProduct(
    _ a: Matrix, low: Matrix?, transposingSecond b: Matrix
  ) -> (sum: Matrix, correction: Matrix) {
    precondition(
      a.columns == b.columns && (low.map { $0.rows == a.rows && $0.columns == a.columns } ?? true),
      "product of \(a.rows) × \(a.columns) and the transpose of \(b.rows) × \(b.columns)")
    var sum = Matrix(rows: a.rows, columns: b.rows)
    var correction = sum
    let high = a.packedInPanels()
    let low = low?.packedInPanels()
    unsafe b.withUnsafeBufferPointer { w in
      unsafe sum.withUnsafeMutableBufferPointer { sum in
        unsafe correction.withUnsafeMutableBufferPointer { correction in
          guard let w = w.baseAddress, let sum = sum.baseAddress,
            let correction = correction.baseAddress
          else { return }
          unsafe lb_compensated_product_f64(
            a.rows, b.rows, a.columns, high.base, low?.base, w, sum, correction, b.rows)
        }
      }
    }
    return (sum, correction)
  }

  /// Rows side by side, as the kernel takes them.
  private func packedInPanels() -> Buffer<Double> {
    let width = Double.panelWidth
    let panels = Buffer<Double>(count: (rows + width - 1) / width * width * columns)
    unsafe withUnsafeBufferPointer { source in
      guard let source = source.baseAddress else { return }
      for first in stride(from: 0, to: rows, by: width) {
        unsafe Double.packPanel(
          min(width, rows - first), columns: columns, scale: 1, source + first * columns,
          stride: columns, into: panels.base + first * columns)
      }
    }
    return panels
  }
}
