internal import Foundation
public import LinearAlgebra

extension Tensor {
  /// All elements, in order, each converted to the nearest value of `Scalar`.
  ///
  /// Conversion is exact whenever `Scalar` can represent the element: always from 16-bit floats and
  /// integers of up to 24 (`Float`) or 53 (`Double`) bits. Booleans become 0 and 1. One copy.
  public func values<Scalar: MatrixScalar>(as type: Scalar.Type = Scalar.self) -> [Scalar] {
    unsafe [Scalar](unsafeUninitializedCapacity: count) { target, initialized in
      unsafe decodeAll(into: target)
      initialized = count
    }
  }

  /// The elements of a two-dimensional tensor, converted as by `values()`. One copy.
  ///
  /// - Throws: `FormatError` if the tensor is not two-dimensional or memory cannot hold the matrix.
  public func matrix<Scalar: MatrixScalar>(of type: Scalar.Type = Scalar.self) throws -> Matrix<
    Scalar
  > {
    guard shape.count == 2 else { throw error("shape \(shape)", "two dimensions") }
    try requireMemory(count * MemoryLayout<Scalar>.size, path: path, place: place)
    var result = Matrix<Scalar>(rows: shape[0], columns: shape[1])
    unsafe result.withUnsafeMutableBufferPointer { unsafe decodeAll(into: $0) }
    return result
  }

