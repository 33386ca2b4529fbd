import Artifacts
import Landbridge
import LinearAlgebra
import Reports

/// The result of `prune`.
struct PruneReport: Encodable {
  struct Size: Encodable {
    var hidden: [Int]
    var parameters: Int
    var bytes: Int

    init<Scalar: MatrixScalar>(_ network: Network<Scalar>, bytes: Int) {
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
    /// How much more the pruned network's own loss is, on the samples of the selection.
    var rise: Double
    var isWithin: Bool { rise <= allowed }

    private enum CodingKeys: String, CodingKey {
      case allowed, standardDeviations, kept, of, greedyKept, rise, isWithin
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(allowed, forKey: .allowed)
      try container.encode(standardDeviations, forKey: .standardDeviations)
      try container.encode(kept, forKey: .kept)
      try container.encode(of, forKey: .of)
      try container.encodeIfPresent(greedyKept, forKey: .greedyKept)
      try container.encode(rise, forKey: .rise)
      try container.encode(isWithin, forKey: .isWithin)
    }
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
  /// The same with its interval, where random sets were drawn.
  var measured: MeasuredSubsets?
  var selection: Measurement
  var heldOut: Measurement
  var tolerance: Tolerance?

  private enum CodingKeys: String, CodingKey {
    case model, output, data, heldOutData, rows, selectionRows, lossFunction, select, criterion
    case refit, ridge, before, after, layers, predicted, measured, selection, heldOut, tolerance
  }
}

extension PruneReport {
  func results(model summary: String) -> Results<PruneReport> {
    Results(
      json: self, table: table,
      heading: "\(model)  (\(summary))\nselected on \(selectionName), "
        + "\(selectionRows)\nmeasured on \(heldOutData), \(rows)",
      notes: toleranceNotes + (isWhole ? [] : [predictionNote, distanceNote]) + refitNotes
        + cautions + ["Wrote \(output)."])
  }

  /// Nothing was dropped, so that there is nothing to compare with.
  private var isWhole: Bool { layers.allSatisfy { $0.kept == $0.width } }

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
    if let measured {
      return measured.sentence(sizes: layers.map(\.kept)) + "." + measured.boundSentence
    }
    let deviation = predicted.standardDeviation.map { " ± \(short($0)) s.d." } ?? ""
    let size = layers.map { grouped($0.kept) }.joined(separator: ", ")
    return
      "Predicted selection loss of \(size) random neurons: \(short(predicted.loss))\(deviation) "
      + "(exact, over all sets)."
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
    let mean = (measured == nil ? "predicted mean" : "measured mean") + deviations
    var notes = [
      isWhole
        ? "No neuron can go: with one fewer the \(mean) of random sets rises by more than "
          + "\(short(tolerance.allowed)). The file holds the whole network."
        : "\(tolerance.kept) of \(tolerance.of) neurons are the fewest whose \(mean) rises by at most "
          + "\(short(tolerance.allowed))."
    ]
    if let enough = tolerance.greedyKept, enough < tolerance.kept {
      notes.append(
        "Selected greedily, \(isWhole ? "though, " : "")\(enough) stay within that on the selection (--keep-count \(enough))."
      )
    }
    if !tolerance.isWithin {
      notes.append(
        "These neurons raise the selection loss by \(short(tolerance.rise)), more than the tolerance, "
          + "which the prediction holds for random sets: keep more (--keep-count).")
    } else if !isWhole {
      notes.append("Those kept raise the selection loss by \(short(tolerance.rise)).")
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
