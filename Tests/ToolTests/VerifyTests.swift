import Foundation
import Testing

/// The files of a certified path between two small networks, made once.
private let fixture = Result {
  let scratch = try Scratch()
  try scratch.train("a.safetensors", "--seed", "1")
  try scratch.train("b.safetensors", "--seed", "2")
  let run = try Tool.run(
    "connect", "a.safetensors", "b.safetensors", "--data", gaussians, "-o", "path", "-q",
    in: scratch)
  try #require(run.code == 0, "\(run.errors)")
  let names = try FileManager.default.subpathsOfDirectory(atPath: scratch.path(""))
  return try Dictionary(
    uniqueKeysWithValues: names.filter { $0.contains(".") }.map { ($0, try scratch.bytes($0)) })
}

private func copyOfFixture() throws -> Scratch {
  let scratch = try Scratch()
  try FileManager.default.createDirectory(
    atPath: scratch.path("path/knots"), withIntermediateDirectories: true)
  for (name, bytes) in try fixture.get() { try scratch.write(bytes, to: name) }
  return scratch
}

extension Scratch {
  fileprivate func verify(_ more: String..., data: String = gaussians) throws -> Tool.Run {
    try Tool.run(["verify", "path/certificate.json", "--data", data] + more, in: self)
  }

  /// Changes `certificate.json` at keys like `knots.0.loss`.
  fileprivate func change(_ key: String, _ change: (Any) -> Any?) throws {
    func changed(_ value: Any, _ path: ArraySlice<String>) throws -> Any? {
      guard let first = path.first else { return change(value) }
      if var list = value as? [Any] {
        let index = try #require(Int(first))
        if let new = try changed(list[index], path.dropFirst()) {
          list[index] = new
        } else {
          list.remove(at: index)
        }
        return list
      }
      var object = try #require(value as? [String: Any])
      object[first] = try changed(try #require(object[first], "\(key)"), path.dropFirst())
      return object
    }
    let json = try JSONSerialization.jsonObject(with: bytes("path/certificate.json"))
    let new = try changed(json, key.split(separator: ".").map(String.init)[...])
    try write(
      JSONSerialization.data(withJSONObject: try #require(new), options: [.sortedKeys]),
      to: "path/certificate.json")
  }

  fileprivate func knot(_ index: Int) throws -> String {
    let json = try #require(
      try parseJSON(bytes("path/certificate.json")) as? [String: Any])
    let knots = try #require(json["knots"] as? [[String: Any]])
    return "path/" + (try #require(knots[index]["file"] as? String))
  }
}

@Suite struct `Verify` {
  @Test(arguments: [
    (data: "digits", train: ["--hidden", "20"], connect: [String](), segments: 5),
    (data: "digits", train: ["--hidden", "9,8", "--bias"], connect: [], segments: 9),
    (
      data: "digits", train: ["--hidden", "12", "--loss", "cross-entropy", "--bias"],
      connect: ["--overlapping"], segments: 7
    ),
    (
      data: "digits",
      train: ["--hidden", "8,6,7", "--precision", "double", "--scaling", "standard"],
      connect: ["--overlapping", "--keep", "0.3"], segments: 15
    ),
    (
      data: gaussians, train: ["--hidden", "10", "--loss", "cross-entropy"],
      connect: ["--refit", "--confidence", "0.9"], segments: 5
    ),
  ])
  func `holds for what connect writes`(
    data: String, train: [String], connect: [String], segments: Int
  ) throws {
    let scratch = try Scratch()
    for seed in ["1", "2"] {
      let run = try Tool.run(
        ["train", "--data", data, "--steps", "300", "--step-size", "0.005", "--seed", seed, "-q"]
          + ["-o", "m\(seed).safetensors"] + train, in: scratch)
      try #require(run.code == 0, "\(run.errors)")
    }
    let made = try Tool.run(
      ["connect", "m1.safetensors", "m2.safetensors", "--data", data, "-o", "path"] + connect,
      in: scratch)
    try #require(made.code == 0, "\(made.errors)")
    #expect(made.output.contains("Certificate:"))
    for line in made.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    let path = try #require(try parseJSON(scratch.bytes("path/path.json")) as? [String: Any])
    #expect(path["certificate"] as? String == "certificate.json")

    let text = try scratch.verify(data: data)
    #expect(text.code == 0, "\(text.output) \(text.errors)")
    #expect(text.output.contains("\(segments) segments"))
    for line in text.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }

    let json = try scratch.verify("--format", "json", "--threads", "1", data: data).json()
    #expect(json["holds"] as? Bool == true)
    let claims = try #require(json["claims"] as? [[String: Any]])
    #expect(claims.allSatisfy { $0["holds"] as? Bool == true })
    #expect(
      claims.allSatisfy { $0["claim"] is String && $0["stated"] is String && $0["found"] is String }
    )
    #expect(claims.count { ($0["claim"] as? String)?.hasSuffix(".kind") == true } == segments)
    #expect((json["assumptions"] as? [String])?.isEmpty == false)
    let csv = try scratch.verify("--format", "csv", data: data)
    #expect(csv.output.hasPrefix("claim,stated,found,holds\n"))
    #expect(csv.output.split(separator: "\n").count == claims.count + 1)
    // The same path from path.json and from the certificate, which is computed in Double.
    let stated = try #require(
      try parseJSON(scratch.bytes("path/certificate.json")) as? [String: Any])
    for key in ["barrier", "maximumLoss"] {
      let (a, b) = (path[key] as? Double ?? .nan, stated[key] as? Double ?? .nan)
      #expect(abs(a - b) < 1e-5, "\(key)")
    }
  }

  /// The samples that fitted the output weights say nothing of the population.
  @Test func `refuses intervals from samples that chose the path`() throws {
    let scratch = try copyOfFixture()
    var generator = SystemRandomNumberGenerator()
    let rows = (0..<40).map { _ in
      (0..<6).map { _ in "\(Double.random(in: -1...1, using: &generator))" }
        .joined(separator: ",") + ",\(Bool.random(using: &generator) ? 1 : -1)\n"
    }
    try scratch.write(rows.joined(), to: "x.csv")
    let run = try Tool.run(
      "connect", "a.safetensors", "b.safetensors", "--data", "x.csv", "--refit", "-o", "path",
      in: scratch)
    #expect(run.code == 0 && run.output.contains("--certify-data"), "\(run.output)")
    #expect(try scratch.verify(data: "x.csv").code == 0)
    let other = try Tool.run(
      "connect", "a.safetensors", "b.safetensors", "--data", "x.csv", "--refit", "-o", "path",
      "--certify-data", gaussians, in: scratch)
    #expect(other.code == 0 && other.output.contains("0-1 error at most"), "\(other.output)")
    #expect(try scratch.verify().code == 0)
    // A file of samples is named with its own hash.
    #expect(try scratch.verify(data: "x.csv").code == 1)
  }

  @Test func `writes none for the straight line or rounded knots`() throws {
    let scratch = try Scratch()
    for seed in ["1", "2"] {
      try scratch.train("\(seed).safetensors", "--seed", seed, "--precision", "double")
    }
    let connect = ["connect", "1.safetensors", "2.safetensors", "--data", gaussians, "-o", "path"]
    let line = try Tool.run(connect + ["--method", "linear"], in: scratch)
    #expect(line.code == 0 && !scratch.exists("path/certificate.json"))
    let rounded = try Tool.run(connect + ["--precision", "float"], in: scratch)
    #expect(rounded.code == 0 && rounded.errors.contains("no certificate"))
    #expect(!scratch.exists("path/certificate.json"))
    #expect(try Tool.run(connect, in: scratch).code == 0)
    #expect(scratch.exists("path/certificate.json"))
    let range = try Tool.run(connect + ["--input-range", "-1,1"], in: scratch)
    #expect(range.code == 65 && range.errors.contains("--input-range"))
  }
}

