public import Foundation

private let recordLength = 1 + 3 * 32 * 32

/// Reads a batch of the binary version of CIFAR-10, compressed or not.
///
/// - Parameters:
///   - path: The file; gzip is recognised by its content.
///   - decompressionLimit: The most bytes that a compressed file may unpack to;
///     ``defaultDecompressionLimit(forCompressed:)`` if nil.
/// - Returns: Images n × 3 × 32 × 32 and labels; n may be anything but 0.
/// - Throws: `FormatError` naming the record that is cut off or has a label above 9.
/// - Note: The format: https://www.cs.toronto.edu/~kriz/cifar.html
public func readCIFAR10(
  _ path: String, decompressionLimit: Int? = nil
) throws -> LabelledImages {
  try joinCIFAR10([path], path: path, limit: decompressionLimit)
}

/// Reads CIFAR-10 from the directory of its binary version: `data_batch_1.bin` to
/// `data_batch_5.bin` or `test_batch.bin`, with or without `.gz`, there or in the folder
/// `cifar-10-batches-bin` that the original archive unpacks to.
///
/// - Throws: `FormatError` if a file is missing or damaged.
public func readCIFAR10(
  directory: String, split: DataSplit, decompressionLimit: Int? = nil
) throws -> LabelledImages {
  let inner = join(directory, "cifar-10-batches-bin")
  let folder = isDirectory(inner) ? inner : directory
  let names = split == .train ? (1...5).map { "data_batch_\($0)" } : ["test_batch"]
  let paths = try names.map { try findFile([$0 + ".bin", $0 + ".bin.gz"], in: folder) }
  return try joinCIFAR10(paths, path: folder, limit: decompressionLimit)
}

/// Writes labelled images as a batch of the binary version of CIFAR-10, complete or not at all.
///
/// - Throws: `FormatError` if the images are not n × 3 × 32 × 32 bytes with as many labels from 0
///   to 9, or the file cannot be written.
public func writeCIFAR10(_ data: LabelledImages, to path: String, compressed: Bool = false) throws {
  let images = data.images
  guard images.dtype == .u8, images.shape == [data.labels.count, 3, 32, 32] else {
    throw FormatError(
      path: path, found: "\(images.dtype.rawValue) \(images.shape)",
      expected: "U8 [\(data.labels.count), 3, 32, 32]")
  }
  var records = Data(capacity: data.count * recordLength)
  for (index, label) in data.labels.enumerated() {
    guard (0...9).contains(label) else {
      throw FormatError(
        path: path, place: "record \(index)", found: "label \(label)",
        expected: "a class from 0 to 9")
    }
    records.append(UInt8(label))
    records.append(images.bytes.dropFirst(index * (recordLength - 1)).prefix(recordLength - 1))
  }
  try writeAtomically(to: path) { try $0.write(compressed ? gzip(records) : records) }
}

/// Reads a batch that is in memory already, as ``readCIFAR10(_:decompressionLimit:)``; `path` is for
/// messages only.
public func readCIFAR10(
  bytes: Data, path: String, decompressionLimit: Int? = nil
) throws -> LabelledImages {
  try joinCIFAR10([path], path: path, limit: decompressionLimit) { _ in bytes }
}

/// Takes the batches apart one after the other, so that only one is unpacked at a time.
private func joinCIFAR10(
  _ paths: [String], path: String, limit: Int?,
  read: (String) throws -> Data = { try fileContents($0).bytes }
) throws -> LabelledImages {
  var pixels = Data()
  var labels: [Int] = []
  for path in paths {
    let records = try decompressed(read(path), path: path, limit: limit)
    try splitCIFAR10(records, path: path, pixels: &pixels, labels: &labels)
  }
  let images = Tensor(
    shape: [labels.count, 3, 32, 32], dtype: .u8, bytes: pixels, path: path)
  return LabelledImages(images: images, labels: labels)
}

private func splitCIFAR10(
  _ records: Data, path: String, pixels: inout Data, labels: inout [Int]
) throws {
  let (count, rest) = records.count.quotientAndRemainder(dividingBy: recordLength)
  guard rest == 0, count > 0 else {
    throw FormatError(
      path: path, place: "record \(count), offset \(count * recordLength)", found: "\(rest) bytes",
      expected: "records of \(recordLength) bytes")
  }
  try requireMemory(pixels.count + records.count, path: path)
  for record in 0..<count {
    let start = records.startIndex + record * recordLength
    guard records[start] <= 9 else {
      throw FormatError(
        path: path, place: "record \(record), offset \(record * recordLength)",
        found: "label \(records[start])", expected: "a class from 0 to 9")
    }
    labels.append(Int(records[start]))
    pixels.append(records[start + 1..<start + recordLength])
  }
}
