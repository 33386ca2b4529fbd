internal import DataFormats
internal import Foundation
public import Landbridge
internal import LinearAlgebra

/// Features of images from a pretrained VGG-16, written to a file that `--data` reads.
///
/// Finished rows are kept in a hidden file beside the final one, so that an interrupted run goes on
/// where it was and ends with the same bytes.
public struct FeatureExtraction: Sendable {
  /// How features are stored.
  public enum Storage: String, Sendable, CaseIterable {
    /// Four bytes a feature.
    case float32
    /// Two bytes a feature, at most 65 504.
    case float16
  }

  /// The safetensors file of the weights.
  public var weights: String
  /// What ``ImageSet/init(_:limit:)`` reads.
  public var images: String
  /// At most so many images.
  public var limit: Int?
  /// The last block, features are those of its pooling.
  public var block: VGG16Block
  /// g, where the last map is averaged to g × g.
  public var averagePool: Int?
  /// What pixels go through first.
  public var normalization: PixelNormalization
  /// How features are stored.
  public var storage: Storage
  /// The file, `.safetensors` or `.npz`.
  public var output: String
  /// How many of the images, the last ones, are held out: the file then has `x_train` and `x_test` in
  /// place of `x`.
  public var heldOut: Int
  /// Images between two looks at ``run(threads:progress:shouldStop:)``'s `shouldStop`.
  public var batch: Int

  /// An extraction with batches of at least one image.
  public init(
    weights: String, images: String, limit: Int? = nil, block: VGG16Block, averagePool: Int?,
    normalization: PixelNormalization, storage: Storage, output: String, heldOut: Int = 0,
    batch: Int = 2048
  ) {
    precondition(batch > 0, "batches of \(batch)")
    precondition(heldOut >= 0, "\(heldOut) held out")
    (self.weights, self.images, self.limit) = (weights, images, limit)
    (self.block, self.averagePool, self.normalization) = (block, averagePool, normalization)
    (self.storage, self.output, self.heldOut, self.batch) = (storage, output, heldOut, batch)
  }

  /// What was made: n × d.
  public struct Summary: Codable, Sendable {
    /// n
    public var images: Int
    /// d
    public var features: Int
    /// The file.
    public var output: String
  }

  /// - Parameter progress: told how many of how many images are done, at the beginning too.
  /// - Returns: `nil` when asked to stop; what is finished is kept.
  /// - Throws: `FormatError` for files that are missing or damaged, weights among them whose tensors
  ///   are missing, misnamed or ill-shaped, all listed.
  public func run(
    threads: Int, progress: (Int, Int) -> Void, shouldStop: () -> Bool = { false }
  ) throws -> Summary? {
    let set = try ImageSet(images, limit: limit)
    try requireRest(of: set)
    let network = try loadNetwork(set)
    let d = network.featureCount
    var partial = try PartialRows(
      beside: output, key: try key(set, features: d), columns: d, batch: batch, count: set.count)
    progress(partial.rows, set.count)
    while partial.rows < set.count {
      if shouldStop() { return nil }
      let range = partial.rows..<min(partial.rows + batch, set.count)
      let pixels = set.pixels.span.extracting(
        range.lowerBound * set.stride..<range.upperBound * set.stride)
      try partial.append(network.features(images: pixels, layout: set.layout, threads: threads))
      progress(partial.rows, set.count)
    }
    let values = try partial.matrix()
    try requireRepresentable(values)
    try write(values, labels: set.labels)
    partial.remove()
    return Summary(images: set.count, features: d, output: output)
  }

  /// SHA-256 of everything the features depend on.
  public func inputDigest() throws -> String {
    let set = try ImageSet(images, limit: limit)
    let network = try loadNetwork(set)
    return sha256(of: Data(try key(set, features: network.featureCount).utf8))
  }

  private func requireRest(of set: ImageSet) throws {
    guard heldOut >= set.count else { return }
    throw FormatError(
      path: images, found: "\(set.count) images", expected: "more than the \(heldOut) held out")
  }

  private func loadNetwork(_ set: ImageSet) throws -> VGG16Features {
    let file = try SafetensorsFile(weights)
    do {
      return try VGG16Features(
        height: set.height, width: set.width, upTo: block, averagePool: averagePool,
        normalization: normalization, availableNames: file.names
      ) { name in
        file[name].map { ($0.shape, $0.values(as: Float.self)) }
      }
    } catch {
      if case .tensors = error { throw FormatError(path: weights, found: "\(error)") }
      throw FormatError(path: images, found: "\(error)")
    }
  }

