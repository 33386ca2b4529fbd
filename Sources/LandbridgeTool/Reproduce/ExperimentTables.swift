import Artifacts
import Experiments
import Landbridge
import Reports

/// The tables of one experiment, and the numbers that a reader looks for first.
struct ExperimentTables {
  let results: ExperimentResults

  private var experiment: Experiment { results.experiment }
  private var words: ExperimentWords { ExperimentWords(results: results) }
  private var means: ExperimentMeans { ExperimentMeans(results: results) }

  /// Loss and change in loss at the end of training, per width.
  func widths() -> Table {
    let prediction = words.prediction
    var table = Table(
      columns: ["N", "loss", "error", "half: loss", "half: error", "mean change"].map {
        Table.Column($0)
      } + (prediction.map { [Table.Column($0.label)] } ?? [])
        + [Table.Column("barrier"), Table.Column("straight")])
    for width in results.widths {
      func cell(_ estimate: Estimate?) -> Table.Cell {
        estimate.map { .number($0.mean, digits: 3) } ?? .missing
      }
      func at(_ quantity: QuantityName) -> Table.Cell {
        cell(means.mean(.plain(quantity), at: experiment.steps, of: width))
      }
      table.append(
        [
          .integer(width.width), at(.loss), at(.error), at(.dropoutLoss), at(.dropoutError),
          at(.antitheticChange),
        ] + (prediction == nil ? [] : [at(.expectedChange)])
          + [cell(means.barrier(.dropout, of: width)), cell(means.barrier(.linear, of: width))])
    }
    return table
  }

  /// Slopes in log N with their intervals.
  func slopes() -> Table {
    var table = Table(columns: [
      Table.Column("quantity", alignment: .left), Table.Column("when", alignment: .left),
      Table.Column("slope in N"), Table.Column("95 % from"), Table.Column("to"),
    ])
    for row in slopeRows() {
      table.append([
        .text(row.quantity), .text(row.when), .number(row.law.slope, digits: 3),
        .optional(row.law.slopeInterval?.lowerBound, digits: 3),
        .optional(row.law.slopeInterval?.upperBound, digits: 3),
      ])
    }
    return table
  }

  /// A power of N that a mean over trials follows.
  struct SlopeRow {
    var quantity: String
    /// As in the table of all results.
    var name: String
    var when: String
    var law: PowerLaw
  }

  func slopeRows() -> [SlopeRow] {
    var rows: [SlopeRow] = []
    func add(_ quantity: String, _ name: String, _ when: String, _ points: [(Double, [Double])]) {
      let points = points.filter { !$0.1.isEmpty }.map { (x: $0.0, values: $0.1) }
      guard let law = PowerLaw(points, seed: experiment.seed) else { return }
      rows.append(SlopeRow(quantity: quantity, name: name, when: when, law: law))
    }
    let quantities: [(String, ExperimentMeans.Measured)] = [
      ("|change|, one half", .changeOfOneHalf(.loss)),
      ("mean change, halves", .changeOfHalves(.loss)),
    ]
    for moment in words.moments {
      for (title, quantity) in quantities {
        add(
          title, quantity.name, moment.name,
          results.widths.map {
            (Double($0.width), $0.values(atStep: moment.step, quantity.value))
          })
      }
    }
    add(
      "barrier, dropout path", "dropout.barrier", "end",
      results.widths.map { (Double($0.width), $0.barriers(.dropout)) })
    return rows
  }

  /// What a reader looks for first.
  func keyNumbers() -> [KeyNumber] {
    guard let last = results.widths.last, !last.finished.isEmpty else { return [] }
    var numbers: [KeyNumber] = []
    func add(_ value: Estimate?, _ label: String, _ detail: String) {
      guard let value else { return }
      numbers.append(KeyNumber(short(value.mean, digits: 3), label, detail: detail))
    }
    func end(_ quantity: ExperimentMeans.Measured) -> Estimate? {
      means.mean(quantity, at: experiment.steps, of: last)
    }
    let width = "N = \(grouped(last.width))"
    add(end(.plain(.loss)), "loss", "\(width), all neurons")
    add(
      end(.changeOfHalves(.loss)), "change in loss",
      "\(width), mean over halves")
    if let slope = slopeRows().first(where: {
      $0.when == "end" && $0.name == QuantityName.antitheticChange.rawValue
    })?.law {
      numbers.append(
        KeyNumber(
          short(slope.slope, digits: 2), "slope of that change in N",
          detail: slope.slopeInterval.map {
            "95 %: \(short($0.lowerBound, digits: 2)) … \(short($0.upperBound, digits: 2))"
          } ?? "no interval: fewer than three trials"))
    }
    add(means.barrier(.dropout, of: last), "barrier, dropout path", "\(width), exact")
    add(means.barrier(.linear, of: last), "barrier, straight line", "\(width), sampled")
    return numbers
  }
}
