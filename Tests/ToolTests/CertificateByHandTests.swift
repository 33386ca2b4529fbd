import Foundation
import Testing

/// The program of docs/certificates.md, run as it stands there.
@Suite struct `Certificates by hand` {
  private func program() throws -> String {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = try String(
      contentsOf: root.appending(path: "docs/certificates.md"), encoding: .utf8)
    let parts = page.components(separatedBy: "```python\n")
    try #require(parts.count == 2)
    return parts[1].components(separatedBy: "```")[0]
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
      for name in "s.npz", "t.npz":
          x = r.normal(size=(300, 4))
          np.savez(name, x=x, y=np.digitize(x[:, 0] * x[:, 1], [0, 0.5][:\(classes) - 1]))
      """, in: scratch.url)
    try #require(made.code == 0, "\(made.output)")
    for seed in ["1", "2"] {
      let run = try Tool.run(
        [
          "train", "--data", "t.npz", "--steps", "300", "--step-size", "0.005", "--seed", seed,
          "-q", "-o", "\(seed).safetensors",
        ] + train, in: scratch)
      try #require(run.code == 0, "\(run.errors)")
    }
    let path = try Tool.run(
      ["connect", "1.safetensors", "2.safetensors", "--data", "s.npz", "-o", "path", "-q"]
        + connect, in: scratch)
    try #require(path.code == 0, "\(path.errors)")
    #expect(
      try Tool.run("verify", "path/certificate.json", "--data", "s.npz", in: scratch).code == 0)

    let program = try program()
    let found = try Python.run(program, ["path", "s.npz"], in: scratch.url)
    #expect(found.code == 0 && found.output.hasPrefix("barrier "), "\(found.output)")
    // It checks indeed.
    var text = String(decoding: try scratch.bytes("path/certificate.json"), as: UTF8.self)
    text.replace("\"kind\" : \"affine\"", with: "\"kind\" : \"constant\"", maxReplacements: 1)
    try scratch.write(text, to: "path/certificate.json")
    #expect(try Python.run(program, ["path", "s.npz"], in: scratch.url).code != 0)
  }
}
