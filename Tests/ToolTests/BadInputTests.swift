import DataFormats
import Foundation
import Testing

@Suite struct `Bad input` {
  /// Runs and expects one line of error, an exit code, and no new file.
  private func fails(
    _ arguments: [String], with code: Int32, saying words: String..., in scratch: Scratch,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = try scratch.contents
    let run = try Tool.run(arguments, in: scratch)
    #expect(run.isOrderly, "\(arguments)", sourceLocation: sourceLocation)
    #expect(run.code == code, "\(arguments): \(run.errors)", sourceLocation: sourceLocation)
    #expect(run.output.isEmpty, "\(run.output)", sourceLocation: sourceLocation)
    let lines = run.errors.split(separator: "\n")
    #expect(
      lines.count == 1 || lines.count == 2 && lines[1].hasPrefix("See 'landbridge"),
      "\(run.errors)", sourceLocation: sourceLocation)
    #expect(run.errors.hasPrefix("landbridge: "), sourceLocation: sourceLocation)
    for word in words where !word.isEmpty {
      #expect(run.errors.contains(word), "\(word): \(run.errors)", sourceLocation: sourceLocation)
    }
    #expect(try scratch.contents == before, sourceLocation: sourceLocation)
  }

  private func train(_ more: String...) -> [String] {
    ["train", "-o", "new.safetensors"] + (more.contains("--steps") ? [] : ["--steps", "10"])
      + (more.contains("--hidden") ? [] : ["--hidden", "4"])
      + (more.contains("--data") ? [] : ["--data", gaussians]) + more
  }

  @Test func `usage is refused with 64`() throws {
    let scratch = try Scratch()
    try fails(["frobnicate"], with: 64, saying: "frobnicate", in: scratch)
    try fails(
      ["train", "--data", "digits", "--steps", "3", "-o", "x"], with: 64,
      saying: "--hidden", in: scratch)
    try fails(
      ["train", "--data", "digits", "--hidden", "3", "-o", "x"], with: 64,
      saying: "--steps", "--passes", "--time", in: scratch)
    try fails(
      ["train", "--data", "digits", "--hidden", "3", "--steps", "3"], with: 64,
      saying: "-o", in: scratch)
    for (option, value) in [
      ("--hidden", "0"), ("--hidden", "3,,4"), ("--hidden", "many"), ("--hidden", "-3"),
      ("--hidden", "99999999999999999999"), ("--steps", "0"), ("--steps", "1.5"),
      ("--steps", "9999999999999999999999"), ("--step-size", "0"), ("--step-size", "nan"),
      ("--step-size", "inf"), ("--passes", "inf"), ("--time", "nan"), ("--loss", "hinge"),
      ("--activation", "tnah"), ("--schedule", "power"), ("--schedule", "power:-1"),
      ("--first-law", "cauchy"), ("--trained", "middle"), ("--threads", "0"), ("--seed", "-1"),
      ("--block-size", "0"), ("--evaluations", "0"), ("--evaluate-every", "0"),
      ("--checkpoint-every", "0"), ("--data", "nonsense"), ("--data", "gaussians:e=4"),
      ("--data", "gaussians:d=0"), ("--data", "gaussians:d=4294967296,n=4294967296"),
      ("--data", "gaussians:delta=2"), ("--data", "mnist"), ("--data", "digits:split=half"),
      ("--hidden", "16000000,16000000"), ("--precision", "half"), ("--scaling", "ntk"),
      ("--passes", "2"),
    ] {
      try fails(train(option, value), with: 64, in: scratch)
    }
    try fails(
      train("--time", "1e300", "--schedule", "power:2", "--steps", "3"), with: 64,
      saying: "exclude", in: scratch)
    try fails(
      train("--hidden", "4,4,4", "--activation", "tanh,relu"), with: 64, saying: "found 2",
      in: scratch)
  }

  @Test func `missing files are 66`() throws {
    let scratch = try Scratch()
    try fails(
      ["evaluate", "none.safetensors", "--data", "digits"], with: 66,
      saying: "none.safetensors", in: scratch)
    try fails(train("--data", "none.csv"), with: 66, saying: "none.csv", in: scratch)
    try fails(train("--data", "mnist:none"), with: 66, saying: "none", in: scratch)
    try fails(["train", "--resume", "none.checkpoint.safetensors"], with: 66, in: scratch)
    try fails(["connect", "none.safetensors", "b", "--data", "digits"], with: 66, in: scratch)
    try fails(["evaluate", ".", "--data", "digits"], with: 66, saying: "a directory", in: scratch)
  }

  @Test func `damaged models are 65`() throws {
    let scratch = try Scratch()
    try scratch.train("good.safetensors")
    let good = try scratch.bytes("good.safetensors")
    let damaged: [(String, Data)] = [
      ("empty", Data()), ("short", good.prefix(5)), ("cut", good.dropLast(7)),
      ("long", good + Data([0])), ("noise", Data((0..<200).map { UInt8($0) })),
      ("huge", Data(repeating: 255, count: 100)),
      ("nan", good.dropLast(4) + Data([0, 0, 0xC0, 0x7F])),
    ]
    for (name, bytes) in damaged {
      try scratch.write(bytes, to: "\(name).safetensors")
      for command in [["evaluate"], ["dropout"], ["connect", "good.safetensors"]] {
        try fails(
          command + ["\(name).safetensors", "--data", gaussians], with: 65,
          saying: "\(name).safetensors", in: scratch)
      }
      try fails(
        ["train", "--resume", "\(name).safetensors", "-o", "new.safetensors"], with: 65,
        saying: "\(name).safetensors", in: scratch)
    }
  }

  @Test func `models and data that do not fit are 65, naming both`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors")
    for command in ["evaluate", "dropout"] {
      try fails(
        [command, "a.safetensors", "--data", "digits"], with: 65, saying: "a.safetensors",
        "digits", "6 inputs", in: scratch)
    }
    try fails(
      train("--data", "teacher:n=10", "--loss", "cross-entropy"), with: 65,
      saying: "target of sample 0", "expected 1 or -1", in: scratch)
  }

  @Test func `damaged data are 65, with the place`() throws {
    let scratch = try Scratch()
    let good = "1,2,0\n3,4,1\n5,6,0\n7,8,1\n2,1,0\n"
    for (name, text, words) in [
      ("nan", good + "1,nan,0\n", "line 6"), ("word", good + "1,two,0\n", "line 6"),
      ("ragged", good + "1,2\n", "line 6"), ("empty", "", ""), ("one", "1,0\n", ""),
      ("label", "1,2,0\n1,2,-4\n1,2,3\n1,2,0\n1,2,1\n", "-4"),
    ] {
      try scratch.write(text, to: "\(name).csv")
      try fails(
        train("--data", "\(name).csv"), with: 65, saying: "\(name).csv", words, in: scratch)
    }
    try scratch.write(good, to: "good.csv")
    try fails(
      train("--data", "good.csv:label=9"), with: 65, saying: "good.csv", "label=9", in: scratch)

    func idx(_ magic: UInt8, _ counts: [Int], _ values: [UInt8]) -> Data {
      Data([0, 0, magic, UInt8(counts.count)])
        + counts.flatMap { n in (0..<4).map { UInt8(truncatingIfNeeded: n >> (24 - 8 * $0)) } }
        + values
    }
    let images = idx(8, [3, 2, 2], Array(repeating: 7, count: 12))
    let labels = idx(8, [3], [0, 1, 2])
    for (name, images, labels) in [
      ("magic", idx(9, [3, 2, 2], Array(repeating: 7, count: 12)), labels),
      ("cut", images.dropLast(1), labels), ("counts", images, idx(8, [2], [0, 1])),
      ("types", images, idx(9, [3], [0, 1, 2])),
      ("lies", idx(8, [1 << 30, 1 << 10, 1 << 10], []), labels),
    ] {
      let directory = scratch.url.appending(path: name)
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      for part in ["train", "t10k"] {
        try images.write(to: directory.appending(path: "\(part)-images-idx3-ubyte"))
        try labels.write(to: directory.appending(path: "\(part)-labels-idx1-ubyte"))
      }
      try fails(train("--data", "mnist:\(name)"), with: 65, saying: name, in: scratch)
    }
  }

  @Test func `hostile files are refused in one line`() throws {
    let scratch = try Scratch()
    func little(_ value: Int) -> Data {
      Data((0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) })
    }
    func header(_ text: String) -> Data { little(text.utf8.count) + Data(text.utf8) }
    let bomb = gzip(Data(count: 300 << 20), level: 1)
    let marks = String(repeating: "\u{301}\u{316}", count: 500_000)
    let tensor = "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}"
    for (name, bytes, words) in [
      ("bomb.csv.gz", bomb, "more than"), ("bomb.npz", bomb, "a gzip file"),
      ("wide.csv", Data(String(repeating: "1,", count: 3_000_000).utf8), "column 3000001"),
      ("endless.csv", Data("1,2\n".utf8) + Data(repeating: 0x31, count: 5 << 20), "line 2"),
      ("deep.safetensors", header("{\"x\":" + String(repeating: "[", count: 1 << 20)), "key"),
      ("huge.safetensors", little(.max) + Data(count: 8), "not a safetensors file"),
      ("marks.safetensors", header("{\"\(marks)\":\(tensor)}") + Data(count: 8), "combining"),
      (
        "twice.safetensors", header("{\"x\":\(tensor),\"x\":\(tensor)}") + Data(count: 8),
        "second time"
      ),
      (
        "overlap.safetensors", header("{\"x\":\(tensor),\"y\":\(tensor)}") + Data(count: 8),
        "begin 8"
      ),
    ] {
      try scratch.write(bytes, to: name)
      try fails(["data", "info", name], with: 65, saying: name, words, in: scratch)
    }
    // One-hot targets of 100 000 classes would take 40 000 times the length of the file.
    let rows = String(repeating: "1,0\n", count: 1000) + "1,99999\n"
    try scratch.write(rows, to: "classes.csv")
    try fails(
      train("--data", "classes.csv", "--loss", "cross-entropy"), with: 65, saying: "label",
      "class 99999", "classes=K",
      in: scratch)
    try scratch.write("1,0\n", to: "hole.csv")
    try #require(unsafe truncate(scratch.path("hole.csv"), 1 << 40) == 0)
    try fails(["data", "info", "hole.csv"], with: 65, saying: "bytes of memory", in: scratch)
    try #require(unsafe mkfifo(scratch.path("pipe.csv"), 0o600) == 0)
    try #require(unsafe symlink("/dev/zero", scratch.path("zero.safetensors")) == 0)
    for name in ["pipe.csv", "zero.safetensors"] {
      try fails(["data", "info", name], with: 66, saying: name, "device", in: scratch)
    }
    for text in ["digits:=", "digits:=3,limit=2", "x.csv:,", "teacher:d=\u{1B}[2J"] {
      try fails(train("--data", text), with: 64, saying: "--data", in: scratch)
    }
  }

  @Test func `a mapped file that is shortened ends the run with 65`() throws {
    let scratch = try Scratch()
    let run = try Tool.start(longTraining + ["--checkpoint-every", "3000"], in: scratch)
    try #require(run.wait { scratch.exists("model.checkpoint.safetensors") })
    run.send(SIGBUS)
    let result = try run.finish()
    #expect(result.isOrderly && result.code == 65)
    #expect(result.errors.hasSuffix("was shortened by another program while it was being read\n"))
    #expect(!scratch.exists("model.safetensors"))
  }

  @Test func `numbers of neurons out of range are 64`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors")
    for (option, value) in [
      ("--keep", "0"), ("--keep", "1.5"), ("--keep", "nan"), ("--keep-count", "0"),
      ("--keep-count", "9"), ("--layer", "0"), ("--layer", "2"), ("--draws", "5"),
      ("--tolerance", "nan"), ("--figure", "curve.png"),
    ] {
      try fails(
        ["dropout", "a.safetensors", "--data", gaussians, option, value], with: 64,
        saying: option, in: scratch)
    }
    try fails(
      ["connect", "a.safetensors", "a.safetensors", "--data", gaussians, "--keep", "0.7"],
      with: 64, saying: "--keep", in: scratch)
  }

  @Test func `places that cannot be written are 73, a full disk 74`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors")
    let evaluate = ["evaluate", "a.safetensors", "--data", gaussians]
    for place in ["none/model.safetensors", "/dev/null/model.safetensors", "."] {
      let arguments = [
        "train", "--data", gaussians, "--hidden", "4", "--steps", "10", "-o", place,
      ]
      try fails(arguments, with: 73, in: scratch)
      try fails(evaluate + ["-o", place], with: 73, in: scratch)
    }
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    try fails(evaluate + ["-o", "/dev/full"], with: 74, saying: "/dev/full", in: scratch)
    try fails(
      ["train", "--data", gaussians, "--hidden", "4", "--steps", "10", "-o", "/dev/full"],
      with: 74, saying: "No space left", in: scratch)
  }
}
