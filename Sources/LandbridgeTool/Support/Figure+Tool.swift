import Foundation
import Reports

extension Figure {
  /// Writes the figure; where gnuplot is missing, its data and script, and says so.
  func writeOrWarn(into directory: URL, quiet: Bool) throws {
    do {
      try write(into: directory)
    } catch let error as ReportError {
      guard case .gnuplotMissing = error else { throw error }
      if !quiet { Messages.error("\(name).svg not drawn: \(error)") }
    }
  }
}
