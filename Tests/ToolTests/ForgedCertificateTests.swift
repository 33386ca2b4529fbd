import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

/// What is false is refused, with all hashes and numbers around it put right.
@Suite struct `Forged certificates` {
  @Test func `the kit itself is honest`() throws {
    let forgery = try honestForgery()
    #expect(try forgery.verify().code == 0)
    try forgery.rehash()
    try forgery.restate()
    let run = try forgery.verify()
    #expect(run.code == 0, "\(run.output)")
    #expect(!run.output.contains("Claimed"))
    for model in ["a.safetensors", "b.safetensors"] {
      let digest = try sha256(ofFile: forgery.scratch.path(model))
      #expect(run.output.contains(digest) && run.output.contains(model))
    }
  }

  // MARK: Contradicted metadata

  @Test(arguments: [("activation", "relu"), ("scaling", "standard")])
  func `a model that says it is another network`(_ key: String, _ word: String) throws {
    for model in ["a.safetensors", "b.safetensors"] {
      let forgery = try honestForgery()
      try forgery.editMetadata(model) { $0[key] = word }
      try forgery.rehash()
      try forgery.restate()
      try forgery.refuses(saying: "of the path", key, word)
      // Of another tool's word nobody knows what it means; whoever verifies is told what is claimed.
      try forgery.editMetadata(model) { $0["landbridge.version"] = nil }
      try forgery.restate()
      let run = try forgery.verify()
      #expect(run.code == 0 && run.output.contains("Claimed, not checkable"), "\(run.output)")
    }
  }

  @Test func `where models say nothing, what is claimed is printed`() throws {
    let forgery = try honestForgery()
    for model in ["a.safetensors", "b.safetensors"] {
      try forgery.editMetadata(model) { $0 = [:] }
    }
    try forgery.restate()
    let run = try forgery.verify()
    #expect(run.code == 0, "\(run.output)")
    let words = run.output.replacing("\n  ", with: " ")
    #expect(words.contains("Claimed, not checkable: a.safetensors: its activation is tanh"))
    #expect(words.contains("its scaling is mean-field"))
    let json = try forgery.verify("--format", "json").json()
    #expect((json["claimed"] as? [String])?.count == 4)
  }

  @Test func `knots of other activations than the first`() throws {
    let forgery = try honestForgery()
    try forgery.editMetadata(try forgery.knot(2)) { $0["activation"] = "relu" }
    try forgery.rehash()
    try forgery.refuses(codes: [65], saying: "another shape")
  }

  // MARK: Layers

  @Test func `layers in another order`() throws {
    let files = try Forgery.connect(data: "s.csv") {
      try Forgery.writeModels($0, hidden: [6, 6, 6])
      try Forgery.writeSamples($0, count: 60)
    }
    let forgery = try Forgery(files, data: "s.csv")
    let order = ["layers.0", "layers.2", "layers.1", "layers.3"]
    for index in 0...1 { try forgery.set("models.\(index).layers", order) }
    for index in try 0..<forgery.knotCount {
      try forgery.edit(try forgery.knot(index), as: Float.self) { $0.network.layers.swapAt(1, 2) }
    }
    try forgery.set("selection.kept", [3, 3, 3])
    try forgery.restate()
    try forgery.refuses(saying: "order of layers")
    // A file from elsewhere may have any order; whoever verifies is told.
    for model in ["a.safetensors", "b.safetensors"] {
      try forgery.editMetadata(model) { $0 = [:] }
    }
    try forgery.restate()
    let run = try forgery.verify()
    #expect(run.output.replacing("\n  ", with: " ").contains("layers.0\", \"layers.2\""))
  }

  // MARK: Every number, every word

  /// All leaves of the JSON, by their keys.
  private func leaves(_ value: Any, _ key: String = "") -> [(String, Any)] {
    func below(_ name: String) -> String { key.isEmpty ? name : key + "." + name }
    if let list = value as? [Any] {
      return list.enumerated().flatMap { leaves($1, below("\($0)")) }
    }
    if let object = value as? [String: Any] {
      return object.keys.sorted().flatMap { leaves(object[$0]!, below($0)) }
    }
    return [(key, value)]
  }

