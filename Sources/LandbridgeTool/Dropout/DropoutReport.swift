import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Reports

/// The result of `dropout`: the curve of the model, and what more is known.
struct DropoutReport: Encodable {
  struct Refit: Encodable {
    var loss: Double
    var error: Double?
    /// On the samples of the fit.
    var fittedLoss: Double
    /// `converged`, `stopped-early`, or `rescaled` where the fit brought nothing.
    var outcome: String
  }

  struct Point: Encodable {
    var point: DropoutCurve.Point
    var refit: Refit?

    private enum CodingKeys: String, CodingKey { case refit }

    func encode(to encoder: any Encoder) throws {
      try point.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encodeIfPresent(refit, forKey: .refit)
    }
  }

  /// ⌊N/2⌋ neurons of every hidden layer.
  struct Halves: Encodable {
    var first: DropoutEvaluation
    /// Mean over the 2^L choices of the first or the last half of every layer.
    var antitheticMean: Double
    var antitheticLosses: [Double]
    /// Of layer ℓ alone; of layers ℓ … L.
    var alone: [DropoutEvaluation]?
    var partial: [DropoutEvaluation]?
    var mostCostlyLayer: Int?
  }

  /// How many neurons of the last hidden layer can go: by exact formulas for squared loss, by random
  /// subsets for cross-entropy.
  struct LastLayer: Encodable {
    var width: Int
    /// V = E (1/N)Σ‖c_i − f‖²
    var variance: Double
    var tolerance: Double
    /// How many standard deviations are added to the mean before it is compared.
    var standardDeviations: Double
    /// The smallest M within tolerance, and N − M.
    var needed: Int
    var removable: Int
    /// Cross-entropy: what M random neurons do, or N − 1 where all are needed.
    var measured: MeasuredSubsets?

    private enum CodingKeys: String, CodingKey {
      case width, tolerance, standardDeviations, needed, removable, measured
      case variance = "spread"
    }
  }

  var model: String
  var data: DataSpecification
  var rows: SampleRows
  var lossFunction: Loss
  var samples: Int
  var curve: DropoutCurve
  var points: [Point]
  /// Each hidden layer alone, where there are several.
  var layers: [DropoutCurve]?
  var halves: Halves?
  var lastLayer: LastLayer?
  /// What rows that were trained or fitted on leave unsaid.
  var cautions: [String] = []

  private enum CodingKeys: String, CodingKey {
    case model, data, rows, lossFunction, samples, points = "curve", layers, halves, lastLayer
  }

  func encode(to encoder: any Encoder) throws {
    try curve.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(model, forKey: .model)
    try container.encode(data, forKey: .data)
    try container.encode(rows, forKey: .rows)
    try container.encode(lossFunction, forKey: .lossFunction)
    try container.encode(samples, forKey: .samples)
    try container.encode(points, forKey: .points)
    try container.encodeIfPresent(layers, forKey: .layers)
    try container.encodeIfPresent(halves, forKey: .halves)
    try container.encodeIfPresent(lastLayer, forKey: .lastLayer)
  }
}

extension DropoutReport {
  func results(model summary: String) -> Results<DropoutReport> {
    Results(
      json: self, table: table,
      heading: "\(model)  (\(summary))\non \(data), \(rows)"
        + (layers == nil ? "" : "\nall hidden layers at once, in proportion to M of the last one:"),
      notes: (layers ?? []).map(layerNote) + halvesNotes + lastLayerNotes + cautions,
      arrays: arrays)
  }

  /// One array per number of a point, named as in JSON; NaN where a point has none.
  private var arrays: [(String, Tensor)] {
    func arrays(of points: [Point], prefix: String) -> [(String, Tensor)] {
      func column(_ name: String, _ value: (Point) -> Double?) -> [(String, Tensor)] {
        let values = points.map(value)
        guard values.contains(where: { $0 != nil }) else { return [] }
        return [(prefix + name, Tensor(values.map { $0 ?? .nan }))]
      }
      return [(prefix + "kept", Tensor(points.map(\.point.kept)))]
        + column("expectedLoss") { $0.point.expected?.loss }
        + column("standardDeviation") { $0.point.expected?.standardDeviation }
        + column("lossOfFirst") { $0.point.first.loss }
        + column("errorOfFirst") { $0.point.first.error }
        + column("sampledLossMean") { $0.point.sampledLoss?.mean }
        + column("sampledErrorMean") { $0.point.sampledError?.mean }
        + column("refitLoss") { $0.refit?.loss } + column("refitError") { $0.refit?.error }
    }
    return arrays(of: points, prefix: "")
      + (layers ?? []).enumerated().flatMap { index, layer in
        arrays(
          of: layer.points.map { Point(point: $0) }, prefix: "layers/\(layer.layer ?? index + 1)/")
      }
  }

