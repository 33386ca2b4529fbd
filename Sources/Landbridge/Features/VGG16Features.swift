public import LinearAlgebra

/// The convolutional part of VGG-16 as a fixed feature extractor, complete or only its first blocks.
///
///     bytes → normalisation → (convolution 3×3, ReLU)…, max-pooling 2×2 → … → features
///
/// The features of an image are the numbers after the last pooling, flattened as channel, row,
/// column (as PyTorch does), on request averaged over the cells of a g × g grid before.
/// Convolutions run as Winograd products on single-threaded BLAS, several pieces of the images side
/// by side; see `WinogradConvolution` for why.
///
/// ```swift
/// let network = try VGG16Features(
///   height: 32, width: 32, upTo: .pool5, normalization: .torchvision) { file.tensor($0) }
/// let x = network.features(images: pixels.span, threads: 2)  // images × 512
/// ```
public struct VGG16Features: Sendable {
  /// Rows of pixels of an image.
  public let height: Int
  /// Columns of pixels of an image.
  public let width: Int
  /// The last block computed.
  public let block: VGG16Block
  /// g, or nil when the whole map is returned.
  public let averagePool: Int?
  /// How bytes become the numbers that the first convolution reads.
  public let normalization: PixelNormalization

  private let first: PixelConvolution
  /// The other convolutions, by block; the last one of a block pools.
  private let blocks: [[WinogradConvolution]]

  /// An extractor for images of `height` × `width` pixels.
  ///
  /// - Parameters:
  ///   - block: where to stop; only the tensors up to there are asked for.
  ///   - averagePool: g ≥ 1 to average the map over a g × g grid of equal cells.
  ///   - normalization: the convention that the weights were trained with.
  ///   - availableNames: names that `tensor` knows, only used to make the error more helpful.
  ///   - tensor: the tensor of a name (``VGG16Block/tensors``), row-major, or nil if there is none.
  /// - Throws: ``VGG16Error`` that lists every missing or ill-shaped tensor; or when the image is
  ///   too small for the poolings or the grid does not divide the map. As in PyTorch a pooling drops
  ///   a last odd row or column.
  /// - Complexity: memory for the transformed weights, all five blocks: 172 MB for images of 32×32,
  ///   235 MB for large ones.
  public init(
    height: Int, width: Int, upTo block: VGG16Block, averagePool: Int? = nil,
    normalization: PixelNormalization, availableNames: [String] = [],
    tensor: (String) -> (shape: [Int], values: [Float])?
  ) throws(VGG16Error) {
    let minimum = 1 << block.number
    guard height >= minimum, width >= minimum else {
      throw .imageTooSmall(height: height, width: width, minimum: minimum, upTo: block)
    }
    let (lastHeight, lastWidth) = (height / minimum, width / minimum)
    if let g = averagePool, g < 1 || lastHeight % g != 0 || lastWidth % g != 0 {
      throw .gridDoesNotDivide(grid: g, height: lastHeight, width: lastWidth)
    }
    var tensors = try Self.load(block.tensors, availableNames, tensor)[...]
    first = PixelConvolution(
      outputs: VGG16Block.pool1.channels, height: height, width: width,
      normalization: normalization, weights: tensors.removeFirst(), bias: tensors.removeFirst())
    var blocks: [[WinogradConvolution]] = []
    var inputs = first.outputs
    for block in block.blocks {
      let scale = 1 << (block.number - 1)
      blocks.append([])
      for number in block.convolutions where number > 0 {
        blocks[blocks.count - 1].append(
          WinogradConvolution(
            inputs: inputs, outputs: block.channels,
            height: height / scale, width: width / scale,
            pooled: number == block.convolutions.last,
            weights: tensors.removeFirst(), bias: tensors.removeFirst()))
        inputs = block.channels
      }
    }
    self.blocks = blocks
    (self.height, self.width, self.block) = (height, width, block)
    (self.averagePool, self.normalization) = (averagePool, normalization)
  }

