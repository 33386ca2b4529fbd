public import LinearAlgebra

/// A path on a set of samples: outputs at its knots, and all that follows from them without another
/// forward pass.
///
/// One network is evaluated for every group of knots that constant segments join: 2L + 2 for a
/// dropout path. On affine segments, with ŷ_t = (1 − t)ŷ₀ + tŷ₁,
///
///     squared loss      L(t) = (1 − t)L₀ + tL₁ − t(1 − t)·E‖ŷ₁ − ŷ₀‖²
///     cross-entropy     L(t) = E ℓ(ŷ_t, y)
///
/// Both are convex in t, so the maximum is at a knot, and so is that of L minus any affine function
/// of t (docs/theory.md §4, P1–P4).
///
/// - Complexity: memory for n × K outputs of every evaluated knot; activations of at most about 4
///   million entries at a time per thread. Results are the same bytes for any number of threads.
public struct PathEvaluation<Scalar: Real>: Sendable {
  public let path: PiecewiseLinearPath<Scalar>
  public let risk: EmpiricalRisk<Scalar>
  /// How many networks were evaluated on all samples.
  public private(set) var evaluations = 0
  /// Loss and error at every knot.
  public private(set) var knots: [EmpiricalEvaluation] = []
  /// The exact 0-1 error along every affine segment; `nil` for other segments, and when targets are
  /// no classes.
  public private(set) var errorCurves: [ErrorCurve?] = []
  /// The points evaluated on every sampled segment, both ends included, t increasing; empty for
  /// others.
  public private(set) var sampledPoints: [[PathPoint]] = []
  /// E‖ŷ₁ − ŷ₀‖² of every segment.
  public private(set) var outputDistances: [Double] = []
  /// ``PathProfile/Segment/deviation`` of every segment.
  public private(set) var deviations: [Double?] = []
  private var outputs: [Matrix<Scalar>] = []
  private var samples: Samples<Scalar> { risk.samples }
  private var loss: Loss { risk.loss }
  private var threads: Int { risk.threads }

  /// - Parameters:
  ///   - sampling: where sampled segments are evaluated.
  ///   - verify: also evaluate the knots that constant segments lead to, and report by how much
  ///     their outputs deviate.
  /// - Throws: ``ConnectError/samples(_:)`` when samples do not fit the networks,
  ///   ``ConnectError/notFinite(place:)`` when a loss or an output is not finite.
  public init(
    of path: PiecewiseLinearPath<Scalar>, on risk: EmpiricalRisk<Scalar>,
    sampling: PathSampling = PathSampling(), verify: Bool = false
  ) throws(ConnectError) {
    try ConnectError.requireFit(of: risk.samples, to: path.knots[0].network)
    (self.path, self.risk) = (path, risk)
    evaluateKnots(verify: verify)
    for (index, knot) in path.knots.enumerated() {
      guard knots[index].loss.isFinite, outputs[index].isFinite else {
        throw .notFinite(place: "knot \(knot.name)")
      }
    }
    for (index, segment) in path.segments.enumerated() {
      let ends = (outputs[index], outputs[index + 1])
      outputDistances.append(
        segment.kind == .constant ? 0 : meanSquaredDistance(ends.0, ends.1, threads: threads))
      errorCurves.append(
        segment.kind == .affine && samples.isClassification
          ? ErrorCurve(from: ends.0, to: ends.1, targets: samples.targets, threads: threads) : nil)
      sampledPoints.append(segment.kind == .sampled ? sample(index, sampling) : [])
      for point in sampledPoints[index] where !point.loss.isFinite {
        throw .notFinite(place: "segment \(index) at t = \(point.t)")
      }
    }
  }

  private mutating func evaluateKnots(verify: Bool) {
    for (index, knot) in path.knots.enumerated() {
      let isConstant = index > 0 && path.segments[index - 1].kind == .constant
      let own = !isConstant || verify ? outputs(of: knot.network) : nil
      if isConstant {
        deviations.append(own.map { largestDifference($0, outputs[index - 1]) })
        outputs.append(outputs[index - 1])
        knots.append(knots[index - 1])
      } else {
        if index > 0 { deviations.append(nil) }
        outputs.append(own!)
        knots.append(SampleLosses(outputs: own!, samples: samples, loss: loss).evaluation)
      }
    }
  }

  private mutating func outputs(of network: Network<Scalar>) -> Matrix<Scalar> {
    evaluations += 1
    return risk.pass(of: network).outputs()
  }
}

extension PathEvaluation {
  private mutating func sample(_ segment: Int, _ sampling: PathSampling) -> [PathPoint] {
    let operations = 2 * Double(samples.count) * Double(path.knots[0].network.parameterCount)
    return SampledCurve(sampling, steps: sampling.gridSteps(operations: operations)) { t in
      evaluate(segment, at: t)
    }.points
  }

  private mutating func evaluate(_ segment: Int, at t: Double) -> PathPoint {
    let evaluation: Evaluation
    if t == 0 || t == 1 {
      evaluation = knots[segment + Int(t)].evaluation
    } else {
      evaluations += 1
      evaluation = path.network(inSegment: segment, at: t).evaluate(on: risk)
    }
    return point(segment, t, loss: evaluation.loss, error: evaluation.error)
  }

