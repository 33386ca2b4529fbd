public import Foundation
import Mustache

extension Report {
  /// Writes `report.html` with the files it links to: `figures/NAME.svg`, `.csv` and `.gp`, and
  /// `tables/NAME.csv`.
  ///
  /// The page holds its figures and its style and needs neither a network nor the files beside it.
  /// Without gnuplot it says how to draw them from the data and scripts, which are written anyway.
  ///
  /// - Parameters:
  ///   - directory: where; made if it does not exist.
  ///   - gnuplot: the program that draws; nil looks in `PATH`.
  /// - Returns: where the page is.
  /// - Throws: `ReportError`, or Foundation's error for a directory that cannot be written.
  @discardableResult
  public func write(into directory: URL, using gnuplot: Gnuplot? = nil) throws -> URL {
    for file in try files(drawnBy: gnuplot ?? (try? Gnuplot())) {
      let url = directory.appendingPathComponent(file.name)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try file.content.write(to: url, options: .atomic)
    }
    return directory.appendingPathComponent("report.html")
  }

  /// What ``write(into:using:)`` writes, for somebody else to write; the page comes last.
  package func files(drawnBy gnuplot: Gnuplot?) throws -> [OutputFile] {
    try checkNames()
    var files: [OutputFile] = []
    var drawings: [String: Drawings] = [:]
    for figure in figures {
      var parts = try figure.dataFiles()
      if let gnuplot {
        let drawing = Drawings(
          wide: try figure.drawing(.wide, using: gnuplot),
          narrow: try figure.drawing(.narrow, using: gnuplot))
        parts.append(OutputFile(figure.name + ".svg", drawing.wide.svg))
        drawings[figure.name] = drawing
      }
      files += parts.map { OutputFile("figures/" + $0.name, $0.content) }
    }
    for (name, table) in namedTables {
      files.append(OutputFile("tables/\(name).csv", Data(table.csv.utf8)))
    }
    return files + [OutputFile("report.html", Data(try html(drawings).utf8))]
  }

  private func checkNames() throws(ReportError) {
    for names in [figures.map(\.name), namedTables.map(\.name)] {
      var seen: Set<String> = []
      for name in names {
        guard Text.isFileName(name) else { throw .invalidName(name) }
        guard seen.insert(name.lowercased()).inserted else { throw .repeatedName(name) }
      }
    }
  }

  /// A figure drawn for the desktop and for the telephone.
  struct Drawings {
    let wide: Figure.Drawing
    let narrow: Figure.Drawing
  }

  private func html(_ drawings: [String: Drawings]) throws -> String {
    MustacheContentTypes.register(HTMLText(), named: "LANDBRIDGE_HTML")
    let template = try MustacheTemplate(
      string: String(decoding: PackageResources.report_mustache, as: UTF8.self))
    return template.render(
      [
        "title": title, "summary": summary, "version": version, "date": date ?? false,
        "style": String(decoding: PackageResources.report_css, as: UTF8.self),
        "configuration": configuration ?? false,
        "contents": sections.count > 2,
        "hasFigures": !figures.isEmpty,
        "sections": sections.enumerated().map { number, section in
          [
            "heading": section.heading, "anchor": "section-\(number + 1)",
            "blocks": section.blocks.map { $0.context(drawings) },
          ] as [String: Any]
        },
      ] as [String: Any])
  }
}

extension ReportSection.Block {
  /// What the template needs; every key is present, since Mustache would look for a missing one in
  /// the surroundings.
  fileprivate func context(_ drawings: [String: Report.Drawings]) -> [String: Any] {
    var context: [String: Any] = [
      "prose": false, "cards": false, "figure": false, "table": false,
    ]
    switch self {
    case .prose(let text): context["prose"] = ["text": Text.unbroken(text)]
    case .keyNumbers(let numbers):
      context["cards"] = [
        "cards": numbers.map {
          [
            "value": Text.unbroken($0.value), "label": Text.unbroken($0.label),
            "detail": $0.detail.map(Text.unbroken) ?? false,
          ] as [String: Any]
        }
      ]
    case .figure(let figure):
      let description = [figure.title, figure.caption].compactMap(\.self).first { !$0.isEmpty }
      var values: [String: Any] = [
        "name": figure.name, "caption": Text.unbroken(figure.caption),
        "alt": description ?? figure.name,
        "drawn": false,
      ]
      if let drawing = drawings[figure.name] {
        values["drawn"] = ["wide": drawing.wide.image, "narrow": drawing.narrow.image]
      }
      context["figure"] = values
    case .table(let table, let title, let name): context["table"] = table.context(title, name)
    }
    return context
  }
}

extension Figure.Drawing {
  /// An image the page itself holds. As an image, not as markup: the identifiers gnuplot gives to
  /// parts of a drawing are the same in every drawing and would collide in one page.
  fileprivate var image: [String: Any] {
    [
      "address": "data:image/svg+xml;base64," + svg.base64EncodedString(), "width": width,
      "height": height,
    ]
  }
}

extension Table {
  fileprivate func context(_ title: String?, _ name: String?) -> [String: Any] {
    func cell(_ text: String, _ column: Column) -> [String: Any] {
      ["text": text, "number": column.alignment == .right]
    }
    return [
      "title": title ?? false, "file": name ?? false, "captioned": title != nil || name != nil,
      "head": columns.map { cell($0.heading, $0) },
      "rows": rows.map { row in ["cells": zip(row, columns).map { cell($0.html, $1) }] },
    ]
  }
}

extension Table.Cell {
  fileprivate var html: String {
    if case .number = self { Text.typographic(text) } else { text }
  }
}

/// Text in HTML and in its quoted attributes.
///
/// Mustache's own escaping goes by `Character` and misses a quote followed by a combining mark.
struct HTMLText: MustacheContentType {
  func escapeText(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      default:
        if !Text.endsLine(scalar) { result.unicodeScalars.append(scalar) }
      }
    }
    return result
  }
}
