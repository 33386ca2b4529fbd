public import Artifacts
internal import DataFormats
internal import Foundation

/// Original files that experiments use where they are at hand.
public struct OriginalData: Sendable {
  /// The directory of MNIST's files.
  public var mnist: String?
  /// Features of CIFAR-10's original images.
  public var features: DataSpecification?

  public init(mnist: String? = nil, features: DataSpecification? = nil) {
    (self.mnist, self.features) = (mnist, features)
  }
}

/// Features of the 50 000 original training images of CIFAR-10 from the complete VGG-16, computed from
/// the original files: batches 1 … 4 are trained on, batch 5 is held out.
public struct OriginalFeatures: Sendable {
  /// How they are made.
  public let extraction: FeatureExtraction

  /// Where the files are looked for, relative to a data directory.
  public static let imageFolders = ["cifar-10", "cifar-10-batches-bin"]
  public static let weightFiles = ["vgg16/vgg16-features.safetensors", "vgg16.safetensors"]

  /// - Parameters:
  ///   - directory: has the batches in one of ``imageFolders``, and the original weights, which want
  ///     pixels less their mean, as one of ``weightFiles``.
  ///   - folder: where the features go. The file is named for the content of what it is made from.
  /// - Returns: `nil` where files are missing.
  /// - Throws: `FormatError` for files that cannot be read.
  public init?(in directory: String, into folder: String) throws {
    func isFile(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
    func batch(_ number: Int, in folder: String) -> String? {
      ["bin", "bin.gz"].map { "\(directory)/\(folder)/data_batch_\(number).\($0)" }.first(
        where: isFile)
    }
    let folders = Self.imageFolders.filter { folder in
      (1...5).allSatisfy { batch($0, in: folder) != nil }
    }
    let weights = Self.weightFiles.map { directory + "/" + $0 }.first(where: isFile)
    guard let images = folders.first, let weights, let heldOut = batch(5, in: images) else {
      return nil
    }
    var extraction = FeatureExtraction(
      weights: weights, images: "cifar10:\(directory)/\(images),split=train", block: .pool5,
      averagePool: nil, normalization: .caffe, storage: .float32, output: "",
      heldOut: try readCIFAR10(heldOut).count)
    let digest = try extraction.inputDigest().prefix(12)
    extraction.output = "\(folder)/cifar10-vgg-\(digest).safetensors"
    self.extraction = extraction
  }

  /// What names them.
  public var data: DataSpecification {
    DataSpecification(
      kind: .file, location: extraction.output, options: DataOptions(standardize: true))
  }

  /// Whether they are there already.
  public var isMade: Bool { FileManager.default.fileExists(atPath: extraction.output) }
}
