internal import DataFormats
internal import Foundation
public import Landbridge
public import LinearAlgebra

/// Samples to train on and samples held out, as a specification asks.
public struct Dataset<Scalar: Real>: Sendable {
  /// Where training takes its samples from.
  public enum Training: Sendable {
    /// A law, from which every seed and trial draws its own samples.
    case stream(@Sendable (RandomStream) -> any SampleSource<Scalar>)
    /// A finite set, which every seed and trial visits in its own order.
    case finite(Samples<Scalar>)
  }

  public var training: Training
  public var heldOut: Samples<Scalar>

  public var inputDimension: Int { heldOut.inputDimension }
  public var outputDimension: Int { heldOut.outputDimension }

  /// How many samples one pass has; `nil` for fresh samples.
  public var trainingCount: Int? {
    if case .finite(let samples) = training { samples.count } else { nil }
  }

  /// The samples that training with this seed sees, step after step.
  public func source(seed: UInt64, trial: Int = 0) -> any SampleSource<Scalar> {
    switch training {
    case .stream(let make):
      make(RandomStream(seed: seed, purpose: .trainingSamples, trial: trial))
    case .finite(let samples):
      ShuffledPasses(samples, stream: RandomStream(seed: seed, purpose: .shuffle, trial: trial))
    }
  }
}

extension DataSpecification {
  /// The samples to train on and those held out. Held-out samples of a law are the same for every
  /// seed of the training.
  ///
  /// - Throws: `FormatError` for files that are missing or damaged, ``Problem`` for options that
  ///   make no sense.
  public func dataset<Scalar: Real>(of type: Scalar.Type = Scalar.self) throws -> Dataset<Scalar> {
    switch kind {
    case .gaussians:
      let d = try integer("d", default: 32, atLeast: 1)
      let delta = try number("delta", default: 0.5, in: 0...0.999)
      let mean = try number("mean", default: 0, in: -1e6...1e6)
      return try stream { IsotropicGaussians(dimension: d, delta: delta, mean: mean, stream: $0) }
    case .teacher:
      let teacher: Network<Scalar> = try teacherNetwork()
      let noise = try number("noise", default: 0, in: 0...1e6)
      return try stream { TeacherStudent(teacher: teacher, noise: noise, stream: $0) }
    default:
      var train = self
      train.options["split"] = split == .all ? "all" : "train"
      var test = self
      test.options["split"] = "test"
      test.options["limit"] = options["heldout"]
      return Dataset(
        training: .finite(try train.finiteSamples()),
        heldOut: try test.finiteSamples())
    }
  }

  /// Samples to measure on: `n` fresh ones; the test part of built-in data; the whole of a file,
  /// unless `split` says otherwise.
  ///
  /// - Parameter outputs: the number of outputs of the network to be measured, which decides
  ///   whether two classes are ±1 or one-hot.
  public func samples<Scalar: Real>(
    of type: Scalar.Type = Scalar.self, outputs: Int? = nil
  ) throws -> Samples<Scalar> {
    if kind.isStream { return try dataset(of: Scalar.self).heldOut }
    return try finiteSamples(outputs: outputs)
  }

  private func stream<Scalar: Real>(
    _ make: @escaping @Sendable (RandomStream) -> any SampleSource<Scalar>
  ) throws -> Dataset<Scalar> {
    let n = try integer("n", default: 10_000, atLeast: 1)
    let source = make(RandomStream(seed: 0, purpose: .testSamples))
    let bytes =
      Double(n) * Double(source.inputDimension + source.outputDimension)
      * Double(MemoryLayout<Scalar>.size)
    guard bytes < Double(AvailableMemory.now().bytes) / 2 else {
      throw Problem(
        description: "n=\(n): as many samples of dimension \(source.inputDimension) do not fit "
          + "into memory")
    }
    return Dataset(training: .stream(make), heldOut: source.samples(n))
  }

  private func teacherNetwork<Scalar: Real>() throws -> Network<Scalar> {
    let name = options["activation"] ?? "tanh"
    guard let activation = Activation(name) else {
      throw Problem(description: "activation=\(name): unknown")
    }
    let seed = try integer("teacher-seed", default: 0, atLeast: 0)
    return Architecture(
      hidden: [try integer("hidden", default: 8, atLeast: 1)], activation: activation,
      scaling: .standard, firstLaw: .scaledGaussian(1), outputLaw: .scaledGaussian(1)
    ).network(
      inputs: try integer("d", default: 16, atLeast: 1),
      outputs: try integer("outputs", default: 1, atLeast: 1),
      stream: RandomStream(seed: UInt64(seed), purpose: .teacher))
  }

  private func finiteSamples<Scalar: Real>(
    outputs: Int? = nil
  ) throws -> Samples<Scalar> {
    var table = try labelledTable()
    if try flag("standardize") { try standardize(&table) }
    let limit = try integer("limit", default: .max, atLeast: 1)
    var samples: Samples<Scalar> = try table.samples(
      classes: options["classes"] == nil ? nil : integer("classes", default: 2, atLeast: 2),
      outputs: outputs)
    if limit < samples.count { samples = samples.selecting(0..<limit) }
    return samples
  }

  /// The inputs and labels of the split asked for.
  private func labelledTable() throws -> LabelledTable {
    switch kind {
    case .digits:
      let digits = try BuiltInData.digits()
      return LabelledTable(
        path: "digits", inputs: digits.pixels.map { $0 / 16 }, target: .classes(digits.labels),
        classes: 10
      ).part(split ?? .test)
    case .cifar10VGG:
      guard split != .all else {
        throw Problem(description: "split=all: cifar10-vgg has its own parts, train and test")
      }
      let features = try BuiltInData.cifar10VGG(split == .train ? .train : .test)
      return LabelledTable(
        path: "cifar10-vgg", inputs: Matrix(scalars: features.values),
        target: .classes(features.labels), classes: 10)
    case .mnist, .fashionMNIST, .cifar10:
      let part: DataSplit = split == .train ? .train : .test
      guard split != .all else {
        throw Problem(description: "split=all: \(kind.rawValue) has its own parts, train and test")
      }
      let data =
        try kind == .cifar10
        ? readCIFAR10(directory: location!, split: part)
        : readMNIST(directory: location!, split: part)
      let pixels: [Double] = data.images.values()
      return LabelledTable(
        path: location!,
        inputs: Matrix(
          rows: data.count, columns: pixels.count / max(data.count, 1), pixels.map { $0 / 255 }),
        target: .classes(data.labels), classes: 10)
    case .file:
      return try LabelledTable(
        file: location!, label: options["label"], labels: options["labels"]
      ).part(split ?? .all)
    case .gaussians, .teacher: preconditionFailure("streams have no table")
    }
  }

  /// Every input less its mean, divided by its standard deviation, both over the training part.
  private func standardize(_ table: inout LabelledTable) throws {
    var train = self
    train.options["split"] = "train"
    let reference = split == .train ? table : try train.labelledTable()
    let n = Double(reference.inputs.rows)
    for j in 0..<table.inputs.columns {
      let column = reference.inputs.column(j)
      let mean = column.reduce(0, +) / n
      let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
      let factor = variance > 0 ? 1 / variance.squareRoot() : 0
      for i in 0..<table.inputs.rows { table.inputs[i, j] = (table.inputs[i, j] - mean) * factor }
    }
  }
}
