/// A dense matrix, row-major, in storage aligned to 64 bytes. A value: copies are independent.
public struct Matrix<Scalar: MatrixScalar>: Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// At least as many numbers as the matrix has.
  private var storage: Buffer<Scalar>

  /// A matrix of zeros.
  public init(rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0, "matrix of \(rows) × \(columns)")
    let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
    precondition(!overflow, "matrix of \(rows) × \(columns) is too large")
    self.rows = rows
    self.columns = columns
    self.storage = Buffer(count: count)
  }

  /// A matrix with the given elements, row after row.
  public init(rows: Int, columns: Int, _ elements: some Collection<Scalar>) {
    precondition(
      elements.count == rows * columns,
      "\(elements.count) elements for a matrix of \(rows) × \(columns)")
    self.init(rows: rows, columns: columns)
    unsafe _ = UnsafeMutableBufferPointer(start: storage.base, count: count)
      .update(fromContentsOf: elements)
  }

  /// A matrix with the same values in another precision.
  @specialized(where Scalar == Float, Other == Double)
  @specialized(where Scalar == Double, Other == Float)
  public init<Other: MatrixScalar>(scalars other: Matrix<Other>) {
    self.init(rows: other.rows, columns: other.columns)
    unsafe withUnsafeMutableBufferPointer { target in
      unsafe other.withUnsafeBufferPointer { source in
        for i in source.indices { unsafe target[i] = Scalar(source[i]) }
      }
    }
  }

  /// The number of elements.
  public var count: Int { rows * columns }

  /// The first `rows` rows; not copied until they or the whole are changed.
  func firstRows(_ rows: Int) -> Matrix {
    Matrix(rows: rows, columns: columns, storage: storage)
  }

  private init(rows: Int, columns: Int, storage: Buffer<Scalar>) {
    precondition(rows * columns <= storage.count, "\(rows) rows of a shorter matrix")
    (self.rows, self.columns, self.storage) = (rows, columns, storage)
  }

  /// The element in row `i` and column `j`.
  @inlinable public subscript(i: Int, j: Int) -> Scalar {
    get {
      precondition(i >= 0 && i < rows && j >= 0 && j < columns, "index out of range")
      return unsafe withUnsafeBufferPointer { unsafe $0[i &* columns &+ j] }
    }
    set {
      precondition(i >= 0 && i < rows && j >= 0 && j < columns, "index out of range")
      let columns = columns
      unsafe withUnsafeMutableBufferPointer { unsafe $0[i &* columns &+ j] = newValue }
    }
  }

  /// All elements, row after row.
  public var elements: [Scalar] { unsafe withUnsafeBufferPointer { unsafe Array($0) } }

  /// The elements of row `i`.
  public func row(_ i: Int) -> [Scalar] {
    precondition(i >= 0 && i < rows, "row \(i) of \(rows)")
    return unsafe withUnsafeBufferPointer { buffer in
      unsafe Array(buffer[i * columns..<(i + 1) * columns])
    }
  }

  /// The elements of column `j`.
  public func column(_ j: Int) -> [Scalar] { (0..<rows).map { self[$0, j] } }

  /// The elements, row after row, for the time of the call.
  @unsafe public func withUnsafeBufferPointer<Result>(
    _ body: (UnsafeBufferPointer<Scalar>) throws -> Result
  ) rethrows -> Result {
    defer { withExtendedLifetime(storage) {} }
    return unsafe try body(UnsafeBufferPointer(start: storage.base, count: count))
  }

  /// Where the elements lie, row after row, and the object that keeps them: while another than one
  /// matrix holds it, nobody changes them.
  @unsafe package var shared: (base: UnsafePointer<Scalar>, owner: AnyObject) {
    unsafe (UnsafePointer(storage.base), storage)
  }

  /// The elements, row after row, for the time of the call; other copies are not affected.
  @unsafe public mutating func withUnsafeMutableBufferPointer<Result>(
    _ body: (UnsafeMutableBufferPointer<Scalar>) throws -> Result
  ) rethrows -> Result {
    if !isKnownUniquelyReferenced(&storage) {
      let copy = Buffer<Scalar>(count: count)
      unsafe copy.base.update(from: storage.base, count: count)
      storage = copy
    }
    defer { withExtendedLifetime(storage) {} }
    return unsafe try body(UnsafeMutableBufferPointer(start: storage.base, count: count))
  }
}

extension Matrix: Equatable {
  /// True when shapes are the same and all elements are equal; NaN equals nothing.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func == (a: Matrix, b: Matrix) -> Bool {
    guard a.rows == b.rows, a.columns == b.columns else { return false }
    return unsafe a.withUnsafeBufferPointer { a in
      unsafe b.withUnsafeBufferPointer { b in unsafe a.elementsEqual(b) }
    }
  }
}
