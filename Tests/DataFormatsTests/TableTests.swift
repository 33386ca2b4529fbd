import DataFormats
import Foundation
import LinearAlgebra
import Testing

@Suite("CSV, gzip and the built-in digits")
struct TableTests {
  func read(_ text: String, header: CSVHeader = .detect, nonFinite: Bool = false) throws
    -> NumericTable
  {
    try readCSV(bytes: Data(text.utf8), path: "t.csv", header: header, allowsNonFinite: nonFinite)
  }

  func rows(_ table: NumericTable) -> [[Double]] {
    (0..<table.values.rows).map { table.values.row($0) }
  }

  @Test(
    "Separators, line ends, comments, quotes and headers",
    arguments: [
      ("1,2\n3,4\n", nil), ("1;2\r\n3;4", nil), ("1\t2\r3\t4\r", nil), ("  1   2 \n 3 4\n\n", nil),
      ("a,b\n1,2\n3,4\n", ["a", "b"]), ("\u{FEFF}x;\"y;\"\"z\"\n1;2\n3;4\n", ["x", "y;\"z"]),
      ("# made by hand\n\n 1 , 2\n  # more\n\"3\",\" 4 \"\n".replacing(" 4 ", with: "4"), nil),
      ("\ta\n1\t2\n3\t4", ["", "a"]), ("0,1,label\n1,2,3\n", ["0", "1", "label"]),
      ("\"a\nb\",c\n1,2\n3,4", ["a\nb", "c"]), ("1e0,+2\n3.,.4e1", nil),
    ] as [(String, [String]?)])
  func dialects(_ text: String, _ header: [String]?) throws {
    let table = try read(text)
    #expect(table.header == header)
    #expect(rows(table) == (header?.count == 3 ? [[1, 2, 3]] : [[1, 2], [3, 4]]))
  }

  @Test("Numbers are rounded as Swift rounds them")
  func numbers() throws {
    var generator = SplitMix(state: 5)
    var texts = [
      "0", "-0", "0.1", "-.5", "5.", "999999999999999", "0.000000000000001", "9007199254740993",
      "123456789012345.6", "1e23", "2.2250738585072011e-308", "5e-324", "1.7976931348623157e308",
      "00012", "1E5", "1e-5",
    ]
    for _ in 0..<20_000 {
      let digits = Int.random(in: 0..<1_000_000_000_000_000, using: &generator)
      let point = Int.random(in: 1...15, using: &generator)
      var text = "\(digits)"
      if text.count > point { text.insert(".", at: text.index(text.startIndex, offsetBy: point)) }
      texts.append(text)
    }
    let values = try read(texts.joined(separator: "\n")).values.elements
    for (text, value) in zip(texts, values) {
      let expected = Double(text.hasSuffix(".") ? text + "0" : text) ?? .nan
      #expect(value.bitPattern == expected.bitPattern, "\(text)")
    }
  }

  @Test("What is written reads back bit for bit")
  func roundTrip() throws {
    var generator = SplitMix(state: 6)
    var values = (0..<3000).map { _ in Double(bitPattern: generator.next()) }
      .filter { $0.isFinite }
    values = Array(values.prefix(2001))
    let table = NumericTable(
      header: ["a,b", "\"q\"", " c\n"], values: Matrix(rows: 667, columns: 3, values))
    try withTemporaryDirectory { directory in
      try writeCSV(table, to: directory + "/a.csv")
      let back = try readCSV(directory + "/a.csv")
      #expect(back.header == table.header)
      #expect(back.values.elements.map(\.bitPattern) == values.map(\.bitPattern))
      let compressed = directory + "/b"
      try writeAtomically(to: compressed) { try $0.write(gzip(readFile(directory + "/a.csv"))) }
      #expect(try readCSV(compressed) == back)
    }
  }

  @Test("NaN and infinities are values only where the caller says so")
  func nonFinite() throws {
    let text = "1,2\n-inf,NaN\n"
    let values = try read(text, nonFinite: true).values
    #expect(values[1, 0] == -.infinity && values[1, 1].isNaN)
    expectRefusal(Data(text.utf8), "line 2, column 1: found \"-inf\"") {
      try readCSV(bytes: $0, path: "t.csv")
    }
    for number in ["nan", "inf", "1e999"] {
      #expect(throws: FormatError.self) { try read("1\n\(number)") }
    }
  }

