public import LinearAlgebra

internal import Foundation

extension Tensor {
  /// A tensor in half precision, rounded to nearest, ties to even; beyond 65 504 infinite.
  public init(halfPrecision matrix: Matrix<Float>, name: String = "") {
    let words = matrix.elements.map { $0.binary16.littleEndian }
    let bytes = unsafe words.withUnsafeBytes { unsafe Data($0) }
    self.init(shape: [matrix.rows, matrix.columns], dtype: .f16, bytes: bytes, name: name)
  }
}

extension Float {
  /// The bits of the nearest IEEE 754 binary16 number.
  ///
  /// By hand, because `Float16` does not exist on every platform Swift runs on.
  package var binary16: UInt16 {
    let sign = UInt16(truncatingIfNeeded: bitPattern >> 16) & 0x8000
    let exponent = Int(bitPattern >> 23 & 0xFF) - 127
    let significand = bitPattern & 0x7F_FFFF
    if exponent == 128 { return sign | 0x7C00 | (significand == 0 ? 0 : 0x200) }
    if exponent > 15 { return sign | 0x7C00 }
    if exponent < -25 { return sign }
    // A carry out of the significand goes into the exponent, where it belongs.
    let isNormal = exponent >= -14
    let bits = isNormal ? significand : significand | 0x80_0000
    let shift = UInt32(isNormal ? 13 : -1 - exponent)
    let kept = (isNormal ? UInt32(exponent + 15) << 10 : 0) | bits >> shift
    let (rest, half) = (bits & ((1 << shift) - 1), UInt32(1) << (shift - 1))
    let roundsUp = rest > half || (rest == half && kept & 1 == 1)
    return sign | UInt16(truncatingIfNeeded: kept + (roundsUp ? 1 : 0))
  }
}
