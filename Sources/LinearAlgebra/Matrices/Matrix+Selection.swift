extension Matrix {
  /// The matrix of the given rows, in the given order.
  public func rows(_ indices: some Collection<Int>) -> Matrix {
    if indices.count <= rows, indices.elementsEqual(0..<indices.count) {
      return firstRows(indices.count)
    }
    var result = Matrix(rows: indices.count, columns: columns)
    unsafe result.withUnsafeMutableBufferPointer { target in
      unsafe withUnsafeBufferPointer { source in
        for (k, i) in indices.enumerated() {
          precondition(i >= 0 && i < rows, "row \(i) of \(rows)")
          guard let to = target.baseAddress, let from = source.baseAddress else { break }
          unsafe (to + k * columns).update(from: from + i * columns, count: columns)
        }
      }
    }
    return result
  }

  /// The matrix of consecutive rows.
  public func rows(_ range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
    if range.lowerBound == 0 { return firstRows(range.count) }
    return unsafe withUnsafeBufferPointer { source in
      unsafe Matrix(
        rows: range.count, columns: columns,
        source[range.lowerBound * columns..<range.upperBound * columns])
    }
  }

  /// The matrix of the given columns, in the given order.
  public func columns(_ indices: some Collection<Int>) -> Matrix {
    columns(inOrder: Array(indices))
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func columns(inOrder indices: [Int]) -> Matrix {
    let (rows, columns, width) = (rows, columns, indices.count)
    if let stray = indices.first(where: { !(0..<columns).contains($0) }) {
      preconditionFailure("column \(stray) of \(columns)")
    }
    var result = Matrix(rows: rows, columns: width)
    unsafe result.withUnsafeMutableBufferPointer { target in
      unsafe withUnsafeBufferPointer { source in
        unsafe indices.withUnsafeBufferPointer { indices in
          for i in 0..<rows {
            for k in 0..<width {
              unsafe target[i &* width &+ k] = unsafe source[i &* columns &+ indices[k]]
            }
          }
        }
      }
    }
    return result
  }

  /// The matrix with rows and columns exchanged.
  public var transposed: Matrix { transpose() }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func transpose() -> Matrix {
    var result = Matrix(rows: columns, columns: rows)
    unsafe result.withUnsafeMutableBufferPointer { target in
      unsafe withUnsafeBufferPointer { source in
        for i in 0..<rows {
          for j in 0..<columns { unsafe target[j * rows + i] = source[i * columns + j] }
        }
      }
    }
    return result
  }

  /// The matrix of f(x) for every element x.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func map(_ f: (Scalar) -> Scalar) -> Matrix {
    var result = self
    unsafe result.withUnsafeMutableBufferPointer { buffer in
      for i in buffer.indices { unsafe buffer[i] = f(buffer[i]) }
    }
    return result
  }

  /// The matrix of f(x, y) for every pair of elements x of `a` and y of `b`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func combine(_ a: Matrix, _ b: Matrix, _ f: (Scalar, Scalar) -> Scalar) -> Matrix {
    precondition(
      a.rows == b.rows && a.columns == b.columns,
      "\(a.rows) × \(a.columns) combined with \(b.rows) × \(b.columns)")
    var result = a
    unsafe result.withUnsafeMutableBufferPointer { target in
      unsafe b.withUnsafeBufferPointer { source in
        for i in target.indices { unsafe target[i] = f(target[i], source[i]) }
      }
    }
    return result
  }

  /// Replaces every element x by σ(x).
  public mutating func apply(_ σ: Activation) {
    unsafe withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      unsafe Scalar.apply(σ, buffer.count, base, base)
    }
  }

  /// Sets every row to `values`.
  public mutating func fillRows(with values: [Scalar]) {
    precondition(values.count == columns, "\(values.count) values for \(columns) columns")
    let (rows, columns) = (rows, columns)
    unsafe withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      for i in 0..<rows {
        unsafe (base + i * columns).update(from: values, count: columns)
      }
    }
  }

  /// Multiplies column j by `factors[j]`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func scaleColumns(by factors: [Scalar]) {
    precondition(factors.count == columns, "\(factors.count) factors for \(columns) columns")
    let (rows, columns) = (rows, columns)
    unsafe withUnsafeMutableBufferPointer { buffer in
      for i in 0..<rows {
        for j in 0..<columns { unsafe buffer[i * columns + j] *= factors[j] }
      }
    }
  }
}
