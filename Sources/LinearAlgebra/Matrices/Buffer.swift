/// `count` numbers at an address that does not change, aligned to 64 bytes, zero at first.
///
/// Working memory of kernels that run many times: allocated once, shared by reference.
@safe public final class Buffer<Scalar: MatrixScalar>: @unchecked Sendable {
  /// Valid as long as the buffer lives.
  @unsafe public let base: UnsafeMutablePointer<Scalar>
  public let count: Int

  /// Zeros.
  public init(count: Int) {
    precondition(count >= 0, "buffer of \(count) elements")
    self.count = count
    let bytes = UnsafeMutableRawPointer.allocate(
      byteCount: max(count, 1) * MemoryLayout<Scalar>.stride, alignment: 64)
    // As bytes: in generic code the loop over numbers would not become a call of memset.
    unsafe bytes.initializeMemory(
      as: UInt8.self, repeating: 0, count: max(count, 1) * MemoryLayout<Scalar>.stride)
    unsafe base = bytes.bindMemory(to: Scalar.self, capacity: count)
  }

  /// The given elements.
  public convenience init(copying elements: [Scalar]) {
    self.init(count: elements.count)
    unsafe base.update(from: elements, count: elements.count)
  }

  /// A copy of all elements.
  public var elements: [Scalar] {
    unsafe Array(UnsafeBufferPointer(start: base, count: count))
  }

  deinit { unsafe base.deallocate() }
}
