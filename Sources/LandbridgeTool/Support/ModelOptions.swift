import ArgumentParser
import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra

let dataHelp = ArgumentHelp(
  "Samples: digits, gaussians:…, mnist:DIR, FILE.csv … (landbridge data list).",
  valueName: "spec")

/// What is to be known of a model file and of the samples it is measured on.
struct ModelOptions: ParsableArguments {
  @Option(help: dataHelp, transform: { try DataSpecification(parsing: $0) })
  var data: DataSpecification

  @Option(help: "Default: what the model was trained with.")
  var loss: Loss?

  @Option(
    help: ArgumentHelp(
      "For models from elsewhere: σ of the hidden layers, one or one each.",
      valueName: "name,…"),
    transform: parseActivationOption)
  var activation: [Activation]?

  @Option(help: "For models from elsewhere. Default standard.")
  var scaling: Scaling?

  @Option(
    help: ArgumentHelp(
      "Only the layers whose names begin so, in this order: head, or fc1,fc2.",
      valueName: "prefix,…"),
    transform: parsePrefixes)
  var layers: [String]?

  /// Reads a model, and says what was decided in reading it that its names do not say.
  func load<Scalar: MatrixScalar>(_ path: String, quiet: Bool) throws -> LoadedModel<Scalar> {
    let file = try ModelFile<Scalar>(
      path: path, activations: activation, scaling: scaling, layers: layers)
    if !quiet { for note in file.notes { Messages.write("\(path): \(note)") } }
    return LoadedModel(path: path, file: file)
  }

  /// That of the weights in the files: double if one holds Double.
  func precision(of paths: [String]) throws -> Precision {
    for path in paths {
      let structure = try ModelStructure(ModelTensors(path), selecting: layers)
      if structure.layers.contains(where: { $0.weight.dtype == .f64 }) { return .double }
    }
    return .float
  }

  /// The loss asked for, or that of the models' training.
  func resolvedLoss<Scalar: MatrixScalar>(_ models: [LoadedModel<Scalar>]) throws -> Loss {
    if let loss { return loss }
    for model in models {
      if let loss = try model.trainingLoss() { return loss }
    }
    throw ToolFailure(
      ExitStatus.usage,
      "\(models[0].path) does not say which loss it was trained with: "
        + "add --loss squared or --loss cross-entropy")
  }

  /// The samples of `data`, or of another specification, that models are measured on, once they
  /// are known to fit. What was taken for what is said on standard error.
  func samples<Scalar: MatrixScalar>(
    of specification: DataSpecification? = nil, for models: [LoadedModel<Scalar>], loss: Loss,
    quiet: Bool
  ) throws -> SelectedSamples<Scalar> {
    let data = specification ?? data
    let selected: SelectedSamples<Scalar> = try data.measured(for: use(of: models, loss: loss))
    try check(selected.samples, of: data, fit: models[0], loss: loss)
    if let note = selected.note, !quiet { Messages.write(note) }
    return selected
  }

  /// Samples to fit coefficients on: fresh samples of a law, else the training part, or all of a
  /// file without parts that is measured whole.
  ///
  /// - Parameter elsewhere: whether other data are measured.
  func fittingSamples<Scalar: MatrixScalar>(
    for models: [LoadedModel<Scalar>], loss: Loss, seed: UInt64, elsewhere: Bool = false
  ) throws -> SelectedSamples<Scalar> {
    let selected: SelectedSamples<Scalar> = try data.fitting(
      for: use(of: models, loss: loss), seed: seed, elsewhere: elsewhere)
    try check(selected.samples, of: data, fit: models[0], loss: loss)
    return selected
  }

  private func use<Scalar: MatrixScalar>(of models: [LoadedModel<Scalar>], loss: Loss) throws
    -> DataUse
  {
    DataUse(
      loss: loss, outputs: models[0].network.outputDimension, models: try models.map { try $0.seen }
    )
  }

