internal import LinearAlgebra

/// Σ h hᵀ over samples, of which the upper triangle is formed, tile by tile.
struct ContributionGram<Scalar: MatrixScalar> {
  private var products: Matrix<Scalar>

  init(width: Int) { products = Matrix(rows: width, columns: width) }

  mutating func add(_ blocks: [Matrix<Scalar>], threads: Int) {
    products.addUpperGram(of: blocks, threads: threads)
  }

  /// The moments of K, where E⟨c_i, c_j⟩ = `scale`·(WᵀW)_ij (Σ h hᵀ)_ij and K is that matrix, centred
  /// in rows and columns.
  ///
  /// Centring is done in Double. In Float the Gram matrix carries a relative error of about 1e-6, and so
  /// does the standard deviation unless E‖f‖² is many times V.
  ///
  /// - Complexity: 2N²K flops.
  consuming func moments(
    weights: Matrix<Scalar>, scale: Double, correlations: [Double], threads: Int
  ) -> DropoutMoments.GramMoments {
    let width = weights.columns
    let stripes = chunks(of: width, size: gramTile)
    var means = [Double](repeating: 0, count: width)
    var diagonal: [Double] = []
    for stripe in weigh(by: weights, scale: scale, threads: threads) {
      for i in 0..<width { means[i] += stripe.rowSums[i] / Double(width) }
      diagonal += stripe.diagonal
    }
    let mean = means.reduce(0, +) / Double(width)
    for i in 0..<width { diagonal[i] += mean - 2 * means[i] }
    let variance = diagonal.reduce(0, +) / Double(width)
    let center = mean + (width > 1 ? variance / Double(width - 1) : 0)
    let products = self.products
    let offDiagonal = unsafe products.withUnsafeBufferPointer { buffer in
      let matrix = unsafe SharedMatrix(base: UnsafeMutablePointer(mutating: buffer.baseAddress!))
      return concurrentMap(stripes.count, threads: threads) { index in
        unsafe squares(
          of: matrix.base, scale: scale, means: means, center: center, rows: stripes[index])
      }.reduce(0, +)
    }
    return DropoutMoments.GramMoments(
      diagonalSpread: diagonal.reduce(0) { $0 + ($1 - variance) * ($1 - variance) },
      offDiagonalSpread: 2 * offDiagonal,
      correlatedDiagonal: zip(correlations, diagonal).reduce(0) { $0 + $1.0 * ($1.1 - variance) })
  }

  /// E⟨c_i − t, c_j − t⟩ for all i and j, where E⟨c_i, c_j⟩ = `scale`·(WᵀW)_ij (Σ h hᵀ)_ij, the
  /// `projections` are E⟨c_i, t⟩ and `square` is E‖t‖².
  ///
  /// - Complexity: N²K flops.
  consuming func deviations(
    weights: Matrix<Scalar>, scale: Double, projections: [Double], square: Double, threads: Int
  ) -> Matrix<Scalar> {
    _ = weigh(by: weights, scale: scale, threads: threads)
    let stripes = chunks(of: weights.columns, size: gramTile)
    unsafe products.withUnsafeMutableBufferPointer { buffer in
      let matrix = unsafe SharedMatrix(base: buffer.baseAddress!)
      concurrently(stripes.count, threads: threads) { index in
        unsafe deviate(
          matrix.base, scale: scale, projections: projections, square: square,
          rows: stripes[index])
      }
    }
    return products
  }

  /// Multiplies the upper triangle by that of WᵀW; what its stripes of rows then sum to.
  private mutating func weigh(
    by weights: Matrix<Scalar>, scale: Double, threads: Int
  ) -> [StripeSums] {
    let stripes = chunks(of: weights.columns, size: gramTile)
    return unsafe products.withUnsafeMutableBufferPointer { buffer in
      let matrix = unsafe SharedMatrix(base: buffer.baseAddress!)
      return concurrentMap(stripes.count, threads: threads) { index in
        unsafe weighRows(matrix.base, weights: weights, scale: scale, rows: stripes[index])
      }
    }
  }
}

/// Rows and columns of a tile of a Gram matrix.
private let gramTile = 256

private struct StripeSums {
  /// What the stripe, and its mirror image below the diagonal, add to the sum of each row.
  var rowSums: [Double]
  var diagonal: [Double]
}

@unsafe private struct SharedMatrix<Scalar>: @unchecked Sendable {
  let base: UnsafeMutablePointer<Scalar>
}