  /// Height and width of the map after the last pooling.
  public var mapSize: (height: Int, width: Int) {
    (height >> block.number, width >> block.number)
  }

  /// Features per image: channels × g × g, or channels × height × width of the last map.
  public var featureCount: Int {
    block.channels * (averagePool.map { $0 * $0 } ?? mapSize.height * mapSize.width)
  }

  /// Floating-point operations of the matrix products for one image.
  package var productFlops: Int {
    first.productFlops + blocks.joined().reduce(0) { $0 + $1.productFlops }
  }

  /// The values of the tensors, in the order given.
  private static func load(
    _ expected: [VGG16TensorDescription], _ availableNames: [String],
    _ tensor: (String) -> (shape: [Int], values: [Float])?
  ) throws(VGG16Error) -> [[Float]] {
    var problems: [VGG16Error.TensorProblem] = []
    var result: [[Float]] = []
    for description in expected {
      func report(_ kind: VGG16Error.TensorProblem.Kind) {
        problems.append(
          .init(name: description.name, expectedShape: description.shape, kind: kind))
      }
      guard let (shape, values) = tensor(description.name) else {
        report(.missing)
        continue
      }
      if shape != description.shape {
        report(.shape(found: shape))
      } else if values.count != shape.reduce(1, *) {
        report(.count(found: values.count))
      } else if let index = values.firstIndex(where: { !$0.isFinite }) {
        report(.notFinite(index: index))
      } else {
        result.append(values)
      }
    }
    guard problems.isEmpty else {
      let names = Set(expected.map(\.name))
      throw .tensors(problems, unused: availableNames.filter { !names.contains($0) }.sorted())
    }
    return result
  }
}

extension VGG16Features {
  /// The features of images, one row per image.
  ///
  /// Call it for some hundred images at a time to show progress or to be able to resume. The result
  /// is the same, byte for byte, whatever the number of threads.
  ///
  /// - Parameters:
  ///   - images: RGB images, one after the other, each 3 · height · width bytes.
  ///   - layout: the order of the bytes of an image.
  ///   - threads: pieces of the images computed side by side, at most.
  /// - Returns: images × ``featureCount``.
  /// - Complexity: 0.17 Gflop in matrix products per image of 32×32 up to `.pool5` (as plain sums
  ///   it would be 0.63); scratch memory per thread of about 45 MB for such images, 100 MB for
  ///   224×224, whatever their number.
  public func features(
    images: Span<UInt8>, layout: PixelLayout = .planar, threads: Int = 1
  ) -> Matrix<Float> {
    let size = 3 * height * width
    precondition(
      images.count % size == 0, "\(images.count) bytes for images of 3 × \(height) × \(width)")
    let count = images.count / size
    // Small enough to keep all threads busy, large enough for products with many rows; the size
    // must not depend on the number of threads.
    let pieces = chunks(of: count, size: max(1, min(imagesPerPiece, (count + 3) / 4)))
    let workers = max(1, min(threads, pieces.count))
    var result = Matrix<Float>(rows: count, columns: featureCount)
    unsafe result.withUnsafeMutableBufferPointer { target in
      unsafe images.withUnsafeBufferPointer { pixels in
        concurrently(workers, threads: workers) { worker in
          let workspace = Workspace(self, images: pieces.first?.count ?? 0)
          for piece in stride(from: worker, to: pieces.count, by: workers) {
            let range = pieces[piece]
            let map = unsafe run(
              pixels.baseAddress! + range.lowerBound * size, layout, range.count, workspace)
            unsafe flatten(
              map, range.count, into: target.baseAddress! + range.lowerBound * featureCount)
          }
        }
      }
    }
    return result
  }

  /// Enough images that every convolution, also one with a single tile per image, has
  /// ``WinogradConvolution/tilesAtOnce`` tiles.
  private var imagesPerPiece: Int { blocks.map(imagesAtOnce).max()! }

  /// Images that go through all convolutions of a block together: as few as fill the products, so
  /// that the large maps of the first blocks stay in the cache.
  private func imagesAtOnce(_ block: [WinogradConvolution]) -> Int {
    let tiles = block[0].tilesPerImage
    return max(1, (WinogradConvolution.tilesAtOnce + tiles - 1) / tiles)
  }

