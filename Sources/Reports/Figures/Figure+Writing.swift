public import Foundation

extension Figure {
  /// The files of a figure.
  public struct Files: Hashable, Sendable {
    /// The numbers, in full precision, with a header row.
    public let csv: URL
    /// The gnuplot script that draws `svg` from `csv`; `gnuplot NAME.gp` in its directory redraws.
    public let script: URL
    /// The drawing.
    public let svg: URL

    init(_ name: String, in directory: URL) {
      csv = directory.appendingPathComponent(name + ".csv")
      script = directory.appendingPathComponent(name + ".gp")
      svg = directory.appendingPathComponent(name + ".svg")
    }
  }

  /// Writes `NAME.csv`, `NAME.gp` and `NAME.svg`.
  ///
  /// Each file is written beside its place and renamed, so that a reader never finds half of one.
  /// The data and the script are written first: they stay when gnuplot is missing.
  ///
  /// - Parameters:
  ///   - directory: where; made if it does not exist.
  ///   - gnuplot: the program that draws; nil looks in `PATH`.
  /// - Throws: `ReportError` for a figure that cannot be drawn and for a missing or failing
  ///   gnuplot; Foundation's error for a directory that cannot be written.
  @discardableResult
  public func write(into directory: URL, using gnuplot: Gnuplot? = nil) throws -> Files {
    let files = try writeData(into: directory)
    let gnuplot = try gnuplot ?? Gnuplot()
    try svg(.wide, using: gnuplot).write(to: files.svg, options: .atomic)
    return files
  }

  /// Writes `NAME.csv` and `NAME.gp`, for which no gnuplot is needed.
  @discardableResult
  public func writeData(into directory: URL) throws -> Files {
    let data = try checkedData()
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let files = Files(name, in: directory)
    try Data(data.csv.utf8).write(to: files.csv, options: .atomic)
    try Data(script(.wide, data).utf8).write(to: files.script, options: .atomic)
    return files
  }

  /// Draws the figure for a page.
  func svg(_ page: Page, using gnuplot: Gnuplot) throws -> Data {
    let data = try checkedData()
    return try gnuplot.draw(name: name, script: script(page, data), csv: data.csv)
  }

  private func checkedData() throws(ReportError) -> FigureData {
    guard Text.isFileName(name) else { throw .invalidName(name) }
    guard !panels.isEmpty else { throw .noPanels(figure: name) }
    return try FigureData(self)
  }

  private func script(_ page: Page, _ data: FigureData) -> String {
    GnuplotScript(self, layout: FigureLayout(self, page: page), data: data).text
  }
}