/// Whoever changes one thing is found out: exit 1 with the claim named, or 65 where the certificate
/// is none any more.
@Suite struct `Verify catches` {
  static let numbers = [
    "knots.1.loss", "barrier", "maximumLoss", "errorBound", "endpointLosses.1",
    "segments.0.outputDistance", "segments.2.errorBound",
    "barrierBound.value", "barrierBound.spread", "barrierBound.endSpread", "population.errorBound",
    "population.barrier.1", "population.barrierAlone.1", "population.maximumLoss.0",
    "population.plateaus.1.lossBound",
    "population.plateaus.1.lossInterval.1", "population.plateaus.2.overStart.1",
    "population.plateaus.1.overEnd.0", "population.plateaus.0.errorInterval.1",
    "population.segments.1.errorInterval.0",
  ]

  @Test(arguments: numbers) func `a number`(_ key: String) throws {
    let scratch = try copyOfFixture()
    // Intervals of the loss may begin at 0.
    try scratch.change(key) { ($0 as! Double) * 1.0001 + ($0 as! Double == 0 ? 1e-6 : 0) }
    let run = try scratch.verify()
    let plain = key.split(separator: ".")
    let claim = Int(plain.last!) == nil ? key : plain.dropLast().joined(separator: ".")
    #expect(run.code == 1 && run.errors.contains("not hold"))
    #expect(run.output.contains(claim), "\(key): \(run.output)")
  }

