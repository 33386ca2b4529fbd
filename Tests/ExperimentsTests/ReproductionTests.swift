import Artifacts
import Experiments
import Foundation
import Landbridge
import LinearAlgebra
import Synchronization
import Testing

@Suite("Reproduction: laws") struct ReproductionTests {
  private let tiny = Reproduction(
    preset: "test",
    experiments: [
      Experiment(
        name: "tiny", title: "Tiny", note: "",
        data: DataSpecification(kind: .gaussians, options: DataOptions(d: 4, n: 200)),
        widths: [6, 9], hiddenLayers: 2, bias: true, stepSize: StepSize(0.05), steps: 60,
        earlyTime: 1, measurements: 5, trials: 4)
    ])

  private func run(
    in store: any TrialStore, threads: Int = 2, stopAfter: Int = .max
  ) throws -> ReproductionResults? {
    let finished = Mutex(0)
    return try tiny.run(
      in: store, threads: threads, progress: { _ in finished.withLock { $0 += 1 } },
      shouldStop: { finished.withLock { $0 >= stopAfter } })
  }

  @Test("the same numbers for any number of threads")
  func threads() throws {
    try withDirectory { one in
      try withDirectory { two in
        let whole = try #require(try run(in: FileTrialStore(one), threads: 1))
        let parallel = try #require(try run(in: FileTrialStore(two), threads: 2))
        #expect(try encodeStably(whole) == encodeStably(parallel))
      }
    }
  }

  /// 8 trials come first, then 4 paths.
  @Test(
    "an interrupted run is resumed to the same bytes, and nothing finished is done again",
    arguments: [1, 5, 8, 10])
  func resumed(done: Int) throws {
    try withDirectory { one in
      try withDirectory { two in
        let whole = try #require(try run(in: FileTrialStore(one)))
        #expect(try run(in: FileTrialStore(two), threads: 1, stopAfter: done) == nil)
        #expect(try files(in: two).count == min(done, 8) * 2 + max(done - 8, 0))
        let store = CountingStore(FileTrialStore(two))
        let resumed = try #require(try run(in: store))
        #expect(store.kept.withLock { $0 } == 12 - done)
        #expect(try encodeStably(whole) == encodeStably(resumed))
        let again = try #require(try run(in: store))
        #expect(store.kept.withLock { $0 } == 12 - done)
        #expect(try encodeStably(whole) == encodeStably(again))
        try expectSameFiles(one, two)
      }
    }
  }

  @Test(
    "a stored file that is cut off, changed or gone is made again",
    arguments: [
      "trials/tiny/N0006-trial01.json", "models/tiny/N0006-trial01.safetensors",
      "paths/tiny/N0006-0-1.json",
    ])
  func damaged(name: String) throws {
    try withDirectory { one in
      try withDirectory { two in
        let whole = try #require(try run(in: FileTrialStore(one)))
        _ = try run(in: FileTrialStore(two))
        let file = two.appending(path: name)
        let bytes = try Data(contentsOf: file)
        var changed = bytes
        // A digit of a number in JSON, a weight in the model.
        let place = try #require(bytes.lastIndex { (0x31...0x38).contains($0) })
        changed[name.hasPrefix("models") ? bytes.endIndex - 2 : place] ^= 1
        for damaged in [bytes.prefix(bytes.count / 2), Data(), changed, nil] {
          if let damaged { try damaged.write(to: file) }
          if damaged == nil { try FileManager.default.removeItem(at: file) }
          let store = CountingStore(FileTrialStore(two))
          let found = try #require(try run(in: store))
          #expect(store.kept.withLock { $0 } == 1)
          #expect(try encodeStably(found) == encodeStably(whole))
          try expectSameFiles(one, two)
        }
      }
    }
  }

  @Test("what was made by another configuration is not taken")
  func otherConfiguration() throws {
    try withDirectory { directory in
      _ = try run(in: FileTrialStore(directory))
      for (change, kept) in [
        ({ (e: inout Experiment) in e.methods = [.linear] }, 4),
        ({ $0.steps = 61 }, 12), ({ $0.seed = 2 }, 12), ({ $0.trials = 6 }, 6),
      ] as [((inout Experiment) -> Void, Int)] {
        var other = tiny
        change(&other.experiments[0])
        try withDirectory { copy in
          let place = copy.appending(path: "results")
          try FileManager.default.copyItem(at: directory, to: place)
          let store = CountingStore(FileTrialStore(place))
          let results = try other.run(in: store, threads: 1, progress: { _ in })
          #expect(store.kept.withLock { $0 } == kept)
          let paths = try #require(results?.experiments[0].widths[0].paths)
          #expect(paths.allSatisfy { Set($0.results.keys) == Set(other.experiments[0].methods) })
        }
      }
    }
  }

