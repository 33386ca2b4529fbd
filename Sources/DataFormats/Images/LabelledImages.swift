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
  /// n classes: 0 to 9 for MNIST and CIFAR-10, up to 61 for EMNIST.
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

/// Reads MNIST, or data in the same files such as Fashion-MNIST and EMNIST, from a directory.
///
/// The files are `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, or `t10k-…` for the test
/// images, with or without `.gz`; a dot in place of the second dash is accepted. They lie in the
/// directory, or below it where torchvision puts them (`MNIST/raw`, or `raw`). Names may begin otherwise, as EMNIST's do (`emnist-letters-train-…`, `emnist-letters-test-…`);
/// where there are several such sets, `directory` ends in the beginning of the names:
/// `DIR/emnist-letters`.
///
/// - Parameter name: that of torchvision's folder: `MNIST` or `FashionMNIST`.
/// - Throws: `FormatError` if a file is missing or damaged, the images are not n × rows × columns
///   bytes, the labels not n bytes, or their numbers differ.
public func readMNIST(
  directory: String, split: DataSplit, name: String = "MNIST", decompressionLimit: Int? = nil
) throws -> LabelledImages {
  let files = try MNISTFiles(directory, split, name)
  let labels = try files.readLabels(decompressionLimit)
  let images = try readIDX(files.images, decompressionLimit: decompressionLimit)
  guard images.dtype == .u8, images.shape.count == 3 else {
    throw images.error("\(images.dtype.rawValue) \(images.shape)", "three dimensions of U8")
  }
  guard images.shape[0] == labels.count else {
    throw FormatError(
      path: files.images, place: "offset 4", found: "\(images.shape[0]) images",
      expected: "\(labels.count), the number of labels in \(files.labels)")
  }
  return LabelledImages(images: images, labels: labels)
}

/// The labels of a part alone; `nil` where the part is not there.
package func readMNISTLabels(
  directory: String, _ split: DataSplit, name: String
) throws -> [Int]? {
  do {
    return try MNISTFiles(directory, split, name).readLabels(nil)
  } catch let error as FormatError where error.kind == .noSuchFile { return nil }
}

/// Where the files of a part are.
private struct MNISTFiles {
  let images: String
  let labels: String

  init(_ place: String, _ split: DataSplit, _ name: String) throws {
    let parts = split == .train ? ["train"] : ["t10k", "test"]
    let folders = ["", name + "/raw", "raw"].map {
      $0.isEmpty ? place : join(place, $0)
    }.filter(isDirectory)
    // The beginning of names, DIR/emnist-letters.
    let url = URL(filePath: place)
    let (parent, prefix) = (
      url.deletingLastPathComponent().path(percentEncoded: false), url.lastPathComponent
    )
    func find(_ kind: String) throws -> String {
      let endings = ["-", "."].map { "\(kind)s\($0)idx\(kind == "image" ? 3 : 1)-ubyte" }
        .flatMap { [$0, $0 + ".gz"] }
      let names = parts.flatMap { part in endings.map { "\(part)-\($0)" } }
      for folder in folders {
        if let name = names.first(where: { isFile(join(folder, $0)) }) { return join(folder, name) }
      }
      if folders.isEmpty {
        let named = names.map { join(parent, "\(prefix)-\($0)") }
        if let path = named.first(where: isFile) { return path }
        throw FormatError(.noSuchFile, path: place, found: "no such directory")
      }
      let found = folders.flatMap { folder in
        (try? FileManager.default.contentsOfDirectory(atPath: folder))?.filter { file in
          names.contains { file.hasSuffix("-\($0)") }
        }.map { join(folder, $0) } ?? []
      }.sorted()
      guard found.count < 2 else {
        throw FormatError(
          path: place,
          found: found.prefix(8).map { URL(filePath: $0).lastPathComponent }
            .joined(separator: ", "),
          expected: "one of them, by the beginning of its name: DIR/emnist-letters")
      }
      guard let path = found.first else {
        throw FormatError(
          .noSuchFile, path: place, found: "no such file in the directory",
          expected: names.joined(separator: " or "))
      }
      return path
    }
    (images, labels) = (try find("image"), try find("label"))
  }

  func readLabels(_ limit: Int?) throws -> [Int] {
    let tensor = try readIDX(labels, decompressionLimit: limit)
    guard tensor.dtype == .u8, tensor.shape.count == 1 else {
      throw tensor.error("\(tensor.dtype.rawValue) \(tensor.shape)", "one dimension of U8")
    }
    return try tensor.integers()
  }
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
