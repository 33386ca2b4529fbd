import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra

/// What `prune` computes and writes.
struct PruneAnalysis<Scalar: Real> {
  let command: PruneCommand
  let model: LoadedModel<Scalar>
  let data: PruningData<Scalar>
  let loss: Loss

  private var network: Network<Scalar> { model.network }
  private var threads: Int { command.shared.threadCount }
  private var depth: Int { network.hiddenLayerCount }
  private var layer: Int? { command.prunedLayer(depth: depth) }
  private var stream: RandomStream { RandomStream(seed: command.seed, purpose: .subsets) }

  /// The Gram matrix of standard deviations takes as much time as the greedy selection.
  private var affordsGram: Bool {
    loss == .squared
      && (network.lastHiddenWidth <= 8192 || command.tolerance != nil && command.safety > 0)
  }

  func report() throws -> PruneReport {
    let quiet = command.shared.quiet
    let risk = try risk(of: data.selection.samples)
    let (forecast, kept) = try announcing("predicting", silent: quiet) {
      let forecast = DropoutForecast(
        of: network, layer: layer, on: risk, standardDeviation: affordsGram,
        draws: command.draws ?? 20, stream: stream)
      guard forecast.wholeLoss.isFinite else {
        throw ToolFailure(
          ExitStatus.failure,
          "\(model.path): the loss on \(data.selectionName) is not a finite number")
      }
      let kept =
        command.fixedCount(width: forecast.width)
        ?? forecast.smallestWidth(
          tolerance: command.tolerance!, standardDeviations: command.safety)
      return (forecast, kept)
    }
    let pruning = prune(to: kept, on: risk)
    return try announcing("measuring", silent: quiet) {
      let predicted = forecast.expectation(kept: kept)
      let selection = measure(pruning.network, on: risk)
      let bytes = try ModelTensors.files(of: model.path).reduce(0) { $0 + (try fileSize($1)) }
      try write(pruning)
      return PruneReport(
        model: model.path, output: command.output, data: data.selectionSpecification,
        heldOutData: data.heldOutSpecification, selectionName: data.selectionName,
        rows: data.heldOut.rows, selectionRows: data.selection.rows,
        cautions: data.cautions(model.path), lossFunction: loss, select: command.select,
        criterion: command.greedyCriterion,
        refit: command.refit, ridge: command.ridgeOfRefit,
        before: .init(network, bytes: bytes),
        after: .init(pruning.network, bytes: try fileSize(command.output)),
        layers: pruning.layers.map(PruneReport.Layer.init),
        predicted: predicted, measured: MeasuredSubsets(predicted, wholeLoss: forecast.wholeLoss),
        selection: selection,
        heldOut: measure(pruning.network, on: try self.risk(of: data.heldOut.samples)),
        tolerance: command.tolerance.map {
          PruneReport.Tolerance(
            allowed: $0, standardDeviations: command.safety, kept: kept, of: forecast.width,
            greedyKept: greedyWidth(
              pruning, on: risk, wholeLoss: forecast.wholeLoss, tolerance: $0),
            rise: selection.prunedLoss - selection.loss)
        })
    }
  }

  private func risk(of samples: Samples<Scalar>) throws -> EmpiricalRisk<Scalar> {
    try EmpiricalRisk(samples, loss: loss, threads: threads)
  }

  private func prune(to kept: Int, on risk: EmpiricalRisk<Scalar>) -> Pruning<Scalar> {
    var plan = PruningPlan(kept: kept, layer: layer, selection: command.select)
    if let criterion = command.greedyCriterion { plan.criterion = criterion }
    plan.draws = command.draws ?? 20
    plan.refit = command.refit
    if let ridge = command.ridgeOfRefit { plan.ridge = ridge }
    plan.stream = stream
    var progress = ProgressLine(
      "prune", unit: "samples", total: risk.samples.count * (layer == nil ? depth : 1),
      silent: command.shared.quiet)
    defer { progress.finish() }
    return network.pruned(plan, on: risk) { progress.update($0) }
  }

  /// How few greedily selected neurons of the last hidden layer stay within tolerance on the samples
  /// of the selection.
  private func greedyWidth(
    _ pruning: Pruning<Scalar>, on risk: EmpiricalRisk<Scalar>, wholeLoss: Double,
    tolerance: Double
  ) -> Int? {
    guard layer == depth, let greedy = pruning.layers[0].greedy else { return nil }
    let ordered = network.keeping(.only(greedy.order, inLayer: depth, of: depth))
    let losses = ordered.prefixLosses(on: risk).losses
    return losses.firstIndex { $0 - wholeLoss <= tolerance }.map { $0 + 1 }
  }

  private func measure(
    _ pruned: Network<Scalar>, on risk: EmpiricalRisk<Scalar>
  ) -> PruneReport.Measurement {
    let (before, after) = (network.evaluate(on: risk), pruned.evaluate(on: risk))
    return PruneReport.Measurement(
      samples: risk.samples.count, loss: before.loss, error: before.error, prunedLoss: after.loss,
      prunedError: after.error,
      outputDistance: pruned.outputDistance(to: network, on: risk))
  }

  private func write(_ pruning: Pruning<Scalar>) throws {
    let record = PruningRecord(
      model: model.path, data: data.selectionSpecification, select: command.select,
      criterion: command.greedyCriterion, refit: command.refit, ridge: command.ridgeOfRefit,
      seed: command.seed, kept: pruning.kept.layers)
    var metadata = try model.seen.adding([data.selection.record]).metadata
    metadata["loss"] = loss.rawValue
    metadata["pruning"] = try encodeJSON(record, pretty: false)
    try command.modelOutput.write(
      pruning.network, metadata: metadata, like: model, to: command.output)
    command.modelOutput.noteScaling(of: pruning.network, quiet: command.shared.quiet)
  }

  private func fileSize(_ path: String) throws -> Int {
    try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
  }
}

/// What a pruned model's file says of where it comes from.
private struct PruningRecord: Encodable {
  var model: String
  var data: DataSpecification
  var select: NeuronSelection
  var criterion: GreedyCriterion?
  var refit: Bool
  var ridge: Double?
  var seed: UInt64
  /// Neurons of the original hidden layers, `null` where all stay.
  var kept: [[Int]?]
}
