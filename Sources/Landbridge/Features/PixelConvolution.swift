internal import LinearAlgebra

/// The first convolution: 3×3 with padding 1, bias and ReLU, from the bytes of RGB images.
///
/// Three channels are too few for Winograd's products; the patches are written out (im2col,
/// 27 numbers and a one that multiplies the bias) and multiplied in one product.
package struct PixelConvolution: Sendable {
  package let outputs: Int
  package let height: Int
  package let width: Int
  /// (row, column, channel, then bias) × outputs.
  private let weights: Matrix<Float>
  /// The normalised value of every byte, 256 per channel.
  private let values: [Float]

  static let patch = 28

  /// - Parameters:
  ///   - outputs: channels of the output, a multiple of 8.
  ///   - weights: outputs × 3 × 3 × 3.
  ///   - bias: one number per output channel.
  package init(
    outputs: Int, height: Int, width: Int, normalization: PixelNormalization,
    weights: [Float], bias: [Float]
  ) {
    precondition(outputs % Lanes.scalarCount == 0, "\(outputs) channels: not a multiple of 8")
    precondition(
      weights.count == 27 * outputs && bias.count == outputs,
      "\(weights.count) weights and \(bias.count) biases for \(outputs) × 3 × 3 × 3")
    (self.outputs, self.height, self.width) = (outputs, height, width)
    var matrix = Matrix<Float>(rows: Self.patch, columns: outputs)
    for o in 0..<outputs {
      for channel in 0..<3 {
        for k in 0..<9 { matrix[3 * k + channel, o] = weights[(o * 3 + channel) * 9 + k] }
      }
      matrix[27, o] = bias[o]
    }
    self.weights = matrix
    values = (0..<3).flatMap { channel in
      (0..<256).map { Float(normalization.value(ofByte: $0, channel: channel)) }
    }
  }

  /// Numbers in one output image.
  package var outputSize: Int { height * width * outputs }
  /// Multiplications and additions of the matrix product for one image.
  package var productFlops: Int { 2 * Self.patch * outputSize }

  /// Rows of the image multiplied together: some thousand patches.
  private var rowsAtOnce: Int { min(height, max(1, 1024 / width)) }
  /// Numbers in a row of the image with its padding.
  private var paddedRow: Int { 3 * (width + 2) }

  /// Numbers needed as scratch by ``callAsFunction(_:_:_:scratch:)``.
  package var scratchSize: Int {
    (height + 2) * paddedRow + rowsAtOnce * width * Self.patch
  }

  /// Convolves one image.
  ///
  /// - Parameters:
  ///   - pixels: 3 × height × width or height × width × 3 bytes, as `layout` says.
  ///   - y: height × width × outputs, overwritten.
  ///   - scratch: ``scratchSize`` numbers, of any value.
  @unsafe package func callAsFunction(
    _ pixels: UnsafePointer<UInt8>, _ layout: PixelLayout, _ y: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let image = unsafe scratch
    let patches = unsafe scratch + (height + 2) * paddedRow
    unsafe normalize(pixels, layout, into: image)
    unsafe weights.withUnsafeBufferPointer { weights in
      for rows in chunks(of: height, size: rowsAtOnce) {
        var target = unsafe patches
        for row in rows {
          for column in 0..<width {
            for k in 0..<3 {
              let source = unsafe image + (row + k) * paddedRow + 3 * column
              for j in 0..<9 { unsafe target[9 * k + j] = source[j] }
            }
            unsafe target[27] = 1
            unsafe target += Self.patch
          }
        }
        let result = unsafe y + rows.lowerBound * width * outputs
        let m = rows.count * width
        unsafe Float.gemm(
          false, false, m: m, n: outputs, k: Self.patch, 1, patches, Self.patch,
          weights.baseAddress!, outputs, adding: false, result, outputs)
        for k in 0..<(m * outputs) { unsafe result[k] = result[k] > 0 ? result[k] : 0 }
      }
    }
  }

  /// The normalised image with a border of zeros: (height + 2) × (width + 2) × 3.
  @unsafe private func normalize(
    _ pixels: UnsafePointer<UInt8>, _ layout: PixelLayout,
    into image: UnsafeMutablePointer<Float>
  ) {
    unsafe image.update(repeating: 0, count: (height + 2) * paddedRow)
    let (pixelStride, channelStride) = layout == .planar ? (1, height * width) : (3, 1)
    unsafe values.withUnsafeBufferPointer { values in
      for row in 0..<height {
        for column in 0..<width {
          let source = unsafe pixels + (row * width + column) * pixelStride
          let target = unsafe image + (row + 1) * paddedRow + 3 * (column + 1)
          for channel in 0..<3 {
            unsafe target[channel] = values[256 * channel + Int(source[channel * channelStride])]
          }
        }
      }
    }
  }
}
