import Foundation
import LinearAlgebra
import Testing

/// A page of the documentation, with the commands and outputs pasted into it.
struct Page {
  /// The lines between two fences.
  struct Block {
    /// What stands behind the opening fence.
    var language: String
    var lines: Range<Int>
  }

  let url: URL
  var lines: [String]

  init(_ name: String) throws {
    url = Repository.root.appending(path: name)
    lines = try String(contentsOf: url, encoding: .utf8).components(separatedBy: "\n")
  }

  var blocks: [Block] {
    var found: [Block] = []
    var opened: Int?
    for (i, line) in lines.enumerated() where line.hasPrefix("```") {
      if let start = opened {
        found.append(Block(language: String(lines[start].dropFirst(3)), lines: start + 1..<i))
        opened = nil
      } else {
        opened = i
      }
    }
    return found
  }

  func text(_ block: Block) -> String { lines[block.lines].joined(separator: "\n") + "\n" }

  /// The commands of a console with their outputs, in order.
  func commands(_ block: Block) -> [(command: String, output: String)] {
    var found: [(command: String, output: String)] = []
    for line in lines[block.lines] {
      if line.hasPrefix("$ ") {
        found.append((String(line.dropFirst(2)), ""))
      } else if !found.isEmpty {
        found[found.count - 1].output += line + "\n"
      }
    }
    return found
  }

  mutating func replace(_ block: Block, by text: String) {
    let new = text.hasSuffix("\n") ? String(text.dropLast()) : text
    lines.replaceSubrange(block.lines, with: new.components(separatedBy: "\n"))
  }

  func write() throws {
    try lines.joined(separator: "\n").write(to: url, atomically: true, encoding: .utf8)
  }
}

/// Text as it must be printed anywhere: without the speed of the machine and where lines break, and
/// without digits where there is no fused multiply-add.
func words(_ text: String) -> String {
  guard hasFusedMultiplyAdd else { return outline(text) }
  return text.replacing(/[0-9.e+]+ steps\/s/, with: "# steps/s")
    .split(whereSeparator: \.isWhitespace).joined(separator: " ")
}

/// Text without the digits of numbers and of hashes, the width of columns and where lines break.
func outline(_ text: String) -> String {
  text.replacing(#/\b[0-9a-f]{16,64}\b/#, with: "#")
    .replacing(#/[0-9]+([.,\u{202F} ][0-9]+)*(e[+-]?[0-9]+)?/#, with: "#")
    .replacing(#/─+/#, with: "─")
    .split(whereSeparator: \.isWhitespace).joined(separator: " ")
}
