public import Foundation
public import LinearAlgebra

/// An array of numbers as a file holds it: row-major (last index fastest), little-endian.
///
/// The bytes may be a view of a mapped file; nothing is converted until `values()`, `matrix()` or
/// `integers()` is called. Two tensors are equal if their shape, type and bytes are.
public struct Tensor: Sendable {
  /// The extents, outermost first; empty for a single number.
  public let shape: [Int]
  public let dtype: DType
  /// The elements, `count * dtype.size` bytes.
  public let bytes: Data
  /// The name in the file, empty if it has none. Used in messages.
  public let name: String
  /// The file that it comes from, empty if none. Used in messages.
  public let path: String
  /// Whether the bytes are those of a mapped file, which can be let go of once they are read.
  let isMapped: Bool

  /// A tensor of the given bytes.
  ///
  /// - Precondition: `bytes` has the length that `shape` and `dtype` ask for.
  public init(
    shape: [Int], dtype: DType, bytes: Data, name: String = "", path: String = ""
  ) {
    self.init(
      shape: shape, dtype: dtype, bytes: bytes, name: name, path: path, isMapped: false)
  }

  init(
    shape: [Int], dtype: DType, bytes: Data, name: String, path: String, isMapped: Bool
  ) {
    precondition(
      dtype.byteCount(of: shape) == bytes.count,
      "\(bytes.count) bytes for a tensor \(dtype.rawValue) \(shape)")
    self.shape = shape
    self.dtype = dtype
    self.bytes = bytes
    self.name = name
    self.path = path
    self.isMapped = isMapped
  }

  /// The number of elements.
  public var count: Int { bytes.count / dtype.size }

  /// The same elements under another name.
  public func named(_ name: String) -> Tensor {
    Tensor(
      shape: shape, dtype: dtype, bytes: bytes, name: name, path: path, isMapped: isMapped)
  }

  /// The same elements as n × (product of the other extents), without copying.
  ///
  /// - Throws: `FormatError` for a single number, which has no first extent.
  public func flattened() throws -> Tensor {
    guard let rows = shape.first else { throw error("shape []", "at least one dimension") }
    let columns = shape.dropFirst().reduce(1) {
      $0.multipliedReportingOverflow(by: $1).partialValue
    }
    guard dtype.byteCount(of: [rows, columns]) == bytes.count else {
      throw error("shape \(shape)", "a shape that can be flattened")
    }
    return Tensor(
      shape: [rows, columns], dtype: dtype, bytes: bytes, name: name, path: path,
      isMapped: isMapped)
  }

  func error(_ found: String, _ expected: String) -> FormatError {
    FormatError(path: path, place: place, found: found, expected: expected)
  }

  /// Where the tensor is, for messages.
  var place: String? { name.isEmpty ? nil : "key \(quoted(name))" }
}

extension Tensor: Equatable {
  public static func == (a: Tensor, b: Tensor) -> Bool {
    a.shape == b.shape && a.dtype == b.dtype && a.bytes == b.bytes
  }
}

extension Tensor {
  /// A tensor of the precision and shape of `matrix`. No copy: the matrix is copied if it is changed
  /// while the tensor lives.
  public init<Scalar: MatrixScalar>(_ matrix: Matrix<Scalar>, name: String = "") {
    let (base, owner) = unsafe matrix.shared
    var bytes = unsafe Data(
      bytesNoCopy: UnsafeMutableRawPointer(mutating: base),
      count: matrix.count * MemoryLayout<Scalar>.stride,
      deallocator: .custom { _, _ in withExtendedLifetime(owner) {} })
    if !isLittleEndianHost { bytes = bytes.reversingElements(of: MemoryLayout<Scalar>.size) }
    self.init(
      shape: [matrix.rows, matrix.columns], dtype: Tensor.dtype(of: Scalar.self), bytes: bytes,
      name: name)
  }

  /// A tensor of `values`, one-dimensional unless a shape is given. One copy.
  ///
  /// - Precondition: the product of `shape` is the number of values.
  public init<Scalar: MatrixScalar>(_ values: [Scalar], shape: [Int]? = nil, name: String = "") {
    let bytes = unsafe values.withUnsafeBufferPointer { unsafe Tensor.littleEndian($0) }
    self.init(
      shape: shape ?? [values.count], dtype: Tensor.dtype(of: Scalar.self), bytes: bytes,
      name: name)
  }

  /// A tensor of signed 64-bit integers, one-dimensional unless a shape is given.
  ///
  /// - Precondition: the product of `shape` is the number of values.
  public init(_ values: [Int], shape: [Int]? = nil, name: String = "") {
    let words = values.map { Int64($0).littleEndian }
    let bytes = unsafe words.withUnsafeBytes { unsafe Data($0) }
    self.init(shape: shape ?? [values.count], dtype: .i64, bytes: bytes, name: name)
  }

  /// A tensor of bytes, one-dimensional unless a shape is given.
  ///
  /// - Precondition: the product of `shape` is the number of values.
  public init(_ values: [UInt8], shape: [Int]? = nil, name: String = "") {
    self.init(shape: shape ?? [values.count], dtype: .u8, bytes: Data(values), name: name)
  }

  private static func dtype<Scalar: MatrixScalar>(of type: Scalar.Type) -> DType {
    MemoryLayout<Scalar>.size == 4 ? .f32 : .f64
  }

  private static func littleEndian<Scalar: MatrixScalar>(_ values: UnsafeBufferPointer<Scalar>)
    -> Data
  {
    let bytes = unsafe Data(UnsafeRawBufferPointer(values))
    return isLittleEndianHost ? bytes : bytes.reversingElements(of: MemoryLayout<Scalar>.size)
  }
}

let isLittleEndianHost = UInt16(1).littleEndian == 1

extension Data {
  /// The same elements with the bytes of each in reverse order.
  func reversingElements(of size: Int) -> Data {
    guard size > 1 else { return self }
    var result = Data(self)
    unsafe result.withUnsafeMutableBytes { bytes in
      switch size {
      case 2: unsafe Data.swapElements(bytes, UInt16.self)
      case 4: unsafe Data.swapElements(bytes, UInt32.self)
      default: unsafe Data.swapElements(bytes, UInt64.self)
      }
    }
    return result
  }

  private static func swapElements<Word: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeMutableRawBufferPointer, _ type: Word.Type
  ) {
    for offset in stride(from: 0, to: bytes.count, by: MemoryLayout<Word>.size) {
      let word = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: Word.self)
      unsafe bytes.storeBytes(of: word.byteSwapped, toByteOffset: offset, as: Word.self)
    }
  }
}
