internal import Landbridge

extension PopulationStatements {
  /// - Parameters:
  ///   - plateaus: in the order of the path, at least one, all with the same samples.
  ///   - affine: the segments between them.
  ///   - noBound: why plateaus have no bound of the loss, if one has not.
  package init(
    _ plateaus: [PlateauSamples], affine: [AffineSamples], terms: PopulationTerms, noBound: String
  ) {
    precondition(affine.count == plateaus.count - 1, "segments between \(plateaus.count) plateaus")
    let isClassification = plateaus[0].errors != nil
    let broken = plateaus.first { plateau in
      plateau.lossBound.map { bound in plateau.losses.lower.contains { $0 > bound } } ?? false
    }
    let isBounded = broken == nil && plateaus.allSatisfy { $0.lossBound != nil }
    // A loss per plateau, two differences per plateau but the first and the last; an error per
    // plateau and per affine segment; three bounds of the clipped loss per affine segment.
    statements =
      (isBounded ? plateaus.count + 2 * max(plateaus.count - 2, 0) : 0)
      + (isClassification ? plateaus.count + affine.count : 0)
      + (terms.clip == nil ? 0 : 3 * affine.count)
    delta = terms.confidence.failure
    inputRange = terms.inputRange.map { [$0.lowerBound, $0.upperBound] }
    targetRange = terms.targetRange.map { [$0.lowerBound, $0.upperBound] }
    repeatsAreDraws = terms.repeatsAreDraws
    assumptions = Self.assumptions(terms, isClassification: isClassification)
    if !isBounded {
      noLoss =
        broken == nil
        ? noBound : "a sample's loss is above its bound: it leaves the stated ranges"
    }
    let each = delta / Double(max(statements, 1))
    let n = plateaus[0].losses.count
    func proportion(_ errors: ClosedRange<Int>) -> [Double] {
      clopperPearson(successes: errors, trials: n, failure: each).ends
    }
    self.plateaus = plateaus.enumerated().map { index, plateau in
      let isInner = index > 0 && index < plateaus.count - 1
      var result = Plateau(
        knots: plateau.knots, lossBound: isBounded ? plateau.lossBound : nil,
        errorInterval: plateau.errors.map(proportion))
      guard isBounded else { return result }
      result.lossInterval =
        bettingInterval(plateau.losses, in: 0...plateau.lossBound!, failure: each).ends
      if isInner {
        result.overStart = plateau.excess(over: plateaus.first!).interval(failure: each)
        result.overEnd = plateau.excess(over: plateaus.last!).interval(failure: each)
      }
      return result
    }
    segments = affine.compactMap { segment in
      segment.errors.map {
        SegmentError(segment: segment.segment, errorInterval: proportion($0))
      }
    }
    if isClassification {
      let parts = segments.map(\.errorInterval) + self.plateaus.compactMap(\.errorInterval)
      errorBound = parts.map { $0[1] }.max()
    }
    if isBounded {
      (maximumLoss, barrier) = Self.largest(self.plateaus)
      barrierAlone = Self.barrierAlone(plateaus, failure: delta)
    }
    if let clip = terms.clip, !affine.isEmpty {
      clipped = ClippedLoss(plateaus, affine: affine, clip: clip, failure: each)
    }
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

  /// The interval of the barrier when nothing else is claimed, δ/2 for either side.
  ///
  /// The upper end max_k min(U_k, U′_k) is too low only if U or U′ is at the one plateau where the
  /// barrier is: two bounds with δ/4 each, however many plateaus there are. The lower end
  /// max_k min(D_k, D′_k) is too high only if at some plateau that of the smaller true difference
  /// is: one bound a plateau.
  private static func barrierAlone(_ plateaus: [PlateauSamples], failure: Double) -> [Double] {
    var barrier = [0.0, 0.0]
    let inner = plateaus.dropFirst().dropLast()
    for plateau in inner {
      let over = [plateaus.first!, plateaus.last!].map { plateau.excess(over: $0) }
      let low = over.map { $0.lower(failure: failure / Double(2 * inner.count)) }.min()!
      let high = over.map { $0.upper(failure: failure / 4) }.min()!
      barrier = [max(barrier[0], low), max(barrier[1], high)]
    }
    return barrier
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
    if terms.clip != nil { list.append("the clip was chosen without the samples") }
    if terms.repeatsAreDraws {
      list.append("the population is discrete: samples that repeat another are draws themselves")
    }
    return list
  }
}

/// The differences L − L_end of every sample, from −B_end to B since losses are not negative.
private struct Excess {
  let values: EnclosedValues
  let range: ClosedRange<Double>

  func interval(failure: Double) -> [Double] {
    bettingInterval(values, in: range, failure: failure).ends
  }

  /// One side by itself.
  func upper(failure: Double) -> Double {
    bettingUpperBound(values.upper, bound: range.upperBound, failure: failure)
  }

  func lower(failure: Double) -> Double {
    -bettingUpperBound(values.lower.map { -$0 }, bound: -range.lowerBound, failure: failure)
  }
}

extension PlateauSamples {
  fileprivate func excess(over end: PlateauSamples) -> Excess {
    Excess(values: losses - end.losses, range: -end.lossBound!...lossBound!)
  }
}

extension PopulationStatements.ClippedLoss {
  fileprivate init(
    _ plateaus: [PlateauSamples], affine: [AffineSamples], clip: Double, failure: Double
  ) {
    let clipped = plateaus.map { $0.losses.clipped(at: clip) }
    self.clip = clip
    segments = zip(affine, zip(clipped, clipped.dropFirst())).map { segment, ends in
      let losses = EnclosedValues.larger(ends.0, ends.1)
      func bound(_ values: EnclosedValues) -> Double {
        bettingUpperBound(values.upper, bound: clip, failure: failure)
      }
      return Segment(
        segment: segment.segment, lossBound: bound(losses),
        overStart: bound(losses - clipped.first!), overEnd: bound(losses - clipped.last!))
    }
    maximumLoss = segments.map(\.lossBound).max()!
    barrier = segments.map { min($0.overStart, $0.overEnd) }.max()!
  }
}

extension ClosedRange<Double> {
  fileprivate var ends: [Double] { [lowerBound, upperBound] }
}
