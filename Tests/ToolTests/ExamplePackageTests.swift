import Foundation
import Testing

/// The library examples of README.md in a package of their own, which depends on the checkout by its
/// path, as a user's would: built, run, and compared with what the page shows.
@Suite struct `Example package` {
  private let isRefreshing =
    ProcessInfo.processInfo.environment["LANDBRIDGE_REFRESH_DOCS"] != nil

  /// A program and what it prints: a block of Swift and the plain one behind it.
  private struct Example {
    var name: String
    var source: String
    var output: Page.Block
  }

  private func examples(of page: Page) throws -> (dependencies: String, [Example]) {
    let start = try #require(page.lines.firstIndex(of: "## As a Swift library"))
    let end = page.lines[(start + 1)...].firstIndex { $0.hasPrefix("## ") } ?? page.lines.count
    let blocks = page.blocks.filter { (start..<end).contains($0.lines.lowerBound) }
    let manifest = try #require(blocks.first { page.text($0).hasPrefix("// Package.swift") })
    let pairs = zip(blocks, blocks.dropFirst()).filter {
      $0.language == "swift" && $1.language.isEmpty
    }
    return (
      page.text(manifest),
      pairs.enumerated().map { index, pair in
        Example(name: "Example\(index + 1)", source: page.text(pair.0), output: pair.1)
      }
    )
  }

  @Test func `builds and prints what README shows`() throws {
    var page = try Page("README.md")
    let (dependencies, examples) = try examples(of: page)
    try #require(examples.count == 2)
    #expect(examples[0].source.split(separator: "\n").count <= 12, "ten lines and two imports")

    let scratch = try Scratch()
    let root = Repository.root.path(percentEncoded: false)
    // What README says once, for each of its programs.
    let target = try #require(dependencies.firstRange(of: ".executableTarget("))
    let closing = try #require(dependencies.range(of: "\n]", options: .backwards))
    let declaration = dependencies[target.lowerBound..<closing.lowerBound]
    let targets = examples.map {
      declaration.replacing("name: \"Example\"", with: "name: \"\($0.name)\"")
    }
    let head = dependencies[..<target.lowerBound].replacing(
      "path: \"../landbridge\"", with: "name: \"landbridge\", path: \"\(root)\"")
    try scratch.write(
      """
      // swift-tools-version: 6.3
      import PackageDescription

      let package = Package(name: "example", platforms: [.macOS(.v15)],
      \(head)\(targets.joined(separator: ",\n"))])
      """, to: "Package.swift")
    for example in examples {
      let folder = scratch.url.appending(path: "Sources/\(example.name)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(example.source.utf8).write(to: folder.appending(path: "main.swift"))
    }
    try FileManager.default.copyItem(
      at: Repository.root.appending(path: "Package.resolved"),
      to: scratch.url.appending(path: "Package.resolved"))

    // Kept between runs: the packages beneath take minutes the first time.
    let build = ["swift", "build", "--scratch-path", root + "/.build/example"]
    let built = try runMerged(build, in: scratch.url)
    try #require(built.code == 0, "\(built.output)")
    let place = try runMerged(build + ["--show-bin-path"], in: scratch.url).output
      .split(separator: "\n").last.map(String.init)
    for seed in ["1", "2"] {
      let trained = try Tool.run(
        "train", "--data", "digits", "--hidden", "800", "--passes", "20", "--seed", seed, "--quiet",
        "-o", seed == "1" ? "a.safetensors" : "b.safetensors", in: scratch)
      try #require(trained.code == 0, "\(trained.errors)")
    }
    for example in examples.reversed() {
      let run = try runMerged([try #require(place) + "/" + example.name], in: scratch.url)
      #expect(run.code == 0, "\(run.output)")
      if isRefreshing {
        page.replace(example.output, by: run.output)
      } else {
        #expect(words(run.output) == words(page.text(example.output)))
      }
    }
    if isRefreshing { try page.write() }
  }
}
