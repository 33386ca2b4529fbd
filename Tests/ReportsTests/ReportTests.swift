import Foundation
import Reports
import Testing

@Suite struct ReportTests {
  static let hostile = "\"\u{301} onload=alert(1) x='<script>alert(2)</script>&amp;{{title}}"

  static let report = Report(
    title: "Dropout stability and connectivity",
    summary: "Half of 1600 neurons can be dropped at a cost of 0.7 % of the loss, and two "
      + "solutions are joined by a path whose exact barrier is 0.004.",
    date: "24 November 2026", version: "0.1.0",
    sections: [
      ReportSection(
        "Dropout stability",
        [
          .prose(
            "Networks of three widths were trained by online SGD, twenty trials each. The wider "
              + "the network, the closer the loss of half of it stays to the loss of the whole."),
          .keyNumbers([
            KeyNumber("−0.99 ± 0.02", "slope of |ΔL| against N", detail: "theory: −1"),
            KeyNumber("0.0041", "barrier at N = 1600", detail: "exact"),
            KeyNumber("20", "trials per width"),
            KeyNumber("3.4 µs", "time per step"),
          ]),
          .figure(Gallery.training), .figure(Gallery.change), .figure(Gallery.kept),
        ]),
      ReportSection(
        "Connectivity",
        [
          .figure(Gallery.path), .figure(Gallery.barrier),
          .table(TableTests.table, title: "Claims and verdicts", name: "claims"),
        ]),
      ReportSection(
        "Layers", [.figure(Gallery.six), .figure(Gallery.crowded), .figure(Gallery.joint)]),
    ], configuration: "{\n  \"seed\" : 1,\n  \"widths\" : [100, 400, 1600]\n}")

  static let plain = Report(
    title: hostile, summary: hostile, version: hostile,
    sections: [
      ReportSection(
        hostile,
        [
          .prose(hostile), .keyNumbers([KeyNumber(hostile, hostile)]),
          .table(
            Table(columns: [.init(hostile, alignment: .left)], rows: [[.text(hostile)]]),
            title: hostile),
        ])
    ], configuration: hostile)

  @Test func textIsNeverMarkup() throws {
    try withDirectory { directory in
      let page = try contents(Self.plain.write(into: directory.appendingPathComponent("hostile")))
      #expect(!page.contains("<script"))
      #expect(Data(page.utf8).range(of: Data("\"\u{301}".utf8)) == nil, "a quote hidden in a mark")
      #expect(page.contains("&quot;\u{301} onload=alert(1) x=&#39;&lt;script&gt;"))
      #expect(page.contains("&amp;amp;{{title}}"))
      #expect(page.components(separatedBy: "&lt;script&gt;").count == 13)
    }
  }

  @Test func groupsOfDigitsStayOnOneLine() throws {
    try withDirectory { directory in
      let report = Report(
        title: "t", summary: "s", version: "1",
        sections: [.init("h", [.prose("1 of 1 200 000 samples, 12 trials, 3 of 1000")])])
      let page = try contents(report.write(into: directory.appendingPathComponent("digits")))
      #expect(page.contains("<p>1 of 1\u{A0}200\u{A0}000 samples, 12 trials, 3 of 1000</p>"))
    }
  }

  @Test func optionalPartsAreLeftOut() throws {
    try withDirectory { directory in
      let report = Report(title: "t", summary: "s", version: "1", sections: [.init("h", [])])
      let page = try contents(report.write(into: directory.appendingPathComponent("empty")))
      for part in ["<nav", "<details", "class=\"date\"", "<figure", "<table", "gnuplot"] {
        #expect(!page.contains(part), "\(part)")
      }
      #expect(page.hasPrefix("<!doctype html>") || page.hasPrefix("\n<!doctype html>"))
    }
  }

  @Test func namesAreFileNamesUsedOnce() throws {
    let twice = Report(
      title: "", summary: "", version: "",
      sections: [.init("", [.figure(Gallery.kept), .figure(Gallery.kept)])])
    #expect(throws: ReportError.repeatedName("kept")) {
      try withDirectory { try twice.write(into: $0) }
    }
    let outside = Report(
      title: "", summary: "", version: "",
      sections: [.init("", [.table(Table(columns: []), name: "../x")])])
    #expect(throws: ReportError.invalidName("../x")) {
      try withDirectory { try outside.write(into: $0) }
    }
  }

  @Test(.enabled(if: hasGnuplot, needsGnuplot)) func pageHoldsItsFigures() throws {
    try withDirectory { directory in
      let directory = directory.appendingPathComponent("report")
      let page = try contents(Self.report.write(into: directory))
      #expect(page == (try contents(Self.report.write(into: directory))), "the same twice")
      #expect(!page.contains("http:") && !page.contains("https:") && !page.contains("<script"))
      #expect(page.components(separatedBy: "<img src=\"data:image/svg+xml;base64,").count == 9)

      let drawings = page.components(separatedBy: "base64,").dropFirst().map { part in
        Data(base64Encoded: String(part.prefix { $0 != "\"" }))
      }
      #expect(drawings.count == 16)
      for drawing in drawings { _ = XMLContents(try #require(drawing)) }

      let wide = try Data(contentsOf: directory.appendingPathComponent("figures/path.svg"))
      #expect(drawings.contains(wide))
      let narrow = try #require(drawings[0])
      let box = try #require(XMLContents(narrow).attributes["viewBox"]?.first)
      #expect(box.split(separator: " ")[2] == "400")

      for link in page.components(separatedBy: "href=\"").dropFirst() where !link.hasPrefix("#") {
        let file = directory.appendingPathComponent(String(link.prefix { $0 != "\"" }))
        #expect(FileManager.default.fileExists(atPath: file.path), "\(file.lastPathComponent)")
      }
    }
  }
}
