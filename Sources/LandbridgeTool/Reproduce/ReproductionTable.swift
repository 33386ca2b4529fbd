import Experiments
import Landbridge
import Reports

/// All means of a reproduction in one tidy table: one number with its interval in every row.
struct ReproductionTable {
  let results: ReproductionResults

  private var quantities: [ExperimentMeans.Measured] {
    let plain: (QuantityName) -> ExperimentMeans.Measured = { .plain($0) }
    return [.loss, .error, .dropoutLoss, .dropoutError].map(plain)
      + ShownQuantity.allCases.map { .changeOfOneHalf($0) }
      + [.antitheticChange, .antitheticErrorChange, .expectedChange].map(plain)
  }

  /// Slopes, which are of all widths, leave `width` empty; numbers from fewer than three trials leave
  /// `low` and `high` empty.
  var table: Table {
    var table = Table(
      columns: [
        .init("experiment", alignment: .left), .init("layers"), .init("width"),
        .init("when", alignment: .left), .init("quantity", alignment: .left), .init("value"),
        .init("low"), .init("high"), .init("count"),
      ])
    for experiment in results.experiments {
      for row in rows(of: experiment) { table.append(row) }
    }
    return table
  }

  private func rows(of results: ExperimentResults) -> [[Table.Cell]] {
    let experiment = results.experiment
    let means = ExperimentMeans(results: results)
    func row(
      _ width: Int?, _ when: String, _ quantity: String, _ value: Double,
      _ interval: ClosedRange<Double>?, _ count: Int?
    ) -> [Table.Cell] {
      [
        .text(experiment.name), .integer(experiment.hiddenLayers + 1),
        width.map { .integer($0) } ?? .missing, .text(when), .text(quantity), .number(value),
        .optional(interval?.lowerBound), .optional(interval?.upperBound),
        count.map { .integer($0) } ?? .missing,
      ]
    }
    var rows: [[Table.Cell]] = []
    for width in results.widths {
      func add(_ when: String, _ name: String, _ estimate: Estimate?) {
        guard let estimate else { return }
        rows.append(
          row(width.width, when, name, estimate.mean, estimate.interval, estimate.count))
      }
      for moment in ExperimentWords(results: results).moments {
        for quantity in quantities {
          add(moment.name, quantity.name, means.mean(quantity, at: moment.step, of: width))
        }
      }
      for method in experiment.methods {
        add("end", "\(method.rawValue).barrier", means.barrier(method, of: width))
      }
    }
    for slope in ExperimentTables(results: results).slopeRows() {
      rows.append(
        row(
          nil, slope.when, "slope of \(slope.name)", slope.law.slope, slope.law.slopeInterval, nil))
    }
    return rows
  }
}
