import Foundation
import Testing

@Suite(.serialized) struct `A signal` {
  /// Runs the tool until `condition` holds, by default for a second, and sends a signal.
  private func stop(
    _ arguments: [String], by signal: Int32, in scratch: Scratch,
    when condition: (() -> Bool)? = nil
  ) throws -> Tool.Run {
    let running = try Tool.start(arguments, in: scratch)
    let start = ContinuousClock.now
    _ = running.wait { condition?() ?? (ContinuousClock.now - start > .seconds(1)) }
    try #require(running.isRunning, "\(arguments) has ended before the signal")
    running.send(signal)
    // A minute that only a hang reaches.
    #expect(running.wait { !running.isRunning }, "\(arguments) goes on")
    if running.isRunning { running.send(SIGKILL) }
    return try running.finish()
  }

  /// Work of many minutes, each on a model of its own.
  static let long: [(name: String, arguments: [String])] = [
    ("evaluate", ["evaluate", "a.safetensors", "--data", huge]),
    ("dropout", ["dropout", "a.safetensors", "--data", huge, "--select", "random", "-o", "c.csv"]),
    ("connect", ["connect", "a.safetensors", "b.safetensors", "--data", huge, "-o", "path"]),
    ("prune", ["prune", "a.safetensors", "--data", huge, "--keep", "0.5", "-o", "p.npz"]),
    ("reproduce", ["reproduce", "--only", "gaussians", "--steps", "100000000", "-o", "r"]),
  ]

  private static let huge = "gaussians:d=6,delta=0.5,mean=0.5,n=3000000"

  @Test(arguments: long.map(\.name))
  func `ends long work, which leaves nothing half-written`(_ command: String) throws {
    let scratch = try Scratch()
    for name in ["a", "b"] {
      try scratch.train("\(name).safetensors", "--hidden", "3000", "--steps", "10")
    }
    let arguments = Self.long.first { $0.name == command }!.arguments
    let run = try stop(arguments, by: SIGTERM, in: scratch)
    #expect(run.isOrderly && run.code == 143, "\(run.code) \(run.errors)")
    #expect(run.output.isEmpty)
    let left = try scratch.contents.filter { $0 != "r" }
    #expect(left == ["a.safetensors", "b.safetensors"])
    if command == "reproduce" {
      #expect(run.errors.contains("the same command goes on from there"), "\(run.errors)")
      let all = try FileManager.default.subpathsOfDirectory(atPath: scratch.path("r"))
      #expect(!all.contains { $0.contains("tmp-") })
    }
  }

  @Test func `during a measurement leaves a checkpoint of the step before it`() throws {
    let scratch = try Scratch()
    let training = [
      "train", "--data", "gaussians:d=200,n=20000", "--hidden", "20000", "--steps", "100",
      "--evaluate-every", "1", "--checkpoint-every", "1", "-o", "m.safetensors",
    ]
    let run = try stop(training, by: SIGINT, in: scratch) {
      scratch.exists("m.checkpoint.safetensors")
    }
    #expect(run.isOrderly && run.code == 130, "\(run.code) \(run.errors)")
    #expect(try scratch.contents == ["m.checkpoint.safetensors"])
    #expect(run.errors.contains(/stopped after step \d+ of 100/), "\(run.errors)")
  }

  @Test func `in a long block gives it up`() throws {
    let scratch = try Scratch()
    // The block that begins at step 4 takes ten seconds.
    let training = [
      "train", "--data", "gaussians:d=1000,n=10", "--hidden", "20000", "--steps", "4096",
      "--block-size", "4096", "--evaluations", "3", "--checkpoint-every", "1", "-o",
      "m.safetensors",
    ]
    let run = try stop(training, by: SIGTERM, in: scratch) {
      scratch.exists("m.checkpoint.safetensors")
    }
    #expect(run.isOrderly && run.code == 143, "\(run.code) \(run.errors)")
    #expect(try scratch.contents == ["m.checkpoint.safetensors"])
    #expect(run.errors.contains("stopped after step 4 of 4096"), "\(run.errors)")
  }

  @Test func `that the parent ignores, as nohup does, is ignored`() throws {
    let scratch = try Scratch()
    let run = try Shell.run(
      """
      trap '' HUP
      $tool train --data gaussians:d=40,n=50 --hidden 300 --steps 60000 --threads 1 \
        --checkpoint-every 1000 -o m.safetensors -q --format json >/dev/null &
      while [ ! -e m.checkpoint.safetensors ]; do sleep 0.01; done
      kill -HUP $!
      wait $!
      """, in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    #expect(try scratch.contents == ["m.safetensors"])
  }

  @Test func `that kills leaves files which the next run removes`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors", "--seed", "1")
    try scratch.train("b.safetensors", "--seed", "2")
    let dead = try Shell.run("sh -c 'echo $$'", in: scratch).output
      .trimmingCharacters(in: .whitespacesAndNewlines)
    for name in [".c.safetensors", ".c.checkpoint.safetensors", ".curve.npz"] {
      try scratch.write("half", to: "\(name).tmp-\(dead)-1")
    }
    let path = scratch.url.appending(path: ".path.tmp-\(dead)-3/knots")
    try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
    try scratch.write("half", to: ".path.tmp-\(dead)-3/knots/00.safetensors")
    // That of a living process: this one.
    try scratch.write("other", to: ".c.safetensors.tmp-\(getpid())-1")

    try scratch.train("c.safetensors")
    let connect = try Tool.run(
      "connect", "a.safetensors", "b.safetensors", "--data", gaussians, "-q", "-o", "path",
      in: scratch)
    #expect(connect.code == 0, "\(connect.errors)")
    let dropout = try Tool.run(
      "dropout", "a.safetensors", "--data", gaussians, "-o", "curve.npz", in: scratch)
    #expect(dropout.code == 0, "\(dropout.errors)")
    #expect(
      try scratch.contents == [
        ".c.safetensors.tmp-\(getpid())-1", "a.safetensors", "b.safetensors", "c.safetensors",
        "curve.npz", "path",
      ])
  }

  @Test func `of a closed pipe ends quietly, and does not end training`() throws {
    let scratch = try Scratch()
    let list = try Shell.run(
      "set -o pipefail; $tool data list --format json | true; echo $?", in: scratch)
    #expect(list.errors.isEmpty, "\(list.errors)")
    #expect(["0\n", "141\n"].contains(list.output), "\(list.output)")
    let train = try Shell.run(
      "($tool train --data digits --hidden 8 --steps 50 -o m.npz; echo $? >code) 2>&1 | true",
      in: scratch)
    #expect(train.isOrderly)
    #expect(scratch.exists("m.npz"))
  }
}
