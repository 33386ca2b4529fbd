import Foundation
import Testing

private let sources = URL(filePath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")

/// What every target may import, and nothing else: the architecture of CONTRIBUTING.md.
///
///     LinearAlgebra ← Landbridge ← Artifacts ← Experiments ← LandbridgeTool
///           ↑_______ DataFormats _____↑            Reports ______|
private let allowedImports: [String: Set<String>] = [
  "LinearAlgebra": [
    "CKernels", "Darwin", "Glibc", "Musl", "Dispatch", "Synchronization",
  ],
  // No files, no clock, no printing.
  "Landbridge": ["LinearAlgebra", "Synchronization"],
  "DataFormats": ["LinearAlgebra", "CZlib", "CBuiltInData", "Foundation", "Synchronization"],
  "Artifacts": ["Landbridge", "LinearAlgebra", "DataFormats", "Crypto", "Foundation"],
  "Experiments": [
    "Artifacts", "Landbridge", "LinearAlgebra", "DataFormats", "Foundation", "Synchronization",
  ],
  // Plain values; no networks.
  "Reports": ["Mustache", "Foundation"],
  "LandbridgeTool": [
    "Artifacts", "Experiments", "Reports", "Landbridge", "LinearAlgebra", "DataFormats", "CSystem",
    "ArgumentParser", "Dispatch", "Foundation", "Synchronization",
  ],
]

@Suite struct `Architecture of the sources` {
  @Test func `has a row for every target`() throws {
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: sources.path(percentEncoded: false))
    // Targets of C hold no Swift.
    let swift = try folders.filter {
      try !SourceTree(sources.appending(path: $0)).files.isEmpty
    }
    #expect(Set(swift) == Set(allowedImports.keys))
  }

  @Test(arguments: allowedImports.keys.sorted()) func `imports only downwards`(
    _ target: String
  ) throws {
    let tree = try SourceTree(sources.appending(path: target))
    try #require(!tree.files.isEmpty)
    for file in tree.files {
      let strays = file.imports.subtracting(allowedImports[target]!)
      #expect(strays.isEmpty, "\(target)/\(file.path) imports \(strays.sorted())")
    }
  }

  @Test(arguments: allowedImports.keys.sorted())
  func `has no circles between folders`(
    _ target: String
  ) throws {
    for circle in try SourceTree(sources.appending(path: target)).circles {
      let names = circle.folders.map { $0.isEmpty ? target : $0 }.joined(separator: ", ")
      let uses = circle.uses.map { "\($0.file): \($0.name) of \($0.to)" }
      Issue.record("\(target): \(names) use each other\n\(uses.joined(separator: "\n"))")
    }
  }
}

/// The script that reads sources, on sources that are known.
@Suite struct `Reading of sources` {
  @Test func `leaves code and drops the rest`() {
    let text = SourceText(
      ##"""
      let a = "b \(c("d")) e" // f
      /* g /* h */ i */ let j = #"k \(l) \#(m)"#
      let n = """
        o "p" \(q)
        """
      """##)
    #expect(
      text.words.map { String($0.text) } == ["let", "a", "c", "let", "j", "m", "let", "n", "q"])
  }

  private func file(_ path: String, _ source: String) -> SourceFile {
    SourceFile(source, path: path)
  }

  @Test func `finds what is declared and used`() {
    let found = file(
      "Paths/A.swift",
      """
      public import LinearAlgebra
      import struct Foundation.URL

      @unsafe @inlinable package func free(label: Int) -> Value { other(count: label) + .member }
      private let hidden = 1
      public enum Kind {
        case nested
        static func inner() {}
      }
      """)
    #expect(found.folder == "Paths")
    #expect(found.imports == ["LinearAlgebra", "Foundation"])
    #expect(found.declared == ["free", "Kind"])
    #expect(found.used.isSuperset(of: ["other", "Value"]))
    #expect(found.used.isDisjoint(with: ["member", "label", "count", "inner", "nested", "free"]))
  }

  @Test func `finds circles of any length, with what makes them`() {
    let chain = [
      file("A/a.swift", "struct A { var b: B }"), file("B/b.swift", "struct B { var c: C }"),
      file("C/c.swift", "struct C {}"), file("D/d.swift", "func d() -> A { A() }"),
    ]
    #expect(SourceTree(files: chain).circles.isEmpty)
    let circle = SourceTree(files: chain + [file("C/e.swift", "let e = A.self")]).circles
    #expect(circle.map(\.folders) == [["A", "B", "C"]])
    #expect(
      circle.first?.uses.map(\.file).sorted() == ["A/a.swift", "B/b.swift", "C/e.swift"])
  }

  @Test func `does not take a name of the file's own for another's`() {
    let tree = SourceTree(files: [
      file("A/a.swift", "func unit() {}\nstruct A {}"),
      file("B/b.swift", "struct B { func f(unit: Int) -> Int { unit } }\nlet a = A()"),
      file("A/c.swift", "let x = y.b"),
    ])
    #expect(tree.uses == [.init(from: "B", to: "A", file: "B/b.swift", name: "A")])
  }
}