  @Test(arguments: [
    "models.0.sha256", "models.1.sha256", "data.sha256", "knots.3.sha256",
  ])
  func `a hash`(_ key: String) throws {
    let scratch = try copyOfFixture()
    try scratch.change(key) {
      let text = $0 as! String
      return (text.hasPrefix("0") ? "1" : "0") + text.dropFirst()
    }
    let run = try scratch.verify()
    #expect(run.code == 1 && run.output.contains(key))
  }

  @Test(arguments: [
    ("segments.0.kind", "constant"), ("segments.1.kind", "affine"), ("convexity", "it is"),
    ("loss", "cross-entropy"), ("segments.0.moving.0", "layers.0.weight"),
    ("network.activations.0", "relu"), ("network.scaling", "standard"), ("data.dtype", "F64"),
    ("population.assumptions.0", "none"),
  ])
  func `a word`(_ key: String, _ word: String) throws {
    let scratch = try copyOfFixture()
    try scratch.change(key) { _ in word }
    let run = try scratch.verify()
    #expect([1, 65].contains(run.code), "\(key): \(run.output)")
  }

  @Test(arguments: [
    ("knots.2.errors.1", 1), ("population.statements", 1), ("population.delta", 1),
    ("segments.1.idle.0.count", 1), ("network.sizes.1", 1), ("data.samples", 1),
    ("barrierBound.width", 1),
  ])
  func `a count`(_ key: String, _ step: Int) throws {
    let scratch = try copyOfFixture()
    try scratch.change(key) {
      key.hasSuffix("delta") ? 0.01 : ($0 as! Int) + step as Any
    }
    #expect(try scratch.verify().code == 1)
  }

  @Test func `a weight of a knot`() throws {
    for index in [0, 1, 2, 5] {
      let scratch = try copyOfFixture()
      let file = try scratch.knot(index)
      var bytes = try scratch.bytes(file)
      bytes[bytes.count - 2] ^= 1
      try scratch.write(bytes, to: file)
      let run = try scratch.verify()
      #expect(run.code == 1 && run.output.contains("knots.\(index).sha256"))
    }
  }

