extension Table {
  /// The table as aligned text, each line ended by a newline.
  ///
  /// Columns are two spaces apart. Where the table would be wider than `width`, the widest columns
  /// of text are narrowed and their cells wrapped; numbers are never broken, so a table of many
  /// numbers can still be wider. Control characters of cells are not passed on to the terminal.
  ///
  /// - Parameter width: the columns of the terminal.
  public func text(width: Int = 80) -> String {
    guard !columns.isEmpty else { return "" }
    let headings = columns.map(\.heading)
    let cells = rows.map { $0.map(\.text) }
    let widths = fittedWidths(headings, cells, width: width)
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    let head = lines(headings, widths)
    return (head + [rule] + cells.flatMap { lines($0, widths) }).map { $0 + "\n" }.joined()
  }

  private func fittedWidths(_ headings: [String], _ cells: [[String]], width: Int) -> [Int] {
    func longest(_ texts: [String]) -> Int { texts.map { Text.columns(of: $0) }.max() ?? 0 }
    func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
    let contents = columns.indices.map { c in cells.map { $0[c] } }
    let least = columns.indices.map { c in
      // Headings and text wrap at spaces; a number stays whole.
      let isText = rows.contains { if case .text = $0[c] { true } else { false } }
      let body = isText ? min(longest(contents[c].flatMap(words)), 16) : longest(contents[c])
      return max(body, min(longest(words(headings[c])), 16), 1)
    }
    var widths = columns.indices.map { c in
      max(longest([headings[c]]), longest(contents[c]), least[c])
    }
    var excess = widths.reduce(0, +) + 2 * (widths.count - 1) - width
    while excess > 0 {
      let shrinkable = widths.indices.filter { widths[$0] > least[$0] }
      guard let widest = shrinkable.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }

  /// The lines of one row.
  private func lines(_ cells: [String], _ widths: [Int]) -> [String] {
    let wrapped = zip(cells, widths).map { Text.wrap($0, columns: $1) }
    return (0..<(wrapped.map(\.count).max() ?? 0)).map { line in
      var text = ""
      for (c, width) in widths.enumerated() {
        let part = wrapped[c].indices.contains(line) ? wrapped[c][line] : ""
        let space = String(repeating: " ", count: max(width - Text.columns(of: part), 0))
        text += (c > 0 ? "  " : "") + (columns[c].alignment == .left ? part + space : space + part)
      }
      while text.last == " " { text.removeLast() }
      return text
    }
  }
}
