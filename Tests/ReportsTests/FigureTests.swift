import Foundation
import Reports
import Testing

@Suite struct FigureData {
  @Test func csvHoldsEveryValueInFullPrecision() throws {
    let figure = Figure(
      name: "exact",
      panels: [
        Panel(
          title: "N = 1, all", xAxis: Axis("t"), yAxis: Axis("loss"),
          series: [
            Series(
              "full", .full, x: [0.1, 1, 1e-300], y: [1.0 / 3, .nan, -.infinity],
              band: .init(lower: [0, 1, 2], upper: [1, 2, 3])),
            Series("same x", .dropout, x: [0.1, 1, 1e-300], y: [1, 2, 3]),
            Series(
              "other \"x\"", .dropout, x: [5], y: [6], errorBars: .init(center: [6], halfWidth: [2])
            ),
          ]),
        Panel(xAxis: Axis("t"), yAxis: Axis("loss"), series: [Series("", .full, x: [5], y: [7])]),
      ])
    let csv = try withDirectory { try contents(figure.writeData(into: $0).csv) }
    #expect(
      csv == #"""
        t,"N = 1, all: full","N = 1, all: full, lower","N = 1, all: full, upper",\#
        "N = 1, all: same x","t (N = 1, all: other ""x"")","N = 1, all: other ""x""",\#
        "N = 1, all: other ""x"", low","N = 1, all: other ""x"", high",panel 2: series 1
        0.1,0.3333333333333333,0.0,1.0,1.0,5.0,6.0,4.0,8.0,7.0
        1.0,NaN,1.0,2.0,2.0,,,,,
        1e-300,NaN,2.0,3.0,3.0,,,,,

        """#)
  }

  @Test func scriptReadsTheColumnsOfItsSeries() throws {
    let script = try withDirectory { try contents(Gallery.training.writeData(into: $0).script) }
    #expect(script.contains("set output 'training.svg'"))
    #expect(script.components(separatedBy: "set logscale x 10").count == 4)
    #expect(
      script.contains(
        "'training.csv' using 1:(column(3)):(column(4)) with filledcurves fc rgb '#ff7f0e' fs transparent solid 0.2"
      ))
    #expect(
      script.contains(
        "'training.csv' using 1:2 with linespoints pt 5 ps 0.35 lw 2.0 dt 1 lc rgb '#ff7f0e' title"
      ))
    #expect(
      script.contains(
        "using 1:5 with linespoints pt 7 ps 0.35 lw 2.0 dt (8,5) lc rgb '#1f4e9c' title 'all neurons'"
      ))
    #expect(script.contains("using 1:13 with linespoints"))
    #expect(script.components(separatedBy: "title 'all neurons'").count == 2, "one key")
    #expect(!script.contains("/tmp") && !script.contains("//"))
  }

  @Test func curvesOfOnePanelAreNamedAtTheirEnds() throws {
    let script = try withDirectory { try contents(Gallery.kept.writeData(into: $0).script) }
    #expect(script.contains("unset key"))
    #expect(script.contains("set label 'greedy' at screen"))
    #expect(script.contains("set label 'random subsets' at screen"))
  }

  @Test func knotsNameTheAxis() throws {
    let script = try withDirectory { try contents(Gallery.path.writeData(into: $0).script) }
    #expect(script.contains("('θ' 0.0 0, 'drop' 1.0 0, 'rewrite' 2.0 0, 'switch' 3.0 0"))
    #expect(script.components(separatedBy: "set arrow from first").count == 13)
    let many = try withDirectory { try contents(Gallery.joint.writeData(into: $0).script) }
    #expect(many.contains("rotate by 40 right"))
  }

  @Test func sharedRangeCoversAllPanels() throws {
    var figure = Gallery.six
    figure.sharesY = true
    figure.panels[5].series[0].y = [0.3, 0.2, 7]
    let script = try withDirectory { try contents(figure.writeData(into: $0).script) }
    let ranges = script.split(separator: "\n").filter { $0.hasPrefix("set yrange") }
    #expect(ranges.count == 6)
    #expect(Set(ranges).count == 1)
  }

  @Test func rangesAreSharedByWhatIsMeasured() throws {
    func panel(_ measured: String, _ y: [Double]) -> Panel {
      Panel(
        title: "N = \(y.count)", xAxis: Axis("t"), yAxis: Axis(measured),
        series: [Series("s", .full, x: y, y: y)])
    }
    let figure = Figure(
      name: "shared",
      panels: [panel("loss", [1, 2]), panel("loss", [5]), panel("error", [0.1, 0.2])]
        + [panel("error", [0.4])], columns: 2, sharesY: true)
    let script = try withDirectory { try contents(figure.writeData(into: $0).script) }
    let lines = script.split(separator: "\n")
    let ranges = lines.filter { $0.hasPrefix("set yrange") }
    #expect(ranges[0] == ranges[1] && ranges[2] == ranges[3] && ranges[1] != ranges[2])
    // The left panel of each row names the ticks.
    let named = lines.filter { $0.hasPrefix("set ytics") }.map { !$0.contains("('' ") }
    #expect(named == [true, false, true, false])
  }

  /// Columns of panels that differ in what they measure are named by it.
  @Test func columnsAreNamedByWhatTheyAre() throws {
    func panel(_ title: String?, _ measured: String) -> Panel {
      Panel(
        title: title, xAxis: Axis("M"), yAxis: Axis(measured),
        series: [Series("first", .full, x: [1], y: [2])])
    }
    func header(_ panels: [Panel]) throws -> String {
      let csv = try withDirectory {
        try contents(Figure(name: "names", panels: panels).writeData(into: $0).csv)
      }
      return String(csv.prefix { $0 != "\n" })
    }
    #expect(try header([panel(nil, "loss"), panel(nil, "error")]) == "M,loss: first,error: first")
    #expect(
      try header([panel("N = 1", "loss"), panel("N = 1", "error")])
        == #"M,"loss, N = 1: first","error, N = 1: first""#)
    #expect(
      try header([panel("N = 1", "loss"), panel("N = 2", "loss")])
        == "M,N = 1: first,N = 2: first")
    #expect(
      try header([panel("N = 1", "loss"), panel("N = 1", "loss")])
        == #"M,"panel 1, N = 1: first","panel 2, N = 1: first""#)
    #expect(try header([panel("N = 1", "loss")]) == "M,first")
  }

  private func onWidths(
    _ widths: [Double], _ y: [Double], lower: [Double], upper: [Double]
  ) throws -> [Substring] {
    let axis = Axis("width N", scale: .log10, ticks: widths.map { .init($0) })
    let figure = Figure(
      name: "widths",
      panels: [
        Panel(
          xAxis: axis, yAxis: Axis("change", scale: .log10),
          series: [
            Series(
              "mean", .dropout, x: widths, y: y, errorBars: .init(lower: lower, upper: upper))
          ])
      ])
    let script = try withDirectory { try contents(figure.writeData(into: $0).script) }
    return script.split(separator: "\n")
  }

  @Test func whatIsNotPositiveIsLeftOutWithItsBarAndNamed() throws {
    let lines = try onWidths(
      [50, 100, 200, 400], [0.02, 0.01, 0, -1e-4], lower: [0.01, 1e-18, -1, -1],
      upper: [0.03, 0.02, 0.01, 0.01])
    #expect(lines.contains { $0.contains("'left out, not positive: mean at 200, 400'") })
    #expect(lines.contains { $0.contains("(column(2) > 0 ? ") && $0.contains("with vectors") })
    let range = try #require(lines.first { $0.hasPrefix("set yrange") })
    let low = try #require(Double(range.dropFirst("set yrange [".count).prefix { $0 != ":" }))
    #expect(low > 0.002, "what is near zero does not stretch the axis: \(range)")
    let whole = try onWidths([50, 100], [2, 1], lower: [1, 0.5], upper: [3, 2])
    #expect(!whole.contains { $0.contains("left out") })
  }

  @Test func ticksAreThePositionsUsedAndThinnedWhereTheyCollide() throws {
    let widths = [50.0, 100, 200, 400, 800]
    let lines = try onWidths(widths, widths, lower: widths, upper: widths)
    let ticks = try #require(lines.first { $0.hasPrefix("set xtics") })
    for width in widths { #expect(ticks.contains("'\(Int(width))' \(width) 0")) }
    let many = (1...100).map(Double.init)
    let crowded = try #require(
      try onWidths(many, many, lower: many, upper: many).first { $0.hasPrefix("set xtics") })
    #expect(crowded.contains("'100' 100.0 0") && !crowded.contains(" 99.0 "), "no forest of ticks")
    #expect(crowded.contains("norotate"))
  }

  @Test func namesOfLinesKeepOffCurves() throws {
    func script(_ y: [Double]) throws -> String {
      let figure = Figure(
        name: "line",
        panels: [
          Panel(
            xAxis: Axis("M"), yAxis: Axis("loss"),
            series: [Series("s", .full, x: [0, 1, 2], y: y)],
            annotations: [.horizontalLine(y: 1, label: "all 100")])
        ])
      return try withDirectory { try contents(figure.writeData(into: $0).script) }
    }
    #expect(try script([9, 4, 1]).contains("set label 'all 100' at graph 0.01, first 1.0 left"))
    #expect(try script([1, 4, 9]).contains("set label 'all 100' at graph 0.99, first 1.0 right"))
  }

  @Test func notesStandBelowTheTitle() throws {
    var figure = Gallery.path
    figure.note = "not the official test images"
    let script = try withDirectory { try contents(figure.writeData(into: $0).script) }
    #expect(script.contains("set label 'not the official test images' at screen"))
  }

  @Test func figuresAreCodable() throws {
    let data = try JSONEncoder().encode([Gallery.training, Gallery.path, Gallery.kept])
    let decoded = try JSONDecoder().decode([Figure].self, from: data)
    #expect(decoded == [Gallery.training, Gallery.path, Gallery.kept])
  }
}

@Suite struct FigureErrors {
  @Test(arguments: [
    "", ".", "..", "a/b", "../x", "a\n", "a\0b", String(repeating: "x", count: 251),
  ])
  func namesThatAreNoFileNames(_ name: String) {
    let figure = Figure(name: name, panels: Gallery.kept.panels)
    #expect(throws: ReportError.invalidName(name)) {
      try withDirectory { try figure.writeData(into: $0) }
    }
  }

  @Test func arraysOfDifferentLengths() {
    var figure = Gallery.kept
    figure.panels[0].series[1].y.removeLast()
    let error = ReportError.unequalCounts(
      figure: "kept", panel: 0, series: "greedy", array: "y", count: 39, x: 40)
    #expect(throws: error) { try withDirectory { try figure.writeData(into: $0) } }
    #expect("\(error)".contains("found 39 values of y, expected as many as of x, 40"))
    #expect(throws: ReportError.noPanels(figure: "none")) {
      try withDirectory { try Figure(name: "none", panels: []).writeData(into: $0) }
    }
  }

  @Test func missingGnuplotNamesThePackage() throws {
    let error = #expect(throws: ReportError.self) { try Gnuplot(searchPath: "/nonexistent:/") }
    #expect(error == .gnuplotMissing(searched: "/nonexistent:/"))
    #expect("\(try #require(error))".contains("apt-get install gnuplot-nox"))
  }

  @Test func failingGnuplotSaysWhatItSaid() throws {
    try withDirectory { directory in
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      let bin = directory.appendingPathComponent("bin")
      try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
      let program = bin.appendingPathComponent("gnuplot")
      try Data("#!/bin/sh\necho out of paper >&2\nexit 3\n".utf8).write(to: program)
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: program.path)
      let gnuplot = try Gnuplot(searchPath: "/nonexistent:" + bin.path)
      #expect(
        throws: ReportError.gnuplotFailed(script: "kept.gp", status: 3, message: "out of paper\n")
      ) { try Gallery.kept.write(into: directory.appendingPathComponent("failed"), using: gnuplot) }
      let data = directory.appendingPathComponent("failed/kept.csv")
      #expect(FileManager.default.fileExists(atPath: data.path))
    }
  }
}

@Suite(.enabled(if: hasGnuplot, needsGnuplot)) struct FigureDrawings {
  @Test(arguments: Gallery.all) func drawnWellFormed(_ figure: Figure) throws {
    try withDirectory { directory in
      let files = try figure.write(into: directory)
      let svg = XMLContents(try Data(contentsOf: files.svg))
      #expect(svg.elements["script"] == nil)
      #expect(svg.elements["path", default: 0] > figure.panels.count)
      #expect(!(try contents(files.svg)).contains("scale(0.00)"))
    }
  }

  @Test(arguments: [Gallery.path, Gallery.hostile])
  func scriptRedrawsWhereItStands(_ figure: Figure) throws {
    try withDirectory { directory in
      let directory = directory.appendingPathComponent("redrawn-" + figure.name)
      let files = try figure.write(into: directory)
      let svg = try Data(contentsOf: files.svg)
      try FileManager.default.removeItem(at: files.svg)
      let process = Process()
      process.executableURL = try Gnuplot().executable
      process.arguments = ["--default-settings", files.script.lastPathComponent]
      process.currentDirectoryURL = directory
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      #expect(try Data(contentsOf: files.svg) == svg)
      let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
      #expect(names == ["csv", "gp", "svg"].map { "\(figure.name).\($0)" }, "nothing else ran")
    }
  }

  @Test func hostileTextStaysText() throws {
    try withDirectory { directory in
      let files = try Gallery.hostile.write(into: directory)
      let svg = XMLContents(try Data(contentsOf: files.svg))
      #expect(svg.text.contains("a’b`touch PWNED`\"$(touch PWNED)\" @x"))
      #expect(svg.text.contains("θ′ L_N x^2 {a} \\"))
      #expect(svg.text.contains("’\u{301}`x`"))
    }
  }

  @Test func whatHasNoPlaceIsLeftOut() throws {
    try withDirectory { directory in
      let svg = XMLContents(try Data(contentsOf: Gallery.degenerate.write(into: directory).svg))
      #expect(svg.text.components(separatedBy: "no data to show").count == 3)
      #expect(svg.text.contains("mixed") && !svg.text.contains("none"))
      let script = try contents(Gallery.degenerate.writeData(into: directory).script)
      #expect(script.contains("(column(7) <= ") && !script.contains("inf"))
    }
  }
}
