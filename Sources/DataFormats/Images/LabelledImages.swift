internal import Foundation

/// Which part of a dataset.
public enum DataSplit: String, Hashable, Sendable, CaseIterable {
  case train
  case test
}

/// Images and the class of each.
public struct LabelledImages: Sendable {
  /// Bytes from 0 to 255: n × 28 × 28 for MNIST, n × 3 × 32 × 32 (red, green, blue) for CIFAR-10.
  public let images: Tensor
  /// n classes from 0 to 9.
  public let labels: [Int]

  public var count: Int { labels.count }

  /// - Precondition: as many labels as images.
  public init(images: Tensor, labels: [Int]) {
    precondition(
      images.shape.first == labels.count, "\(labels.count) labels for images \(images.shape)")
    self.images = images
    self.labels = labels
  }
}

/// Reads MNIST, or data in the same files such as Fashion-MNIST, from a directory.
///
/// The files are `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, or `t10k-…` for the test
/// images, with or without `.gz`; a dot in place of the second dash is accepted.
///
/// - Throws: `FormatError` if a file is missing or damaged, the images are not n × rows × columns
///   bytes, the labels not n bytes up to 9, or their numbers differ.
public func readMNIST(
  directory: String, split: DataSplit, decompressionLimit: Int? = nil
) throws -> LabelledImages {
  let part = split == .train ? "train" : "t10k"
  func path(_ names: String...) throws -> String {
    try findFile(names.flatMap { [$0, $0 + ".gz"] }, in: directory)
  }
  let imagePath = try path("\(part)-images-idx3-ubyte", "\(part)-images.idx3-ubyte")
  let labelPath = try path("\(part)-labels-idx1-ubyte", "\(part)-labels.idx1-ubyte")
  let labels = try readIDX(labelPath, decompressionLimit: decompressionLimit)
  guard labels.dtype == .u8, labels.shape.count == 1 else {
    throw labels.error("\(labels.dtype.rawValue) \(labels.shape)", "one dimension of U8")
  }
  let images = try readIDX(imagePath, decompressionLimit: decompressionLimit)
  guard images.dtype == .u8, images.shape.count == 3 else {
    throw images.error("\(images.dtype.rawValue) \(images.shape)", "three dimensions of U8")
  }
  guard images.shape[0] == labels.count else {
    throw FormatError(
      path: imagePath, place: "offset 4", found: "\(images.shape[0]) images",
      expected: "\(labels.count), the number of labels in \(labelPath)")
  }
  let classes = try labels.integers()
  if let index = classes.firstIndex(where: { $0 > 9 }) {
    throw FormatError(
      path: labelPath, place: "label \(index), offset \(index + 8)", found: "\(classes[index])",
      expected: "a class from 0 to 9")
  }
  return LabelledImages(images: images, labels: classes)
}

/// The first of `names` that is a file in `directory`.
func findFile(_ names: [String], in directory: String) throws -> String {
  guard isDirectory(directory) else {
    throw FormatError(.noSuchFile, path: directory, found: "no such directory")
  }
  for name in names where isFile(join(directory, name)) { return join(directory, name) }
  throw FormatError(
    .noSuchFile, path: directory, found: "no such file in the directory",
    expected: names.joined(separator: " or "))
}
