internal import CKernels

/// A number of networks and matrices: `Float` or `Double`, and no other type.
///
/// Its kernels (products, activations, sums over arrays) are Landbridge's own and not part of the API.
public protocol MatrixScalar:
  BinaryFloatingPoint, SIMDScalar, Sendable, Codable, LosslessStringConvertible
where RawSignificand: FixedWidthInteger {
  /// The name used on the command line and in files: `float` or `double`.
  static var precisionName: String { get }
}

extension Float: MatrixScalar {
  /// `float`
  public static var precisionName: String { "float" }
}

extension Double: MatrixScalar {
  /// `double`
  public static var precisionName: String { "double" }
}

/// Which kernels the processor at hand runs, for instance `x86-64-v3`.
public var kernelLevel: String { unsafe String(cString: lb_level()) }

/// Whether the kernels have fused multiply-add: all that have give the same bytes.
public var hasFusedMultiplyAdd: Bool { kernelLevel != "x86-64" }

// Which of the two types is at hand, and its numbers and pointers as those of that type: asked once
// for a whole array, and not at all where the caller is specialised.
extension MatrixScalar {
  @inline(__always) static var isFloat: Bool { Self.self == Float.self }

  @inline(__always)
  static func f32(_ p: UnsafePointer<Self>) -> UnsafePointer<Float> {
    unsafe UnsafeRawPointer(p).assumingMemoryBound(to: Float.self)
  }
  @inline(__always)
  static func f32(_ p: UnsafeMutablePointer<Self>) -> UnsafeMutablePointer<Float> {
    unsafe UnsafeMutableRawPointer(p).assumingMemoryBound(to: Float.self)
  }
  @inline(__always) static func f32(_ x: Self) -> Float {
    unsafe unsafeBitCast(x, to: Float.self)
  }
  @inline(__always)
  static func f64(_ p: UnsafePointer<Self>) -> UnsafePointer<Double> {
    unsafe UnsafeRawPointer(p).assumingMemoryBound(to: Double.self)
  }
  @inline(__always)
  static func f64(_ p: UnsafeMutablePointer<Self>) -> UnsafeMutablePointer<Double> {
    unsafe UnsafeMutableRawPointer(p).assumingMemoryBound(to: Double.self)
  }
  @inline(__always) static func f64(_ x: Self) -> Double {
    unsafe unsafeBitCast(x, to: Double.self)
  }
}
