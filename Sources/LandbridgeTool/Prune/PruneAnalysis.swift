import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra

/// How a network is pruned.
struct PruneOptions: Sendable {
  /// How many neurons stay.
  enum Size: Sendable {
    case count(Int)
    case fraction(Double)
    /// As few as the predicted loss allows if it may rise by so much; `standardDeviations` of it are
    /// added to its mean.
    case tolerance(Double, standardDeviations: Double)
  }

  var size: Size
  /// ℓ = 1 … L; `nil` for all layers.
  var layer: Int?
  var selection: NeuronSelection
  /// Of greedy selection; `nil` for others.
  var criterion: GreedyCriterion?
  /// 20 unless given.
  var draws: Int?
  /// ρ of the fit of kept weights; `nil` for rescaling.
  var ridge: Double?
  var seed: UInt64 = 0
  var threads: Int
  var quiet = false

  /// M for `width` neurons, unless a tolerance decides.
  fileprivate func fixedCount(width: Int) -> Int? {
    switch size {
    case .count(let count): count
    case .fraction(let keep): max(1, Int((keep * Double(width) + 1e-9).rounded(.down)))
    case .tolerance: nil
    }
  }

  fileprivate var tolerance: (allowed: Double, standardDeviations: Double)? {
    guard case .tolerance(let allowed, let deviations) = size else { return nil }
    return (allowed, deviations)
  }
}

/// What `prune` computes and writes.
struct PruneAnalysis<Scalar: MatrixScalar> {
  let options: PruneOptions
  let model: LoadedModel<Scalar>
  let data: PruningData<Scalar>
  let loss: Loss
  /// Where the narrower model goes, and how it is written.
  let output: String
  let modelOutput: ModelOutputOptions

  private var network: Network<Scalar> { model.network }
  private var threads: Int { options.threads }
  private var depth: Int { network.hiddenLayerCount }
  private var layer: Int? { options.layer ?? (depth == 1 ? 1 : nil) }
  private var stream: RandomStream { RandomStream(seed: options.seed, purpose: .subsets) }

  /// The Gram matrix of standard deviations takes as much time as the greedy selection.
  private var affordsGram: Bool {
    loss == .squared
      && (network.lastHiddenWidth <= 8192 || options.tolerance?.standardDeviations ?? 0 > 0)
  }

  func report() throws -> PruneReport {
    let quiet = options.quiet
    let risk = try risk(of: data.selection.samples)
    let (forecast, kept) = try announcing("predicting", silent: quiet) {
      let forecast = DropoutForecast(
        of: network, layer: layer, on: risk, standardDeviation: affordsGram,
        draws: options.draws ?? 20, stream: stream)
      guard forecast.wholeLoss.isFinite else {
        throw ToolFailure(
          ExitStatus.failure,
          "\(model.path): the loss on \(data.selectionName) is not a finite number")
      }
      let kept =
        options.fixedCount(width: forecast.width)
        ?? forecast.smallestWidth(
          tolerance: options.tolerance!.allowed,
          standardDeviations: options.tolerance!.standardDeviations)
      return (forecast, kept)
    }
    let pruning = prune(to: kept, on: risk)
    return try announcing("measuring", silent: quiet) {
      let predicted = forecast.expectation(kept: kept)
      let selection = measure(pruning.network, on: risk)
      let bytes = try ModelTensors.files(of: model.path).reduce(0) { $0 + (try fileSize($1)) }
      try write(pruning)
      return PruneReport(
        model: model.path, output: output, data: data.selectionSpecification,
        heldOutData: data.heldOutSpecification, selectionName: data.selectionName,
        rows: data.heldOut.rows, selectionRows: data.selection.rows,
        cautions: data.cautions(model.path), lossFunction: loss, select: options.selection,
        criterion: options.criterion,
        refit: options.ridge != nil, ridge: options.ridge,
        before: .init(network, bytes: bytes),
        after: .init(pruning.network, bytes: try fileSize(output)),
        layers: pruning.layers.map(PruneReport.Layer.init),
        predicted: predicted, measured: MeasuredSubsets(predicted, wholeLoss: forecast.wholeLoss),
        selection: selection,
        heldOut: measure(pruning.network, on: try self.risk(of: data.heldOut.samples)),
        tolerance: options.tolerance.map {
          PruneReport.Tolerance(
            allowed: $0.allowed, standardDeviations: $0.standardDeviations, kept: kept,
            of: forecast.width,
            greedyKept: greedyWidth(
              pruning, on: risk, wholeLoss: forecast.wholeLoss, tolerance: $0.allowed),
            rise: selection.prunedLoss - selection.loss)
        })
    }
  }

  private func risk(of samples: Samples<Scalar>) throws -> EmpiricalRisk<Scalar> {
    try EmpiricalRisk(samples, loss: loss, threads: threads)
  }

  private func prune(to kept: Int, on risk: EmpiricalRisk<Scalar>) -> Pruning<Scalar> {
    var plan = PruningPlan(kept: kept, layer: layer, selection: options.selection)
    if let criterion = options.criterion { plan.criterion = criterion }
    plan.draws = options.draws ?? 20
    plan.refit = options.ridge != nil
    if let ridge = options.ridge { plan.ridge = ridge }
    plan.stream = stream
    var progress = ProgressLine(
      "prune", unit: "samples", total: risk.samples.count * (layer == nil ? depth : 1),
      silent: options.quiet)
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
      model: model.path, data: data.selectionSpecification, select: options.selection,
      criterion: options.criterion, refit: options.ridge != nil, ridge: options.ridge,
      seed: options.seed, kept: pruning.kept.layers)
    var metadata = try model.seen.adding([data.selection.record]).metadata
    metadata["loss"] = loss.rawValue
    metadata["pruning"] = try encodeJSON(record, pretty: false)
    try modelOutput.write(pruning.network, metadata: metadata, like: model, to: output)
    modelOutput.noteScaling(of: pruning.network, quiet: options.quiet)
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
