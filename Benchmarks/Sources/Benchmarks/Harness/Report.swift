import Foundation
import Reports

/// Everything one run of the harness found; also the format of a stored baseline.
struct BenchmarkReport: Codable {
  var machine: Machine
  var rates: Rates
  var rows: [Row]

  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    var data = try encoder.encode(self)
    data.append(contentsOf: "\n".utf8)
    try data.write(to: URL(filePath: path), options: .atomic)
  }

  static func read(_ path: String) throws -> BenchmarkReport {
    try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(filePath: path)))
  }
}

/// How a row compares with the row of the same name in a stored report.
struct BaselineComparison {
  /// > 1: more expensive than then. Times of arithmetic are multiplied by the sgemm rate on one
  /// thread of their own run first, so that a faster machine alone changes nothing.
  var ratio: Double
  /// Whether the quartiles of both lie apart by more than 10 %, so that noise is no explanation.
  var isWorse: Bool

  init?(_ row: Row, of report: BenchmarkReport, baseline: BenchmarkReport) {
    guard let old = baseline.rows.first(where: { $0.key == row.key }), old.unit == row.unit,
      let rate = report.rates.sgemm[1], let oldRate = baseline.rates.sgemm[1]
    else { return nil }
    let factor = row.unit.isArithmetic ? rate / oldRate : 1
    ratio = row.value.median / old.value.median * factor
    isWorse = row.value.lowerQuartile * factor > 1.1 * old.value.upperQuartile
  }
}

extension BenchmarkReport {
  /// The rows of one suite.
  func table(suite: String, baseline: BenchmarkReport?) -> Table {
    var columns: [Table.Column] = [
      .init(suite, alignment: .left), .init("threads"), .init("median"),
      .init("unit", alignment: .left), .init("IQR"),
    ]
    if baseline != nil { columns.append(.init("÷ baseline")) }
    columns.append(.init("ratios", alignment: .left))
    var table = Table(columns: columns)
    for row in rows where row.suite == suite {
      var cells: [Table.Cell] = [
        .text(row.work), .integer(row.threads), .number(row.value.median, digits: 3),
        .text(row.unit.rawValue), .text("\(Int((100 * row.value.spread).rounded())) %"),
      ]
      if let baseline {
        let comparison = BaselineComparison(row, of: self, baseline: baseline)
        cells.append(
          comparison.map { .text(short($0.ratio) + ($0.isWorse ? " worse" : "")) } ?? .missing)
      }
      cells.append(.text(row.ratios.map(\.text).joined(separator: "; ")))
      table.append(cells)
    }
    return table
  }
}

/// Three significant digits.
func short(_ value: Double) -> String {
  if value == 0 || !value.isFinite { return "\(value)" }
  let digits = max(0, 2 - Int(Foundation.log10(abs(value)).rounded(.down)))
  return String(format: "%.\(digits)f", value)
}

func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
