import ArgumentParser
import Artifacts
import Foundation
import Landbridge
import Reports

struct FeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features", abstract: "Features of images from a pretrained network.",
    subcommands: [VGG16Command.self])
}

struct VGG16Command: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vgg16",
    abstract: "VGG-16 features of images, complete or up to a pooling layer.",
    usage: "landbridge features vgg16 --weights <file> --images <spec> -o <file>",
    discussion: """
      Reads torchvision-named weights (features.0.weight, features.0.bias, …) from safetensors; \
      only the layers up to --upto need to be there. Writes x (n × d) and, where images have \
      labels, y, so that --data FILE reads the result; with --held-out x_train, y_train, x_test and \
      y_test. Interrupted, the same command goes on.

      Images: cifar10:DIR[,split=train|test][,limit=N], a batch FILE.bin or FILE.bin.gz, or a \
      .safetensors or .npz file with uint8 images (n × 3 × H × W or n × H × W × 3) and labels.

      Example, with weights exported from torchvision:
        landbridge features vgg16 --weights vgg16.safetensors \\
            --images cifar10:DIR --normalization torchvision -o train.safetensors
      """)

  @Option(help: ArgumentHelp("Safetensors file.", valueName: "file")) var weights: String
  @Option(help: ArgumentHelp("Which images; see above.", valueName: "spec")) var images: String
  @Option(name: .shortAndLong, help: ArgumentHelp(".safetensors or .npz.", valueName: "file"))
  var output: String
  @Option(name: .customLong("upto"), help: "Last layer.") var block = VGG16Block.pool5
  @Option(
    help: ArgumentHelp("Average the last map to a grid of g × g.", valueName: "g"))
  var averagePool: Int?
  @Option(
    help: "torchvision: mean and deviation; caffe: means alone, as the original weights want.")
  var normalization = PixelNormalization.torchvision
  @Option(help: ArgumentHelp("The first images only.", valueName: "count")) var limit: Int?
  @Option(
    help: ArgumentHelp("The last images are those to be held out.", valueName: "count"))
  var heldOut: Int?
  @Option(help: "How features are stored.") var dtype = FeatureExtraction.Storage.float32
  @Option(help: "Images at a time.") var batch = 2048
  @OptionGroup var basic: BasicOptions

  func validate() throws {
    try positive("--limit", limit)
    try positive("--held-out", heldOut)
    try positive("--average-pool", averagePool, atMost: 1000)
    try positive("--batch", batch, atMost: 100_000)
    guard ["safetensors", "npz"].contains(pathEnding(output)) else {
      throw ValidationError("--output \(output): expected a name that ends in .safetensors or .npz")
    }
  }

  func run() throws {
    try requireWritable(output)
    if !basic.quiet { Interruption.explain("stopped; the same command goes on from there") }
    let extraction = FeatureExtraction(
      weights: weights, images: images, limit: limit, block: block, averagePool: averagePool,
      normalization: normalization, storage: dtype, output: output,
      heldOut: heldOut ?? 0, batch: batch)
    let summary = try extraction.runShowingProgress(
      threads: basic.threadCount, silent: basic.quiet)
    var table = Table(columns: [
      .init("images"), .init("features"), .init("file", alignment: .left),
    ])
    table.append([.integer(summary.images), .integer(summary.features), .text(summary.output)])
    try Results(json: summary, table: table, heading: "", notes: []).emit(basic.format)
  }
}

extension FeatureExtraction {
  /// Runs to the end with a progress line.
  @discardableResult
  func runShowingProgress(threads: Int, silent: Bool) throws -> Summary {
    var first: Int?
    var line = ProgressLine("features", unit: "images", total: 1, silent: true)
    // Nobody asks it to stop: a signal ends the process.
    let summary = try run(threads: threads) { done, total in
      if first == nil {
        first = done
        line = ProgressLine("features", unit: "images", total: total, from: done, silent: silent)
      }
      line.update(done)
    }!
    line.finish()
    return summary
  }
}