  private func point(_ segment: Int, _ t: Double, loss: Double, error: Double?) -> PathPoint {
    PathPoint(
      position: PathPlace(segment: segment, t: t).position(segments: path.segments.count),
      segment: segment, t: t, loss: loss, error: error)
  }
}

extension PathEvaluation {
  /// Loss and error at `t` ∈ [0, 1] of a constant or affine segment, without a forward pass.
  ///
  /// - Complexity: O(1) for squared loss, O(nK) for cross-entropy.
  public func point(inSegment segment: Int, at t: Double) -> PathPoint {
    precondition(t >= 0 && t <= 1, "t = \(t) outside 0 … 1")
    let (start, end) = (knots[segment], knots[segment + 1])
    switch path.segments[segment].kind {
    case .constant: return point(segment, t, loss: start.loss, error: start.error)
    case .sampled: preconditionFailure("segment \(segment) is sampled: see sampledPoints")
    case .affine:
      let error = errorCurves[segment].map { Double($0.errors(at: t)) / Double($0.samples) }
      return point(segment, t, loss: loss(segment, t, start.loss, end.loss), error: error)
    }
  }

  private func loss(_ segment: Int, _ t: Double, _ start: Double, _ end: Double) -> Double {
    if t == 0 { return start }
    if t == 1 { return end }
    switch loss {
    case .squared: return (1 - t) * start + t * end - t * (1 - t) * outputDistances[segment]
    case .crossEntropy:
      return meanLoss(
        loss, between: outputs[segment], outputs[segment + 1], at: t, targets: samples.targets,
        threads: threads)
    }
  }

  /// Points along the whole path, for plotting: `count` per segment, at t = 0, 1/count, …, and the
  /// end of the path; on sampled segments the points that were evaluated.
  public func points(perSegment count: Int) -> [PathPoint] {
    precondition(count >= 1, "\(count) points per segment")
    var result: [PathPoint] = []
    for (index, segment) in path.segments.enumerated() {
      if segment.kind == .sampled {
        result += sampledPoints[index].dropLast()
      } else {
        result += (0..<count).map { point(inSegment: index, at: Double($0) / Double(count)) }
      }
    }
    let last = knots.last!
    return result + [point(path.segments.count - 1, 1, loss: last.loss, error: last.error)]
  }

  /// The figures of the path, its barrier by each definition among them.
  public func profile() -> PathProfile {
    let m = path.segments.count
    let ends = [knots.first!.loss, knots.last!.loss]
    var candidates = [point(0, 0, loss: ends[0], error: knots[0].error)]
    for segment in 0..<m {
      candidates += sampledPoints[segment].dropFirst().dropLast()
      let knot = knots[segment + 1]
      candidates.append(point(segment, 1, loss: knot.loss, error: knot.error))
    }
    // The first of equal values, so that constant segments do not move the place.
    var highest = candidates[0]
    for point in candidates where point.loss > highest.loss { highest = point }
    let chord = candidates.map { $0.loss - (1 - $0.position) * ends[0] - $0.position * ends[1] }
    let (errorMaximum, errorPlace) = largestError(candidates)
    return PathProfile(
      loss: loss, samples: samples.count,
      exact: path.segments.allSatisfy { $0.kind != .sampled },
      knots: zip(path.knots, knots).map { .init(name: $0.name, loss: $1.loss, error: $1.error) },
      segments: (0..<m).map { index in
        let points = sampledPoints[index]
        return .init(
          from: index, to: index + 1, kind: path.segments[index].kind,
          outputDistance: outputDistances[index], deviation: deviations[index],
          grid: points.isEmpty ? nil : points.map(\.t))
      },
      endpointLosses: ends, maximumLoss: highest.loss, maximumPlace: highest.place,
      barrier: highest.loss - ends.max()!, barrierChord: max(0, chord.max()!),
      barrierMidpoint: midpointLoss - (ends[0] + ends[1]) / 2,
      errorMaximum: errorMaximum, errorMaximumPlace: errorPlace, evaluations: evaluations)
  }

  private var midpointLoss: Double {
    let (segment, isInside) = path.segments.count.quotientAndRemainder(dividingBy: 2)
    if isInside == 0 { return knots[segment].loss }
    if path.segments[segment].kind == .sampled {
      return sampledPoints[segment].first { $0.t == 0.5 }!.loss
    }
    return point(inSegment: segment, at: 0.5).loss
  }

  private func largestError(_ candidates: [PathPoint]) -> (Double?, PathPlace?) {
    guard samples.isClassification else { return (nil, nil) }
    var (largest, place) = (candidates[0].error!, candidates[0].place)
    for point in candidates where point.error! > largest {
      (largest, place) = (point.error!, point.place)
    }
    for (segment, curve) in errorCurves.enumerated() {
      guard let (errors, t) = curve?.maximum else { continue }
      let error = Double(errors) / Double(samples.count)
      if error > largest { (largest, place) = (error, PathPlace(segment: segment, t: t)) }
    }
    return (largest, place)
  }
}
