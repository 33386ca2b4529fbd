#if os(Linux)
  import Foundation
  import Testing

  @Suite struct `Too little memory` {
    static let commands = [
      "--help", "version", "data info digits", "evaluate a.safetensors --data digits",
      "dropout a.safetensors --data digits",
      "connect a.safetensors b.safetensors --data digits -o new",
      "train --data digits --hidden 400 --steps 500 -o t.safetensors",
      "prune a.safetensors --data digits --keep 0.5 -o p.safetensors",
      "verify path/certificate.json --data digits",
      "reproduce --only gaussians --widths 10 --trials 2 --steps 50 -o r",
    ]

    private func models() throws -> Scratch {
      let scratch = try Scratch()
      for (name, seed) in [("a", "1"), ("b", "2")] {
        let run = try Tool.run(
          "train", "--data", "digits", "--hidden", "60", "--passes", "1", "--seed", seed, "-q",
          "-o", "\(name).safetensors", in: scratch)
        try #require(run.code == 0, "\(run.errors)")
      }
      let run = try Tool.run(
        "connect", "a.safetensors", "b.safetensors", "--data", "digits", "-q", "-o", "path",
        in: scratch)
      try #require(run.code == 0, "\(run.errors)")
      return scratch
    }

    /// 127: the loader could not even map the libraries, and says so in one line.
    @Test(arguments: [60_000, 130_000, 200_000, 250_000, 300_000, 400_000, 600_000, 1_000_000])
    func `ends every command with one line and 71, or does not matter`(_ limit: Int) throws {
      let scratch = try models()
      for command in Self.commands {
        let run = try Shell.run("ulimit -v \(limit); exec $tool \(command)", in: scratch)
        #expect(run.isOrderly, "\(limit) \(command): \(run.errors)")
        #expect([0, 71, 127].contains(run.code), "\(limit) \(command): \(run.errors)")
        guard run.code != 0 else { continue }
        let complaints = run.errors.split(separator: "\n").filter {
          !$0.contains(" … ") && !$0.contains("█")
        }
        #expect(complaints.count == 1, "\(limit) \(command): \(run.errors)")
        if run.code == 71 { #expect(run.errors.contains("memory"), "\(run.errors)") }
      }
    }

    @Test func `is no matter where there is enough`() throws {
      let scratch = try models()
      for command in Self.commands {
        let run = try Shell.run("ulimit -v 2000000; exec $tool \(command)", in: scratch)
        #expect(run.code == 0, "\(command): \(run.errors)")
      }
    }

    @Test func `is found out before the work, with what is needed and what there is`() throws {
      let scratch = try Scratch()
      let run = try Shell.run(
        "ulimit -v 1500000; exec $tool train --data digits --hidden 4000000 --steps 9 "
          + "-o t.safetensors", in: scratch)
      #expect(run.code == 71, "\(run.errors)")
      #expect(run.errors.contains(/needs about [\d.]+ GiB of memory/), "\(run.errors)")
      #expect(run.errors.contains("ulimit -v"), "\(run.errors)")
      #expect(try scratch.contents.isEmpty)
    }

    @Test func `for a thread is one line too`() throws {
      let scratch = try models()
      // A stack for each of 1024 threads does not fit.
      let run = try Shell.run(
        "ulimit -v 3000000; exec $tool train --data digits --hidden 200000 --steps 200 "
          + "--piece-size 100 --threads 1024 -o t.safetensors", in: scratch)
      #expect(run.isOrderly && run.code == 71, "\(run.code) \(run.errors)")
      #expect(run.errors.contains("out of memory") && run.errors.hasSuffix("KiB\n"))
    }
  }
#endif