  /// The elements of a two-dimensional tensor [m, k] as a matrix k × m, converted as by `values()`.
  /// One copy, and some rows at a time.
  ///
  /// - Throws: `FormatError` if the tensor is not two-dimensional.
  public func transposedMatrix<Scalar: MatrixScalar>(
    of type: Scalar.Type = Scalar.self
  ) throws -> Matrix<Scalar> {
    guard shape.count == 2 else { throw error("shape \(shape)", "two dimensions") }
    let (rows, columns) = (shape[0], shape[1])
    var result = Matrix<Scalar>(rows: columns, columns: rows)
    // 16 rows at least, so that every cache line of the result is written once.
    for strip in chunks(of: rows, size: max(16, (1 << 20) / max(columns, 1))) {
      let part = elements(strip.lowerBound * columns..<strip.upperBound * columns)
      Tensor.scatter(part.values(as: Scalar.self), ofRows: strip, into: &result)
      part.releasePages()
    }
    return result
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func scatter<Scalar: MatrixScalar>(
    _ values: [Scalar], ofRows strip: Range<Int>, into result: inout Matrix<Scalar>
  ) {
    let (rows, columns) = (result.columns, result.rows)
    unsafe result.withUnsafeMutableBufferPointer { target in
      unsafe values.withUnsafeBufferPointer { source in
        for j in 0..<columns {
          for i in strip {
            unsafe target[j &* rows &+ i] = source[(i &- strip.lowerBound) &* columns &+ j]
          }
        }
      }
    }
  }

  /// Some of the elements, in order, as a tensor of one dimension; not copied.
  private func elements(_ range: Range<Int>) -> Tensor {
    Tensor(
      shape: [range.count], dtype: dtype,
      bytes: bytes.dropFirst(range.lowerBound * dtype.size).prefix(range.count * dtype.size),
      name: name, path: path, isMapped: isMapped)
  }

  /// All elements as integers, in order.
  ///
  /// - Throws: `FormatError` naming the first element that is no integer or does not fit `Int`, or
  ///   if memory cannot hold them.
  public func integers() throws -> [Int] {
    try requireMemory(count * MemoryLayout<Int>.size, path: path, place: place)
    func check(_ values: [Double]) throws -> [Int] {
      try values.enumerated().map { index, value in
        guard let integer = Int(exactly: value) else {
          throw error("\(value) at element \(index)", "an integer")
        }
        return integer
      }
    }
    switch dtype {
    case .f64, .f32, .f16, .bf16: return try check(values())
    case .u64:
      let words = load(UInt64.self)
      if let index = words.firstIndex(where: { $0 > Int.max }) {
        throw error("\(words[index]) at element \(index)", "an integer up to \(Int.max)")
      }
      return words.map { Int($0) }
    case .i64: return load(Int64.self).map { Int($0) }
    case .i32: return load(Int32.self).map { Int($0) }
    case .u32: return load(UInt32.self).map { Int($0) }
    case .i16: return load(Int16.self).map { Int($0) }
    case .u16: return load(UInt16.self).map { Int($0) }
    case .i8: return load(Int8.self).map { Int($0) }
    case .u8: return load(UInt8.self).map { Int($0) }
    case .bool: return load(UInt8.self).map { $0 == 0 ? 0 : 1 }
    }
  }

  private func load<Word: FixedWidthInteger & BitwiseCopyable>(_ type: Word.Type) -> [Word] {
    unsafe [Word](unsafeUninitializedCapacity: count) { target, initialized in
      unsafe convert(Word.self, into: target) { $0 }
      initialized = count
    }
  }

  /// Goes through a large mapped file piece by piece and lets go of what is done, so that memory
  /// never holds more than the result and one piece.
  private func decodeAll<Scalar: MatrixScalar>(into target: UnsafeMutableBufferPointer<Scalar>) {
    let piece = 8 << 20
    guard isMapped, bytes.count > piece else { return unsafe decode(into: target) }
    for range in chunks(of: count, size: piece / dtype.size) {
      let part = elements(range)
      unsafe part.decode(into: UnsafeMutableBufferPointer(rebasing: target[range]))
      part.releasePages()
    }
  }

  private func releasePages() {
    guard isMapped else { return }
    unsafe bytes.withUnsafeBytes { unsafe release(mapped: $0) }
  }

  /// Calls concrete code: through the protocol an element took ten times as long.
  private func decode<Scalar: MatrixScalar>(into target: UnsafeMutableBufferPointer<Scalar>) {
    if Scalar.self == Float.self {
      unsafe target.withMemoryRebound(to: Float.self) { unsafe decodeFloats(into: $0) }
    } else {
      precondition(Scalar.self == Double.self, "values of type \(Scalar.self)")
      unsafe target.withMemoryRebound(to: Double.self) { unsafe decodeDoubles(into: $0) }
    }
  }

  private func decodeFloats(into target: UnsafeMutableBufferPointer<Float>) {
    unsafe decodeElements(into: target)
  }

  private func decodeDoubles(into target: UnsafeMutableBufferPointer<Double>) {
    unsafe decodeElements(into: target)
  }

  @inline(__always)
  private func decodeElements<Scalar: MatrixScalar>(into target: UnsafeMutableBufferPointer<Scalar>)
  {
    switch dtype {
    case .f64: unsafe convert(UInt64.self, into: target) { Scalar(Double(bitPattern: $0)) }
    case .f32: unsafe convert(UInt32.self, into: target) { Scalar(Float(bitPattern: $0)) }
    case .f16: unsafe convert(UInt16.self, into: target) { Scalar(Float(binary16: $0)) }
    case .bf16:
      unsafe convert(UInt16.self, into: target) { Scalar(Float(bitPattern: UInt32($0) << 16)) }
    case .i64: unsafe convert(Int64.self, into: target) { Scalar(Int($0)) }
    case .i32: unsafe convert(Int32.self, into: target) { Scalar(Int($0)) }
    case .i16: unsafe convert(Int16.self, into: target) { Scalar(Int($0)) }
    case .i8: unsafe convert(Int8.self, into: target) { Scalar(Int($0)) }
    case .u64:
      unsafe convert(UInt64.self, into: target) { $0 <= Int.max ? Scalar(Int($0)) : Scalar($0) }
    case .u32: unsafe convert(UInt32.self, into: target) { Scalar(Int($0)) }
    case .u16: unsafe convert(UInt16.self, into: target) { Scalar(Int($0)) }
    case .u8: unsafe convert(UInt8.self, into: target) { Scalar(Int($0)) }
    case .bool: unsafe convert(UInt8.self, into: target) { $0 == 0 ? 0 : 1 }
    }
  }

  /// Calls `transform` on every element. Elements of a file may lie at any address.
  @inline(__always)
  private func convert<Word: FixedWidthInteger & BitwiseCopyable, Result>(
    _ type: Word.Type, into target: UnsafeMutableBufferPointer<Result>,
    _ transform: (Word) -> Result
  ) {
    let count = count
    precondition(target.count >= count)
    guard let start = target.baseAddress else { return }
    unsafe bytes.withUnsafeBytes { source in
      for i in 0..<count {
        let word = unsafe source.loadUnaligned(
          fromByteOffset: i &* MemoryLayout<Word>.size, as: Word.self)
        unsafe (start + i).initialize(to: transform(Word(littleEndian: word)))
      }
    }
  }
}

extension Float {
  /// The value of an IEEE 754 binary16. Written out because `Float16` is missing on Intel Macs.
  init(binary16 bits: UInt16) {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1F
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0:
      let magnitude = Float(fraction) * 0x1p-24
      self = Float(bitPattern: magnitude.bitPattern | sign)
    case 31: self = Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: self = Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}