  /// With hash, losses and barrier made to fit, the weights still do not prove the segment.
  @Test func `a knot that fits in all but its segment`() throws {
    let scratch = try copyOfFixture()
    let files = (try scratch.knot(1), try scratch.knot(2))
    // A live weight of the first layer in knot 2: a row that output weights read.
    var bytes = try scratch.bytes(files.1)
    let header = 8 + bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    bytes[header + 1] ^= 1
    try scratch.write(bytes, to: files.1)
    let run = try scratch.verify("--format", "json").json()
    let claims = try #require(run["claims"] as? [[String: Any]])
    let failed = claims.filter { $0["holds"] as? Bool == false }.map { $0["claim"] as? String }
    #expect(failed.contains("segments.1.kind"))
    #expect(
      claims.first { $0["claim"] as? String == "segments.1.kind" }?["found"] as? String
        == "nothing proved")
  }

  @Test func `another model, or other samples`() throws {
    let scratch = try copyOfFixture()
    let other = try scratch.verify(data: gaussians + "0")
    #expect(other.code == 1 && other.output.contains("data.sha256"))
    try scratch.train("c.safetensors", "--seed", "3")
    let run = try scratch.verify("--start", "c.safetensors")
    #expect(run.code == 1)
    #expect(run.output.contains("models.0.sha256"))
    #expect(run.output.contains("models.0 is the start of the path"))
    // The same weights in other bytes: the path still starts there, the file is not the same.
    let copy = try scratch.verify("--start", try scratch.knot(0))
    #expect(copy.code == 1)
    #expect(!copy.output.contains("is the start"))
    try FileManager.default.copyItem(
      atPath: scratch.path("c.safetensors"), toPath: scratch.path("path/b.safetensors"))
    #expect(try scratch.verify().code == 65)
    #expect(try scratch.verify("--directory", ".").code == 0)
  }

  @Test func `swapped and missing knots`() throws {
    let swapped = try copyOfFixture()
    let names = (try swapped.knot(1), try swapped.knot(4))
    let contents = (try swapped.bytes(names.0), try swapped.bytes(names.1))
    try swapped.write(contents.0, to: names.1)
    try swapped.write(contents.1, to: names.0)
    #expect(try swapped.verify().code == 1)

    let reordered = try copyOfFixture()
    try reordered.change("knots") { list in
      var list = list as! [Any]
      list.swapAt(1, 4)
      return list
    }
    #expect(try reordered.verify().code == 1)

    let missing = try copyOfFixture()
    try FileManager.default.removeItem(atPath: missing.path(try missing.knot(3)))
    let run = try missing.verify()
    #expect(run.code == 66 && run.errors.contains("03-switch"))

    let shorter = try copyOfFixture()
    try shorter.change("knots.3") { _ in nil }
    #expect(try shorter.verify().code == 65)
    try shorter.change("segments.4") { _ in nil }
    #expect(try shorter.verify().code == 1)
  }

  @Test func `files that are no certificate, and names that lead elsewhere`() throws {
    for name in ["../a.safetensors", "/etc/passwd", "knots/../../a.safetensors", "", "knots//x"] {
      let scratch = try copyOfFixture()
      try scratch.change("knots.0.file") { _ in name }
      let run = try scratch.verify()
      #expect(run.code == 65 && run.errors.contains("knots.0.file"), "\(name): \(run.errors)")
    }
    let model = try copyOfFixture()
    try model.change("models.0.file") { _ in "../a.safetensors" }
    #expect(try model.verify().code == 65)
    let link = try copyOfFixture()
    let file = try link.knot(0)
    try FileManager.default.removeItem(atPath: link.path(file))
    try FileManager.default.createSymbolicLink(
      atPath: link.path(file), withDestinationPath: link.path("a.safetensors"))
    let run = try link.verify()
    #expect(run.code == 65 && run.errors.contains("a link out of"))

    let scratch = try copyOfFixture()
    let whole = try scratch.bytes("path/certificate.json")
    for bytes in [
      Data(), whole.prefix(whole.count / 2), Data(repeating: 0x5B, count: 3_000_000),
      Data(count: 20_000_000),
    ] {
      try scratch.write(bytes, to: "path/certificate.json")
      let run = try scratch.verify()
      #expect(run.code == 65 && run.isOrderly)
    }
    #expect(try Tool.run("verify", "none.json", "--data", gaussians, in: scratch).code == 66)
    #expect(try Tool.run("verify", "path", "--data", gaussians, in: scratch).code == 66)
  }

  @Test func `missing models and data that a certificate cannot name`() throws {
    let scratch = try copyOfFixture()
    let run = try Tool.run("verify", "path/certificate.json", in: scratch)
    #expect(run.code == 64 && run.errors.contains("--data"))
    try FileManager.default.removeItem(atPath: scratch.path("b.safetensors"))
    let missing = try scratch.verify()
    #expect(missing.code == 66 && missing.errors.contains("--end"))
    #expect(try scratch.verify("--end", "none.safetensors").code == 66)
  }
}

