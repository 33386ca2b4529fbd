import ArgumentParser
import Artifacts
import Landbridge
import LinearAlgebra

/// What is asked of a network's dropout.
struct DropoutOptions: Sendable {
  /// How many neurons are kept.
  enum Sizes: Sendable {
    case all
    case counts([Int])
    case fractions([Double])

    static let dozen = Sizes.fractions([1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.02])

    /// The M of the curve of a layer of `width` neurons.
    ///
    /// - Throws: `ValidationError` for more than there are.
    func counts(width: Int, model: String) throws -> [Int] {
      switch self {
      case .all: return Array(1...width)
      case .counts(let list):
        if let bad = list.first(where: { $0 > width }) {
          throw ValidationError(
            "--keep-count \(bad): \(model) has \(counted(width, "neuron")) there")
        }
        return Set(list).sorted(by: >)
      case .fractions(let list):
        return Set(list.map { max(1, Int(($0 * Double(width) + 1e-9).rounded(.down))) })
          .sorted(by: >)
      }
    }
  }

  var sizes = Sizes.dozen
  /// ℓ = 1 … L; `nil` for all layers.
  var layer: Int?
  /// Whether random subsets are measured.
  var measuresRandomSubsets = false
  /// How many of them, and of the sets that a prediction without formula averages over; 20 unless
  /// given.
  var draws: Int?
  /// By how much the loss may rise; 5 % of it unless given.
  var tolerance: Double?
  var seed: UInt64 = 0
  var threads: Int
}

/// What `dropout` computes.
struct DropoutAnalysis<Scalar: MatrixScalar> {
  let options: DropoutOptions
  let model: LoadedModel<Scalar>
  let data: SelectedSamples<Scalar>
  /// What names them.
  let specification: DataSpecification
  /// What coefficients are fitted on, if they are.
  let fitting: SelectedSamples<Scalar>?
  let loss: Loss

  private var samples: Samples<Scalar> { data.samples }

  private var network: Network<Scalar> { model.network }
  private var threads: Int { options.threads }
  private var depth: Int { network.hiddenLayerCount }
  private var stream: RandomStream { RandomStream(seed: options.seed, purpose: .subsets) }

  /// The Gram matrix that standard deviations need takes N² Doubles and nN² flops.
  static func affordsGram(width: Int, loss: Loss) -> Bool { loss == .squared && width <= 8192 }

  private var affordsGram: Bool {
    Self.affordsGram(width: network.lastHiddenWidth, loss: loss)
  }

  func report() throws -> DropoutReport {
    let risk = try EmpiricalRisk(samples, loss: loss, threads: threads)
    let forecast = DropoutForecast(
      of: network, layer: depth, on: risk, standardDeviation: affordsGram,
      draws: max(2, options.draws ?? 20), stream: stream)
    guard forecast.wholeLoss.isFinite else {
      throw ToolFailure(
        ExitStatus.failure,
        "\(model.path): the loss on \(specification) is not a finite number")
    }
    let moments = forecast.moments!
    let main = try curve(on: risk, layer: options.layer ?? (depth == 1 ? 1 : nil), moments)
    var report = DropoutReport(
      model: model.path, data: specification, rows: data.rows, lossFunction: loss,
      samples: samples.count, curve: main.curve, points: main.points)
    if depth > 1 && options.layer == nil {
      report.layers = try (1...depth).map { try curve(on: risk, layer: $0, moments).curve }
    }
    if network.hiddenWidths.allSatisfy({ $0 >= 2 }) { report.halves = halves(on: risk) }
    if options.layer == nil || options.layer == depth {
      report.lastLayer = lastLayer(forecast)
    }
    return report
  }

  /// - Parameter moments: those of the last hidden layer.
  private func curve(
    on risk: EmpiricalRisk<Scalar>, layer: Int?, _ moments: DropoutMoments
  ) throws -> (curve: DropoutCurve, points: [DropoutReport.Point]) {
    let isLast = layer == depth
    let counts = try options.sizes.counts(
      width: network.hiddenWidths[(layer ?? depth) - 1], model: model.path)
    var curve = network.dropoutCurve(
      on: risk, layer: layer, kept: counts, moments: moments,
      draws: options.measuresRandomSubsets ? options.draws ?? 20 : 0, stream: stream)
    if depth == 1 { curve.layer = nil }
    let points = try curve.points.map {
      DropoutReport.Point(point: $0, refit: isLast ? try refit(kept: $0.kept, on: risk) : nil)
    }
    return (curve, points)
  }

  private func refit(
    kept: Int, on risk: EmpiricalRisk<Scalar>
  ) throws -> DropoutReport.Refit? {
    guard let fitting else { return nil }
    let fit = network.refit(
      readoutOn: Array(0..<kept),
      on: try EmpiricalRisk(fitting.samples, loss: loss, threads: threads))
    let evaluation = fit.network.evaluate(on: risk)
    return DropoutReport.Refit(
      loss: evaluation.loss, error: evaluation.error, fittedLoss: fit.loss,
      outcome: fit.outcome.rawValue)
  }

  /// The dropout of the paper: half of every hidden layer.
  private func halves(on risk: EmpiricalRisk<Scalar>) -> DropoutReport.Halves {
    let kept = KeptNeurons.firstHalves(of: network.hiddenWidths)
    let layerwise = network.layerwiseDropout(keeping: kept, on: risk)
    let average = network.antitheticAverage(halves: kept, on: risk)
    return DropoutReport.Halves(
      first: layerwise.everyLayer, antitheticMean: average.meanLoss,
      antitheticLosses: average.evaluations.map(\.loss),
      alone: depth > 1 ? layerwise.alone : nil, partial: depth > 1 ? layerwise.partial : nil,
      mostCostlyLayer: depth > 1 ? layerwise.mostCostlyLayer : nil)
  }

  private func lastLayer(_ forecast: DropoutForecast<Scalar>) -> DropoutReport.LastLayer {
    let moments = forecast.moments!
    let (width, tolerance) = (forecast.width, options.tolerance ?? 0.05 * forecast.wholeLoss)
    let safety = loss == .squared && moments.gram == nil ? 0.0 : 2
    let needed = forecast.smallestWidth(tolerance: tolerance, standardDeviations: safety)
    // Where nothing can go, what one neuron fewer costs.
    let shown = max(1, min(needed, width - 1))
    return DropoutReport.LastLayer(
      width: width, variance: moments.variance, tolerance: tolerance, standardDeviations: safety,
      needed: needed, removable: width - needed,
      measured: MeasuredSubsets(
        forecast.expectation(kept: shown), wholeLoss: forecast.wholeLoss))
  }
}
