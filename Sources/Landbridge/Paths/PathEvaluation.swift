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
public struct PathEvaluation<Scalar: MatrixScalar>: Sendable {
  /// The path, with its knots.
  public let path: PiecewiseLinearPath<Scalar>
  /// What losses and errors are taken of.
  public let risk: EmpiricalRisk<Scalar>
  /// How many networks were evaluated on all samples.
  public private(set) var evaluations = 0
  /// Loss and error at every knot.
  public private(set) var knots: [EmpiricalEvaluation] = []
  private var curves: [SegmentCurve<Scalar>] = []
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
    let (outputs, deviations) = evaluateKnots(verify: verify)
    for (index, knot) in path.knots.enumerated() {
      guard knots[index].loss.isFinite, outputs[index].isFinite else {
        throw .notFinite(place: "knot \(knot.name)")
      }
    }
    for (index, segment) in path.segments.enumerated() {
      let ends = SegmentEnds(
        evaluations: (knots[segment.from].evaluation, knots[segment.to].evaluation),
        outputs: (outputs[segment.from], outputs[segment.to]))
      let curve =
        switch segment.kind {
        case .constant: SegmentCurve(constant: ends, deviation: deviations[index])
        case .affine:
          SegmentCurve(affine: ends, targets: samples, loss: loss, threads: threads)
        case .sampled:
          SegmentCurve(sampled: ends, points: sample(index, sampling), threads: threads)
        }
      for point in curve.points where !point.loss.isFinite {
        throw .notFinite(place: "segment \(index) at t = \(point.t)")
      }
      curves.append(curve)
    }
  }

  /// The exact 0-1 error along every affine segment; `nil` for other segments, and when targets are
  /// no classes.
  public var errorCurves: [ErrorCurve?] { curves.map(\.errors) }
  /// The points evaluated on every sampled segment, both ends included, t increasing; empty for
  /// others.
  public var sampledPoints: [[PathPoint]] { curves.map(\.points) }
  /// E‖ŷ₁ − ŷ₀‖² of every segment.
  public var outputDistances: [Double] { curves.map(\.outputDistance) }
  /// ``PathProfile/Segment/deviation`` of every segment.
  public var deviations: [Double?] { curves.map(\.deviation) }

  /// Outputs at every knot, and for every segment ``PathProfile/Segment/deviation``.
  private mutating func evaluateKnots(
    verify: Bool
  ) -> (outputs: [Matrix<Scalar>], deviations: [Double?]) {
    var outputs = [outputs(of: path.knots[0].network)]
    var deviations: [Double?] = []
    knots = [SampleLosses(outputs: outputs[0], samples: samples, loss: loss).evaluation]
    for segment in path.segments {
      let isConstant = segment.kind == .constant
      let own = !isConstant || verify ? self.outputs(of: path.knots[segment.to].network) : nil
      deviations.append(isConstant ? own.map { largestDifference($0, outputs.last!) } : nil)
      if isConstant {
        outputs.append(outputs.last!)
        knots.append(knots.last!)
      } else {
        outputs.append(own!)
        knots.append(SampleLosses(outputs: own!, samples: samples, loss: loss).evaluation)
      }
    }
    return (outputs, deviations)
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
    guard let (loss, error) = curves[segment].values(at: t) else {
      preconditionFailure("segment \(segment) is sampled: see sampledPoints")
    }
    return point(segment, t, loss: loss, error: error)
  }

  /// Points along the whole path, for plotting: `count` per segment, at t = 0, 1/count, …, and the
  /// end of the path; on sampled segments the points that were evaluated.
  public func points(perSegment count: Int) -> [PathPoint] {
    precondition(count >= 1, "\(count) points per segment")
    var result: [PathPoint] = []
    for (index, segment) in path.segments.enumerated() {
      if segment.kind == .sampled {
        result += curves[index].points.dropLast()
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
      candidates += curves[segment].points.dropFirst().dropLast()
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
      segments: zip(path.segments, curves).map { segment, curve in
        .init(
          from: segment.from, to: segment.to, kind: segment.kind,
          outputDistance: curve.outputDistance, deviation: curve.deviation,
          grid: curve.points.isEmpty ? nil : curve.points.map(\.t))
      },
      endpointLosses: ends, maximumLoss: highest.loss, maximumPlace: highest.place,
      barrier: highest.loss - ends.max()!, barrierChord: max(0, chord.max()!),
      barrierMidpoint: midpointLoss - (ends[0] + ends[1]) / 2,
      errorMaximum: errorMaximum, errorMaximumPlace: errorPlace, evaluations: evaluations)
  }

  private var midpointLoss: Double {
    let (segment, isInside) = path.segments.count.quotientAndRemainder(dividingBy: 2)
    if isInside == 0 { return knots[segment].loss }
    return curves[segment].points.first { $0.t == 0.5 }?.loss
      ?? point(inSegment: segment, at: 0.5).loss
  }

  private func largestError(_ candidates: [PathPoint]) -> (Double?, PathPlace?) {
    guard samples.isClassification else { return (nil, nil) }
    var (largest, place) = (candidates[0].error!, candidates[0].place)
    for point in candidates where point.error! > largest {
      (largest, place) = (point.error!, point.place)
    }
    for (segment, curve) in curves.enumerated() {
      guard let (errors, t) = curve.errors?.maximum else { continue }
      let error = Double(errors) / Double(samples.count)
      if error > largest { (largest, place) = (error, PathPlace(segment: segment, t: t)) }
    }
    return (largest, place)
  }
}
