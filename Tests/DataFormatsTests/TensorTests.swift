import DataFormats
import Foundation
import LinearAlgebra
import Testing

@Suite("Tensors convert exactly")
struct TensorTests {
  @Test("Every half-precision number converts as NumPy converts it")
  func half() throws {
    struct Golden: Decodable {
      var checksum: UInt64
      var nans: Int
    }
    let json = try Data(contentsOf: URL(filePath: fixture("half.json")))
    let golden = try JSONDecoder().decode(Golden.self, from: json)
    let words = (0..<65536).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    let values: [Float] = Tensor(shape: [65536], dtype: .f16, bytes: Data(words)).values()
    var checksum: UInt64 = 0
    for (i, value) in values.enumerated() where !value.isNaN {
      checksum &+= UInt64(value.bitPattern) &* UInt64(2 * i + 1)
    }
    #expect(checksum == golden.checksum)
    #expect(values.count { $0.isNaN } == golden.nans)
  }

  @Test("bfloat16 is the upper half of a float")
  func brain() throws {
    let file = try SafetensorsFile(fixture("bf16.safetensors"))
    #expect(try file.tensor("x").values(as: Double.self) == [1.5, -2, 3])
  }

  @Test("Integers at the ends of their ranges")
  func integers() throws {
    func tensor(_ dtype: DType, _ bytes: [UInt8]) -> Tensor {
      Tensor(shape: [bytes.count / dtype.size], dtype: dtype, bytes: Data(bytes))
    }
    #expect(try tensor(.i8, [0x80, 0x7F, 0xFF]).integers() == [-128, 127, -1])
    #expect(try tensor(.u8, [0x80, 0xFF]).integers() == [128, 255])
    #expect(try tensor(.i16, [0, 0x80]).integers() == [-32768])
    #expect(try tensor(.u16, [0, 0x80]).integers() == [32768])
    #expect(try tensor(.i32, [0, 0, 0, 0x80]).integers() == [-0x8000_0000])
    #expect(try tensor(.u32, [0, 0, 0, 0x80]).integers() == [0x8000_0000])
    #expect(try tensor(.i64, [0, 0, 0, 0, 0, 0, 0, 0x80]).integers() == [Int.min])
    #expect(try tensor(.bool, [0, 1, 7]).integers() == [0, 1, 1])
    let huge = tensor(.u64, [0, 0, 0, 0, 0, 0, 0, 0x80])
    #expect(huge.values(as: Double.self) == [0x1p63])
    #expect(throws: FormatError.self) { try huge.integers() }
    #expect(try Tensor([1.0, -3.0]).integers() == [1, -3])
    for bad in [0.5, .nan, .infinity, 1e300] {
      #expect(throws: FormatError.self) { try Tensor([bad]).integers() }
    }
  }

  @Test("Matrices survive the round trip, NaN payloads and signs of zero included")
  func matrices() throws {
    var doubles = Matrix<Double>(rows: 2, columns: 3)
    doubles[0, 1] = -0.0
    doubles[1, 2] = Double(bitPattern: 0x7FF8_0000_DEAD_BEEF)
    let back: Matrix<Double> = try Tensor(doubles).matrix()
    #expect(back.elements.map(\.bitPattern) == doubles.elements.map(\.bitPattern))
    let floats = Matrix<Float>(scalars: doubles)
    let single: Matrix<Float> = try Tensor(floats).matrix()
    #expect(single.elements.map(\.bitPattern) == floats.elements.map(\.bitPattern))
    #expect(try Tensor(floats).matrix(of: Double.self)[0, 1].sign == .minus)
    #expect(throws: FormatError.self) { try Tensor([1.0]).matrix(of: Double.self) }
    let empty: Matrix<Float> = try Tensor(Matrix<Float>(rows: 0, columns: 5)).matrix()
    #expect(empty.rows == 0 && empty.columns == 5)
  }

  @Test("Flattening keeps the first extent")
  func flatten() throws {
    let tensor = Tensor((0..<24).map(Double.init), shape: [2, 3, 4])
    #expect(try tensor.flattened().shape == [2, 12])
    #expect(try tensor.flattened().matrix(of: Double.self)[1, 0] == 12)
    #expect(try Tensor([1.0, 2.0]).flattened().shape == [2, 1])
    #expect(throws: FormatError.self) { try Tensor([1.0], shape: []).flattened() }
  }

  @Test("Natural order compares runs of digits as numbers and is total")
  func naturalOrder() {
    let sorted = ["", "a", "a.2", "a.02", "a.10", "a.10.b", "a.x", "b", "layers.2", "layers.10"]
    for (i, x) in sorted.enumerated() where !(x == "a.2" || x == "a.02") {
      for (j, y) in sorted.enumerated() where !(y == "a.2" || y == "a.02") {
        #expect(naturallyPrecedes(x, y) == (i < j), "\(x) \(y)")
      }
    }
    #expect(naturallyPrecedes("a.02", "a.2") != naturallyPrecedes("a.2", "a.02"))
    let long = String(repeating: "9", count: 100)
    #expect(naturallyPrecedes("a" + long, "a1" + long))
  }
}

@Suite("Large mapped tensors are read piece by piece")
struct MappedTensorTests {
  @Test("… into the same values, again and again, in both orientations")
  func pieces() throws {
    // Three pieces of 8 MiB and a bit, rows that no piece ends with.
    let (rows, columns) = (2_113, 1_511)
    let count = rows * columns
    let values = (0..<count).map { Double($0 &* 7 % 1_000_003) }
    try withTemporaryDirectory { directory in
      let path = directory + "/large.safetensors"
      try writeSafetensors(
        [
          ("double", Tensor(values, shape: [rows, columns])),
          ("float", Tensor(values.map { Float($0) }, shape: [rows, columns])),
          ("small", Tensor([1.0, 2, 3, 4, 5, 6], shape: [2, 3])),
        ], to: path)
      let mapped = try SafetensorsFile(path)
      let copied = try SafetensorsFile(bytes: Data(readFile(path)), path: path)
      let matrix = Matrix(rows: rows, columns: columns, values)
      for _ in 0..<2 {
        for name in ["double", "float"] {
          #expect(try mapped.tensor(name).matrix(of: Double.self) == matrix)
          #expect(try mapped.tensor(name).values(as: Double.self) == values)
          #expect(try mapped.tensor(name).transposedMatrix(of: Double.self) == matrix.transposed)
          #expect(try copied.tensor(name).transposedMatrix(of: Double.self) == matrix.transposed)
          #expect(try mapped.tensor(name) == copied.tensor(name))
        }
        #expect(try mapped.tensor("double").integers().count == count)
      }
      let small = try mapped.tensor("small").transposedMatrix(of: Float.self)
      #expect(small.elements == [1, 4, 2, 5, 3, 6])
    }
    #expect(try Tensor([Double](), shape: [0, 3]).transposedMatrix(of: Double.self).rows == 3)
    #expect(try Tensor([Double](), shape: [3, 0]).transposedMatrix(of: Double.self).columns == 3)
    #expect(throws: FormatError.self) { try Tensor([1.0]).transposedMatrix(of: Double.self) }
  }
}