  /// Everything the features depend on; rows of a run with another key are not taken up. The size
  /// of a batch is part of it because the last bits of a row depend on which rows it shares a
  /// product with.
  private func key(_ set: ImageSet, features: Int) throws -> String {
    let parts: [String] = [
      landbridgeVersion, checksum(try readFile(weights)), checksum(Data(set.pixels)),
      "\(set.count)", "\(set.height)", "\(set.width)", block.rawValue, "\(averagePool ?? 0)",
      normalization.rawValue, "\(features)", "\(batch)",
    ]
    return parts.joined(separator: "\u{1F}")
  }

  private func requireRepresentable(_ values: Matrix<Float>) throws {
    guard storage == .float16,
      let index = values.elements.firstIndex(where: { abs($0) >= 65_520 })
    else { return }
    throw FormatError(
      path: output, place: "image \(index / values.columns), feature \(index % values.columns)",
      found: "\(values.elements[index])",
      expected: "at most 65504, the largest half-precision number; use --dtype float32")
  }

  private func write(_ values: Matrix<Float>, labels: [Int]?) throws {
    let rest = values.rows - heldOut
    let parts =
      heldOut > 0 ? [("_train", 0..<rest), ("_test", rest..<values.rows)] : [("", 0..<rest)]
    var tensors: [(String, Tensor)] = []
    for (name, rows) in parts {
      let part = heldOut > 0 ? values.rows(rows) : values
      tensors.append(
        ("x" + name, storage == .float16 ? Tensor(halfPrecision: part) : Tensor(part)))
      if let labels = labels.map({ Array($0[rows]) }) {
        let isByte = labels.allSatisfy { (0...255).contains($0) }
        tensors.append(("y" + name, isByte ? Tensor(labels.map { UInt8($0) }) : Tensor(labels)))
      }
    }
    if output.hasSuffix(".npz") { return try writeNpz(tensors, to: output, compressed: true) }
    try writeSafetensors(
      tensors,
      metadata: [
        "landbridge.version": landbridgeVersion,
        "features":
          "VGG-16 up to \(block.rawValue)"
          + (averagePool.map { ", averaged to \($0) × \($0)" } ?? "")
          + ", \(normalization.rawValue) normalisation",
        "weights": URL(filePath: weights).lastPathComponent,
      ], to: output)
  }
}

/// Rows of numbers in a file that grows: a key, then rows of Float.
private struct PartialRows {
  private let url: URL
  private let columns: Int
  private let headerLength: Int
  private(set) var rows: Int

  init(beside output: String, key: String, columns: Int, batch: Int, count: Int) throws {
    let final = URL(filePath: output)
    url = final.deletingLastPathComponent().appending(path: ".\(final.lastPathComponent).partial")
    self.columns = columns
    let header = Data(key.utf8) + [0]
    headerLength = header.count
    if let found = try? Data(contentsOf: url, options: .mappedIfSafe), found.starts(with: header) {
      // A batch that is cut off is computed again.
      let whole = (found.count - header.count) / (4 * columns)
      rows = whole >= count ? count : whole / batch * batch
      let length = UInt64(header.count + 4 * columns * rows)
      try withHandle { try $0.truncate(atOffset: length) }
    } else {
      rows = 0
      try writeFile(header, to: url)
    }
  }

  mutating func append(_ values: Matrix<Float>) throws {
    let bytes = unsafe values.withUnsafeBufferPointer { unsafe Data(buffer: $0) }
    try withHandle { handle in
      try handle.seekToEnd()
      try handle.write(contentsOf: bytes)
    }
    rows += values.rows
  }

  func matrix() throws -> Matrix<Float> {
    let data = try readFile(url.path(percentEncoded: false)).dropFirst(headerLength)
    var result = Matrix<Float>(rows: rows, columns: columns)
    unsafe result.withUnsafeMutableBufferPointer { target in
      unsafe _ = data.copyBytes(to: UnsafeMutableRawBufferPointer(target))
    }
    return result
  }

  private func withHandle(_ body: (FileHandle) throws -> Void) throws {
    do {
      let handle = try FileHandle(forWritingTo: url)
      defer { try? handle.close() }
      try body(handle)
    } catch {
      throw FormatError(
        .cannotWrite, path: url.path(percentEncoded: false), found: error.localizedDescription)
    }
  }

  func remove() { try? FileManager.default.removeItem(at: url) }
}
