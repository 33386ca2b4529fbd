import Artifacts
import Landbridge
import LinearAlgebra

/// What `dropout` computes.
struct DropoutAnalysis<Scalar: Real> {
  let command: DropoutCommand
  let model: LoadedModel<Scalar>
  let data: SelectedSamples<Scalar>
  /// What coefficients are fitted on, if they are.
  let fitting: SelectedSamples<Scalar>?
  let loss: Loss

  private var samples: Samples<Scalar> { data.samples }

  private var network: Network<Scalar> { model.network }
  private var threads: Int { command.shared.threadCount }
  private var depth: Int { network.hiddenLayerCount }
  private var stream: RandomStream { RandomStream(seed: command.seed, purpose: .subsets) }

  /// The Gram matrix that standard deviations need takes N² Doubles and nN² flops.
  static func affordsGram(width: Int, loss: Loss) -> Bool { loss == .squared && width <= 8192 }

  private var affordsGram: Bool {
    Self.affordsGram(width: network.lastHiddenWidth, loss: loss)
  }

  func report() throws -> DropoutReport {
    let forecast = DropoutForecast(
      of: network, layer: depth, on: samples, loss: loss, standardDeviation: affordsGram,
      draws: max(2, command.draws ?? 20), stream: stream, threads: threads)
    guard forecast.wholeLoss.isFinite else {
      throw ToolFailure(
        ExitStatus.failure,
        "\(model.path): the loss on \(command.options.data) is not a finite number")
    }
    let main = try curve(layer: command.layer ?? (depth == 1 ? 1 : nil))
    var report = DropoutReport(
      model: model.path, data: command.options.data, rows: data.rows, lossFunction: loss,
      samples: samples.count, curve: main.curve, points: main.points)
    if depth > 1 && command.layer == nil {
      report.layers = try (1...depth).map { try curve(layer: $0).curve }
    }
    if network.hiddenWidths.allSatisfy({ $0 >= 2 }) { report.halves = halves() }
    if command.layer == nil || command.layer == depth {
      report.lastLayer = lastLayer(forecast)
    }
    return report
  }

  private func curve(
    layer: Int?
  ) throws -> (curve: DropoutCurve, points: [DropoutReport.Point]) {
    let isLast = layer == depth
    let counts = try command.counts(width: network.hiddenWidths[(layer ?? depth) - 1])
    var curve = network.dropoutCurve(
      on: samples, loss: loss, layer: layer, kept: counts,
      standardDeviation: isLast && affordsGram,
      draws: command.select == .random ? command.draws ?? 20 : 0,
      stream: stream, threads: threads)
    if depth == 1 { curve.layer = nil }
    let points = curve.points.map {
      DropoutReport.Point(point: $0, refit: isLast ? refit(kept: $0.kept) : nil)
    }
    return (curve, points)
  }

  private func refit(kept: Int) -> DropoutReport.Refit? {
    guard let fitting else { return nil }
    let fit = network.refit(
      readoutOn: Array(0..<kept), on: fitting.samples, loss: loss, threads: threads)
    let evaluation = fit.network.evaluate(on: samples, loss: loss, threads: threads)
    return DropoutReport.Refit(
      loss: evaluation.loss, error: evaluation.error, fittedLoss: fit.loss,
      outcome: fit.outcome.rawValue)
  }

  /// The dropout of the paper: half of every hidden layer.
  private func halves() -> DropoutReport.Halves {
    let kept = KeptNeurons.firstHalves(of: network.hiddenWidths)
    let layerwise = network.layerwiseDropout(
      keeping: kept, on: samples, loss: loss, threads: threads)
    let average = network.antitheticAverage(
      halves: kept, on: samples, loss: loss, threads: threads)
    return DropoutReport.Halves(
      first: layerwise.everyLayer, antitheticMean: average.meanLoss,
      antitheticLosses: average.evaluations.map(\.loss),
      alone: depth > 1 ? layerwise.alone : nil, partial: depth > 1 ? layerwise.partial : nil,
      mostCostlyLayer: depth > 1 ? layerwise.mostCostlyLayer : nil)
  }

  private func lastLayer(_ forecast: DropoutForecast<Scalar>) -> DropoutReport.LastLayer {
    let moments = forecast.moments!
    let (width, tolerance) = (forecast.width, command.tolerance ?? 0.05 * forecast.wholeLoss)
    let safety = loss == .squared && moments.gram == nil ? 0.0 : 2
    let needed = forecast.smallestWidth(tolerance: tolerance, standardDeviations: safety)
    // Where nothing can go, what one neuron fewer costs.
    let shown = max(1, min(needed, width - 1))
    return DropoutReport.LastLayer(
      width: width, spread: moments.variance, tolerance: tolerance, standardDeviations: safety,
      needed: needed, removable: width - needed,
      measured: MeasuredSubsets(
        forecast.expectation(kept: shown), wholeLoss: forecast.wholeLoss))
  }
}