  /// The map of `count` images after the last pooling: image, row, column, channel. It lies in the
  /// workspace.
  @unsafe private func run(
    _ pixels: UnsafePointer<UInt8>, _ layout: PixelLayout, _ count: Int, _ workspace: Workspace
  ) -> UnsafePointer<Float> {
    var (input, output) = unsafe (workspace.maps.0, workspace.maps.1)
    for (index, block) in blocks.enumerated() {
      for images in chunks(of: count, size: imagesAtOnce(block)) {
        var x = unsafe input + images.lowerBound * block[0].inputSize
        if index == 0 {
          unsafe x = workspace.inner.0
          for image in images {
            unsafe first(
              pixels + image * 3 * height * width, layout,
              x + (image - images.lowerBound) * first.outputSize, scratch: workspace.scratch)
          }
        }
        for convolution in block {
          let y =
            unsafe convolution.pooled
            ? output + images.lowerBound * convolution.outputSize
            : x == workspace.inner.0 ? workspace.inner.1 : workspace.inner.0
          unsafe convolution(x, y, count: images.count, scratch: workspace.scratch)
          unsafe x = y
        }
      }
      unsafe swap(&input, &output)
    }
    return unsafe UnsafePointer(input)
  }

  /// Averages over the grid, if any, and puts the channel first.
  @unsafe private func flatten(
    _ map: UnsafePointer<Float>, _ count: Int, into target: UnsafeMutablePointer<Float>
  ) {
    let (h, w) = mapSize
    let (rows, columns) = averagePool.map { ($0, $0) } ?? (h, w)
    let (cellRows, cellColumns) = (h / rows, w / columns)
    let channels = block.channels
    let scale = 1 / Float(cellRows * cellColumns)
    for image in 0..<count {
      let source = unsafe map + image * h * w * channels
      let result = unsafe target + image * featureCount
      for channel in 0..<channels {
        for row in 0..<rows {
          for column in 0..<columns {
            var sum: Float = 0
            for r in (row * cellRows)..<((row + 1) * cellRows) {
              for c in (column * cellColumns)..<((column + 1) * cellColumns) {
                unsafe sum += source[(r * w + c) * channels + channel]
              }
            }
            unsafe result[(channel * rows + row) * columns + column] = sum * scale
          }
        }
      }
    }
  }

  /// The memory that one thread needs for one piece of images; used for piece after piece.
  @safe private final class Workspace {
    /// Inputs and outputs of a block, for all images of the piece.
    let maps: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
    /// Between the convolutions of a block, for the images that go through it together.
    let inner: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>)
    let scratch: UnsafeMutablePointer<Float>
    private let memory: UnsafeMutableRawPointer

    init(_ network: VGG16Features, images: Int) {
      let convolutions = network.blocks.joined()
      let map = images * network.blocks.map { $0.last!.outputSize }.max()!
      let between = network.blocks.map { block in
        min(images, network.imagesAtOnce(block)) * block.map(\.inputSize).max()!
      }.max()!
      let scratch = max(network.first.scratchSize, convolutions.map(\.scratchSize).max()!)
      let sizes = [map, map, between, between, scratch].map { ($0 + 15) / 16 * 16 }
      unsafe memory = UnsafeMutableRawPointer.allocate(
        byteCount: sizes.reduce(16, +) * MemoryLayout<Float>.stride, alignment: 64)
      var next = unsafe memory.bindMemory(to: Float.self, capacity: sizes.reduce(16, +))
      func take(_ size: Int) -> UnsafeMutablePointer<Float> {
        defer { unsafe next += size }
        return unsafe next
      }
      unsafe maps = (take(sizes[0]), take(sizes[1]))
      unsafe inner = (take(sizes[2]), take(sizes[3]))
      unsafe self.scratch = take(sizes[4])
    }

    deinit { unsafe memory.deallocate() }
  }
}
