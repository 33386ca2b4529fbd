import Artifacts
import Experiments
import Foundation
import Landbridge
import LinearAlgebra
import Synchronization
import Testing

@Suite("Reproduction: laws") struct ReproductionTests {
  private var tiny: Reproduction {
    Reproduction(
      preset: "test",
      experiments: [
        Experiment(
          name: "tiny", title: "Tiny", note: "",
          data: DataSpecification(kind: .gaussians, options: ["d": "4", "n": "200"]),
          widths: [6, 9], hiddenLayers: 2, bias: true, stepSize: StepSize(0.05), steps: 60,
          earlyTime: 1, measurements: 5, trials: 3)
      ])
  }

  private func run(
    _ directory: URL, threads: Int = 2, stopAfter: Int = .max
  ) throws -> ReproductionResults? {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let finished = Mutex(0)
    return try tiny.run(
      in: directory, threads: threads, progress: { _ in finished.withLock { $0 += 1 } },
      shouldStop: { finished.withLock { $0 >= stopAfter } })
  }

  private func temporary() -> URL {
    URL.temporaryDirectory.appending(path: "landbridge-tests-\(UUID().uuidString)")
  }

  @Test("the same numbers for any number of threads, and after an interruption")
  func sameBytes() throws {
    let directories = (0..<3).map { _ in temporary() }
    defer { for url in directories { try? FileManager.default.removeItem(at: url) } }
    let whole = try #require(try run(directories[0], threads: 1))
    let parallel = try #require(try run(directories[1], threads: 2))
    #expect(try encodeStably(whole) == encodeStably(parallel))
    #expect(try run(directories[2], threads: 1, stopAfter: 2) == nil)
    let kept = try FileManager.default.contentsOfDirectory(
      atPath: directories[2].appending(path: "trials/tiny").path(percentEncoded: false))
    #expect(kept.count == 2)
    let resumed = try #require(try run(directories[2]))
    #expect(try encodeStably(whole) == encodeStably(resumed))
    let model = "models/tiny/N0009-trial02.safetensors"
    #expect(
      try Data(contentsOf: directories[0].appending(path: model))
        == Data(contentsOf: directories[2].appending(path: model)))
  }

  @Test("numbers can be recomputed from the models left behind")
  func recomputed() throws {
    let directory = temporary()
    defer { try? FileManager.default.removeItem(at: directory) }
    let results = try #require(try run(directory))
    let samples: Samples<Float> = try tiny.experiments[0].data.samples()
    for width in results.experiments[0].widths {
      for path in width.paths {
        let networks = try [path.from, path.to].map { trial in
          let name = "models/tiny/N000\(width.width)-trial0\(trial).safetensors"
          return try ModelFile<Float>(
            path: directory.appending(path: name).path(percentEncoded: false)
          ).network
        }
        let risk = try EmpiricalRisk(samples, loss: .squared)
        let losses = networks.map { $0.evaluate(on: risk).loss }
        #expect(path.dropout.endpointLosses == losses)
        #expect(path.dropout.segments.count == 9)
      }
      #expect(width.trials.allSatisfy { $0.outcome == "finished" })
      let last = try #require(width.trials[0].measurements.last)
      #expect(last.step == 60)
    }
  }

  @Test("measured steps are increasing and hold 0, the early step and the last")
  func measuredSteps() {
    for preset in Reproduction.Preset.allCases {
      for experiment in Reproduction(preset: preset, dataDirectory: "data", seed: 1).experiments {
        let steps = experiment.measuredSteps
        #expect(steps == steps.sorted() && Set(steps).count == steps.count)
        #expect(steps.first == 0 && steps.last == experiment.steps)
        #expect(steps.contains(experiment.earlyStep))
        #expect(
          abs(Double(experiment.earlyStep) * experiment.stepSize.initial - experiment.earlyTime)
            <= experiment.stepSize.initial)
      }
    }
  }
}
