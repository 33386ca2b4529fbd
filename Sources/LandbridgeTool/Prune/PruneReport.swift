import Experiments
import Landbridge
import LinearAlgebra
import Reports

/// The result of `prune`.
struct PruneReport: Encodable {
  struct Size: Encodable {
    var hidden: [Int]
    var parameters: Int
    var bytes: Int

    init<Scalar: Real>(_ network: Network<Scalar>, bytes: Int) {
      (hidden, parameters) = (network.hiddenWidths, network.parameterCount)
      self.bytes = bytes
    }
  }

  struct Layer: Encodable {
    var layer: Int
    var width: Int
    var kept: Int
    /// Ascending, from 0.
    var neurons: [Int]
    /// `converged`, `stopped-early`, or `rescaled` where the fit brought nothing.
    var refit: RefitOutcome?

    init(_ pruned: PrunedLayer) {
      (layer, width) = (pruned.layer, pruned.width)
      (kept, neurons) = (pruned.neurons.count, pruned.neurons)
      refit = pruned.refit
    }
  }

  struct Measurement: Encodable {
    var samples: Int
    var loss: Double
    var error: Double?
    var prunedLoss: Double
    var prunedError: Double?
    /// E‖ŷ_S − ŷ‖²
    var outputDistance: Double
  }

  struct Tolerance: Encodable {
    var allowed: Double
    /// How many are added to the predicted mean.
    var standardDeviations: Double
    /// The smallest M predicted to do, and N.
    var kept: Int
    var of: Int
    /// The smallest M for which greedy selection stays within tolerance where it selects.
    var greedyKept: Int?
  }

  var model: String
  var output: String
  var data: DataSpecification
  var heldOutData: DataSpecification
  var selectionName: String
  /// Of the held-out samples, and of those of the selection.
  var rows: SampleRows
  var selectionRows: SampleRows
  /// What rows that were trained or selected on leave unsaid.
  var cautions: [String]
  var lossFunction: Loss
  var select: NeuronSelection
  var criterion: GreedyCriterion?
  var refit: Bool
  var ridge: Double?
  var before: Size
  var after: Size
  var layers: [Layer]
  /// Of random sets of as many neurons, rescaled, on the samples of the selection.
  var predicted: DropoutExpectation
  var selection: Measurement
  var heldOut: Measurement
  var tolerance: Tolerance?

  private enum CodingKeys: String, CodingKey {
    case model, output, data, heldOutData, rows, selectionRows, lossFunction, select, criterion,
      refit, ridge, before
    case after, layers, predicted, selection, heldOut, tolerance
  }
}

extension PruneReport {
  func results(model summary: String) -> Results<PruneReport> {
    Results(
      json: self, table: table,
      heading: "\(model)  (\(summary))\nselected on \(selectionName), "
        + "\(selectionRows)\nmeasured on \(heldOutData), \(rows)",
      notes: toleranceNotes + [predictionNote, distanceNote] + refitNotes + cautions
        + ["Wrote \(output)."])
  }

  private var table: Table {
    var table = Table(columns: [
      .init("", alignment: .left), .init("whole"), .init("pruned"),
    ])
    for layer in before.hidden.indices {
      let name = before.hidden.count == 1 ? "neurons" : "neurons of layer \(layer + 1)"
      table.append([.text(name), .integer(before.hidden[layer]), .integer(after.hidden[layer])])
    }
    table.append([.text("parameters"), .integer(before.parameters), .integer(after.parameters)])
    table.append([.text("bytes"), .integer(before.bytes), .integer(after.bytes)])
    for (name, measured) in [("selection", selection), ("held-out", heldOut)] {
      table.append([
        .text("\(name) loss"), .optional(measured.loss), .optional(measured.prunedLoss),
      ])
      if measured.error != nil {
        table.append([
          .text("\(name) error"), .optional(measured.error), .optional(measured.prunedError),
        ])
      }
    }
    return table
  }

  private var predictionNote: String {
    let deviation = predicted.standardDeviation.map { " ± \(short($0)) s.d." } ?? ""
    let size = layers.map { grouped($0.kept) }.joined(separator: ", ")
    let basis =
      switch predicted.basis {
      case .exact: "exact, over all sets"
      case .upperBound: "an upper bound, over all sets"
      case .sampled: "from \(counted(predicted.draws ?? 0, "random set"))"
      }
    return "Predicted selection loss of \(size) random neurons: "
      + "\(predicted.basis == .upperBound ? "at most " : "")\(short(predicted.loss))\(deviation) "
      + "(\(basis))."
  }

  /// How much closer the outputs stay to those of the whole network than random neurons would keep them.
  private var distanceNote: String {
    let (found, random) = (selection.outputDistance, predicted.outputDistance)
    guard found > 0, random > 0 else {
      return "Mean square distance of the outputs: \(short(found))."
    }
    let ratio = random / found
    let comparison =
      ratio >= 1
      ? "\(short(ratio, digits: 2)) times less than the \(short(random))"
      : "\(short(1 / ratio, digits: 2)) times the \(short(random))"
    return "Mean square distance of the outputs: \(short(found)), \(comparison) of random neurons."
  }

  private var toleranceNotes: [String] {
    guard let tolerance else { return [] }
    let deviations =
      tolerance.standardDeviations > 0 ? " + \(short(tolerance.standardDeviations)) s.d." : ""
    var notes = [
      "\(tolerance.kept) of \(tolerance.of) neurons are the fewest whose predicted mean"
        + "\(deviations) rises by at most \(short(tolerance.allowed))."
    ]
    if let enough = tolerance.greedyKept, enough < tolerance.kept {
      notes.append(
        "Selected greedily, \(enough) stay within that on the selection (--keep-count \(enough)).")
    }
    return notes
  }

  private var refitNotes: [String] {
    layers.compactMap { layer in
      layer.refit.map { outcome in
        let place = before.hidden.count == 1 ? "Refit" : "Refit behind layer \(layer.layer)"
        switch outcome {
        case .converged: return "\(place): converged."
        case .stoppedEarly: return "\(place): stopped early."
        case .rescaled: return "\(place): no gain, weights are rescaled."
        }
      }
    }
  }
}
