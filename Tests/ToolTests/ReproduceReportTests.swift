import Foundation
import Testing

/// What the report, its figures and its tables say, for every experiment of the quick preset in a
/// tiny variation.
@Suite struct `Report of a reproduction` {
  private static let options = [
    "--widths", "4,8,16", "--trials", "2", "--steps", "60", "--threads", "2",
  ]

  /// What a run printed and left behind.
  private struct Made {
    var run: Tool.Run
    /// Of the same run once more, with `--format csv`.
    var csv: String
    /// The page without its drawings.
    var page: String
    /// In `figures`, `tables` and `results.json`, by their paths.
    var files: [String: String]

    func files(_ folder: String, _ ending: String) -> [(String, String)] {
      files.filter { $0.key.hasPrefix(folder + "/") && $0.key.hasSuffix("." + ending) }
        .map { (String($0.key.dropFirst(folder.count + 1)), $0.value) }.sorted { $0.0 < $1.0 }
    }
  }

  private static let made = Result {
    let scratch = try Scratch()
    func run(_ more: String...) throws -> Tool.Run {
      let run = try Tool.run(["reproduce", "-o", "results"] + options + more, in: scratch)
      try #require(run.code == 0, "\(run.errors)")
      return run
    }
    let first = try run()
    var files: [String: String] = [:]
    for folder in ["figures", "tables"] {
      for name in try FileManager.default.contentsOfDirectory(
        atPath: scratch.path("results/" + folder))
      {
        files["\(folder)/\(name)"] = String(
          decoding: try scratch.bytes("results/\(folder)/\(name)"), as: UTF8.self)
      }
    }
    for name in ["results.json", "report.html"] {
      files[name] = String(decoding: try scratch.bytes("results/" + name), as: UTF8.self)
    }
    return Made(
      run: first, csv: try run("--format", "csv", "-q").output,
      page: files["report.html"]!.replacing(#/data:image[^"]*/#, with: ""), files: files)
  }

  /// The page as it is read, without its style and the configuration in JSON.
  private func prose(_ page: String) -> String {
    let body = page.range(of: "<body>")?.upperBound ?? page.startIndex
    return String(page[body..<(page.range(of: "<details>")?.lowerBound ?? page.endIndex)])
  }

  @Test func `texts follow from the configuration, and say how it is varied`() throws {
    let made = try Self.made.get()
    let (run, page) = (made.run, made.page)
    let text = prose(page)
    for phrase in ["14 passes", "converged", "1797 images", "20 000 images"] {
      #expect(!(text + run.output).contains(phrase), "\(phrase)")
    }
    let variation = "widths 4, 8, 16; 2 trials of each; 60 steps"
    #expect(text.contains(variation))
    #expect(run.output.replacing(#/\s+/#, with: " ").contains(variation))
    #expect(page.contains("Landbridge 0.1.0, preset quick, varied."))
    #expect(!page.contains("Landbridge landbridge"))
    #expect(
      text.contains(
        "60 steps with α = 0.05, 75 in every second trial: 0.0417 and 0.0522 passes over 1438 training samples. Measured on 359 held-out samples."
      ))
    #expect(!run.errors.contains("‰"))
  }

  @Test func `symbols are written in words or defined`() throws {
    let page = prose(try Self.made.get().page)
    for symbol in ["L_N", "L_M", "(E1)", "(E6)", "kα"] {
      #expect(!page.contains(symbol), "\(symbol)")
    }
    #expect(page.contains("V is the mean square distance"))
    let figures = try Self.made.get().files("figures", "gp")
    #expect(figures.count == 30)
    for (name, script) in figures {
      #expect(!script.contains("kα") && !script.contains("L_"), "\(name)")
    }
  }

  @Test func `minus signs are for people, hyphens for programs`() throws {
    let made = try Self.made.get()
    let (run, page) = (made.run, made.page)
    let hyphen = #/(?:^|[\s>(])-[0-9]/#
    #expect(!prose(page).contains(hyphen))
    #expect(!run.output.contains(hyphen))
    #expect(run.output.contains("−"))
    let tables = made.files("tables", "csv") + made.files("figures", "csv")
    #expect(tables.contains { $0.1.contains(",-") })
    for (name, csv) in tables {
      let numbers = csv.split(separator: "\n").dropFirst().joined(separator: "\n")
      #expect(!numbers.contains("−"), "\(name)")
    }
  }

  @Test func `two trials have no interval, and nothing looks like one`() throws {
    let made = try Self.made.get()
    let page = made.page
    #expect(page.contains("No bars: an interval takes at least three."))
    #expect(page.contains("no interval: fewer than three trials"))
    for (name, csv) in try Self.made.get().files("figures", "csv") {
      let header = csv.prefix { $0 != "\n" }
      #expect(!header.contains(", low") && !header.contains(", high"), "\(name): \(header)")
    }
    let slopes = try #require(made.files["tables/digits-slopes.csv"])
    let rows = slopes.split(separator: "\n").dropFirst()
    #expect(!rows.isEmpty && rows.allSatisfy { $0.hasSuffix(",,") }, "\(slopes)")
  }

  @Test func `columns of figures are named by what they are`() throws {
    for (name, csv) in try Self.made.get().files("figures", "csv") {
      #expect(!csv.contains("(2)"), "\(name): \(csv.prefix { $0 != "\n" })")
    }
    let path = try #require(
      try Self.made.get().files("figures", "csv").first { $0.0 == "digits-path.csv" })
    #expect(path.1.contains("\"0-1 error, N = 16: dropout path\""))
  }

