/// The type of the elements of a tensor. The raw value is the name in safetensors files.
public enum DType: String, Hashable, Sendable, CaseIterable {
  case f64 = "F64"
  case f32 = "F32"
  /// IEEE 754 binary16.
  case f16 = "F16"
  /// The upper half of an IEEE 754 binary32.
  case bf16 = "BF16"
  case i64 = "I64"
  case i32 = "I32"
  case i16 = "I16"
  case i8 = "I8"
  case u64 = "U64"
  case u32 = "U32"
  case u16 = "U16"
  case u8 = "U8"
  /// One byte; anything but 0 counts as true.
  case bool = "BOOL"

  /// The size of an element in bytes.
  public var size: Int {
    switch self {
    case .f64, .i64, .u64: 8
    case .f32, .i32, .u32: 4
    case .f16, .bf16, .i16, .u16: 2
    case .i8, .u8, .bool: 1
    }
  }

  /// Whether the elements are integers or booleans.
  public var isInteger: Bool {
    switch self {
    case .f64, .f32, .f16, .bf16: false
    default: true
    }
  }

  /// The bytes that a tensor of `shape` takes, or nil if no memory could hold them.
  ///
  /// Empty tensors have limits too: whoever loops over the rows of [2⁶², 0] would never return.
  func byteCount(of shape: [Int]) -> Int? {
    guard shape.count <= 64, shape.allSatisfy({ $0 >= 0 }) else { return nil }
    if shape.contains(0) { return shape.allSatisfy { $0 <= Int32.max } ? 0 : nil }
    var count = size
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      count = product
    }
    return count
  }
}
