import ArgumentParser
import DataFormats
import Experiments
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

  func load<Scalar: Real>(_ path: String) throws -> LoadedModel<Scalar> {
    let file = try ModelFile<Scalar>(
      path: path, activations: activation, scaling: scaling, layers: layers)
    return LoadedModel(path: path, network: file.network, metadata: file.metadata)
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
  func resolvedLoss<Scalar: Real>(_ models: [LoadedModel<Scalar>]) throws -> Loss {
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
  func samples<Scalar: Real>(
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
  func fittingSamples<Scalar: Real>(
    for models: [LoadedModel<Scalar>], loss: Loss, seed: UInt64, elsewhere: Bool = false
  ) throws -> SelectedSamples<Scalar> {
    let selected: SelectedSamples<Scalar> = try data.fitting(
      for: use(of: models, loss: loss), seed: seed, elsewhere: elsewhere)
    try check(selected.samples, of: data, fit: models[0], loss: loss)
    return selected
  }

  private func use<Scalar: Real>(of models: [LoadedModel<Scalar>], loss: Loss) throws -> DataUse {
    DataUse(
      loss: loss, outputs: models[0].network.outputDimension, models: try models.map { try $0.seen }
    )
  }

  private func check<Scalar: Real>(
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
    try requireClasses(samples, data, for: loss)
  }
}

/// How a command writes models.
struct ModelOutputOptions: ParsableArguments {
  @Option(
    help: """
      Of tensors in models that are written: landbridge (layers.0.weight), sequential (PyTorch's \
      nn.Sequential: 0.weight, 2.weight) or flax (params/Dense_0/kernel).
      """)
  var names = LayerNames.landbridge

  @Flag(
    help: """
      Write mean-field networks in standard scaling: their 1/N in the weights, so that plain \
      linear layers compute the same.
      """)
  var foldScaling = false

  /// Writes `network` to `path`, safetensors or `.npz`; ``noteScaling(of:quiet:)`` is said once.
  func write<Scalar: Real>(
    _ network: Network<Scalar>, metadata: [String: String], to path: String
  ) throws {
    try ModelFile(network: foldScaling ? network.inStandardScaling : network, metadata: metadata)
      .write(to: path, names: names)
  }

  /// Says that linear layers of other frameworks lack the factors 1/N, where they do.
  func noteScaling<Scalar: Real>(of network: Network<Scalar>, quiet: Bool) {
    guard !quiet, names != .landbridge, network.scaling == .meanField, !foldScaling else { return }
    Messages.write(
      "Mean-field scaling: every layer after the first is to be divided by its number of inputs; "
        + "--fold-scaling does so in the file.")
  }
}

/// Cross-entropy needs targets that name classes.
func requireClasses<Scalar: Real>(
  _ samples: Samples<Scalar>, _ data: DataSpecification, for loss: Loss
) throws {
  guard loss == .squared || samples.isClassification else {
    throw ToolFailure(
      ExitStatus.badData, "\(data): targets are numbers, cross-entropy needs classes")
  }
}

struct LoadedModel<Scalar: Real>: Sendable {
  var path: String
  var network: Network<Scalar>
  var metadata: [String: String]

  /// The samples that it was trained on, as its file tells.
  var seen: SeenSamples {
    get throws { try SeenSamples(metadata: metadata, path: path) }
  }

  /// What the file's own metadata say.
  func trainingLoss() throws -> Loss? {
    guard let text = metadata["loss"] else { return reproducedLoss() }
    guard let loss = Loss(rawValue: text) else {
      throw FormatError(
        path: path, place: "metadata key loss", found: text,
        expected: Loss.allCases.map(\.rawValue).joined(separator: " or "))
    }
    return loss
  }

  /// The loss in the record of a trial of `reproduce`.
  private func reproducedLoss() -> Loss? {
    guard let text = metadata["training"] else { return nil }
    let result = try? decodeUntrusted(TrialResult.self, from: Data(text.utf8), path: path)
    return result?.configuration.loss
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
  guard let list = parseActivations(text) else {
    throw ValidationError("known are \(Activation.allNames.joined(separator: ", "))")
  }
  return list
}
