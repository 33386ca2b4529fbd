import Artifacts
import Experiments
import Foundation
import Landbridge
import Reports

/// The tables of one experiment, and the numbers that a reader looks for first.
struct ExperimentTables {
  let results: ExperimentResults

  private var experiment: Experiment { results.experiment }

  /// Loss and change in loss at the end of training, per width.
  func widths() -> Table {
    var table = Table(columns: [
      Table.Column("N"), Table.Column("loss"), Table.Column("error"),
      Table.Column("half: loss"), Table.Column("half: error"),
      Table.Column("mean change"),
      Table.Column(
        experiment.loss == .squared && experiment.hiddenLayers == 1 ? "V/(N−1)" : "last layer"),
      Table.Column("barrier"), Table.Column("straight"),
    ])
    for width in results.widths {
      let mean = { (values: [Double]) -> Table.Cell in
        values.isEmpty ? .missing : .number(Estimate(values).mean, digits: 3)
      }
      let at = { (quantity: QuantityName) in
        mean(width.values(atStep: experiment.steps) { $0[quantity] })
      }
      table.append([
        .integer(width.width), at(.loss), at(.error),
        at(.dropoutLoss), at(.dropoutError), at(.antitheticChange),
        at(.expectedChange), mean(width.barriers(.dropout)),
        mean(width.barriers(.linear)),
      ])
    }
    return table
  }

  /// Slopes in log N with their intervals.
  func slopes() -> Table {
    var table = Table(columns: [
      Table.Column("quantity", alignment: .left), Table.Column("when", alignment: .left),
      Table.Column("slope in N"), Table.Column("95 % interval"),
    ])
    for row in slopeRows() {
      table.append([
        .text(row.quantity), .text(row.when), .number(row.law.slope, digits: 3),
        .text("\(rounded(row.law.slopeLower)) … \(rounded(row.law.slopeUpper))"),
      ])
    }
    return table
  }

  struct SlopeRow: Codable {
    var quantity: String
    var when: String
    var law: PowerLaw
  }

  func slopeRows() -> [SlopeRow] {
    let moments = [(experiment.earlyStep, "early"), (experiment.steps, "converged")]
    var rows: [SlopeRow] = []
    for (step, when) in moments {
      let quantities: [(String, (TrainingMeasurement) -> Double?)] = [
        ("|change|, one half", { $0.change.map(abs) }),
        ("mean change, halves", { $0[.antitheticChange] }),
      ]
      for (name, value) in quantities {
        let points = results.widths.map { (Double($0.width), $0.values(atStep: step, value)) }
        if let law = fit(points) { rows.append(SlopeRow(quantity: name, when: when, law: law)) }
      }
    }
    let barriers = results.widths.map { (Double($0.width), $0.barriers(.dropout)) }
    if let law = fit(barriers) {
      rows.append(SlopeRow(quantity: "barrier, dropout path", when: "end", law: law))
    }
    return rows
  }

  private func fit(_ points: [(Double, [Double])]) -> PowerLaw? {
    PowerLaw(points.filter { !$0.1.isEmpty }.map { (x: $0.0, values: $0.1) }, seed: experiment.seed)
  }

  func rounded(_ value: Double) -> String {
    String(format: "%.2f", abs(value) < 0.005 ? 0 : value)
  }

  /// What a reader looks for first.
  func keyNumbers() -> [KeyNumber] {
    guard let last = results.widths.last, !last.finished.isEmpty else { return [] }
    let change = last.values(atStep: experiment.steps) { $0.change }
    let loss = last.values(atStep: experiment.steps) { $0[.loss] }
    var numbers = [
      KeyNumber(
        significant(Estimate(loss).mean), "loss of N = \(last.width)", detail: "all neurons"),
      KeyNumber(
        significant(Estimate(change).mean), "change in loss", detail: "half of the neurons gone"),
    ]
    if let slope = slopeRows().first(where: {
      $0.when == "converged" && $0.quantity.hasPrefix("mean")
    }) {
      numbers.append(
        KeyNumber(
          rounded(slope.law.slope), "slope of the mean change in N",
          detail: "95 %: \(rounded(slope.law.slopeLower)) … \(rounded(slope.law.slopeUpper))"))
    }
    if !last.paths.isEmpty {
      numbers.append(
        KeyNumber(
          significant(Estimate(last.barriers(.dropout)).mean), "barrier, dropout path",
          detail: "exact, N = \(last.width)"))
      numbers.append(
        KeyNumber(
          significant(Estimate(last.barriers(.linear)).mean), "barrier, straight line",
          detail: "sampled, N = \(last.width)"))
    }
    return numbers
  }

  private func significant(_ value: Double) -> String {
    guard value != 0 else { return "0" }
    return String(format: "%.3g", value)
  }
}

extension TrainingMeasurement {
  /// L of the first half less L of all.
  var change: Double? {
    guard let half = self[.dropoutLoss], let whole = self[.loss] else { return nil }
    return half - whole
  }
}
