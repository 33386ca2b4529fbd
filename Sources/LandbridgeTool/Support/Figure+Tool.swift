import DataFormats
import Foundation
import Reports

extension Figure {
  /// The name of a figure in a path that ends in `.svg`, and the directory.
  static func place(_ path: String) -> (directory: String, name: String) {
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    return (parentDirectory(of: path), String(name.dropLast(".svg".count)))
  }

  /// Writes the drawing, its data and its script, all or none of them; where gnuplot is missing,
  /// data and script, and says so.
  func writeOrWarn(into directory: String, quiet: Bool) throws {
    try withGnuplot { gnuplot in
      let files = try files(drawnBy: gnuplot)
      try writeAtomically(files.map { (directory + "/" + $0.name, $0.content) })
      guard gnuplot == nil else { return }
      // An earlier drawing would show other data than lie beside it.
      unsafe unlink("\(directory)/\(name).svg")
      if !quiet { Messages.error("\(name).svg not drawn: \(missingGnuplot)") }
    }
  }
}

/// Runs `body` with gnuplot, or with `nil` where there is none.
func withGnuplot<Result>(_ body: (Gnuplot?) throws -> Result) throws -> Result {
  guard var gnuplot = try? Gnuplot() else { return try body(nil) }
  let place = NSTemporaryDirectory() + "landbridge-figures"
  let scratch = try TemporaryFiles.createDirectory(for: place, permissions: 0o700, path: place)
  defer { TemporaryFiles.discard(scratch) }
  gnuplot.workingDirectory = URL(filePath: scratch, directoryHint: .isDirectory)
  return try body(gnuplot)
}

/// What to do where gnuplot is missing.
var missingGnuplot: String {
  do {
    _ = try Gnuplot()
    return ""
  } catch { return "\(error); “gnuplot NAME.gp” beside the data then draws it" }
}
