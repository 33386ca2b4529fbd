internal import LinearAlgebra

/// A 3×3 convolution with padding 1, bias and ReLU, and on request a 2×2 max-pooling after it, for
/// images of one size.
///
///     y[o, r, c] = max(0, b_o + Σ_{i,p,q} w[o, i, p, q] · x[i, r+p−1, c+q−1])
///
/// Activations are stored as image, row, column, channel. The image is cut into tiles of m×m
/// outputs; Winograd's F(m×m, 3×3) turns the sum over i of all tiles into (m+2)² products
/// [tiles × inputs]·[inputs × outputs].
///
/// Why this way: as plain sums (im2col and one product) a 32×32 image of VGG-16 takes 0.626 Gflop,
/// so that a core with a single-precision product of 80 Gflop/s (AMD Zen 3, AVX2) cannot pass
/// 128 images/s; F(4×4, 3×3) has a quarter of the multiplications and reached 250, two thirds of
/// the time in the products, with errors below 4e-6 of the largest output. m is chosen by the
/// number of multiplications: 4, except for maps so small that most of a tile of 4×4 would be
/// thrown away, such as 2×2.
package struct WinogradConvolution: Sendable {
  package let inputs: Int
  package let outputs: Int
  package let height: Int
  package let width: Int
  package let pooled: Bool
  /// m, the side of a tile of outputs: 2 or 4.
  package let tile: Int
  /// Transformed weights [(m+2)²·inputs × outputs].
  private let weights: Matrix<Float>
  private let bias: [Float]

  /// Tiles transformed and multiplied together. Enough rows for the products to run at full rate
  /// although each call packs a new matrix of weights, few enough for the transformed tiles to stay
  /// in the last-level cache; 64 and 128 were equally fast in the first blocks, 128 in the later ones.
  static let tilesAtOnce = 128

  /// - Parameters:
  ///   - inputs: channels of the input, a multiple of 8; likewise `outputs`.
  ///   - pooled: whether the 2×2 maximum follows; a last odd row or column is dropped.
  ///   - weights: outputs × inputs × 3 × 3.
  ///   - bias: one number per output channel.
  /// - Complexity: 36·inputs·outputs numbers of memory for m = 4, 16·inputs·outputs for m = 2.
  package init(
    inputs: Int, outputs: Int, height: Int, width: Int, pooled: Bool,
    weights: [Float], bias: [Float]
  ) {
    precondition(
      inputs % Lanes.scalarCount == 0 && outputs % Lanes.scalarCount == 0,
      "\(inputs) and \(outputs) channels: multiples of \(Lanes.scalarCount) are needed")
    precondition(
      weights.count == 9 * inputs * outputs && bias.count == outputs,
      "\(weights.count) weights and \(bias.count) biases for \(outputs) × \(inputs) × 3 × 3")
    (self.inputs, self.outputs, self.height, self.width) = (inputs, outputs, height, width)
    self.pooled = pooled
    self.bias = bias
    tile = Self.bestTile(height: height, width: width)
    self.weights =
      switch tile {
      case 2: Self.transform(weights, inputs, outputs, WinogradF2.self)
      default: Self.transform(weights, inputs, outputs, WinogradF4.self)
      }
  }

  static func bestTile(height: Int, width: Int) -> Int {
    func products(_ m: Int) -> Int {
      ((height + m - 1) / m) * ((width + m - 1) / m) * (m + 2) * (m + 2)
    }
    return products(2) < products(4) ? 2 : 4
  }

  /// Tiles along the height and along the width of an image.
  var tileRows: Int { (height + tile - 1) / tile }
  var tileColumns: Int { (width + tile - 1) / tile }
  var tilesPerImage: Int { tileRows * tileColumns }
  /// Numbers in one input image and in one output image.
  package var inputSize: Int { height * width * inputs }
  package var outputHeight: Int { pooled ? height / 2 : height }
  package var outputWidth: Int { pooled ? width / 2 : width }
  package var outputSize: Int { outputHeight * outputWidth * outputs }
  /// Multiplications and additions of the matrix products for one image.
  package var productFlops: Int {
    2 * (tile + 2) * (tile + 2) * tilesPerImage * inputs * outputs
  }

  /// Distance between the planes of the transformed tiles. One cache line more than their size:
  /// (m+2)² streams at a distance that is a power of two would fall into one cache set.
  private static func planeStride(_ channels: Int) -> Int { tilesAtOnce * channels + 16 }

  /// Numbers needed as scratch by ``callAsFunction(_:_:count:scratch:)``.
  package var scratchSize: Int {
    (tile + 2) * (tile + 2) * (Self.planeStride(inputs) + Self.planeStride(outputs)) + inputs
  }

  /// Convolves `count` images.
  ///
  /// - Parameters:
  ///   - x: count × height × width × inputs.
  ///   - y: count × outputHeight × outputWidth × outputs, overwritten.
  ///   - scratch: ``scratchSize`` numbers, of any value.
  @unsafe package func callAsFunction(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, count: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    switch tile {
    case 2: unsafe convolve(x, y, count, scratch, WinogradF2.self)
    default: unsafe convolve(x, y, count, scratch, WinogradF4.self)
    }
  }

  @unsafe private func convolve<F: WinogradTransform>(
    _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int,
    _ scratch: UnsafeMutablePointer<Float>, _: F.Type
  ) {
    let planes = F.side * F.side
    let (strideV, strideZ) = (Self.planeStride(inputs), Self.planeStride(outputs))
    let v = unsafe scratch
    let z = unsafe v + planes * strideV
    let zeros = unsafe z + planes * strideZ
    unsafe zeros.update(repeating: 0, count: inputs)
    unsafe weights.withUnsafeBufferPointer { u in
      for group in chunks(of: count * tilesPerImage, size: Self.tilesAtOnce) {
        unsafe transformInput(x, zeros, group, v, strideV, F.self)
        for plane in 0..<planes {
          unsafe Float.gemm(
            false, false, m: group.count, n: outputs, k: inputs,
            1, v + plane * strideV, inputs,
            u.baseAddress! + plane * inputs * outputs, outputs,
            adding: false, z + plane * strideZ, outputs)
        }
        unsafe transformOutput(z, strideZ, group, y, F.self)
      }
    }
  }

  /// V = Bᵀ d B for every tile d of the group: plane × tile × channel.
  @inline(__always) @unsafe private func transformInput<F: WinogradTransform>(
    _ x: UnsafePointer<Float>, _ zeros: UnsafePointer<Float>, _ group: Range<Int>,
    _ v: UnsafeMutablePointer<Float>, _ stride: Int, _: F.Type
  ) {
    let side = F.side
    unsafe withUnsafeTemporaryAllocation(
      of: UnsafeRawPointer.self, capacity: side * side
    ) { sources in
      unsafe withUnsafeTemporaryAllocation(of: Lanes.self, capacity: side * side) { half in
        for (slot, index) in group.enumerated() {
          let (image, position) = index.quotientAndRemainder(dividingBy: tilesPerImage)
          let top = position / tileColumns * F.outputs - 1
          let left = position % tileColumns * F.outputs - 1
          for r in 0..<side {
            for c in 0..<side {
              let (row, column) = (top + r, left + c)
              let inside = row >= 0 && row < height && column >= 0 && column < width
              unsafe sources.initializeElement(
                at: r * side + c,
                to: UnsafeRawPointer(
                  inside ? x + ((image * height + row) * width + column) * inputs : zeros))
            }
          }
          let target = unsafe UnsafeMutableRawPointer(v + slot * inputs)
          for offset in Swift.stride(from: 0, to: inputs * 4, by: MemoryLayout<Lanes>.size) {
            for c in 0..<side {
              F.input {
                unsafe sources[$0 * side + c].loadUnaligned(fromByteOffset: offset, as: Lanes.self)
              } _: {
                unsafe half[$0 * side + c] = $1
              }
            }
            for r in 0..<side {
              F.input {
                unsafe half[r * side + $0]
              } _: {
                unsafe target.storeBytes(
                  of: $1, toByteOffset: (r * side + $0) * stride * 4 + offset, as: Lanes.self)
              }
            }
          }
        }
      }
    }
  }

  /// max(0, b + Aᵀ Z A) for every tile of the group, pooled if asked for, into its place in y.
  @inline(__always) @unsafe private func transformOutput<F: WinogradTransform>(
    _ z: UnsafePointer<Float>, _ stride: Int, _ group: Range<Int>,
    _ y: UnsafeMutablePointer<Float>, _: F.Type
  ) {
    let (m, side) = (F.outputs, F.side)
    let step = pooled ? m / 2 : m
    unsafe withUnsafeTemporaryAllocation(of: Lanes.self, capacity: 2 * side * side) { work in
      let tile = work.baseAddress!
      let half = unsafe tile + side * side
      unsafe bias.withUnsafeBytes { bias in
        for (slot, index) in group.enumerated() {
          let (image, position) = index.quotientAndRemainder(dividingBy: tilesPerImage)
          let top = position / tileColumns * step
          let left = position % tileColumns * step
          let rows = min(step, outputHeight - top)
          let columns = min(step, outputWidth - left)
          let source = unsafe UnsafeRawPointer(z + slot * outputs)
          let target = unsafe UnsafeMutableRawPointer(
            y + ((image * outputHeight + top) * outputWidth + left) * outputs)
          for offset in Swift.stride(from: 0, to: outputs * 4, by: MemoryLayout<Lanes>.size) {
            for c in 0..<side {
              F.output {
                unsafe source.loadUnaligned(
                  fromByteOffset: ($0 * side + c) * stride * 4 + offset, as: Lanes.self)
              } _: {
                unsafe half[$0 * side + c] = $1
              }
            }
            for r in 0..<m {
              F.output {
                unsafe half[r * side + $0]
              } _: {
                unsafe tile[r * m + $0] = $1
              }
            }
            let b = unsafe bias.loadUnaligned(fromByteOffset: offset, as: Lanes.self)
            if pooled { unsafe Self.pool(tile, m) }
            for r in 0..<rows {
              for c in 0..<columns {
                let value = unsafe tile[r * step + c] + b
                unsafe target.storeBytes(
                  of: value.replacing(with: 0, where: value .< 0),
                  toByteOffset: (r * outputWidth + c) * outputs * 4 + offset, as: Lanes.self)
              }
            }
          }
        }
      }
    }
  }

  /// The maxima over 2×2 of m×m values, in place. Adding the bias and ReLU are monotone and can
  /// follow.
  @inline(__always) @unsafe private static func pool(_ y: UnsafeMutablePointer<Lanes>, _ m: Int) {
    for r in 0..<(m / 2) {
      for c in 0..<(m / 2) {
        let p = unsafe y + 2 * r * m + 2 * c
        unsafe y[r * (m / 2) + c] = maximum(maximum(p[0], p[1]), maximum(p[m], p[m + 1]))
      }
    }
  }

  @inline(__always) private static func maximum(_ a: Lanes, _ b: Lanes) -> Lanes {
    a.replacing(with: b, where: a .< b)
  }

  /// U = G g Gᵀ for every pair of channels: plane × input × output. In double precision, rounded
  /// once; eight outputs side by side.
  private static func transform<F: WinogradTransform>(
    _ weights: [Float], _ inputs: Int, _ outputs: Int, _: F.Type
  ) -> Matrix<Float> {
    let side = F.side
    var result = Matrix<Float>(rows: side * side * inputs, columns: outputs)
    unsafe result.withUnsafeMutableBufferPointer { u in
      unsafe withUnsafeTemporaryAllocation(of: WideLanes.self, capacity: 9 + 9 * side * side) {
        work in
        let g = work.baseAddress!
        let half = unsafe g + 9
        let whole = unsafe half + 3 * side
        for i in 0..<inputs {
          for o in Swift.stride(from: 0, to: outputs, by: WideLanes.scalarCount) {
            for k in 0..<9 {
              for lane in 0..<WideLanes.scalarCount {
                unsafe g[k][lane] = Double(weights[((o + lane) * inputs + i) * 9 + k])
              }
            }
            for c in 0..<3 {
              F.filter {
                unsafe g[3 * $0 + c]
              } _: {
                unsafe half[3 * $0 + c] = $1
              }
            }
            for r in 0..<side {
              F.filter {
                unsafe half[3 * r + $0]
              } _: {
                unsafe whole[r * side + $0] = $1
              }
            }
            for k in 0..<(side * side) {
              for lane in 0..<WideLanes.scalarCount {
                unsafe u[(k * inputs + i) * outputs + o + lane] = Float(whole[k][lane])
              }
            }
          }
        }
      }
    }
    return result
  }
}
