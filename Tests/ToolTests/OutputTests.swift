import Foundation
import Testing

@Suite struct `What is written` {
  private func model() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.train("a.safetensors")
    return scratch
  }

  private let dropout = ["dropout", "a.safetensors", "--data", gaussians]
  private let evaluate = ["evaluate", "a.safetensors", "--data", gaussians]

  @Test func `models go under names that say their format`() throws {
    let scratch = try model()
    for (name, hint) in [
      ("z.pt", "safetensors.torch.load_file"), ("z.pth", "load_file"), ("z.onnx", ".npz"),
      ("z.json", ".npz"), ("z", ".npz"), ("-", "standard output"), ("z.safetensors.bak", ".npz"),
    ] {
      for command in [
        ["train", "--data", gaussians, "--hidden", "4", "--steps", "10"],
        ["prune", "a.safetensors", "--data", gaussians, "--keep", "0.5"],
      ] {
        let run = try Tool.run(command + ["-o", name], in: scratch)
        #expect(run.code == 64, "\(name): \(run.errors)")
        #expect(run.errors.contains(".safetensors"), "\(run.errors)")
        #expect(run.errors.contains(hint), "\(run.errors)")
        #expect(try scratch.contents == ["a.safetensors"])
      }
    }
  }

  @Test func `results take the format that the name of the file says, unless one is given`() throws
  {
    let scratch = try model()
    for command in [dropout, evaluate] {
      for (name, format) in [
        ("r.json", "json"), ("r.csv", "csv"), ("r.txt", "text"), ("r", "text"),
      ] {
        #expect(try Tool.run(command + ["-o", name], in: scratch).code == 0)
        let shown = try Tool.run(command + ["--format", format], in: scratch).output
        #expect(try scratch.bytes(name) == Data(shown.utf8), "\(name)")
        let dash = try Tool.run(command + ["--format", format, "-o", "-"], in: scratch)
        #expect(dash.code == 0 && dash.output == shown)
      }
      #expect(try Tool.run(command + ["--format", "csv", "-o", "r.json"], in: scratch).code == 0)
      let csv = try Tool.run(command + ["--format", "csv"], in: scratch).output
      #expect(try scratch.bytes("r.json") == Data(csv.utf8))
      let wrong = try Tool.run(command + ["-o", "r.xlsx"], in: scratch)
      #expect(wrong.code == 64 && wrong.errors.contains(".json"), "\(wrong.errors)")
      #expect(!scratch.exists("r.xlsx") && !scratch.exists("-"))
    }
    let arrays = try Tool.run(evaluate + ["-o", "r.npz"], in: scratch)
    #expect(arrays.code == 64, "evaluate has no arrays")
  }

  @Test(
    .enabled("needs gnuplot") { hasGnuplot },
    arguments: [
      "fig θ 1", "it's", "-rf", "a\"b", "`id`", "<id", "$x", ".hidden", "a\\", "|id", "%s", "日本語",
    ])
  func `figures may be called anything`(_ name: String) throws {
    let scratch = try model()
    let run = try Tool.run(
      dropout + ["-q", "--figure=sub dir/\(name).svg"], in: scratch)
    #expect(run.code == 73, "no such directory: \(run.errors)")
    try FileManager.default.createDirectory(
      atPath: scratch.path("sub dir"), withIntermediateDirectories: false)
    for place in ["", "sub dir/"] {
      let run = try Tool.run(dropout + ["-q", "--figure=\(place)\(name).svg"], in: scratch)
      #expect(run.code == 0, "\(run.errors)")
      for ending in ["svg", "csv", "gp"] {
        #expect(scratch.exists("\(place)\(name).\(ending)"), "\(name).\(ending)")
      }
    }
    // The script draws the same again, where it lies.
    let svg = try scratch.bytes("\(name).svg")
    try FileManager.default.removeItem(atPath: scratch.path("\(name).svg"))
    let again = try Shell.run(
      "gnuplot -d \"./$name.gp\"", environment: ["name": name], in: scratch)
    #expect(again.code == 0, "\(again.errors)")
    #expect(try scratch.bytes("\(name).svg") == svg)
  }

  @Test func `figures are not called by what is no name of a file`() throws {
    let scratch = try model()
    for name in ["a\nb.svg", ".svg", "x/.svg", "a.png", "a"] {
      let run = try Tool.run(dropout + ["--figure", name], in: scratch)
      #expect(run.code == 64, "\(name): \(run.errors)")
      #expect(run.errors.contains("--figure"))
    }
    #expect(try scratch.contents == ["a.safetensors"])
  }

  @Test(.enabled("needs gnuplot") { hasGnuplot })
  func `a file that grows beyond a limit leaves none of a set`() throws {
    let scratch = try model()
    let command = dropout.joined(separator: " ") + " --all -q --figure f.svg"
    // In KiB: the drawing is larger, its data are not.
    for limit in [1, 2, 4, 6] {
      let run = try Shell.run("ulimit -f \(limit); exec $tool \(command)", in: scratch)
      #expect(run.isOrderly && run.code != 0, "\(limit): \(run.code) \(run.errors)")
      #expect(try scratch.contents == ["a.safetensors"], "\(limit)")
    }
    let connect = try Shell.run(
      "ulimit -f 1; exec $tool connect a.safetensors a.safetensors --data \(gaussians) -o path",
      in: scratch)
    #expect(connect.isOrderly && connect.code == 74, "\(connect.code) \(connect.errors)")
    #expect(try scratch.contents == ["a.safetensors"])
  }

  @Test func `without gnuplot there are data, a script, and a word on what draws them`() throws {
    let scratch = try model()
    let environment = ["PATH": "/nonexistent"]
    try scratch.write("an old drawing", to: "f.svg")
    let figure = try Shell.run(
      "exec $tool " + dropout.joined(separator: " ") + " --figure f.svg",
      environment: environment, in: scratch)
    #expect(figure.code == 0, "\(figure.errors)")
    #expect(figure.errors.contains("gnuplot-nox") && figure.errors.contains("gnuplot NAME.gp"))
    #expect(try scratch.contents == ["a.safetensors", "f.csv", "f.gp"])

    let connect = try Shell.run(
      "exec $tool connect a.safetensors a.safetensors --data \(gaussians) -o path",
      environment: environment, in: scratch)
    #expect(connect.code == 0, "\(connect.errors)")
    #expect(scratch.exists("path/path.gp") && !scratch.exists("path/path.svg"))

    let reproduce =
      "exec $tool reproduce --only gaussians --widths 10 --trials 2 --steps 100 -o results"
    let run = try Shell.run(reproduce, environment: environment, in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.errors.contains("gnuplot-nox"), "\(run.errors)")
    for name in [
      "report.html", "results.json", "tables/gaussians-widths.csv", "figures/gaussians-path.csv",
      "figures/gaussians-path.gp", "figures/gaussians-change.gp",
    ] {
      #expect(scratch.exists("results/" + name), "\(name)")
    }
    #expect(!scratch.exists("results/figures/gaussians-path.svg"))
    let page = String(decoding: try scratch.bytes("results/report.html"), as: UTF8.self)
    #expect(page.contains("gnuplot gaussians-path.gp"))
    #expect(!page.contains("<img") && !page.contains(".svg"))
  }

  @Test func `a closed standard output is no place for results, nor is a file it could become`()
    throws
  {
    let scratch = try model()
    let before = try scratch.bytes("a.safetensors")
    let command = "$tool " + evaluate.joined(separator: " ")
    let closed = try Shell.run("exec \(command) >&-", in: scratch)
    #expect(closed.code == 74 && closed.errors.contains("standard output"), "\(closed.errors)")
    let file = try Shell.run("exec \(command) -o r.json >&- 2>&- <&-", in: scratch)
    #expect(file.code == 0)
    #expect(try parseJSON(scratch.bytes("r.json")) is [String: Any])
    #expect(try scratch.contents == ["a.safetensors", "r.json"])
    #expect(try scratch.bytes("a.safetensors") == before)
  }

  @Test func `by two runs at once is what one of them writes`() throws {
    let scratch = try model()
    let run = try Shell.run(
      """
      for i in 1 2 3 4 5 6; do
        $tool train --data \(gaussians) --hidden 8 --steps 600 -q -o b.safetensors >/dev/null &
        pids="$pids $!"
      done
      for p in $pids; do wait $p || exit 9; done
      """, in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    #expect(try scratch.contents == ["a.safetensors", "b.safetensors"])
    #expect(try scratch.bytes("b.safetensors") == scratch.bytes("a.safetensors"))
  }
}
