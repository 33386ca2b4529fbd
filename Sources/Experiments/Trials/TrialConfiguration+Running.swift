public import Artifacts
public import Landbridge
public import LinearAlgebra

extension TrialConfiguration {
  /// Trains and measures one network.
  ///
  /// - Parameters:
  ///   - trial: names the random streams: initial weights and samples differ between trials.
  ///   - dataset: what ``data`` names, loaded.
  ///   - shouldStop: asked before every block of steps.
  /// - Returns: `nil` when asked to stop.
  public func run<Scalar: Real>(
    trial: Int, dataset: Dataset<Scalar>, threads: Int = 1, shouldStop: () -> Bool = { false }
  ) -> (result: TrialResult, network: Network<Scalar>)? {
    let initial: Network<Scalar> = architecture.network(
      inputs: dataset.inputDimension, outputs: dataset.outputDimension,
      stream: RandomStream(seed: seed, purpose: .initialization, trial: trial))
    let sgd = OnlineSGD(
      network: initial, source: dataset.source(seed: seed, trial: trial), loss: loss,
      stepSize: stepSize, trained: trained, threads: threads)
    var result = TrialResult(
      configuration: self, trial: trial, outcome: TrainingOutcome.finished.name, measurements: [],
      time: 0)
    for goal in measuredSteps + (steps > measuredSteps.last ?? 0 ? [steps] : []) {
      let outcome = sgd.run(until: goal, shouldStop: shouldStop)
      if outcome == .stopped { return nil }
      if case .diverged(let step) = outcome {
        result.outcome = outcome.name
        result.divergedAt = step
        break
      }
      if measuredSteps.contains(goal) {
        result.measurements.append(
          measure(sgd.network, step: sgd.step, time: sgd.time, dataset.heldOut, threads: threads))
      }
    }
    result.time = sgd.time
    return (result, sgd.network)
  }

  private func measure<Scalar: Real>(
    _ network: Network<Scalar>, step: Int, time: Double, _ heldOut: Samples<Scalar>, threads: Int
  ) -> TrialMeasurement {
    // What the data are loaded for is this loss: targets have been checked against it.
    let risk = try! EmpiricalRisk(heldOut, loss: loss, threads: threads)
    let moments = network.dropoutMoments(on: risk)
    let whole = moments.evaluation
    let widths = network.hiddenWidths
    let halves = KeptNeurons.firstHalves(of: widths).halvings(of: widths).map {
      network.keeping($0).evaluate(on: risk)
    }
    let mean = { (values: [Double]) in values.reduce(0, +) / Double(values.count) }
    let errors = halves.compactMap(\.error)
    return TrialMeasurement(
      step: step, time: time, loss: whole.loss, error: whole.error, dropoutLoss: halves[0].loss,
      dropoutError: halves[0].error, antitheticChange: mean(halves.map(\.loss)) - whole.loss,
      antitheticErrorChange: whole.error.map { mean(errors) - $0 },
      expectedChange: moments.expectedExcess(kept: max(1, network.lastHiddenWidth / 2)))
  }
}