  @Test("Errors name line and column")
  func refusals() throws {
    let cases = [
      ("", "no rows"), ("\n\n# x\n", "no rows"), ("a,b\n", "no rows"),
      ("1,2\n3\n", "line 2: found 1 fields, expected 2"),
      ("1,2\n3,4,5\n", "line 2: found 3 fields"),
      ("1,2\n3,x\n", "line 2, column 2: found \"x\""), ("1,2\n3,\n", "line 2, column 2: found an"),
      ("1,x\n2,3", "line 1, column 2: found \"x\""), ("5,,6\n1,2,3", "line 1, column 2"),
      ("1\n\"2", "line 2, column 1: found a quote that is never closed"),
      ("1,2\n\"3\"x,4", "line 2, column 1"), ("1;2\n1,5;2", "line 2, column 1: found \"1,5\""),
      ("1\n0x10\n", "\"0x10\""), ("1\nnan(7)\n", "\"nan(7)\""), ("1\n\u{0}\n", "line 2, column 1"),
      ("1\n" + String(repeating: "1", count: 5000), "line 2"), ("1\n--2", "--2"),
      ("1\n1.2.3", "1.2.3"),
      ("1\n.", "\".\""), ("1\n-", "\"-\""), ("1\n1e", "1e"), ("\"a\nb\"\n1\nx", "line 4"),
    ]
    for (text, words) in cases {
      expectRefusal(Data(text.utf8), "t.csv: ", words) { try readCSV(bytes: $0, path: "t.csv") }
    }
    #expect(throws: FormatError.self) { try read("a\n1", header: .absent) }
    #expect(try read("1\n2", header: .present).header == ["1"])
  }

  @Test("A row of millions of fields takes time and memory in proportion")
  func wide() throws {
    let columns = 2_000_000
    let text = String(repeating: "7,", count: columns - 1) + "7"
    #expect(try read(text).values.columns == columns)
  }

  @Test("gzip: members, padding, limits, damage")
  func gzipFiles() throws {
    let content = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7 * $0) })
    func unzip(_ data: Data, limit: Int = 1 << 20) throws -> Data {
      try decompressed(data, path: "f.gz", limit: limit)
    }
    for level in [1, 6, 9] {
      #expect(try unzip(gzip(content, level: level)) == content)
    }
    #expect(gzip(content) == gzip(content))
    #expect(try unzip(gzip(Data())) == Data())
    let half = content.count / 2
    let members = gzip(content.prefix(half)) + gzip(Data()) + gzip(content.dropFirst(half))
    #expect(try unzip(members) == content)
    #expect(try unzip(gzip(content) + Data(count: 512)) == content)
    #expect(try unzip(gzip(content), limit: content.count) == content)
    // A view that does not begin at index 0.
    #expect(try unzip((Data([9]) + gzip(content)).dropFirst()) == content)
    let limit = content.count - 1
    expectRefusal(gzip(content), "more than \(limit) bytes") { try unzip($0, limit: limit) }
    expectRefusal(gzip(Data(count: 50 << 20)), "more than 1048576") { try unzip($0) }
    expectRefusal(gzip(content) + [1, 2], "2 bytes after the end") { try unzip($0) }
    expectRefusal(gzip(content).dropLast(), "end of the file") { try unzip($0) }
    var damaged = gzip(content)
    damaged[damaged.count - 6] ^= 1
    expectRefusal(damaged, "incorrect data check") { try unzip($0) }
  }

  @Test("The built-in digits are those of scikit-learn")
  func digits() throws {
    let digits = try BuiltInData.digits()
    #expect(digits.pixels.rows == 1797 && digits.pixels.columns == 64)
    let counts = (0..<10).map { label in digits.labels.count { $0 == label } }
    #expect(counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    #expect(digits.pixels.row(0).prefix(5) == [0, 0, 5, 13, 9])
    #expect(digits.pixels.elements.allSatisfy { (0...16).contains($0) })
  }
}
