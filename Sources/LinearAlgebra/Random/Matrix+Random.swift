extension Matrix {
  /// A matrix of independent normal numbers of mean 0 and standard deviation `scale`.
  ///
  /// - Parameter item: which of the stream's sequences; its numbers fill the matrix row after row.
  public static func normal(
    rows: Int, columns: Int, scale: Scalar = 1, stream: RandomStream, item: UInt64 = 0
  ) -> Matrix {
    var result = Matrix(rows: rows, columns: columns)
    unsafe result.withUnsafeMutableBufferPointer { buffer in
      unsafe stream.fillNormal(item: item, buffer, scale: scale)
    }
    return result
  }

  /// A matrix of independent numbers, uniform on `range` (its upper end is met by rounding only).
  ///
  /// - Parameter item: which of the stream's sequences; its numbers fill the matrix row after row.
  public static func uniform(
    rows: Int, columns: Int, in range: ClosedRange<Scalar>, stream: RandomStream, item: UInt64 = 0
  ) -> Matrix {
    var result = Matrix(rows: rows, columns: columns)
    unsafe result.withUnsafeMutableBufferPointer { buffer in
      unsafe stream.fillUniform(
        item: item, buffer, lower: range.lowerBound, width: range.upperBound - range.lowerBound)
    }
    return result
  }
}
