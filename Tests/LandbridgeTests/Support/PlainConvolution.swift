import Foundation
import Landbridge

/// Largest |a − b| over the largest |b|.
func relativeError(_ a: [Float], _ b: [Float]) -> Double {
  precondition(a.count == b.count, "\(a.count) values compared with \(b.count)")
  let difference = zip(a, b).reduce(0.0) { max($0, abs(Double($1.0) - Double($1.1))) }
  return difference / b.reduce(0.0) { max($0, Double($1.magnitude)) }
}

/// The numbers of Fixtures/make_vgg_golden.py.
enum CounterHash {
  static func hash(_ stream: Int, _ counter: Int) -> UInt32 {
    var x = UInt32(truncatingIfNeeded: counter &+ stream &* 0x9E37_79B9)
    x = (x ^ (x >> 16)) &* 0x85EB_CA6B
    x = (x ^ (x >> 13)) &* 0xC2B2_AE35
    return x ^ (x >> 16)
  }

  /// Multiples of 2⁻²³ in [−1, 1).
  static func uniform(_ stream: Int, _ count: Int) -> [Float] {
    (0..<count).map { Float(hash(stream, $0) >> 8) / 0x1p23 - 1 }
  }

  static func bytes(_ stream: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(hash(stream, $0) >> 24) }
  }

  /// He-scaled weights and small biases for every convolution of VGG-16.
  static func tensor(_ name: String) -> (shape: [Int], values: [Float])? {
    guard let expected = VGG16Block.pool5.tensors.first(where: { $0.name == name }) else {
      return nil
    }
    let shape = expected.shape
    let number = Int(name.split(separator: ".")[1])!
    if shape.count == 1 {
      return (shape, uniform(2 * number + 1, shape[0]).map { 0.125 * $0 })
    }
    let scale = (Float(6) / Float(9 * shape[1])).squareRoot()
    return (shape, uniform(2 * number, shape.reduce(1, *)).map { scale * $0 })
  }
}

/// A map of numbers as image, row, column, channel, and the plain way to convolve it.
struct PlainMap {
  var count: Int
  var height: Int
  var width: Int
  var channels: Int
  var values: [Double]

  subscript(image: Int, row: Int, column: Int, channel: Int) -> Double {
    values[((image * height + row) * width + column) * channels + channel]
  }

  var floats: [Float] { values.map { Float($0) } }

  /// As channel, row, column.
  func flattened(image: Int) -> [Float] {
    (0..<channels).flatMap { k in
      (0..<height).flatMap { r in (0..<width).map { c in Float(self[image, r, c, k]) } }
    }
  }

  /// max(0, b + w ∗ x), padding 1; `weights` as output, input, row, column.
  func convolved(weights: [Float], bias: [Float]) -> PlainMap {
    var result = self
    result.channels = bias.count
    result.values = []
    for image in 0..<count {
      for row in 0..<height {
        for column in 0..<width {
          for o in 0..<bias.count {
            var sum = Double(bias[o])
            for p in 0..<3 where (0..<height).contains(row + p - 1) {
              for q in 0..<3 where (0..<width).contains(column + q - 1) {
                for i in 0..<channels {
                  sum +=
                    Double(weights[((o * channels + i) * 3 + p) * 3 + q])
                    * self[image, row + p - 1, column + q - 1, i]
                }
              }
            }
            result.values.append(max(0, sum))
          }
        }
      }
    }
    return result
  }

  /// Maxima over 2×2; a last odd row or column is dropped.
  func pooled() -> PlainMap {
    var result = self
    (result.height, result.width) = (height / 2, width / 2)
    result.values = []
    for image in 0..<count {
      for row in 0..<result.height {
        for column in 0..<result.width {
          for k in 0..<channels {
            let window = [(0, 0), (0, 1), (1, 0), (1, 1)].map {
              self[image, 2 * row + $0.0, 2 * column + $0.1, k]
            }
            result.values.append(window.max()!)
          }
        }
      }
    }
    return result
  }
}

/// A file of the test data that is not part of the package, or nil when it is absent.
func sharedFile(_ path: String) -> URL? {
  let root =
    ProcessInfo.processInfo.environment["LANDBRIDGE_SHARED"].map { URL(fileURLWithPath: $0) }
    ?? URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared")
  let file = root.appendingPathComponent(path)
  return FileManager.default.fileExists(atPath: file.path) ? file : nil
}

/// The tensors of a trusted safetensors file: shape and bytes by name.
func safetensors(_ file: URL) throws -> [String: (shape: [Int], bytes: Data)] {
  let data = try Data(contentsOf: file)
  let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
  let header = try JSONSerialization.jsonObject(with: data[8..<(8 + length)])
  var result: [String: (shape: [Int], bytes: Data)] = [:]
  for (name, value) in header as? [String: [String: Any]] ?? [:] {
    guard let shape = value["shape"] as? [Int], let range = value["data_offsets"] as? [Int]
    else { continue }
    result[name] = (shape, data[(8 + length + range[0])..<(8 + length + range[1])])
  }
  return result
}

/// Little-endian float32.
func floats(_ bytes: Data) -> [Float] {
  let bytes = [UInt8](bytes)
  return stride(from: 0, to: bytes.count, by: 4).map { i in
    Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[i + $1]) << UInt32(8 * $1) })
  }
}
