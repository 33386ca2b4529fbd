import Reports
import Testing

@Suite struct TableTests {
  static let table = Table(
    columns: [
      .init("claim", alignment: .left), .init("width", unit: "neurons"), .init("|ΔL|"),
      .init("verdict", alignment: .left),
    ],
    rows: [
      ["slope, θ", 800, .number(-0.0123456789, digits: 3), "holds"],
      ["exact, \"E1\"", 25600, .number(1.0 / 3e5), .missing],
    ])

  @Test func terminal() {
    #expect(
      Self.table.text() == """
        claim        width (neurons)       |ΔL|  verdict
        ───────────  ───────────────  ─────────  ───────
        slope, θ                 800    −0.0123  holds
        exact, "E1"            25600  3.333e-06  –

        """)
  }

  @Test func csv() {
    #expect(
      Self.table.csv == #"""
        claim,width (neurons),|ΔL|,verdict
        "slope, θ",800,-0.0123456789,holds
        "exact, ""E1""",25600,3.3333333333333333e-06,

        """#)
  }

  @Test func narrowTerminalsWrapTextAndKeepNumbersWhole() {
    let sentence = "The barrier of the path is at most the larger of the two variances over N − 1"
    let table = Table(
      columns: [.init("claim", alignment: .left), .init("measured value"), .init("n")],
      rows: [[.text(sentence), 123_456_789, 7], [.text(String(repeating: "x", count: 90)), 1, 2]])
    for width in [40, 60, 80] {
      let text = table.text(width: width)
      #expect(text.split(separator: "\n").allSatisfy { $0.count <= width }, "\(text)")
      #expect(text.contains("123456789"))
      #expect(text.filter { $0 == "x" }.count == 90)
    }
    #expect(table.text(width: 1).contains("123456789"))
  }

  @Test func wideCharactersTakeTwoColumns() {
    let table = Table(
      columns: [.init("a", alignment: .left), .init("b")], rows: [["日本", 1], ["ab", 2]])
    #expect(table.text() == "a     b\n────  ─\n日本  1\nab    2\n")
  }

  /// People read minus signs, programs hyphens.
  @Test func minusSigns() {
    let table = Table(
      columns: [.init("x"), .init("y", alignment: .left)],
      rows: [[.number(-1.5e-7, digits: 2), .numbers([-1, 0, 2.5], digits: 3)]])
    #expect(table.text().hasSuffix("−1.5e-07  −1.00, 0, 2.50\n"), "\(table.text())")
    #expect(table.csv == "x,y\n-1.5e-07,\"-1.0, 0.0, 2.5\"\n")
  }

  @Test func emptyTables() {
    #expect(Table(columns: []).text() == "")
    #expect(Table(columns: [.init("a")]).text() == "a\n─\n")
    #expect(Table(columns: [.init("a")]).csv == "a\n")
  }

  @Test func controlCharactersDoNotReachTheTerminal() {
    let table = Table(columns: [.init("a\u{1b}[2J")], rows: [["\u{1b}]0;x\u{7}\u{9b}31m\r\n"]])
    #expect(!(table.text() + table.csv).unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
    #expect(table.text().split(separator: "\n").count == 3)
    #expect(!table.text().unicodeScalars.contains { (0x80..<0xA0).contains($0.value) })
  }

  @Test func numbers() {
    let table = Table(
      columns: [.init("x")],
      rows: [[0.0], [1.0], [.number(.nan)], [.number(-.infinity)], [.number(1234.5678, digits: 2)]])
    #expect(table.text() == "      x\n───────\n      0\n  1.000\n    NaN\n     −∞\n1.2e+03\n")
  }
}
