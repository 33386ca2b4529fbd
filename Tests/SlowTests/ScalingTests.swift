import Artifacts
import Experiments
import Landbridge
import LinearAlgebra
import Testing

/// docs/theory.md §6, check 5: how the change in loss scales with the width. Fixed seeds, so that a
/// verdict does not change from run to run; the bands are those of the theory file.
@Suite("Scaling in width: statistical") struct ScalingTests {
  private static let widths = [100, 200, 400, 800, 1600, 3200]
  private static let trials = 8

  /// Measurements at t = 1 and t = 40, by width and trial.
  private static let measurements: [[[TrainingMeasurement]]] = {
    let data = DataSpecification(
      kind: .gaussians, options: DataOptions(d: 32, delta: 0.5, n: 4000))
    let dataset: Dataset<Float> = try! data.dataset()
    let jobs = widths.indices.reversed().flatMap { w in (0..<trials).map { (w, $0) } }
    let results = concurrentMap(jobs.count, threads: 2) { index in
      let (w, trial) = jobs[index]
      var run = TrainingRun(
        TrainingPlan(
          data: data, architecture: Architecture(hidden: [widths[w]], bias: true),
          stepSize: StepSize(0.01), steps: 4000, measuredSteps: [100, 4000], seed: 7, trial: trial),
        on: dataset)
      precondition(run.run() == .finished)
      return run.record.measurements
    }
    var table = Array(repeating: [[TrainingMeasurement]](), count: widths.count)
    for (job, result) in zip(jobs, results) { table[job.0].append(result) }
    return table
  }()

  private func slope(at moment: Int, _ value: (TrainingMeasurement) -> Double) -> Double {
    let points = zip(Self.widths, Self.measurements).map { width, trials in
      (x: Double(width), values: trials.map { value($0[moment]) })
    }
    return PowerLaw(points, seed: 1)!.slope
  }

  @Test("slope of mean |L_N − L_{N/2}|: about −1/2 early, about −1 converged")
  func changeOfOneHalf() {
    let change = { (m: TrainingMeasurement) in abs(m[.dropoutLoss]! - m[.loss]!) }
    #expect((-0.65 ... -0.4).contains(slope(at: 0, change)))
    #expect((-1.2 ... -0.8).contains(slope(at: 1, change)))
  }

  @Test("slope of the antithetic mean: −1 always", arguments: [0, 1])
  func antitheticMean(moment: Int) {
    #expect((-1.1 ... -0.9).contains(slope(at: moment) { $0[.antitheticChange]! }))
  }

  /// With R subsets the mean of (L_S − L)/(γV) has standard error s/√R; 4.5 of them are exceeded
  /// by chance about once in 150 000 tests. The seeds are fixed.
  @Test("mean(ΔL)(N − 1)/V = 1 for every step size", arguments: [0.04, 0.01, 0.0025])
  func exactMean(α: Double) throws {
    let data = DataSpecification(kind: .gaussians, options: DataOptions(d: 16, n: 2000))
    let dataset: Dataset<Double> = try data.dataset()
    let N = 200
    let sgd = OnlineSGD(
      network: Architecture(hidden: [N], bias: true).network(
        inputs: 16, outputs: 1, stream: RandomStream(seed: 3, purpose: .initialization)),
      source: dataset.source(seed: 3), loss: .squared, stepSize: StepSize(α))
    #expect(sgd.run(until: Int(10 / α)) == .finished)
    let subsets = RandomStream(seed: 3, purpose: .subsets)
    let risk = try EmpiricalRisk(dataset.heldOut, loss: .squared)
    let moments = sgd.network.dropoutMoments(on: risk)
    let changes = sgd.network.dropoutEvaluations(
      keepingLast: (0..<2000).map { subsets.subset(N / 2, of: N, item: UInt64($0)) }, on: risk
    ).map { ($0.loss - moments.evaluation.loss) * Double(N - 1) / moments.variance }
    let estimate = Estimate(changes)
    let standardError = estimate.standardDeviation / Double(changes.count).squareRoot()
    #expect(abs(estimate.mean - 1) < 4.5 * standardError)
    #expect(standardError < 0.05)
  }
}