/// Multiplies rows of the upper triangle by those of WᵀW and sums them, times `scale`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
@unsafe private func weighRows<Scalar: MatrixScalar>(
  _ matrix: UnsafeMutablePointer<Scalar>, weights: Matrix<Scalar>, scale: Double, rows: Range<Int>
) -> StripeSums {
  let (width, outputs) = (weights.columns, weights.rows)
  var sums = StripeSums(rowSums: Array(repeating: 0, count: width), diagonal: [])
  let right = width - rows.lowerBound
  var overlap = Matrix<Scalar>(rows: rows.count, columns: right)
  unsafe weights.withUnsafeBufferPointer { w in
    let w = unsafe w.baseAddress! + rows.lowerBound
    unsafe overlap.withUnsafeMutableBufferPointer { overlap in
      unsafe Scalar.gemm(
        true, false, m: rows.count, n: right, k: outputs, 1, w, width, w, width,
        adding: false, overlap.baseAddress!, right)
    }
  }
  unsafe overlap.withUnsafeBufferPointer { overlap in
    unsafe sums.rowSums.withUnsafeMutableBufferPointer { rowSums in
      for i in rows {
        let row = unsafe matrix + i * width
        let factor = unsafe overlap.baseAddress! + (i - rows.lowerBound) * right - rows.lowerBound
        var sum = 0.0
        for j in i..<width {
          let product = unsafe row[j] * factor[j]
          unsafe row[j] = product
          let value = scale * Double(product)
          sum += value
          unsafe rowSums[j] += value
        }
        // The diagonal element has been counted in both.
        let diagonal = unsafe scale * Double(row[i])
        unsafe rowSums[i] += sum - diagonal
        sums.diagonal.append(diagonal)
      }
    }
  }
  return sums
}

/// Σ over i in `rows` and j > i of (scale·C_ij − means_i − means_j + center)².
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
@unsafe private func squares<Scalar: MatrixScalar>(
  of matrix: UnsafeMutablePointer<Scalar>, scale: Double, means: [Double], center: Double,
  rows: Range<Int>
) -> Double {
  let width = means.count
  var total = 0.0
  unsafe means.withUnsafeBufferPointer { means in
    for i in rows {
      let row = unsafe matrix + i * width
      let shift = unsafe center - means[i]
      // Four sums at once: additions in order would wait for one another.
      var sums = SIMD4<Double>()
      var j = i + 1
      while j + 4 <= width {
        let entries = unsafe SIMD4(
          Double(row[j]), Double(row[j + 1]), Double(row[j + 2]), Double(row[j + 3]))
        let columns = unsafe SIMD4(means[j], means[j + 1], means[j + 2], means[j + 3])
        let value = entries * scale - columns + shift
        sums += value * value
        j += 4
      }
      while j < width {
        let value = unsafe scale * Double(row[j]) - means[j] + shift
        sums[0] += value * value
        j += 1
      }
      total += sums.sum()
    }
  }
  return total
}

/// C_ij ← scale·C_ij − p_i − p_j + square for i in `rows` and j ≥ i, and C_ji likewise.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
@unsafe private func deviate<Scalar: MatrixScalar>(
  _ matrix: UnsafeMutablePointer<Scalar>, scale: Double, projections: [Double], square: Double,
  rows: Range<Int>
) {
  let width = projections.count
  unsafe projections.withUnsafeBufferPointer { p in
    // Few columns at a time, so that their mirror images stay in the cache.
    for columns in chunks(of: width - rows.lowerBound, size: 64) {
      let end = columns.upperBound + rows.lowerBound
      for i in rows {
        let shift = unsafe square - p[i]
        for j in max(i, columns.lowerBound + rows.lowerBound)..<max(i, end) {
          let value = unsafe Scalar(scale * Double(matrix[i * width + j]) + (shift - p[j]))
          unsafe matrix[i * width + j] = value
          unsafe matrix[j * width + i] = value
        }
      }
    }
  }
}

extension Matrix {
  /// C ← C + Σ HᵀH over `blocks` H, on and above the diagonal (and in the tiles that it crosses).
  ///
  /// - Complexity: half of the flops of a product, tiles on the diagonal apart.
  mutating func addUpperGram(of blocks: [Matrix], threads: Int) {
    let width = columns
    precondition(rows == width, "Gram matrix of \(rows) × \(width)")
    precondition(blocks.allSatisfy { $0.columns == width }, "blocks of other widths than \(width)")
    let stripes = chunks(of: width, size: gramTile)
    // Tiles to the right are merged into longer ones: fewer, larger products.
    let tiles = stripes.flatMap { rows in
      chunks(of: width - rows.lowerBound, size: 4 * gramTile).map { columns in
        (rows, (columns.lowerBound + rows.lowerBound)..<(columns.upperBound + rows.lowerBound))
      }
    }
    unsafe withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let matrix = unsafe SharedMatrix(base: base)
      concurrently(tiles.count, threads: threads) { index in
        let (rows, columns) = tiles[index]
        for block in blocks where block.rows > 0 {
          unsafe block.withUnsafeBufferPointer { h in
            unsafe Scalar.gemm(
              true, false, m: rows.count, n: columns.count, k: block.rows, 1,
              h.baseAddress! + rows.lowerBound, width, h.baseAddress! + columns.lowerBound, width,
              adding: true, matrix.base + rows.lowerBound * width + columns.lowerBound, width)
          }
        }
      }
    }
  }
}
