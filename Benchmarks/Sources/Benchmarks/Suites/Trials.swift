import Artifacts
import Experiments
import Landbridge
import LinearAlgebra

/// Twenty small trials, as `reproduce` runs them: one after another, and side by side.
func trialRows(_ settings: Settings) throws -> [Row] {
  let (name, trials) = ("20 trials of 4000 steps, N=800 d=32", 20)
  guard settings.wants("trials", name) else { return [] }
  let data = try DataSpecification(parsing: "gaussians:d=32,delta=0.5,n=1000")
  let dataset: Dataset<Float> = try data.dataset()
  let works = settings.threads.map { threads in
    Work {
      let ends = concurrentMap(trials, threads: threads) { trial in
        let plan = TrainingPlan(
          data: data, architecture: Architecture(hidden: [800]), stepSize: StepSize(0.01),
          steps: 4000, measuredSteps: [4000], seed: 1, trial: trial)
        var run = TrainingRun(plan, on: dataset)
        _ = run.run()
        return run.record.measurements[0][.loss]!
      }
      blackHole(ends[0])
    }
  }
  let times = try alternating(works, seconds: settings.seconds)
  return zip(settings.threads, times).map { threads, time in
    Row(
      suite: "trials", work: name, threads: threads, unit: .milliseconds,
      value: time.scaled(by: 1e3),
      ratios: threads == 1
        ? []
        : [
          Ratio(
            name: "× one core", value: times[0].median / time.median, target: .atLeast(1.9))
        ])
  }
}
