package import Landbridge

/// What the samples say about the population they were drawn from: intervals that hold together,
/// all of them, but with probability `delta`.
package struct PopulationStatements: Codable, Equatable, Sendable {
  /// δ = 1 − confidence, itself: near 1 the confidence has no digits left for it.
  package var delta: Double
  /// m, how many intervals hold together; each fails with probability at most δ/m, either side of a
  /// two-sided one with δ/(2m).
  package var statements: Int
  package var assumptions: [String]
  /// Where inputs and targets are taken to lie.
  package var inputRange: [Double]?
  package var targetRange: [Double]?
  /// True where samples that repeat each other were asked to count as draws of their own.
  package var repeatsAreDraws: Bool
  package var plateaus: [Plateau]
  /// Of the affine segments: the probability to be misclassified at either end.
  package var segments: [SegmentError]
  package var maximumLoss: [Double]?
  package var barrier: [Double]?
  /// The barrier's interval where nothing else is claimed: it fails with probability at most δ by
  /// itself, not together with the others.
  package var barrierAlone: [Double]?
  /// What the 0-1 error does not exceed anywhere on the path.
  package var errorBound: Double?
  /// Why there are no intervals for losses.
  package var noLoss: String?
  /// What holds of min(ℓ, c), where a clip c was given; needs no bound of the loss.
  package var clipped: ClippedLoss?

  /// Knots joined by constant segments: one network as far as outputs go.
  package struct Plateau: Codable, Equatable, Sendable {
    package var knots: [Int]
    /// B with 0 ≤ ℓ ≤ B.
    package var lossBound: Double?
    package var lossInterval: [Double]?
    package var errorInterval: [Double]?
    /// Of L − L(θ) and L − L(θ′), from the differences of every sample.
    package var overStart: [Double]?
    package var overEnd: [Double]?
  }

  package struct SegmentError: Codable, Equatable, Sendable {
    package var segment: Int
    package var errorInterval: [Double]
  }

  /// Statements about C(t) = E min(ℓ_t, c), not about the loss: what lies above c is not seen.
  ///
  /// On an affine segment every sample's loss is convex in t, so that
  /// min(ℓ_t, c) ≤ min(max(ℓ₀, ℓ₁), c): one bound of the mean of that holds for all its t.
  package struct ClippedLoss: Codable, Equatable, Sendable {
    /// c
    package var clip: Double
    package var segments: [Segment]
    /// What max C does not exceed on the path.
    package var maximumLoss: Double
    /// What max C − max(C(θ), C(θ′)) does not exceed.
    package var barrier: Double

    package struct Segment: Codable, Equatable, Sendable {
      package var segment: Int
      /// Of E min(max(ℓ₀, ℓ₁), c).
      package var lossBound: Double
      /// Of the same less C(θ), and less C(θ′).
      package var overStart: Double
      package var overEnd: Double
    }
  }
}

/// What population statements are asked for, and what they may rely on.
package struct PopulationTerms: Sendable, Equatable {
  package var confidence: Confidence
  package var inputRange: ClosedRange<Double>?
  package var targetRange: ClosedRange<Double>?
  /// c > 0 of statements about min(ℓ, c); chosen without the certifying samples.
  package var clip: Double?
  /// Whether equal samples are draws of their own, of a population that is discrete by nature.
  package var repeatsAreDraws: Bool

  package init(
    confidence: Confidence, inputRange: ClosedRange<Double>?, targetRange: ClosedRange<Double>?,
    clip: Double? = nil, repeatsAreDraws: Bool = false
  ) {
    precondition(clip.map { $0 > 0 && $0.isFinite } ?? true, "clip \(clip!)")
    (self.confidence, self.clip, self.repeatsAreDraws) = (confidence, clip, repeatsAreDraws)
    (self.inputRange, self.targetRange) = (inputRange, targetRange)
  }

  package func targets(classes: Bool) -> TargetSet? {
    classes ? .classes : targetRange.map { .range($0) }
  }
}

/// A plateau of the path as the samples see it.
package struct PlateauSamples: Sendable {
  package var knots: [Int]
  /// ℓ of every sample.
  package var losses: EnclosedValues
  /// How many samples are misclassified: from those that surely are to those that may be. `nil` where
  /// targets are no classes.
  package var errors: ClosedRange<Int>?
  /// B
  package var lossBound: Double?

  package init(
    knots: [Int], losses: EnclosedValues, errors: ClosedRange<Int>?, lossBound: Double?
  ) {
    (self.knots, self.losses, self.errors, self.lossBound) = (knots, losses, errors, lossBound)
  }
}

/// The affine segment between two plateaus as the samples see it.
package struct AffineSamples: Sendable {
  package var segment: Int
  /// How many samples are misclassified at either end.
  package var errors: ClosedRange<Int>?

  package init(segment: Int, errors: ClosedRange<Int>?) {
    (self.segment, self.errors) = (segment, errors)
  }
}

extension PopulationStatements {
  /// Why samples that repeat each other support no statement: they are no independent draws from a
  /// continuous population, and n would count what was seen once.
  ///
  /// - Parameters:
  ///   - samples: n
  ///   - distinct: how many differ, see ``distinctCount(_:)``.
  /// - Returns: `nil` up to 1 % repeats, and where `terms` say that repeats are draws.
  package static func refusal(
    samples: Int, distinct: Int, terms: PopulationTerms
  ) -> String? {
    let repeats = samples - distinct
    guard !terms.repeatsAreDraws, repeats * 100 > samples else { return nil }
    return "\(repeats) of \(samples) samples repeat another one: not independent draws"
  }
}
