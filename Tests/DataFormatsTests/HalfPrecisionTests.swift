import DataFormats
import Foundation
import LinearAlgebra
import Testing

@Suite("Half precision: exact") struct HalfPrecisionTests {
  @Test("every half-precision number is written as itself")
  func roundTrip() throws {
    for start in stride(from: 0, to: 65_536, by: 4096) {
      let words = (start..<start + 4096).map { UInt16($0) }
      let bytes = words.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
      let tensor = Tensor(shape: [64, 64], dtype: .f16, bytes: .init(bytes))
      let values: Matrix<Float> = try tensor.matrix()
      for (word, value) in zip(words, values.elements) {
        if value.isNaN {
          #expect(value.binary16 & 0x7C00 == 0x7C00 && value.binary16 & 0x3FF != 0)
        } else {
          #expect(value.binary16 == word)
        }
      }
    }
  }

  @Test("values between are rounded to nearest, ties to even")
  func rounding() {
    let cases: [(Float, UInt16)] = [
      (1 + 0x1p-11, 0x3C00), (1 + 0x1.8p-10, 0x3C02), (1 + 0x1.004p-11, 0x3C01),
      (65_519, 0x7BFF), (65_520, 0x7C00), (1e9, 0x7C00), (-1e9, 0xFC00), (0x1p-25, 0),
      (0x1.000002p-25, 1), (0x1.8p-24, 2), (-0x1p-26, 0x8000), (0x1.FFFp-15, 0x0400),
      (.infinity, 0x7C00),
    ]
    for (value, bits) in cases { #expect(value.binary16 == bits, "\(value)") }
  }

  @Test("the features that come with the package")
  func builtIn() throws {
    let (train, test) = (
      try BuiltInData.cifar10VGG(.train), try BuiltInData.cifar10VGG(.test)
    )
    #expect(train.values.rows == 20_000 && train.values.columns == 512)
    #expect(test.values.rows == 5000 && test.values.columns == 512)
    for part in [train, test] {
      #expect(part.values.elements.allSatisfy { $0.isFinite && $0 >= 0 })
      #expect(Set(part.labels) == Set(0...9))
    }
  }
}
