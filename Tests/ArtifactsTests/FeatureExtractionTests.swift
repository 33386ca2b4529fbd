import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

private let shared = URL(
  filePath: ProcessInfo.processInfo.environment["LANDBRIDGE_SHARED"] ?? "../shared")

@Suite("Shipped features") struct FeatureExtractionTests {
  /// Rows of the data set from `first` on are the first images of a batch.
  @Test(
    "are what the extractor makes of CIFAR-10",
    .enabled("needs data/vgg16 and data/cifar-10 under LANDBRIDGE_SHARED or ../shared") {
      FileManager.default.fileExists(
        atPath: shared.appending(path: "data/vgg16").path(percentEncoded: false))
    },
    arguments: [
      (DataSplit.train, 0, "data_batch_1"), (.train, 5000, "data_batch_2"),
      (.train, 10_000, "data_batch_3"), (.train, 15_000, "data_batch_4"),
      (.test, 0, "data_batch_5"),
    ])
  func shipped(split: DataSplit, first: Int, batch: String) throws {
    let output = URL.temporaryDirectory.appending(path: "landbridge-\(UUID().uuidString).npz")
    defer { try? FileManager.default.removeItem(at: output) }
    let data = shared.appending(path: "data").path(percentEncoded: false)
    let extraction = FeatureExtraction(
      weights: "\(data)/vgg16/vgg16-features.safetensors",
      images: "\(data)/cifar-10/\(batch).bin.gz", limit: 20, block: .pool5, averagePool: nil,
      normalization: .caffe, storage: .float32, output: output.path(percentEncoded: false))
    _ = try extraction.run(threads: 1, progress: { _, _ in }, shouldStop: { false })
    let file = try NpzFile(output.path(percentEncoded: false))
    let made: Matrix<Float> = try file.tensor("x").matrix()
    let shipped = try BuiltInData.cifar10VGG(split)
    #expect(
      try file.tensor("y").integers() == Array(shipped.labels.dropFirst(first).prefix(20)))
    let scale = made.elements.map(abs).max()!
    for (a, b) in zip(made.elements, shipped.values.elements.dropFirst(first * 512)) {
      #expect(abs(a - b) <= 0.0005 * abs(a) + 1e-5 * scale)
    }
  }

  @Test("are 20 000 and 5000 of every class, at most 7 MB")
  func size() throws {
    let (train, test) = (try BuiltInData.cifar10VGG(.train), try BuiltInData.cifar10VGG(.test))
    #expect(train.values.rows == 20_000 && train.values.columns == 512)
    #expect(test.values.rows == 5000 && test.values.columns == 512)
    for (labels, n) in [(train.labels, 20_000), (test.labels, 5000)] {
      let counts = (0..<10).map { c in labels.count { $0 == c } }
      #expect(counts.reduce(0, +) == n && counts.allSatisfy { abs(10 * $0 - n) < n / 10 })
    }
    #expect(BuiltInData.cifar10VGGBytes <= 7_000_000)
  }
}
