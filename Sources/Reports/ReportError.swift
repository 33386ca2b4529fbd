public import Foundation

/// Why a figure or a report could not be written.
public enum ReportError: Error, Equatable, CustomStringConvertible, LocalizedError {
  /// A name that cannot be the stem of a file.
  case invalidName(String)
  /// A figure without panels.
  case noPanels(figure: String)
  /// A series whose arrays differ in length.
  case unequalCounts(figure: String, panel: Int, series: String, array: String, count: Int, x: Int)
  /// Two figures or tables of a report with one name.
  case repeatedName(String)
  /// No gnuplot at the places searched.
  case gnuplotMissing(searched: String)
  /// gnuplot ended with an error, or drew nothing.
  case gnuplotFailed(script: String, status: Int32, message: String)

  public var description: String {
    switch self {
    case .invalidName(let name):
      "the name “\(Text.clean(name, limit: 60))” cannot name a file: expected one part of a path on "
        + "one line, of at most 250 bytes; in a report letters, digits, “.”, “_” and “-” alone, "
        + "at most 100, the first a letter or digit"
    case .noPanels(let figure):
      "figure \(figure): found no panels, expected at least one"
    case .unequalCounts(let figure, let panel, let series, let array, let count, let x):
      "figure \(figure), panel \(panel + 1), series “\(Text.clean(series, limit: 60))”: "
        + "found \(count) values of \(array), expected as many as of x, \(x)"
    case .repeatedName(let name):
      "the name \(Text.clean(name, limit: 100)) is used by more than one figure or table of the "
        + "report; expected different names, since each names files"
    case .gnuplotMissing(let searched):
      "gnuplot is needed to draw figures and was not found (searched \(searched)): install it with "
        + "“sudo apt-get install gnuplot-nox” (Debian, Ubuntu) or “brew install gnuplot” (macOS)"
    case .gnuplotFailed(let script, let status, let message):
      "gnuplot could not draw \(script) (exit status \(status)): "
        + Text.clean(message, limit: 400)
    }
  }

  public var errorDescription: String? { description }
}