/// Where the source is there: what verifies does not mention what builds.
@Suite struct `Verify stands apart` {
  @Test func `from the code that builds paths`() throws {
    let root = Repository.root
    let folders = ["Landbridge/Certificates", "Artifacts/Certificates", "LandbridgeTool/Verify"]
    // Its types, and its functions as far as their names are no common words.
    var names: Set<String> = ["keeping", "masking", "KeptNeurons", "LayerwiseDropout"]
    // The proof of a segment is read off its ends, whoever made them.
    let paths = try ["Paths", "Paths/Methods"].flatMap {
      try swiftFiles(
        root.appending(path: "Sources/Landbridge/" + $0), except: ["SegmentProof.swift"])
    }
    for text in paths {
      for match in text.matches(of: /(?:struct|enum) ([A-Za-z]+)|func ([A-Za-z]{10,})/) {
        names.insert(String(match.1 ?? match.2!))
      }
    }
    names.subtract(["Knot", "Segment"])
    #expect(names.contains("DropoutChain") && names.contains("PathEvaluation"))
    for folder in folders {
      for text in try swiftFiles(root.appending(path: "Sources/" + folder)) {
        let code = text.split(separator: "\n")
          .filter { !$0.trimmingCharacters(in: .whitespaces).hasPrefix("//") }
          .joined(separator: "\n")
        let used = Set(code.matches(of: /[A-Za-z]+/).map { String($0.0) })
        let shared = used.intersection(names)
        #expect(shared.isEmpty, "\(folder)")
      }
    }
  }

  private func swiftFiles(_ folder: URL, except: Set<String> = []) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.path(percentEncoded: false))
      .map { folder.appending(path: $0) }
      .filter { $0.pathExtension == "swift" && !except.contains($0.lastPathComponent) }
      .map { try String(contentsOf: $0, encoding: .utf8) }
  }

  /// Which layers were meant is part of the certificate.
  @Test func `A head of a larger file`() throws {
    let scratch = try Scratch()
    for seed in ["1", "2"] {
      let run = try Tool.run(
        "train", "--data", "digits:limit=200", "--hidden", "12", "--steps", "200", "--step-size",
        "0.01", "--seed", seed, "-q", "-o", "m.safetensors", in: scratch)
      try #require(run.code == 0, "\(run.errors)")
      // The same length, so that the header's stays true.
      var bytes = try scratch.bytes("m.safetensors")
      for name in ["0.weight", "1.weight"] {
        let range = try #require(bytes.range(of: Data("layers.\(name)".utf8)))
        bytes.replaceSubrange(range, with: Data("a.head.\(name)".utf8))
      }
      try bytes.write(to: scratch.url.appending(path: "\(seed).safetensors"))
    }
    let path = try Tool.run(
      "connect", "1.safetensors", "2.safetensors", "--layers", "a.head", "--data",
      "digits:limit=200", "-o", "path", "-q", in: scratch)
    try #require(path.code == 0, "\(path.errors)")
    let verify = ["verify", "path/certificate.json", "--data", "digits:limit=200"]
    #expect(try Tool.run(verify, in: scratch).code == 0)
    var text = String(decoding: try scratch.bytes("path/certificate.json"), as: UTF8.self)
    text.replace("a.head", with: "a.tail")
    try scratch.write(text, to: "path/certificate.json")
    #expect(try Tool.run(verify, in: scratch).code == 65)
  }
}