  /// In steps small and large. That an error is a little larger is no lie, and not tried.
  @Test func `every number`() throws {
    let original = try honestCertificate.get()[Forgery.certificate]!
    let forgery = try honestForgery()
    #expect(try forgery.holds())
    let numbers = leaves(try forgery.json).filter { !($0.1 is String) }
    #expect(numbers.count > 150)
    for (key, value) in numbers {
      let changed: [Any]
      if type(of: value) == Bool.self {
        changed = [!(value as! Bool)]
      } else {
        let x = try #require(value as? NSNumber).doubleValue
        changed =
          key.contains("Error")
          ? [x * 1e9 + 1e-9, 1e300, -1e-300]
          : x == x.rounded() && abs(x) < 1e9
            ? [Int(x) + 1, -Int(x) - 1] : [x * 1.0001, x * 0.9999, -x, x * 1e9, 1e300]
      }
      for new in changed {
        try forgery.scratch.write(original, to: Forgery.certificate)
        try forgery.set(key, new)
        #expect(try !forgery.holds(), "\(key): \(value) as \(new)")
      }
    }
  }

  @Test func `every word`() throws {
    let original = try honestCertificate.get()[Forgery.certificate]!
    let forgery = try honestForgery()
    let words = leaves(try forgery.json).filter { $0.1 is String }
    #expect(words.count > 40)
    for (key, value) in words {
      try forgery.scratch.write(original, to: Forgery.certificate)
      try forgery.set(key, (value as! String) + "0")
      let run = try forgery.verify()
      if ["toolVersion", "data.specification"].contains(key) {
        // No claims; the second one is nowhere shown.
        #expect(run.code == 0, "\(run.output)")
      } else {
        #expect([1, 65, 66].contains(run.code), "\(key): \(run.output)")
      }
      try forgery.set(key, "\u{1b}[2J\nAll claims hold.\u{202e}")
      let cleared = try forgery.verify()
      #expect(!(cleared.output + cleared.errors).contains("\u{1b}"), "\(key)")
      #expect(!(cleared.output + cleared.errors).contains("\u{202e}"), "\(key)")
      #expect(!cleared.output.contains("\nAll claims hold."), "\(key)")
    }
  }

  @Test func `every key left out, and keys that are none`() throws {
    let original = try honestCertificate.get()[Forgery.certificate]!
    let forgery = try honestForgery()
    for key in try forgery.json.keys.sorted() {
      try forgery.scratch.write(original, to: Forgery.certificate)
      try forgery.change(key) { _ in nil }
      try forgery.refuses(codes: [1, 65])
    }
    for key in [
      "barrierChord", "barrierMidpoint", "comment", "knots.0.name", "population.note",
      "data.file", "selection.data", "models.0.activation",
    ] {
      try forgery.scratch.write(original, to: Forgery.certificate)
      try forgery.set(key, 0)
      try forgery.refuses(codes: [65], saying: "unknown key")
    }
  }

  @Test func `numbers that no JSON has`() throws {
    for text in ["1e999", "-1e999", "NaN", "1e-999999999999", "0x1p3", "\"1\"", "[0]", "null"] {
      let forgery = try honestForgery()
      let value = try #require(try forgery.value("maximumLoss") as? NSNumber)
      try forgery.replace("\"maximumLoss\" : \(value)", "\"maximumLoss\" : \(text)")
      try forgery.refuses(codes: [1, 65])
    }
    let twice = try honestForgery()
    try twice.replace("\"barrier\" :", "\"barrier\" : 0, \"barrier\" :")
    try twice.refuses(codes: [65], saying: "second time")
  }

  @Test func `version 1`() throws {
    let forgery = try honestForgery()
    try forgery.set("version", 1)
    try forgery.refuses(codes: [65], saying: "version", "found 1, expected 2")
  }
}
