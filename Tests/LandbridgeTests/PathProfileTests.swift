import Landbridge
import LinearAlgebra
import Testing

/// docs/theory.md §6, checks 6 and 7: what is claimed for every t against dense grids of t.
@Suite struct PathProfileTests {
  typealias Path = PiecewiseLinearPath<Double>

  @Test(arguments: PathTestCase.all) func lossesOfEveryTMatchADenseGrid(_ c: PathTestCase) throws {
    let p = c.problem(seed: 2)
    let path = try Path.dropout(from: p.start, to: p.end)
    let evaluation = try PathEvaluation(of: path, on: empirical(p.samples, c.loss))
    let profile = evaluation.profile()
    let steps = 20
    let dense = denseLosses(path, p.samples, c.loss, steps: steps)
    for (segment, losses) in dense.enumerated() {
      let deviations = losses.enumerated().map { step, loss in
        let point = evaluation.point(inSegment: segment, at: Double(step) / Double(steps))
        return abs(point.loss - loss)
      }
      #expect(deviations.max()! < 1e-12)
    }
    #expect(dense.joined().max()! <= profile.knots.map(\.loss).max()! + 1e-12)
    #expect(dense.joined().max()! <= profile.maximumLoss + 1e-12)

    let m = Double(path.segments.count)
    let ends = profile.endpointLosses
    let excess = dense.enumerated().flatMap { segment, losses in
      losses.enumerated().map { step, loss in
        let s = (Double(segment) + Double(step) / Double(steps)) / m
        return loss - (1 - s) * ends[0] - s * ends[1]
      }
    }
    #expect(abs(profile.barrierChord - excess.max()!) < 1e-12)
    let middle = dense[path.segments.count / 2][steps / 2]
    #expect(abs(profile.barrierMidpoint - (middle - (ends[0] + ends[1]) / 2)) < 1e-12)
  }

  @Test(arguments: PathTestCase.all) func errorCurveMatchesADenseGrid(_ c: PathTestCase) throws {
    let p = c.problem(seed: 3)
    let path = try Path.dropout(from: p.start, to: p.end)
    let evaluation = try PathEvaluation(of: path, on: empirical(p.samples, c.loss))
    var largest = 0
    for (segment, kind) in path.segments.map(\.kind).enumerated() {
      func errors(at t: Double) -> Int {
        empirical(p.samples, c.loss)
          .empiricalEvaluation(of: path.network(inSegment: segment, at: t)).errors!
      }
      guard kind == .affine else {
        #expect(evaluation.errorCurves[segment] == nil)
        continue
      }
      let curve = evaluation.errorCurves[segment]!
      #expect(curve.errors(at: 0) == evaluation.knots[segment].errors)
      #expect(curve.errors(at: 1) == evaluation.knots[segment + 1].errors)
      let times = curve.events.map(\.t) + [1]
      for (event, (low, high)) in zip(curve.events, zip(times, times.dropFirst()))
      where high - low > 1e-9 {
        let times = [low + 1e-10, (low + high) / 2, high - 1e-10]
        let all = times.flatMap { [errors(at: $0), curve.errors(at: $0)] }
        #expect(all == Array(repeating: event.errorsAfter, count: 6))
      }
      // Every sample is right on one interval of t: it makes at most two events.
      #expect(curve.events.count <= 1 + 2 * p.samples.count)
      let dense = (0...50).map { errors(at: Double($0) / 50) }.max()!
      #expect(dense <= curve.maximum.errors)
      largest = max(largest, dense)
    }
    #expect(largest <= evaluation.profile().errorCount)
  }

