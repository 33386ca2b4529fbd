import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

private let shared = URL(
  filePath: ProcessInfo.processInfo.environment["LANDBRIDGE_SHARED"] ?? "../shared")

@Suite("Shipped features") struct FeatureExtractionTests {
  @Test(
    "are what the extractor makes of CIFAR-10",
    .enabled("needs data/vgg16-partial and data/cifar-10 under LANDBRIDGE_SHARED or ../shared") {
      FileManager.default.fileExists(
        atPath: shared.appending(path: "data/vgg16-partial").path(percentEncoded: false))
    }, arguments: [(DataSplit.train, "data_batch_1"), (.test, "data_batch_5")])
  func shipped(split: DataSplit, batch: String) throws {
    let output = URL.temporaryDirectory.appending(path: "landbridge-\(UUID().uuidString).npz")
    defer { try? FileManager.default.removeItem(at: output) }
    let data = shared.appending(path: "data").path(percentEncoded: false)
    let extraction = FeatureExtraction(
      weights: "\(data)/vgg16-partial/vgg16-block1-2.safetensors",
      images: "\(data)/cifar-10/\(batch).bin.gz", limit: 40, block: .pool2, averagePool: 2,
      normalization: .caffe, storage: .float32, output: output.path(percentEncoded: false))
    _ = try extraction.run(threads: 1, progress: { _, _ in }, shouldStop: { false })
    let file = try NpzFile(output.path(percentEncoded: false))
    let made: Matrix<Float> = try file.tensor("x").matrix()
    let shipped = try BuiltInData.cifar10VGG(split)
    #expect(try file.tensor("y").integers() == Array(shipped.labels.prefix(40)))
    let scale = made.elements.map(abs).max()!
    for (a, b) in zip(made.elements, shipped.values.elements) {
      #expect(abs(a - b) <= 0.0005 * abs(a) + 1e-5 * scale)
    }
  }
}