  @Test("numbers can be recomputed from the models left behind")
  func recomputed() throws {
    let directory = try temporaryDirectory()
    defer { try? FileManager.default.removeItem(at: directory) }
    let results = try #require(try run(in: FileTrialStore(directory)))
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
        let profile = try #require(path[.dropout]?.profile)
        #expect(profile.endpointLosses == losses)
        #expect(profile.segments.count == 9)
      }
      #expect(width.trials.allSatisfy { $0.outcome == .finished })
      let last = try #require(width.trials[0].measurements.last)
      #expect(last.step == 60)
    }
  }

  @Test("a stored experiment is done if every trial and every path of its configuration is there")
  func done() throws {
    try withDirectory { directory in
      let store = FileTrialStore(directory)
      let experiment = tiny.experiments[0]
      #expect(!Reproduction.isDone(experiment, in: store))
      _ = try run(in: store)
      #expect(Reproduction.isDone(experiment, in: store))
      for change in [
        { $0.steps = 61 }, { $0.seed = 2 }, { $0.trials = 5 }, { $0.widths = [6, 10] },
      ]
        as [(inout Experiment) -> Void]
      {
        var other = experiment
        change(&other)
        #expect(!Reproduction.isDone(other, in: store))
      }
      try FileManager.default.removeItem(at: directory.appending(path: "paths/tiny/N0009-2-3.json"))
      #expect(!Reproduction.isDone(experiment, in: store))
    }
  }

  @Test("a variation is remembered where it changes something")
  func variation() {
    var same = tiny
    same.vary(Variation(widths: [6, 9], trials: 4))
    #expect(same.variation == nil && same.experiments == tiny.experiments)
    var other = tiny
    other.vary(Variation(trials: 2))
    #expect(other.variation == Variation(trials: 2) && other.experiments[0].trials == 2)
  }

  /// Errors are counts: (1/3 + 1/3)/2 − 1/3 and the like must not leave a rounding.
  @Test("changes of the 0-1 error lie on the grid of counts")
  func errorGrid() throws {
    try withDirectory { directory in
      var some = tiny
      some.experiments[0].data = DataSpecification(
        kind: .gaussians, options: DataOptions(d: 4, n: 359))
      let results = try #require(
        try some.run(in: FileTrialStore(directory), threads: 1, progress: { _ in }))
      #expect(results.experiments[0].heldOutSamples == 359)
      for width in results.experiments[0].widths {
        for measurement in width.trials.flatMap(\.measurements) {
          let change = try #require(measurement[.antitheticErrorChange])
          let counts = change * 359 * 4
          #expect(abs(counts - counts.rounded()) < 1e-9)
          #expect(change == 0 || abs(change) > 0.9 / (359 * 4))
        }
      }
    }
  }

  @Test("full takes features of the original files where they are, and says which it has")
  func originals() {
    let file = DataSpecification(kind: .file, location: "f.safetensors")
    for (preset, features, steps) in [
      (.full, file, 80_000), (.full, nil, 40_000), (.quick, file, 16_000),
    ] as [(Reproduction.Preset, DataSpecification?, Int)] {
      let reproduction = Reproduction(
        preset: preset, originals: OriginalData(features: features), seed: 1)
      let experiments = reproduction.experiments.filter { $0.name.hasPrefix("cifar10") }
      #expect(experiments.count == 2)
      for experiment in experiments {
        let isOriginal = preset == .full && features != nil
        #expect((experiment.data == file) == isOriginal && experiment.steps == steps)
        #expect(experiment.note.contains("original files: all images") == isOriginal)
        #expect(experiment.note.contains("built in") == !isOriginal)
        #expect(experiment.caveat?.contains("not its official test images") == true)
      }
    }
  }

  @Test("measured steps are increasing and hold 0, the early step and the last")
  func measuredSteps() {
    for preset in Reproduction.Preset.allCases {
      let originals = OriginalData(mnist: "data/mnist")
      for experiment in Reproduction(preset: preset, originals: originals, seed: 1).experiments {
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

/// Counts what is kept.
private final class CountingStore: TrialStore {
  let kept = Mutex(0)
  private let store: FileTrialStore

  init(_ store: FileTrialStore) { self.store = store }

  func trial(_ key: TrialKey, of plan: TrainingPlan) -> TrainingRecord? {
    store.trial(key, of: plan)
  }

  func network<Scalar: MatrixScalar>(
    of key: TrialKey, as type: Scalar.Type
  ) throws -> Network<Scalar> { try store.network(of: key, as: type) }

  func keep<Scalar: MatrixScalar>(_ trial: TrainingCheckpoint<Scalar>, as key: TrialKey) throws {
    kept.withLock { $0 += 1 }
    try store.keep(trial, as: key)
  }

  func path(_ key: PathKey, of plan: PathPlan) -> PathRecord? { store.path(key, of: plan) }

  func keep(_ path: PathRecord, of plan: PathPlan, as key: PathKey) throws {
    kept.withLock { $0 += 1 }
    try store.keep(path, of: plan, as: key)
  }
}

private func files(in directory: URL) throws -> [String] {
  try FileManager.default.subpathsOfDirectory(atPath: directory.path(percentEncoded: false))
    .filter { $0.contains(".") }.sorted()
}

private func expectSameFiles(_ one: URL, _ two: URL) throws {
  let names = try files(in: one)
  #expect(try files(in: two) == names)
  for name in names {
    #expect(
      try Data(contentsOf: one.appending(path: name))
        == Data(contentsOf: two.appending(path: name)), "\(name)")
  }
}
