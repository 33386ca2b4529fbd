import Landbridge
import Testing

@Suite("Convolution: Winograd products equal the plain sums")
struct WinogradConvolutionTests {
  struct Shape: CustomTestStringConvertible {
    var (height, width, inputs, outputs, count) = (0, 0, 0, 0, 0)
    var testDescription: String { "\(count) × \(height) × \(width), \(inputs) → \(outputs)" }
    init(_ height: Int, _ width: Int, _ inputs: Int, _ outputs: Int, _ count: Int) {
      (self.height, self.width, self.inputs, self.outputs, self.count) =
        (height, width, inputs, outputs, count)
    }
  }

  // Sides of one tile, multiples, non-multiples, one row, one column; one image, more images than
  // tiles that are multiplied at once (128), and not a multiple of it.
  static let shapes = [
    Shape(1, 1, 8, 8, 1), Shape(1, 9, 8, 16, 2), Shape(7, 1, 16, 8, 3), Shape(2, 2, 8, 8, 130),
    Shape(2, 3, 16, 24, 5), Shape(3, 2, 8, 8, 1), Shape(4, 4, 16, 16, 131), Shape(4, 8, 8, 8, 3),
    Shape(5, 6, 8, 16, 2), Shape(7, 7, 24, 8, 1), Shape(8, 8, 64, 64, 2), Shape(9, 14, 16, 8, 3),
    Shape(16, 12, 8, 32, 11), Shape(33, 50, 8, 8, 2),
  ]

  @Test(arguments: shapes, [false, true])
  func equalsPlainSums(shape: Shape, pooled: Bool) {
    let (h, w, n) = (shape.height, shape.width, shape.count)
    let weights = CounterHash.uniform(1, 9 * shape.inputs * shape.outputs)
    let bias = CounterHash.uniform(2, shape.outputs)
    let x = CounterHash.uniform(3, n * h * w * shape.inputs)
    let convolution = WinogradConvolution(
      inputs: shape.inputs, outputs: shape.outputs, height: h, width: w, pooled: pooled,
      weights: weights, bias: bias)
    var plain = PlainMap(
      count: n, height: h, width: w, channels: shape.inputs, values: x.map { Double($0) }
    ).convolved(weights: weights, bias: bias)
    if pooled { plain = plain.pooled() }

    #expect(convolution.outputSize * n == plain.values.count)
    var y = [Float](repeating: .nan, count: plain.values.count)
    var scratch = [Float](repeating: .nan, count: convolution.scratchSize)
    unsafe convolution(x, &y, count: n, scratch: &scratch)
    if !y.isEmpty { #expect(relativeError(y, plain.floats) < Tolerance.convolution) }
  }

  @Test func choosesTheTileWithFewerProducts() {
    func tile(_ height: Int, _ width: Int) -> Int {
      WinogradConvolution(
        inputs: 8, outputs: 8, height: height, width: width, pooled: false,
        weights: [Float](repeating: 0, count: 576), bias: [Float](repeating: 0, count: 8)
      ).tile
    }
    #expect(tile(2, 2) == 2)  // 16 against 36
    #expect(tile(2, 4) == 2)  // 32 against 36
    #expect(tile(4, 4) == 4)  // 64 against 36
    #expect(tile(5, 5) == 4)  // 144 against 144: fewer planes to write is not worth less accuracy
    #expect(tile(14, 14) == 4)  // 784 against 576
  }

  @Test(arguments: [(1, 1), (3, 5), (8, 8), (40, 37), (2, 1100)])
  func pixelsEqualPlainSums(height: Int, width: Int) {
    let weights = CounterHash.uniform(1, 27 * 16)
    let bias = CounterHash.uniform(2, 16)
    for normalization in PixelNormalization.allCases {
      let pixels = CounterHash.bytes(3, 3 * height * width)
      let interleaved = (0..<(height * width)).flatMap { p in
        (0..<3).map { pixels[$0 * height * width + p] }
      }
      let plain = PlainMap(
        count: 1, height: height, width: width, channels: 3,
        values: interleaved.enumerated().map {
          normalization.value(ofByte: Int($0.element), channel: $0.offset % 3)
        }
      ).convolved(weights: weights, bias: bias)
      let convolution = PixelConvolution(
        outputs: 16, height: height, width: width, normalization: normalization,
        weights: weights, bias: bias)
      for (bytes, layout) in [(pixels, PixelLayout.planar), (interleaved, .interleaved)] {
        var y = [Float](repeating: .nan, count: convolution.outputSize)
        var scratch = [Float](repeating: .nan, count: convolution.scratchSize)
        unsafe convolution(bytes, layout, &y, scratch: &scratch)
        #expect(relativeError(y, plain.floats) < Tolerance.convolution)
      }
    }
  }
}
