internal import DataFormats
internal import Foundation
public import Landbridge

/// Images of one size, as bytes, with labels if there are any.
public struct ImageSet: Sendable {
  /// n × 3 × H × W or n × H × W × 3, as the layout says.
  public var pixels: [UInt8]
  /// n labels, if there are any.
  public var labels: [Int]?
  /// n
  public var count: Int
  /// H
  public var height: Int
  /// W
  public var width: Int
  /// In which order the bytes of an image come.
  public var layout: PixelLayout

  /// Bytes per image.
  public var stride: Int { 3 * height * width }

  /// Reads `cifar10:DIR[,split=…][,limit=N]`, a batch of CIFAR-10 (`.bin`, `.bin.gz`), or a
  /// safetensors or npz file with uint8 `images` (n × 3 × H × W or n × H × W × 3) and, perhaps,
  /// integer `labels`.
  ///
  /// - Throws: `FormatError`, or `DataSpecification.Problem` for a text that is none of these.
  public init(_ specification: String, limit: Int? = nil) throws {
    if specification.hasPrefix("cifar10:") {
      let data = try DataSpecification(parsing: specification)
      let part: DataSplit = data.options.split == .test ? .test : .train
      let optionLimit = data.options.limit ?? .max
      try self.init(
        readCIFAR10(directory: data.location!, split: part),
        limit: min(limit ?? .max, optionLimit))
    } else if specification.hasSuffix(".bin") || specification.hasSuffix(".bin.gz") {
      try self.init(readCIFAR10(specification), limit: limit)
    } else if specification.hasSuffix(".npz") {
      let file = try NpzFile(specification)
      try self.init(path: specification, names: file.names, limit: limit, file.tensor)
    } else if specification.hasSuffix(".safetensors") {
      let file = try SafetensorsFile(specification)
      try self.init(path: specification, names: file.names, limit: limit, file.tensor)
    } else {
      throw DataSpecification.Problem(
        description:
          "images “\(specification)”: expected cifar10:DIR, or a file .bin, .bin.gz, .npz or .safetensors"
      )
    }
  }

  private init(_ data: LabelledImages, limit: Int?) throws {
    count = min(data.count, limit ?? .max)
    (height, width, layout) = (32, 32, .planar)
    pixels = [UInt8](data.images.bytes.prefix(count * 3072))
    labels = Array(data.labels.prefix(count))
  }

  private init(
    path: String, names: [String], limit: Int?, _ tensor: (String) throws -> Tensor
  ) throws {
    guard names.contains("images") else {
      throw FormatError(
        path: path, place: "arrays", found: names.prefix(10).joined(separator: ", "),
        expected: "images")
    }
    let images = try tensor("images")
    let shape = images.shape
    guard images.dtype == .u8, shape.count == 4, shape[1] == 3 || shape[3] == 3, shape[0] > 0
    else {
      throw FormatError(
        path: path, place: "images", found: "\(images.dtype.rawValue) \(shape)",
        expected: "U8, n × 3 × H × W or n × H × W × 3")
    }
    layout = shape[1] == 3 ? .planar : .interleaved
    (height, width) = shape[1] == 3 ? (shape[2], shape[3]) : (shape[1], shape[2])
    count = min(shape[0], limit ?? .max)
    pixels = [UInt8](images.bytes.prefix(count * 3 * height * width))
    guard names.contains("labels") else {
      labels = nil
      return
    }
    let found = try tensor("labels")
    guard found.dtype.isInteger, found.shape == [shape[0]] else {
      throw FormatError(
        path: path, place: "labels", found: "\(found.dtype.rawValue) \(found.shape)",
        expected: "\(shape[0]) integers")
    }
    labels = Array(try found.integers().prefix(count))
  }
}
