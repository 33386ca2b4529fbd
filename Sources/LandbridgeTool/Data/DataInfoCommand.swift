import ArgumentParser
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Reports

struct DataInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Say what data, or a model, hold.",
    discussion: """
      Of a model (safetensors, an index of shards, or npz without arrays x and y): its layers in \
      order, what else is in the file and why that is no layer, and what --layers could select.

        landbridge data info digits
        landbridge data info model.safetensors --layers classifier
      """)

  @Argument(help: ArgumentHelp("Data as after --data, or a model file.", valueName: "spec"))
  var data: String

  @Option(
    help: ArgumentHelp("Of a model: only layers whose names begin so.", valueName: "prefix,…"),
    transform: parsePrefixes)
  var layers: [String]?

  @Option(help: "How results are printed.")
  var format = OutputFormat.text

  private struct Info: Encodable {
    var data: DataSpecification
    var rows: SampleRows
    /// Of a table: which columns were taken for what.
    var columns: String?
    var samples: Int
    var inputs: Int
    var outputs: Int
    var isClassification: Bool
    /// How many samples each class has.
    var classes: [Int]?
    var smallestInput: Double
    var largestInput: Double
    var meanInput: Double
  }

  func run() throws {
    if isModel, let listing = try ModelListing(data, selecting: layers) {
      return try listing.results().emit(format)
    }
    let data = try DataSpecification(parsing: data)
    guard layers == nil else { throw ValidationError("--layers: \(data) is no model") }
    let selected: SelectedSamples<Float> = try data.measured()
    let samples = selected.samples
    let values = samples.inputs.elements
    let info = Info(
      data: data, rows: selected.rows, columns: selected.note, samples: samples.count,
      inputs: samples.inputDimension,
      outputs: samples.outputDimension, isClassification: samples.isClassification,
      classes: samples.isClassification ? classCounts(samples) : nil,
      smallestInput: Double(values.min() ?? 0), largestInput: Double(values.max() ?? 0),
      meanInput: values.reduce(0) { $0 + Double($1) } / Double(max(values.count, 1)))
    var table = Table(columns: [
      .init("", alignment: .left), .init("value", alignment: .left),
    ])
    table.append(["samples", .text(grouped(info.samples))])
    table.append(["rows", .text("\(info.rows)")])
    if let columns = info.columns { table.append(["columns", .text(columns)]) }
    table.append(["inputs", .text(grouped(info.inputs))])
    table.append(["outputs", .text("\(info.outputs)")])
    if let classes = info.classes {
      table.append([
        "samples of each class", .text(classes.map(String.init).joined(separator: ", ")),
      ])
    } else {
      table.append(["targets", "numbers"])
    }
    table.append([
      "inputs from, to, mean",
      .numbers([info.smallestInput, info.largestInput, info.meanInput]),
    ])
    try Results(json: info, table: table, heading: "\(data)", notes: []).emit(format)
  }

  /// Whether this may be a model: by its ending, or a file that cannot be data by its ending.
  private var isModel: Bool {
    if ModelTensors.isArchive(data) || ModelTensors.isIndex(data) || data.hasSuffix(".safetensors")
    {
      return true
    }
    return (try? DataSpecification(parsing: data)) == nil && FileKind(data) == .other
  }

  private func classCounts(_ samples: Samples<Float>) -> [Int] {
    let classes = samples.outputDimension
    var counts = [Int](repeating: 0, count: max(classes, 2))
    for i in 0..<samples.count {
      let row = samples.targets.row(i)
      let label = classes == 1 ? (row[0] > 0 ? 1 : 0) : row.firstIndex(of: row.max()!)!
      counts[label] += 1
    }
    return counts
  }
}