  private func check<Scalar: MatrixScalar>(
    _ samples: Samples<Scalar>, of data: DataSpecification, fit model: LoadedModel<Scalar>,
    loss: Loss
  ) throws {
    let network = model.network
    guard samples.inputDimension == network.inputDimension,
      samples.outputDimension == network.outputDimension
    else {
      throw ToolFailure(
        ExitStatus.badData,
        "\(model.path) and \(data) do not fit: the model takes \(network.inputDimension) inputs "
          + "to \(counted(network.outputDimension, "output")), "
          + "the data have \(samples.inputDimension) → \(samples.outputDimension)")
    }
    try requireTargets(samples, data, for: loss)
  }
}

/// How a command writes models.
struct ModelOutputOptions: ParsableArguments {
  @Option(
    help: """
      Of tensors in models that are written: landbridge (layers.0.weight), sequential (PyTorch's \
      nn.Sequential: 0.weight, 2.weight), flax (params/Dense_0/kernel) or original, those of the \
      model that was read. Default: original for models from elsewhere, else landbridge.
      """)
  var names: LayerNames?

  @Flag(
    help: """
      Write mean-field networks in standard scaling: their 1/N in the weights, so that plain \
      linear layers compute the same.
      """)
  var foldScaling = false

  /// Writes `network` to `path`, safetensors or `.npz`; ``noteScaling(of:quiet:)`` is said once.
  ///
  /// - Parameter model: the one that the network comes from, whose names are the original ones.
  func write<Scalar: MatrixScalar>(
    _ network: Network<Scalar>, metadata: [String: String], like model: LoadedModel<Scalar>? = nil,
    to path: String
  ) throws {
    let file = ModelFile(
      network: foldScaling ? network.inStandardScaling : network, metadata: metadata,
      tensorNames: model?.file.tensorNames)
    try file.write(to: path, names: names ?? model?.file.usualNames ?? .landbridge)
  }

  /// Says that linear layers of other frameworks lack the factors 1/N, where they do.
  func noteScaling<Scalar: MatrixScalar>(of network: Network<Scalar>, quiet: Bool) {
    guard !quiet, let names, names == .sequential || names == .flax,
      network.scaling == .meanField, !foldScaling
    else { return }
    Messages.write(
      "Mean-field scaling: every layer after the first is to be divided by its number of inputs; "
        + "--fold-scaling does so in the file.")
  }
}

/// Cross-entropy needs targets that are classes or probabilities.
func requireTargets<Scalar: MatrixScalar>(
  _ samples: Samples<Scalar>, _ data: DataSpecification, for loss: Loss
) throws {
  do {
    try samples.requireTargets(for: loss)
  } catch {
    throw ToolFailure(ExitStatus.badData, "\(data): \(error)")
  }
}

struct LoadedModel<Scalar: MatrixScalar>: Sendable {
  var path: String
  var file: ModelFile<Scalar>

  var network: Network<Scalar> { file.network }
  var metadata: [String: String] { file.metadata }

  /// The samples that it was trained on, as its file tells.
  var seen: SeenSamples {
    get throws { try SeenSamples(metadata: metadata, path: path) }
  }

  /// What the file's own metadata say; those of other tools may have the same keys.
  func trainingLoss() throws -> Loss? {
    guard file.isOwn else { return nil }
    guard let text = metadata["loss"] else { return nil }
    guard let loss = Loss(rawValue: text) else {
      throw FormatError(
        path: path, place: "metadata key loss", found: text,
        expected: Loss.allCases.map(\.rawValue).joined(separator: " or "))
    }
    return loss
  }

  /// `64 → 200 → 10, tanh, mean-field`
  var summary: String {
    let sizes =
      [network.inputDimension] + network.hiddenWidths + [network.outputDimension]
    let activations = describe(network.layers.dropLast().map(\.activation))
    return sizes.map(String.init).joined(separator: " → ")
      + ", \(activations), \(network.scaling.rawValue)"
  }
}

@Sendable func parsePrefixes(_ text: String) throws -> [String] {
  let prefixes = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  guard !prefixes.contains(where: \.isEmpty) else {
    throw ValidationError("expected prefixes of the names of tensors, separated by commas")
  }
  return prefixes
}

@Sendable func parseActivationOption(_ text: String) throws -> [Activation] {
  do {
    return try parseActivations(text)
  } catch let error as UnknownActivation {
    throw ValidationError(error.description)
  }
}