  /// Ties: one output of zero is wrong; of several largest ones the first is the prediction.
  @Test func tiesAreDecidedAsInEvaluation() throws {
    func path(_ start: [Double], _ end: [Double]) throws -> Path {
      // The second neuron is 0; its weights move, so that no segment is constant.
      func network(_ outputs: [Double], _ mark: Double) -> Network<Double> {
        Network(
          layers: [
            Layer(weights: Matrix(rows: 2, columns: 1), bias: [1, 0], activation: .identity),
            Layer(
              weights: Matrix(rows: outputs.count, columns: 2, outputs.flatMap { [$0, mark] }),
              activation: .identity),
          ], scaling: .standard)
      }
      return Path(
        knots: [
          Path.Knot(name: "a", network: network(start, 0)),
          Path.Knot(name: "b", network: network(end, 1)),
        ])
    }
    func curve(_ start: [Double], _ end: [Double], _ target: [Double]) throws -> ErrorCurve {
      let samples = Samples<Double>(
        inputs: Matrix(rows: 1, columns: 1),
        targets: Matrix(rows: 1, columns: target.count, target),
        isClassification: true)
      let path = try path(start, end)
      let curve = try PathEvaluation(of: path, on: empirical(samples, .squared)).errorCurves[0]!
      for t in curve.events.map(\.t) + [0, 0.1, 0.25, 0.3, 0.5, 0.6, 0.75, 0.9, 1] {
        let errors = empirical(samples, .squared)
          .empiricalEvaluation(of: path.network(inSegment: 0, at: t)).errors
        #expect(curve.errors(at: t) == errors, "\(start) → \(end), target \(target), t = \(t)")
      }
      return curve
    }
    typealias Event = ErrorCurve.Event
    #expect(
      try curve([1], [-3], [1]).events == [
        Event(t: 0, errorsAt: 0, errorsAfter: 0), Event(t: 0.25, errorsAt: 1, errorsAfter: 1),
      ])
    #expect(
      try curve([1], [-3], [-1]).events == [
        Event(t: 0, errorsAt: 1, errorsAfter: 1), Event(t: 0.25, errorsAt: 1, errorsAfter: 0),
      ])
    #expect(
      try curve([0], [2], [1]).events == [Event(t: 0, errorsAt: 1, errorsAfter: 0)])
    #expect(
      try curve([2], [0], [1]).events == [
        Event(t: 0, errorsAt: 0, errorsAfter: 0), Event(t: 1, errorsAt: 1, errorsAfter: 1),
      ])
    #expect(try curve([0], [0], [1]).events == [Event(t: 0, errorsAt: 1, errorsAfter: 1)])
    // A tie between classes 0 and 1 at t = 1/2 is a prediction of class 0.
    #expect(
      try curve([1, 0], [0, 1], [1, 0]).events == [
        Event(t: 0, errorsAt: 0, errorsAfter: 0), Event(t: 0.5, errorsAt: 0, errorsAfter: 1),
      ])
    #expect(
      try curve([1, 0], [0, 1], [0, 1]).events == [
        Event(t: 0, errorsAt: 1, errorsAfter: 1), Event(t: 0.5, errorsAt: 1, errorsAfter: 0),
      ])
    // Right at a single t: class 0 ties with both others there.
    #expect(
      try curve([0, 1, -1], [0, -1, 1], [1, 0, 0]).events == [
        Event(t: 0, errorsAt: 1, errorsAfter: 1), Event(t: 0.5, errorsAt: 0, errorsAfter: 1),
      ])
    #expect(
      try curve([0, 1, -1], [0, -1, 1], [0, 0, 1]).maximum.errors == 1)
    _ = try curve([3, 1, 2], [1, 3, 2], [0, 0, 1])
    _ = try curve([2, 2, 2], [2, 2, 2], [0, 1, 0])
    _ = try curve([0, 0, 1], [4, 0, 1], [0, 0, 1])
  }

  @Test func errorMaximumIsThatOfEveryEvent() throws {
    for seed in UInt64(0)..<20 {
      let p = PathTestCase(
        widths: [6], outputs: 3, loss: .squared, scaling: .meanField, biases: false
      ).problem(seed: seed)
      let path = try Path.dropout(from: p.start, to: p.end)
      let evaluation = try PathEvaluation(of: path, on: empirical(p.samples, .squared))
      var largest = 0
      for segment in path.segments.indices {
        let times = evaluation.errorCurves[segment]?.events.map(\.t) ?? []
        let inside = zip(times, times.dropFirst() + [1]).map { ($0 + $1) / 2 }
        for t in [0, 1] + inside {
          let network = path.network(inSegment: segment, at: t)
          largest = max(
            largest, empirical(p.samples, .squared).empiricalEvaluation(of: network).errors!)
        }
      }
      #expect(evaluation.profile().errorCount == largest)
    }
  }

  @Test func threadsDoNotChangeABit() throws {
    var random = PathTestGenerator(seed: 6)
    func network() -> Network<Double> {
      random.network(inputs: 4, widths: [10, 12], outputs: 3, scaling: .standard, biases: true)
    }
    let (start, end) = (network(), network())
    let samples = random.samples(3001, inputs: 4, outputs: 3)
    for path in try [
      Path.dropout(from: start, to: end), Path.straightLine(from: start, to: end),
    ] {
      for loss in Loss.allCases {
        let one = try PathEvaluation(of: path, on: empirical(samples, loss), verify: true)
        let four = try PathEvaluation(
          of: path, on: empirical(samples, loss, threads: 4), verify: true)
        #expect(one.profile() == four.profile())
        #expect(one.points(perSegment: 5) == four.points(perSegment: 5))
      }
    }
  }

  @Test func verificationEvaluatesEveryKnot() throws {
    let p = PathTestCase(
      widths: [6, 5], outputs: 3, loss: .squared, scaling: .meanField, biases: true
    ).problem()
    let path = try Path.dropout(from: p.start, to: p.end)
    let plain = try PathEvaluation(of: path, on: empirical(p.samples, .squared))
    let verified = try PathEvaluation(of: path, on: empirical(p.samples, .squared), verify: true)
    #expect(plain.evaluations == 6)
    #expect(verified.evaluations == path.knots.count)
    for (segment, deviation) in zip(path.segments, verified.deviations) {
      #expect((deviation != nil) == (segment.kind == .constant))
      #expect(deviation ?? 0 < 1e-12)
    }
    #expect(plain.deviations.allSatisfy { $0 == nil })

    // Nobody but the weights says what a segment is.
    let unproved = Path(knots: [path.knots.first!, path.knots.last!])
    #expect(unproved.segments.map(\.kind) == [.sampled])
  }

  @Test(arguments: Loss.allCases, [false, true]) func straightLineMatchesADenseGrid(
    _ loss: Loss, _ classes: Bool
  ) throws {
    var p = PathTestCase(
      widths: [6, 7], outputs: 3, loss: loss, scaling: .standard, biases: true
    ).problem(seed: 11)
    p.samples.isClassification = classes
    // Steep networks, so that the line has a barrier.
    for index in 0..<3 {
      p.start.layers[index].weights = p.start.layers[index].weights.map { 6 * $0 }
      p.end.layers[index].weights = p.end.layers[index].weights.map { 6 * $0 }
    }
    let path = try Path.straightLine(from: p.start, to: p.end)
    let evaluation = try PathEvaluation(of: path, on: empirical(p.samples, loss))
    let profile = evaluation.profile()
    let dense = denseLosses(path, p.samples, loss, steps: 2000)[0]
    #expect(!profile.exact)
    #expect(abs(profile.maximumLoss - dense.max()!) < 1e-5)
    #expect(profile.endpointLosses == [dense.first!, dense.last!])
    #expect(abs(profile.barrier - (dense.max()! - max(dense.first!, dense.last!))) < 1e-5)
    #expect(
      abs(profile.barrierMidpoint - (dense[1000] - (dense.first! + dense.last!) / 2)) < 1e-12)
    #expect((profile.errorMaximum != nil) == classes)
    let grid = try #require(profile.segments[0].grid)
    #expect(grid == grid.sorted() && grid.first == 0 && grid.last == 1 && grid.contains(0.5))
    #expect(profile.evaluations == grid.count)
    for (point, t) in zip(evaluation.points(perSegment: 3), grid) {
      #expect(point.t == t)
      let network = path.network(inSegment: 0, at: t)
      #expect(network.evaluate(on: empirical(p.samples, loss)).loss == point.loss)
    }
  }

  @Test func pointsCoverThePathInOrder() throws {
    let p = PathTestCase(
      widths: [6], outputs: 1, loss: .crossEntropy, scaling: .standard, biases: true
    ).problem()
    let path = try Path.dropout(from: p.start, to: p.end)
    let evaluation = try PathEvaluation(of: path, on: empirical(p.samples, .crossEntropy))
    let points = evaluation.points(perSegment: 4)
    #expect(points.count == 5 * 4 + 1)
    for (index, point) in points.enumerated() {
      #expect(abs(point.position - Double(index) / 20) < 1e-15)
    }
    for (index, knot) in evaluation.knots.enumerated() {
      #expect(points[4 * index].loss == knot.loss && points[4 * index].error == knot.error)
    }
  }

  @Test func barrierBoundHasTheFactorOfTheory() {
    let bound = { (kept: Int?, width: Int, loss: Loss) in
      barrierBound(variance: 3, endVariance: 2, width: width, kept: kept, loss: loss)
    }
    #expect(bound(nil, 10, .squared) == 3.0 / 9)
    #expect(bound(nil, 10, .crossEntropy) == 3.0 / 36)
    #expect(abs(bound(4, 10, .squared) - 3 * 6.0 / (4 * 9)) < 1e-15)
    #expect(abs(bound(nil, 5, .squared) - 3 * 3.0 / (2 * 4)) < 1e-15)
  }

  /// The bound against the best of all paths, with V by its definition: two layers, N = 6.
  @Test(arguments: Loss.allCases, Scaling.allCases) func bestPathKeepsTheBound(
    _ loss: Loss, _ scaling: Scaling
  ) throws {
    let p = PathTestCase(
      widths: [6], outputs: 3, loss: loss, scaling: scaling, biases: true
    ).problem(seed: 21)
    func variance(_ network: Network<Double>) -> Double {
      let h = network.activations(p.samples.inputs)
      let a = network.layers[1].weights
      let factor = scaling == .meanField ? 1.0 : 6
      var sum = 0.0
      for i in 0..<h.rows {
        for k in 0..<3 {
          let c = (0..<6).map { factor * a[k, $0] * h[i, $0] }
          let mean = c.reduce(0, +) / 6
          sum += c.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 6
        }
      }
      return sum / Double(h.rows)
    }
    let sets = (0..<64).map { mask in (0..<6).filter { mask >> $0 & 1 == 1 } }
      .filter { $0.count == 3 }
    func best(_ network: Network<Double>) -> KeptNeurons {
      sets.map { KeptNeurons(layers: [$0]) }.min { a, b in
        network.keeping(a).evaluate(on: empirical(p.samples, loss)).loss
          < network.keeping(b).evaluate(on: empirical(p.samples, loss)).loss
      }!
    }
    let path = try Path.dropout(
      from: p.start, to: p.end, keeping: DropoutSelection(kept: best(p.start)),
      ofEnd: DropoutSelection(kept: best(p.end)))
    let profile = try PathEvaluation(of: path, on: empirical(p.samples, loss)).profile()
    let bound = barrierBound(
      variance: variance(p.start), endVariance: variance(p.end), width: 6, loss: loss)
    #expect(profile.barrier <= bound + 1e-12)
  }
}

extension PathProfile {
  /// The largest number of misclassified samples.
  fileprivate var errorCount: Int { Int((errorMaximum! * Double(samples)).rounded()) }
}
