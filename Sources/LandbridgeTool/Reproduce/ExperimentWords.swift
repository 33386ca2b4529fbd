import Artifacts
import Experiments
import Landbridge

/// What of an experiment is put into words, all of it from the configuration as it was run.
struct ExperimentWords {
  let results: ExperimentResults

  private var experiment: Experiment { results.experiment }

  /// A step at which trials are compared.
  struct Moment {
    var step: Int
    var time: Double
    var name: String

    var title: String { "\(name), t = \(short(time))" }
  }

  /// Early in training and at its end; the end alone where training does not go beyond.
  var moments: [Moment] {
    let steps = [(experiment.earlyStep, "early"), (experiment.steps, "end")]
    return steps.filter { $0.1 == "end" || $0.0 < experiment.steps }.map {
      Moment(step: $0.0, time: experiment.time(atStep: $0.0), name: $0.1)
    }
  }

  /// Widths, trials, steps, passes and samples.
  var setting: String {
    let trials = Set((0..<experiment.trials).map { experiment.steps(ofTrial: $0) }).sorted()
    let widths = experiment.widths.map(grouped).joined(separator: ", ")
    var text =
      "N = \(widths); \(counted(experiment.trials, "trial")) of each. "
      + "\(counted(trials[0], "step")) with α = \(short(experiment.stepSize.initial))"
      + (trials.count > 1 ? ", \(grouped(trials[1])) in every second trial" : "")
    if let samples = results.trainingSamples {
      let passes = trials.map { short(Double($0) / Double(samples), digits: 3) }
      text +=
        ": \(passes.joined(separator: " and ")) passes over "
        + counted(samples, "training sample")
    }
    return text + ". Measured on \(counted(results.heldOutSamples, "held-out sample"))."
  }

  /// `10 trials`, or `9 to 10 trials` where some diverged.
  var trials: String { Self.range(results.widths.map(\.finished.count), "trial") }

  /// `5 independent pairs of solutions`
  var pairs: String { Self.range(results.widths.map(\.paths.count), "independent pair") }

  /// How bars are to be read for means over so many values.
  func bars(_ counts: [Int]) -> String {
    let enough = counts.map { $0 >= Estimate.minimalCount }
    let rule = "an interval takes at least three"
    if !enough.contains(true) { return "No bars: \(rule)." }
    return "Bars: 95 % confidence intervals (Student)"
      + (enough.contains(false) ? ", where there are enough: \(rule)." : ".")
  }

  private static func range(_ counts: [Int], _ noun: String) -> String {
    let (least, most) = (counts.min() ?? 0, counts.max() ?? 0)
    return least == most ? counted(most, noun) : "\(least) to \(counted(most, noun))"
  }

  /// What is known exactly, or bounded, of the mean over all halves. With more than one hidden layer
  /// it is of the last layer alone, which nothing that is measured here can be compared with.
  var prediction: (label: String, explanation: String)? {
    let variance =
      "V is the mean square distance of one neuron’s contribution from the network’s output."
    return switch (experiment.hiddenLayers, experiment.loss) {
    case (1, .squared):
      (
        "V/(N−1)",
        "V/(N−1) is the exact mean over all halves, computed from the same networks; \(variance)"
      )
    case (1, .crossEntropy):
      (
        "bound V/(4(N−1))",
        "V/(4(N−1)) is an upper bound for the mean over all halves, no prediction; \(variance)"
      )
    default: nil
    }
  }

  /// What half of the neurons means.
  var halves: String {
    experiment.hiddenLayers == 1
      ? "half of the neurons" : "half of the neurons of every hidden layer"
  }

  var lossName: String { experiment.loss == .squared ? "squared loss" : "cross-entropy" }
}
