import ArgumentParser
import Artifacts
import Landbridge
import LinearAlgebra

/// Two models and the ways between them.
struct Connection<Scalar: Real> {
  /// The path asked for.
  var evaluation: PathEvaluation<Scalar>
  /// The straight line beside it; `nil` if that is the path.
  var straightLine: PathEvaluation<Scalar>?
  /// What some dropout path between the two does not exceed; two-layer networks only.
  var bound: Double?
  /// Goes into every knot file.
  var metadata: [String: String]
}

/// What `connect` computes.
struct ConnectAnalysis<Scalar: Real> {
  let command: ConnectCommand
  let start: LoadedModel<Scalar>
  let end: LoadedModel<Scalar>
  let data: SelectedSamples<Scalar>
  /// What output weights are fitted on, if they are.
  let fitting: SelectedSamples<Scalar>?
  let loss: Loss

  var threads: Int { command.shared.threadCount }

  func connection() throws -> Connection<Scalar> {
    try namingModels {
      let straight = try evaluate(
        .straightLine(from: start.network, to: end.network))
      var result = Connection(
        evaluation: straight, straightLine: nil, bound: nil, metadata: try knotMetadata())
      if command.method == .dropout {
        result.evaluation = try evaluate(dropoutPath())
        result.straightLine = straight
        result.bound = try bound()
      }
      return result
    }
  }

  /// Knots have seen what the models have, and what their output weights were fitted on.
  private func knotMetadata() throws -> [String: String] {
    let records = try start.seen.records + end.seen.records + (fitting.map { [$0.record] } ?? [])
    var metadata = try SeenSamples().adding(records).metadata
    metadata["loss"] = loss.rawValue
    return metadata
  }

  private func evaluate(_ path: PiecewiseLinearPath<Scalar>) throws -> PathEvaluation<Scalar> {
    try PathEvaluation(of: path, on: risk(of: data.samples), verify: true)
  }

  private func risk(of samples: Samples<Scalar>) throws -> EmpiricalRisk<Scalar> {
    try EmpiricalRisk(samples, loss: loss, threads: threads)
  }

  private func dropoutPath() throws -> PiecewiseLinearPath<Scalar> {
    let widths = start.network.hiddenWidths
    if let narrow = widths.firstIndex(where: { $0 < 2 }) {
      throw ToolFailure(
        ExitStatus.badData,
        "\(start.path): hidden layer \(narrow + 1) has 1 neuron, expected at least 2 to halve")
    }
    let counts = keptCounts
    var first = DropoutSelection<Scalar>(kept: .first(counts))
    var last = first
    if !command.overlapping {
      last.kept = KeptNeurons(layers: zip(widths, counts).map { Array($0 - $1..<$0) })
    }
    if command.refit {
      first.readouts = try refittedReadouts(of: start, first.kept)
      last.readouts = try refittedReadouts(of: end, last.kept)
    }
    return try .dropout(from: start.network, to: end.network, keeping: first, ofEnd: last)
  }

  /// How many neurons of every hidden layer are kept.
  var keptCounts: [Int] {
    start.network.hiddenWidths.map { width in
      max(1, Int((Double(width) * (command.keep ?? 0.5) + 1e-9).rounded(.down)))
    }
  }

  /// Output layers fitted on the neurons left by dropout in layers ℓ … L, for every ℓ.
  private func refittedReadouts(
    of model: LoadedModel<Scalar>, _ kept: KeptNeurons
  ) throws -> [Layer<Scalar>] {
    let risk = try risk(of: fitting!.samples)
    return (1...model.network.hiddenLayerCount).map { layer in
      let reduced = model.network.keeping(kept.fromLayer(layer))
      return reduced.refit(readoutOn: Array(0..<reduced.lastHiddenWidth), on: risk)
        .network.layers.last!
    }
  }

  private func bound() throws -> Double? {
    guard start.network.hiddenLayerCount == 1 else { return nil }
    let risk = try risk(of: data.samples)
    let variances = [start, end].map { $0.network.dropoutMoments(on: risk).variance }
    return barrierBound(
      variance: variances[0], endVariance: variances[1], width: start.network.lastHiddenWidth,
      loss: loss)
  }

  /// Tells which files an error of the library is about.
  private func namingModels<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as ConnectError {
      switch error {
      case .shapes(let list):
        let differences = list.map {
          "\($0.place): found \($0.found), expected \($0.expected)"
        }
        throw ToolFailure(
          ExitStatus.badData,
          "\(end.path) does not have the shape of \(start.path): "
            + differences.joined(separator: "; "))
      case .selection(let mismatch):
        throw ValidationError(
          "--keep: \(mismatch.place): found \(mismatch.found), expected \(mismatch.expected)")
      case .samples, .notFinite: throw error
      }
    }
  }
}
