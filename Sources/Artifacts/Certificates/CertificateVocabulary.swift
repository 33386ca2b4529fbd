package import Landbridge

/// The words of a certificate: there are no others, so that none can say what it likes.
extension Certificate {
  /// How the path was chosen: what population statements rely on.
  package struct Selection: Codable, Equatable, Sendable {
    package var neurons: Neurons
    /// How many neurons of every hidden layer are kept.
    package var kept: [Int]
    package var outputWeights: OutputWeights
    /// What output weights were fitted on.
    package var fitting: Fitting?

    package init(
      neurons: Neurons = .first, kept: [Int], outputWeights: OutputWeights = .rescaled,
      fitting: Fitting? = nil
    ) {
      (self.neurons, self.kept) = (neurons, kept)
      (self.outputWeights, self.fitting) = (outputWeights, fitting)
    }
  }

  package enum Neurons: String, Codable, Sendable {
    /// The first or the last ones of every layer, without a look at data; the weights show it.
    case first
  }

  package enum OutputWeights: String, Codable, Sendable {
    /// N/M times those of the models, without a look at data; the weights show it.
    case rescaled
    /// Fitted on the samples of ``Fitting``, which nobody can check.
    case refitted
  }

  /// The samples that output weights were fitted on.
  package struct Fitting: Codable, Equatable, Sendable {
    package var samples: Int
    package var sha256: String
    /// How many of the certifying samples are among them.
    package var shared: Int

    package init(samples: Int, sha256: String, shared: Int) {
      (self.samples, self.sha256, self.shared) = (samples, sha256, shared)
    }
  }

  /// Why ℓ(ŷ, y) is convex in ŷ, so that L is convex wherever ŷ is affine in t.
  package enum Convexity: String, Codable, Sendable {
    case quadratic = "‖y − ŷ‖² is a convex quadratic function of ŷ"
    case logSumExp =
      "targets are classes; log Σ exp ŷ_j is convex in ŷ (its Hessian is a covariance)"

    package init(_ loss: Loss) {
      switch loss {
      case .squared: self = .quadratic
      case .crossEntropy: self = .logSumExp
      }
    }
  }

  /// Why nothing is said of the population.
  package enum NoPopulation: String, Codable, Sendable, CaseIterable {
    case fitted = "output weights were fitted on certifying samples"
    case trained = "a model was trained on certifying samples"
    case repeated = "more than 1 % of the samples repeat another one"
    case single = "one sample says nothing of others"
    case unbounded =
      "targets are numbers, and the loss has no known bound: outputs or targets are unbounded"

    /// What can be done about it.
    package var advice: String {
      switch self {
      case .fitted, .trained: "name others with --certify-data"
      case .repeated: "--repeats-are-draws if they were drawn so"
      case .single: "more samples are needed"
      case .unbounded: "--target-range with --input-range, or --clip"
      }
    }
  }
}
