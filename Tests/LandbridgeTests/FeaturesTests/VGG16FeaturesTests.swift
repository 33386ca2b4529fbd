import Foundation
import Landbridge
import LinearAlgebra
import Testing

@Suite("VGG-16 features: values")
struct VGG16FeaturesTests {
  struct Golden: Decodable {
    struct Case: Decodable {
      let normalization: String
      let height: Int
      let width: Int
      let count: Int
      let features: [Float]
    }
    let torch: String
    let cases: [Case]
  }

  @Test func thirteenLayersEqualPyTorchInDoublePrecision() throws {
    let file = try #require(
      Bundle.module.url(
        forResource: "vgg16-golden", withExtension: "json", subdirectory: "Fixtures"))
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
    #expect(golden.cases.count == 2)
    for example in golden.cases {
      let network = try VGG16Features(
        height: example.height, width: example.width, upTo: .pool5,
        normalization: #require(PixelNormalization(rawValue: example.normalization)),
        tensor: CounterHash.tensor)
      let pixels = CounterHash.bytes(1000, example.count * 3 * example.height * example.width)
      let features = network.features(images: pixels.span)
      #expect(features.rows == example.count && features.columns == network.featureCount)
      #expect(relativeError(features.elements, example.features) < Tolerance.convolution)
    }
  }

  static let pretrained = sharedFile("data/vgg16/vgg16-features.safetensors")
  static let reference = sharedFile("data/vgg16/vgg16-reference.safetensors")

  /// ONNX Runtime on the first 64 test images of CIFAR-10.
  @Test(
    .enabled(
      if: pretrained != nil && reference != nil,
      "needs data/vgg16 under LANDBRIDGE_SHARED or ../shared"),
    arguments: [VGG16Block.pool3, .pool4, .pool5])
  func thePretrainedNetworkEqualsONNX(block: VGG16Block) throws {
    let weights = try safetensors(#require(Self.pretrained))
    let reference = try safetensors(#require(Self.reference))
    let images = try [UInt8](#require(reference["images"]).bytes)
    let network = try VGG16Features(
      height: 32, width: 32, upTo: block, normalization: .caffe
    ) { weights[$0].map { ($0.shape, floats($0.bytes)) } }
    let features = network.features(images: images.span, threads: 2)
    let expected = try floats(#require(reference[block.rawValue]).bytes)
    #expect(features.rows == 64 && features.count == expected.count)
    #expect(relativeError(features.elements, expected) < Tolerance.convolution)
  }

  @Test(
    arguments: [(4, 4, nil), (6, 9, nil), (7, 5, 1), (16, 8, 2), (9, 13, 1)] as [(Int, Int, Int?)])
  func twoBlocksEqualPlainSums(height: Int, width: Int, grid: Int?) throws {
    let network = try VGG16Features(
      height: height, width: width, upTo: .pool2, averagePool: grid, normalization: .torchvision,
      tensor: CounterHash.tensor)
    let pixels = CounterHash.bytes(7, 3 * height * width)
    var map = PlainMap(
      count: 1, height: height, width: width, channels: 3,
      values: (0..<(height * width)).flatMap { p in
        (0..<3).map {
          PixelNormalization.torchvision.value(
            ofByte: Int(pixels[$0 * height * width + p]), channel: $0)
        }
      })
    for block in [VGG16Block.pool1, .pool2] {
      for number in block.convolutions {
        map = map.convolved(
          weights: CounterHash.tensor("features.\(number).weight")!.values,
          bias: CounterHash.tensor("features.\(number).bias")!.values)
      }
      map = map.pooled()
    }
    var expected = map.flattened(image: 0)
    if let grid {
      let (rows, columns) = (map.height / grid, map.width / grid)
      expected = (0..<128).flatMap { channel in
        (0..<(grid * grid)).map { cell in
          var sum = 0.0
          for r in 0..<rows {
            for c in 0..<columns {
              sum += map[0, cell / grid * rows + r, cell % grid * columns + c, channel]
            }
          }
          return Float(sum / Double(rows * columns))
        }
      }
    }
    let features = network.features(images: pixels.span).elements
    #expect(features.count == network.featureCount)
    #expect(relativeError(features, expected) < Tolerance.convolution)
  }

  @Test(arguments: [0, 1, 2, 3, 7, 130, 515])
  func sameBytesForEveryThreadCountAndCloseForEveryBatch(count: Int) throws {
    let network = try VGG16Features(
      height: 4, width: 8, upTo: .pool2, normalization: .torchvision, tensor: CounterHash.tensor)
    let size = 3 * 4 * 8
    let pixels = CounterHash.bytes(9, count * size)
    let alone = network.features(images: pixels.span, threads: 1)
    #expect(alone.rows == count && alone.columns == 256)
    for threads in [2, 3, 8] {
      #expect(network.features(images: pixels.span, threads: threads) == alone)
    }
    if count > 0 {
      let last = Array(pixels.suffix(size))
      let single = network.features(images: last.span)
      #expect(relativeError(single.elements, alone.row(count - 1)) < Tolerance.convolution)
    }
  }

  @Test func averagingToOneCellPerPixelIsTheWholeMap() throws {
    let pixels = CounterHash.bytes(5, 3 * 3 * 8 * 8)
    let maps = try [nil, 4].map { grid in
      try VGG16Features(
        height: 8, width: 8, upTo: .pool1, averagePool: grid, normalization: .caffe,
        tensor: CounterHash.tensor
      ).features(images: pixels.span)
    }
    #expect(maps[0] == maps[1])
  }
}