  var isBound: Bool { points.first?.point.expected?.basis == .bound }

  private var table: Table {
    let hasMean = points.contains { $0.point.expected?.loss != nil }
    let hasDeviation = points.contains { $0.point.expected?.standardDeviation != nil }
    let hasErrors = curve.whole.error != nil
    let hasDraws = points.contains { $0.point.sampledLoss != nil }
    let hasRefit = points.contains { $0.refit != nil }
    var columns: [(Table.Column, (Point) -> Table.Cell)] = [
      (.init("kept"), { .integer($0.point.kept) })
    ]
    func add(_ name: String, if condition: Bool = true, _ value: @escaping (Point) -> Double?) {
      if condition { columns.append((.init(name), { .optional(value($0)) })) }
    }
    add(isBound ? "mean loss ≤" : "mean loss", if: hasMean) { $0.point.expected?.loss }
    add("± s.d.", if: hasDeviation) { $0.point.expected?.standardDeviation }
    add("loss of first M") { $0.point.first.loss }
    add("error", if: hasErrors) { $0.point.first.error }
    func quantile(_ summary: SampleSummary?, _ level: Double) -> Double? {
      summary?.quantiles.first { $0.level == level }?.value
    }
    add("random: median", if: hasDraws) { quantile($0.point.sampledLoss, 0.5) }
    // All of them beside refits would not fit a terminal.
    add("95 %", if: hasDraws) { quantile($0.point.sampledLoss, 0.95) }
    add("error median", if: hasDraws && hasErrors && !hasRefit) {
      quantile($0.point.sampledError, 0.5)
    }
    add("error 95 %", if: hasDraws && hasErrors && !hasRefit) {
      quantile($0.point.sampledError, 0.95)
    }
    add("refitted loss", if: hasRefit) { $0.refit?.loss }
    add("refitted error", if: hasRefit && hasErrors) { $0.refit?.error }
    return Table(
      columns: columns.map(\.0), rows: points.map { point in columns.map { $0.1(point) } })
  }

  private func layerNote(_ layer: DropoutCurve) -> String {
    let middle = layer.points.min {
      abs($0.kept - layer.width / 2) < abs($1.kept - layer.width / 2)
    }
    guard let middle, let number = layer.layer else { return "" }
    let mean =
      middle.expected.map {
        ", mean over all subsets \($0.basis == .bound ? "≤" : "") " + short($0.loss)
      } ?? ""
    return "Layer \(number) alone, \(middle.kept) of \(layer.width) kept: loss "
      + "\(short(middle.first.loss)), error \(percent(middle.first.error))\(mean)."
  }

  private var halvesNotes: [String] {
    guard let halves else { return [] }
    let change = halves.antitheticMean - curve.whole.loss
    var notes = [
      "Whole network: loss \(short(curve.whole.loss)). Its halves: \(short(halves.antitheticMean)) on "
        + "average over first and last ones, \(short(change)) more."
    ]
    if let partial = halves.partial, let costly = halves.mostCostlyLayer {
      let list = partial.enumerated().map { index, evaluation in
        let layers = index + 1 < partial.count ? "\(index + 1)–\(partial.count)" : "\(index + 1)"
        return "\(layers): \(short(evaluation.loss))"
      }
      notes.append("First halves in the upper layers, " + list.joined(separator: ", ") + ".")
      notes.append("Halving costs most in layer \(costly).")
    }
    return notes
  }

  private var lastLayerNotes: [String] {
    guard let last = lastLayer else { return [] }
    let measure =
      (last.measured == nil ? "the mean" : "the measured mean")
      + (last.standardDeviations > 0 ? " + \(short(last.standardDeviations)) s.d." : "")
    let name = layers == nil ? "" : " of the last layer"
    let neurons =
      last.removable == 0 ? "No neuron\(name)" : "\(last.removable) of \(last.width) neurons\(name)"
    let basis = last.measured.map { " " + $0.sentence() + "." + $0.boundSentence } ?? ""
    return [
      "\(neurons) can go if \(measure) may rise by \(short(last.tolerance)) (--tolerance).\(basis)"
    ]
  }
}

extension DropoutReport {
  /// Writes `NAME.svg`, `NAME.csv` and `NAME.gp`.
  func writeFigure(_ path: String, quiet: Bool) throws {
    let (directory, name) = Figure.place(path)
    try figure(name: name).writeOrWarn(into: directory, quiet: quiet)
  }

  private func figure(name: String) -> Figure {
    DropoutFigure(report: self).figure(name: name)
  }
}