  /// Lines of 16 points are titles.
  @Test func `titles take one line of a wide page, and caveats stand below them`() throws {
    for (name, script) in try Self.made.get().files("figures", "gp") {
      let titles = script.split(separator: "\n").filter { $0.contains("left font ',16'") }
      #expect(titles.count == 1, "\(name): \(titles)")
      let caveat = script.contains("not its official test images")
      #expect(caveat == name.hasPrefix("cifar10"), "\(name)")
    }
  }

  @Test func `panels of all widths have one scale, and ticks at the widths used`() throws {
    for (name, script) in try Self.made.get().files("figures", "gp") {
      let lines = script.split(separator: "\n")
      let ranges = Set(lines.filter { $0.hasPrefix("set yrange") })
      let panels = lines.count { $0.hasPrefix("set yrange") }
      #expect(ranges.count == (panels == 1 || name.contains("training") ? 1 : 2), "\(name)")
      guard name.contains("-change") || name.contains("-barrier") else { continue }
      let ticks = lines.filter { $0.hasPrefix("set xtics") }
      for width in [4, 8, 16] {
        #expect(ticks.allSatisfy { $0.contains("'\(width)' \(width).0 0") }, "\(name)")
      }
    }
  }

  @Test func `curves that are known at points only have them marked`() throws {
    for (name, script) in try Self.made.get().files("figures", "gp") {
      let curves = script.matches(of: #/using \d+:\d+ with (\w+)/#).map { String($0.1) }
      // The loss of the dropout path is exact, in the panels of two widths.
      #expect(curves.count { $0 == "lines" } == (name.hasSuffix("-path.gp") ? 2 : 0), "\(name)")
      #expect(curves.contains("linespoints"))
    }
  }

  /// Of more than one hidden layer nothing is known that could be drawn beside what is measured.
  @Test func `predictions stand beside what they predict`() throws {
    for (name, csv) in try Self.made.get().files("figures", "csv")
    where name.hasSuffix("-change.csv") {
      let isTwoLayer = ["gaussians-change.csv", "digits-change.csv"].contains(name)
      #expect(csv.contains("V/(") == isTwoLayer, "\(name)")
      #expect(!csv.contains("last layer"), "\(name)")
    }
  }

  @Test func `CSV is one tidy table`() throws {
    let made = try Self.made.get()
    let rows = made.csv.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    #expect(
      rows[0] == [
        "experiment", "layers", "width", "when", "quantity", "value", "low", "high", "count",
      ])
    #expect(rows.allSatisfy { $0.count == 9 })
    #expect(Set(rows.map { $0.prefix(5) }).count == rows.count, "no row is there twice")
    #expect(Set(rows.dropFirst().map { $0[0] }).count == 6)
    #expect(rows.dropFirst().allSatisfy { Double($0[5]) != nil })
    let loss = try #require(rows.first { $0.prefix(5) == ["digits", "2", "8", "end", "loss"] })
    let json = try #require(
      try parseJSON(Data(made.files["results.json"]!.utf8)) as? [String: Any])
    #expect((json["variation"] as? [String: Any])?["steps"] as? Int == 60)
    let experiments = try #require(json["experiments"] as? [[String: Any]])
    let digits = try #require(
      experiments.first { ($0["experiment"] as? [String: Any])?["name"] as? String == "digits" })
    #expect(digits["trainingSamples"] as? Int == 1438 && digits["heldOutSamples"] as? Int == 359)
    let widths = try #require(digits["widths"] as? [[String: Any]])
    let losses = try #require(widths[1]["trials"] as? [[String: Any]]).map { trial in
      (trial["measurements"] as? [[String: Any]])?.last?["loss"] as? Double ?? .nan
    }
    #expect(abs(try #require(Double(loss[5])) - (losses[0] + losses[1]) / 2) < 1e-12)
    #expect(loss[6...] == ["", "", "2"])
  }
}

