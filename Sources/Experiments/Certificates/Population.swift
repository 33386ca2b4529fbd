internal import Landbridge

/// What the samples say about the population they were drawn from: intervals that hold together,
/// all of them, with the stated confidence.
package struct Population: Codable, Equatable, Sendable {
  package var confidence: Double
  /// How many intervals there are; each fails with probability at most (1 − confidence)/statements.
  package var statements: Int
  package var assumptions: [String]
  /// Where inputs and targets are taken to lie.
  package var inputRange: [Double]?
  package var targetRange: [Double]?
  package var plateaus: [Plateau]
  /// Of the affine segments: the probability to be misclassified at either end.
  package var segments: [SegmentError]
  package var maximumLoss: [Double]?
  package var barrier: [Double]?
  /// What the 0-1 error does not exceed anywhere on the path.
  package var errorBound: Double?
  /// Why there are no intervals for losses.
  package var noLoss: String?

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
}

/// What population statements are asked for, and what they may rely on.
package struct PopulationTerms: Sendable {
  package var confidence: Double
  package var inputRange: ClosedRange<Double>?
  package var targetRange: ClosedRange<Double>?

  package init(
    confidence: Double, inputRange: ClosedRange<Double>?, targetRange: ClosedRange<Double>?
  ) {
    self.confidence = confidence
    self.inputRange = inputRange
    self.targetRange = targetRange
  }

  func targets(classes: Bool) -> TargetSet? { classes ? .classes : targetRange.map { .range($0) } }
}

/// A plateau of the path as the samples see it.
struct PlateauSamples {
  var knots: [Int]
  var evaluation: KnotEvaluation
  /// B
  var lossBound: Double?
}

extension Population {
  /// - Parameters:
  ///   - plateaus: in the order of the path, at least one.
  ///   - affine: the segments between them.
  ///   - noBound: why plateaus have no bound of the loss, if one has not.
  init(
    _ plateaus: [PlateauSamples], affine: [Int], terms: PopulationTerms, isClassification: Bool,
    noBound: String
  ) {
    let n = plateaus[0].evaluation.losses.count
    let isBounded = plateaus.allSatisfy { $0.lossBound != nil }
    // A loss per plateau, two differences per plateau but the first and the last; an error per
    // plateau and per affine segment.
    statements =
      (isBounded ? plateaus.count + 2 * max(plateaus.count - 2, 0) : 0)
      + (isClassification ? plateaus.count + affine.count : 0)
    confidence = terms.confidence
    inputRange = terms.inputRange.map { [$0.lowerBound, $0.upperBound] }
    targetRange = terms.targetRange.map { [$0.lowerBound, $0.upperBound] }
    assumptions = Population.assumptions(terms, isClassification: isClassification)
    noLoss = isBounded ? nil : noBound
    let failure = (1 - terms.confidence) / Double(max(statements, 1))
    func mean(_ values: [Double], _ range: ClosedRange<Double>) -> [Double] {
      let interval = empiricalBernstein(values, in: range, failure: failure)
      return [interval.lowerBound, interval.upperBound]
    }
    func proportion(_ errors: Int) -> [Double] {
      let interval = clopperPearson(successes: errors, trials: n, confidence: 1 - failure)
      return [interval.lowerBound, interval.upperBound]
    }
    func excess(_ a: PlateauSamples, over b: PlateauSamples) -> [Double] {
      mean(
        zip(a.evaluation.losses, b.evaluation.losses).map { $0 - $1 },
        -b.lossBound!...a.lossBound!)
    }
    self.plateaus = plateaus.enumerated().map { index, plateau in
      let isInner = index > 0 && index < plateaus.count - 1
      return Plateau(
        knots: plateau.knots, lossBound: isBounded ? plateau.lossBound : nil,
        lossInterval: isBounded ? mean(plateau.evaluation.losses, 0...plateau.lossBound!) : nil,
        errorInterval: plateau.evaluation.errors.map { proportion($0.upperBound) },
        overStart: isBounded && isInner ? excess(plateau, over: plateaus.first!) : nil,
        overEnd: isBounded && isInner ? excess(plateau, over: plateaus.last!) : nil)
    }
    segments = zip(affine, zip(plateaus, plateaus.dropFirst())).compactMap { segment, ends in
      ends.0.evaluation.errorsOfEither(ends.1.evaluation).map {
        SegmentError(segment: segment, errorInterval: proportion($0.upperBound))
      }
    }
    if isClassification {
      let parts = segments.map(\.errorInterval) + self.plateaus.compactMap(\.errorInterval)
      errorBound = parts.map { $0[1] }.max()
    }
    if isBounded { (maximumLoss, barrier) = Population.largest(self.plateaus) }
  }

  /// Intervals of the largest loss and of the barrier that follow from those of the plateaus.
  ///
  /// The barrier is the largest of 0 and, over the inner plateaus, min(L − L(θ), L − L(θ′)).
  private static func largest(_ plateaus: [Plateau]) -> ([Double], [Double]) {
    let losses = plateaus.map { $0.lossInterval! }
    var barrier = [0.0, 0.0]
    for plateau in plateaus {
      guard let overStart = plateau.overStart, let overEnd = plateau.overEnd else { continue }
      for side in 0...1 {
        barrier[side] = max(barrier[side], min(overStart[side], overEnd[side]))
      }
    }
    return ([losses.map { $0[0] }.max()!, losses.map { $0[1] }.max()!], barrier)
  }

  private static func assumptions(_ terms: PopulationTerms, isClassification: Bool) -> [String] {
    func text(_ range: ClosedRange<Double>) -> String {
      "[\(range.lowerBound), \(range.upperBound)]"
    }
    var list = [
      "the samples are independent draws from the population",
      "they were used neither to train the models nor to choose or fit the knots",
    ]
    if let range = terms.inputRange {
      list.append("every input of the population lies in \(text(range))")
    }
    if let range = terms.targetRange, !isClassification {
      list.append("every target of the population lies in \(text(range))")
    }
    return list
  }
}
