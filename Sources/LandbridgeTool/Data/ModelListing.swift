import DataFormats
import Artifacts
import Experiments
import Landbridge
import LinearAlgebra
import Reports

/// What `data info` says of a model.
struct ModelListing: Encodable {
  struct Layer: Encodable {
    var name: String
    /// `[out, in]`, or `[in, out]` for kernels.
    var orientation: String
    var weight: String
    var bias: String?
    var inputs: Int
    var outputs: Int
    var dtype: String
    var parameters: Int
  }

  struct Item: Encodable {
    var name: String
    var shape: [Int]
    var dtype: String
    var reason: String
  }

  var file: String
  /// `safetensors` or `npz`
  var format: String
  /// Whether this is a fully connected network and nothing else.
  var isNetwork: Bool
  var layers: [Layer]
  var parameters: Int
  var notUnderstood: [Item]
  /// Layers and biases that do not fit each other.
  var mismatches: [String]
  /// Orders and networks between which the file does not decide.
  var ambiguities: [String]
  /// What was decided that the names do not say.
  var decisions: [String]
  var advice: [String]
  /// What `--layers` could be.
  var selections: [String]
  var metadata: [String: String]

  /// - Returns: `nil` for files of samples: those with arrays `x` and `y`.
  init?(_ path: String, selecting prefixes: [String]?) throws {
    let tensors = try ModelTensors(path)
    if tensors.holdsSamples { return nil }
    let structure = try ModelStructure(tensors, selecting: prefixes)
    file = path
    format = tensors.format
    isNetwork = structure.isNetwork
    layers = structure.layers.map {
      Layer(
        name: $0.name, orientation: $0.isKernel ? "[in, out]" : "[out, in]", weight: $0.weight.name,
        bias: $0.bias?.name, inputs: $0.inputs, outputs: $0.outputs,
        dtype: $0.weight.type, parameters: $0.parameters)
    }
    parameters = structure.layers.reduce(0) { $0 + $1.parameters }
    notUnderstood = structure.obstacles.flatMap { obstacle in
      obstacle.items.map {
        Item(name: $0.name, shape: $0.shape, dtype: $0.dtype, reason: obstacle.what)
      }
    }
    mismatches = structure.mismatches
    ambiguities = structure.ambiguities
    decisions = structure.notes
    advice = structure.advice
    selections = structure.suggestions
    metadata = tensors.metadata
  }

  func results() -> Results<ModelListing> {
    var table = Table(columns: [
      .init("layer", alignment: .left), .init("inputs"), .init("outputs"),
      .init("parameters"), .init("dtype", alignment: .left), .init("bias", alignment: .left),
      .init("weight", alignment: .left),
    ])
    for layer in layers {
      table.append([
        .text(layer.name), .integer(layer.inputs), .integer(layer.outputs),
        .integer(layer.parameters), .text(layer.dtype), .text(layer.bias == nil ? "no" : "yes"),
        .text("\(layer.weight.split { "./[]'".contains($0) }.last ?? "") \(layer.orientation)"),
      ])
    }
    return Results(json: self, table: table, heading: heading, notes: notes)
  }

  /// What the file's own record says; other tools may have the same key.
  private var training: TrainingRecord? {
    guard metadata["landbridge.version"] != nil else { return nil }
    return (try? TrainingRecord(metadata: metadata, path: file)) ?? nil
  }

  private var heading: String {
    let what = "\(file): \(format), \(counted(layers.count, "linear layer"))"
    guard isNetwork else { return what + ", not a fully connected network as it is" }
    let sizes = [layers[0].inputs] + layers.map(\.outputs)
    return what + ", " + sizes.map(String.init).joined(separator: " → ")
      + ", \(counted(parameters, "parameter"))"
  }

  private var notes: [String] {
    var notes: [String] = []
    if !notUnderstood.isEmpty {
      notes.append("Not understood:")
      notes += notUnderstood.prefix(20).map {
        "  \(quoted($0.name)) \($0.dtype) \($0.shape): \($0.reason)"
      }
      if notUnderstood.count > 20 { notes.append("  … (\(notUnderstood.count) in all)") }
    }
    notes += decisions.map { "Decided: \($0)." } + ambiguities.map { "Not decided: \($0)." }
    notes += mismatches.map { "Does not fit: \($0)." } + advice.map { "Advice: \($0)." }
    if !isNetwork && layers.count < 2 {
      notes.append("A network has at least two linear layers, one of them hidden.")
    }
    notes += selections.prefix(8).map { "These layers can be selected: --layers \($0)" }
    if isNetwork && metadata["landbridge.version"] == nil {
      notes.append(
        "The activation is to be said (--activation), and the loss (--loss); scaling is standard "
          + "unless --scaling says otherwise.")
    }
    let training = training
    if let training { notes.append(training.summary) }
    notes += metadata.sorted { $0.key < $1.key }.compactMap { key, value in
      key == TrainingRecord.key && training != nil ? nil : "\(quoted(key)): \(quoted(value))"
    }
    return notes
  }
}

extension TrainingRecord {
  /// `Trained on digits, squared loss, α = 0.02, seed 0, trial 0: finished after 600 steps (t = 12)`
  fileprivate var summary: String {
    let trained = plan.trained == .middle ? ", ends fixed" : ""
    return "Trained on \(plan.data), \(plan.loss.rawValue) loss\(trained), "
      + "α = \(short(plan.stepSize.initial)), seed \(plan.seed), trial \(plan.trial): "
      + "\(outcome.rawValue) after \(counted(step, "step")) (t = \(short(time)))."
  }
}