@Suite struct `Reproduce into what is there` {
  private let options = ["--widths", "4,8", "--trials", "2", "--steps", "40", "-o", "results"]

  private func experiments(_ scratch: Scratch) throws -> [String] {
    let json = try #require(
      try parseJSON(scratch.bytes("results/results.json")) as? [String: Any])
    return try #require(json["experiments"] as? [[String: Any]]).compactMap {
      ($0["experiment"] as? [String: Any])?["name"] as? String
    }
  }

  @Test func `one experiment leaves the others in the report`() throws {
    let scratch = try Scratch()
    let first = try Tool.run(["reproduce", "--only", "gaussians"] + options, in: scratch)
    #expect(first.code == 0 && !first.errors.contains("earlier run"), "\(first.errors)")
    let second = try Tool.run(["reproduce", "--only", "digits"] + options, in: scratch)
    #expect(second.code == 0, "\(second.errors)")
    #expect(second.errors.contains("in the report too, from an earlier run: gaussians"))
    #expect(try experiments(scratch) == ["gaussians", "digits"])
    let page = String(decoding: try scratch.bytes("results/report.html"), as: UTF8.self)
    #expect(page.contains("Isotropic Gaussians, two layers</h2>"))
    #expect(second.output.contains("Isotropic Gaussians"))
    // Another configuration would lose them.
    let before = try scratch.bytes("results/results.json")
    for (option, value) in [
      ("--steps", "50"), ("--trials", "3"), ("--widths", "4"), ("--seed", "2"),
    ] {
      // Of an option that is given twice the last one counts.
      let arguments = ["reproduce", "--only", "digits"] + options + [option, value]
      let run = try Tool.run(arguments, in: scratch)
      #expect(run.code == 73, "\(option): \(run.errors)")
      #expect(run.errors.contains("a report with gaussians of another configuration"))
      #expect(try scratch.bytes("results/results.json") == before)
    }
  }
}

@Suite struct `Features from the original files` {
  /// Batches of a few images, and random weights of all thirteen convolutions.
  private func prepare(_ scratch: Scratch) throws {
    for folder in ["data", "data/cifar-10", "data/vgg16"] {
      try FileManager.default.createDirectory(
        atPath: scratch.path(folder), withIntermediateDirectories: true)
    }
    for batch in 1...5 {
      let records = (0..<(batch == 5 ? 9 : 12)).map { image in
        [UInt8(image % 10)] + (0..<3072).map { UInt8(truncatingIfNeeded: $0 * (image + 7 * batch)) }
      }
      try scratch.write(Data(records.joined()), to: "data/cifar-10/data_batch_\(batch).bin")
    }
    try Weights.writeVGG16(to: scratch.path("data/vgg16/vgg16-features.safetensors"))
  }

  @Test func `are made once, trained on and said to be`() throws {
    let scratch = try Scratch()
    try prepare(scratch)
    let command = [
      "reproduce", "--preset", "full", "--data-dir", "data", "--only", "cifar10-fixed-ends",
      "--widths", "4,8", "--trials", "2", "--steps", "40", "-o", "results", "--format", "json",
    ]
    let run = try Tool.run(command, in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    let names = try FileManager.default.contentsOfDirectory(
      atPath: scratch.path("results/features"))
    #expect(names.count == 1 && names[0].hasPrefix("cifar10-vgg-"), "\(names)")
    let experiment = try #require((try run.json()["experiments"] as? [[String: Any]])?.first)
    #expect(experiment["trainingSamples"] as? Int == 48)
    #expect(experiment["heldOutSamples"] as? Int == 9)
    let page = String(decoding: try scratch.bytes("results/report.html"), as: UTF8.self)
    #expect(page.contains("from the original files: all images of data_batch_1 … 4 to train on"))
    let made = try scratch.bytes("results/features/" + names[0])
    let again = try Tool.run(command, in: scratch)
    #expect(again.code == 0 && again.output == run.output)
    #expect(try scratch.bytes("results/features/" + names[0]) == made)
  }

  @Test func `where files are missing what is built in is used, and that is said`() throws {
    let scratch = try Scratch()
    try prepare(scratch)
    try FileManager.default.removeItem(atPath: scratch.path("data/cifar-10/data_batch_3.bin"))
    let run = try Tool.run(
      "reproduce", "--preset", "full", "--data-dir", "data", "--only", "cifar10-fixed-ends",
      "--widths", "4", "--trials", "1", "--steps", "2", "-o", "results", in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.errors.contains("CIFAR-10's features are those that are built in"))
    let page = String(decoding: try scratch.bytes("results/report.html"), as: UTF8.self)
    #expect(page.contains("The part of them that is built in"))
    #expect(!scratch.exists("results/features"))
  }
}
