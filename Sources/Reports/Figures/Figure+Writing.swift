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
    try drawing(.wide, using: gnuplot).svg.write(to: files.svg, options: .atomic)
    return files
  }

  /// What ``write(into:using:)`` writes, for somebody else to write: `NAME.csv`, `NAME.gp` and,
  /// where there is a gnuplot, `NAME.svg`.
  package func files(drawnBy gnuplot: Gnuplot?) throws -> [OutputFile] {
    var files = try dataFiles()
    if let gnuplot {
      files.append(OutputFile(name + ".svg", try drawing(.wide, using: gnuplot).svg))
    }
    return files
  }

  /// `NAME.csv` and `NAME.gp`
  func dataFiles() throws -> [OutputFile] {
    let data = try checkedData()
    let script = GnuplotScript(self, layout: FigureLayout(self, page: .wide), data: data).text
    return [
      OutputFile(name + ".csv", Data(data.csv.utf8)),
      OutputFile(name + ".gp", Data(script.utf8)),
    ]
  }

  /// Writes `NAME.csv` and `NAME.gp`, for which no gnuplot is needed.
  @discardableResult
  public func writeData(into directory: URL) throws -> Files {
    let contents = try dataFiles()
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    for file in contents {
      try file.content.write(to: directory.appendingPathComponent(file.name), options: .atomic)
    }
    return Files(name, in: directory)
  }

  /// A drawing and its size in pixels.
  struct Drawing {
    let svg: Data
    let width: Int
    let height: Int
  }

  /// Draws the figure for a page.
  func drawing(_ page: Page, using gnuplot: Gnuplot) throws -> Drawing {
    let data = try checkedData()
    let layout = FigureLayout(self, page: page)
    let script = GnuplotScript(self, layout: layout, data: data).text
    return Drawing(
      svg: try gnuplot.draw(name: name, script: script, csv: data.csv),
      width: Int(layout.width), height: Int(layout.height))
  }

  private func checkedData() throws(ReportError) -> FigureData {
    guard Text.isAnyFileName(name) else { throw .invalidName(name) }
    guard !panels.isEmpty else { throw .noPanels(figure: name) }
    return try FigureData(self)
  }
}

/// A file to be written: its name, relative to some directory, and its content.
package struct OutputFile: Sendable {
  package var name: String
  package var content: Data

  package init(_ name: String, _ content: Data) { (self.name, self.content) = (name, content) }
}
