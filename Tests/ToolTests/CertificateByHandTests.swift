import DataFormats
import Foundation
import LinearAlgebra
import Testing

/// The program of docs/certificates.md, run as it stands there.
@Suite struct `Certificates by hand` {
  private let data = "s.npz:targets=classes"

  private func program() throws -> String {
    let page = try Page("docs/certificates.md")
    let programs = page.blocks.filter { $0.language == "python" }
    try #require(programs.count == 1)
    return page.text(programs[0])
  }

  @Test(
    .enabled(
      if: Python.has("numpy"), "\(Python.executable) lacks numpy (LANDBRIDGE_PYTHON names another)"),
    arguments: [
      (classes: 2, train: ["--hidden", "9"], connect: [String]()),
      (classes: 2, train: ["--hidden", "8,7", "--loss", "cross-entropy", "--bias"], connect: []),
      (
        classes: 3, train: ["--hidden", "8", "--loss", "cross-entropy", "--precision", "double"],
        connect: ["--overlapping"]
      ),
      (
        classes: 3,
        train: ["--hidden", "7,6", "--scaling", "standard", "--bias", "--activation", "relu"],
        connect: ["--overlapping"]
      ),
    ])
  func `NumPy finds what is stated`(classes: Int, train: [String], connect: [String]) throws {
    let scratch = try Scratch()
    let made = try Python.run(
      """
      import numpy as np
      r = np.random.default_rng(5)
      for name in ["train.npz", "s.npz"]:
        x = r.normal(size=(300, 4))
        np.savez(name, x=x, y=np.digitize(x[:, 0] * x[:, 1], [0, 0.5][:\(classes) - 1]))
      """, in: scratch.url)
    try #require(made.code == 0, "\(made.output)")
    for seed in ["1", "2"] {
      let run = try Tool.run(
        [
          "train", "--data", "train.npz:targets=classes", "--steps", "300", "--step-size", "0.005",
          "--seed", seed,
          "-q", "-o", "\(seed).safetensors",
        ] + train, in: scratch)
      try #require(run.code == 0, "\(run.errors)")
    }
    let path = try Tool.run(
      ["connect", "1.safetensors", "2.safetensors", "--data", data, "-o", "path", "-q"]
        + connect, in: scratch)
    try #require(path.code == 0, "\(path.errors)")
    #expect(
      try Tool.run("verify", "path/certificate.json", "--data", data, in: scratch).code == 0)

    let program = try program()
    let found = try Python.run(program, ["path", "s.npz"], in: scratch.url)
    #expect(found.code == 0 && found.output.hasPrefix("barrier "), "\(found.output)")
    // It checks indeed.
    var text = String(decoding: try scratch.bytes("path/certificate.json"), as: UTF8.self)
    text.replace("\"kind\" : \"affine\"", with: "\"kind\" : \"constant\"", maxReplacements: 1)
    try scratch.write(text, to: "path/certificate.json")
    #expect(try Python.run(program, ["path", "s.npz"], in: scratch.url).code != 0)
  }

  /// What `verify` refuses, as far as NumPy alone can see it.
  @Test(
    .enabled(
      if: Python.has("numpy"), "\(Python.executable) lacks numpy (LANDBRIDGE_PYTHON names another)")
  )
  func `NumPy refuses what is forged`() throws {
    let files = try Forgery.connect(data: data) { scratch in
      try Forgery.writeModels(scratch, hidden: [8])
      let x = Matrix<Float>.normal(
        rows: 60, columns: 3, stream: RandomStream(seed: 2, purpose: .testSamples))
      let labels = (0..<60).map { x[$0, 0] > 0 ? 1 : 0 }
      try writeNpz([("x", Tensor(x)), ("y", Tensor(labels))], to: scratch.path("s.npz"))
    }
    let program = try program()
    func run(_ forge: (Forgery) throws -> Void) throws -> Tool.Run {
      let forgery = try Forgery(files, data: data)
      try forge(forgery)
      return try Python.run(program, ["path", "s.npz"], in: forgery.scratch.url)
    }
    let honest = try run { _ in }
    #expect(honest.code == 0, "\(honest.output)")
    let forgeries: [(Forgery) throws -> Void] = [
      { try $0.set("version", 1) },
      {
        try $0.editMetadata("a.safetensors") { $0["activation"] = "relu" }
        try $0.rehash()
      },
      {
        try $0.editMetadata("b.safetensors") { $0["scaling"] = "standard" }
        try $0.rehash()
      },
      { try $0.change("knots.2.loss") { ($0 as! Double) * 1.0001 } },
      { try $0.set("knots.2.lossError", 1) },
      { try $0.set("knots.1.errors", [0, 0]) },
      { try $0.change("barrier") { ($0 as! Double) + 1e-6 } },
      { try $0.set("barrier", -1e-9) },
      { try $0.set("selection.kept", [3]) },
      { try $0.set("data.distinct", 59) },
      {
        try $0.change("population") { _ in nil }
        try $0.set("noPopulation", "ok. With confidence 1: error 0")
      },
      { try $0.set("segments.0.kind", "constant") },
      {
        let (one, two) = (try $0.knot(1), try $0.knot(3))
        let bytes = (try $0.scratch.bytes(one), try $0.scratch.bytes(two))
        try $0.scratch.write(bytes.0, to: two)
        try $0.scratch.write(bytes.1, to: one)
        try $0.rehash()
      },
    ]
    for (index, forge) in forgeries.enumerated() {
      let run = try run(forge)
      #expect(run.code == 1 && run.output.contains("Error"), "\(index): \(run.output)")
    }
  }
}
