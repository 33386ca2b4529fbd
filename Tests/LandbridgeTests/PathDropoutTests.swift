import Landbridge
import LinearAlgebra
import Testing

/// docs/theory.md §6, check 6: what a dropout path is.
@Suite struct PathDropoutTests {
  typealias Path = PiecewiseLinearPath<Double>

  @Test(arguments: PathTestCase.all) func hasTheSegmentsAndEndsOfTheory(_ c: PathTestCase) throws {
    let p = c.problem()
    let path = try Path.dropout(from: p.start, to: p.end)
    #expect(path.segments.count == 4 * c.depth + 1)
    #expect(path.knots.first!.network == p.start)
    #expect(path.knots.last!.network == p.end)
    #expect(path.segments.map(\.kind) == path.segments.map(\.kind).reversed())
    #expect(Set(path.knots.map(\.name)).count == path.knots.count)
  }

  @Test(arguments: PathTestCase.all) func segmentsAreConstantOrAffine(_ c: PathTestCase) throws {
    let p = c.problem()
    try checkSegments(Path.dropout(from: p.start, to: p.end), p.samples)
    try checkSegments(overlappingPath(c, p), p.samples)
  }

  private func checkSegments(_ path: Path, _ samples: Samples<Double>) {
    for (index, segment) in path.segments.enumerated() {
      let start = path.knots[index].network.outputs(samples.inputs)
      let end = path.knots[index + 1].network.outputs(samples.inputs)
      if segment.kind == .constant { #expect(largestDifference(start, end) < 1e-12) }
      let deviations = (1...7).map { step in
        let t = Double(step) / 8
        let output = path.network(inSegment: index, at: t).outputs(samples.inputs)
        let expected = Matrix.combine(start, end) { (1 - t) * $0 + t * $1 }
        return largestDifference(output, expected)
      }
      #expect(deviations.max()! < 1e-12, "segment \(index), \(segment.kind)")
    }
  }

  /// Kept sets drawn at random, so that they overlap in nearly every case.
  private func overlappingPath(_ c: PathTestCase, _ p: PathTestProblem) throws -> Path {
    var random = PathTestGenerator(seed: 99)
    func sets() -> KeptNeurons {
      KeptNeurons(layers: c.widths.map { random.subset(max(1, $0 / 2 - $0 % 2), of: $0) })
    }
    return try Path.dropout(
      from: p.start, to: p.end, keeping: DropoutSelection(kept: sets()),
      ofEnd: DropoutSelection(kept: sets()))
  }

  @Test(arguments: PathTestCase.all) func overlappingSetsTakeTwoMoreSegments(
    _ c: PathTestCase
  ) throws {
    let p = c.problem()
    let same = DropoutSelection<Double>.firstHalf(of: p.start)
    let path = try Path.dropout(from: p.start, to: p.end, keeping: same, ofEnd: same)
    #expect(path.segments.count == 4 * c.depth + 3)
    #expect(path.knots.last!.network == p.end)
    checkSegments(path, p.samples)
    let profile = try PathEvaluation(of: path, on: empirical(p.samples, c.loss)).profile()
    let expected = largestOfPartialDropouts(p, c.loss, same.kept, same.kept)
    #expect(abs(profile.maximumLoss - expected) < 1e-12)
  }

  /// Every pair of sets of two of five neurons: disjoint, overlapping in one, the same.
  @Test func everyPairOfSetsGives5Or7Segments() throws {
    var random = PathTestGenerator(seed: 4)
    func network() -> Network<Double> {
      random.network(inputs: 3, widths: [5], outputs: 3, scaling: .meanField, biases: true)
    }
    let (start, end) = (network(), network())
    let samples = random.samples(11, inputs: 3, outputs: 3)
    let pairs = (0..<5).flatMap { i in (i + 1..<5).map { [i, $0] } }
    for a in pairs {
      for b in pairs {
        let kept = (KeptNeurons(layers: [a]), KeptNeurons(layers: [b]))
        let path = try Path.dropout(
          from: start, to: end, keeping: DropoutSelection(kept: kept.0),
          ofEnd: DropoutSelection(kept: kept.1))
        #expect(path.segments.count == (Set(a).isDisjoint(with: b) ? 5 : 7))
        checkSegments(path, samples)
        let evaluation = try PathEvaluation(of: path, on: empirical(samples, .squared))
        let four = [
          start, start.keeping(kept.0), end.keeping(kept.1), end,
        ].map { $0.evaluate(on: empirical(samples, .squared)).loss }
        #expect(abs(evaluation.profile().maximumLoss - four.max()!) < 1e-12)
        #expect(evaluation.evaluations == 4)
      }
    }
  }

  private func largestOfPartialDropouts(
    _ p: PathTestProblem, _ loss: Loss, _ a: KeptNeurons, _ b: KeptNeurons
  ) -> Double {
    var networks = [p.start, p.end]
    for layer in 1...p.start.hiddenLayerCount {
      networks.append(p.start.keeping(a.droppingOnly(fromLayer: layer)))
      networks.append(p.end.keeping(b.droppingOnly(fromLayer: layer)))
    }
    #expect(networks.count == 2 * p.start.hiddenLayerCount + 2)
    return networks.map { $0.evaluate(on: empirical(p.samples, loss)).loss }.max()!
  }

  @Test(arguments: PathTestCase.all) func barrierIsTheLargestPartialDropout(
    _ c: PathTestCase
  ) throws {
    let p = c.problem()
    let evaluation = try PathEvaluation(
      of: Path.dropout(from: p.start, to: p.end), on: empirical(p.samples, c.loss))
    let profile = evaluation.profile()
    let expected = largestOfPartialDropouts(
      p, c.loss, DropoutSelection.firstHalf(of: p.start).kept,
      DropoutSelection.lastHalf(of: p.end).kept)
    let ends = [p.start, p.end].map { $0.evaluate(on: empirical(p.samples, c.loss)).loss }
    #expect(abs(profile.barrier - (expected - ends.max()!)) < 1e-12)
    #expect(profile.endpointLosses == ends)
    #expect(profile.exact)
    #expect(evaluation.evaluations == 2 * c.depth + 2)
  }

  @Test(arguments: PathTestCase.all) func barrierIsSymmetric(_ c: PathTestCase) throws {
    let p = c.problem(seed: 5)
    let (a, b) = (DropoutSelection.firstHalf(of: p.start), DropoutSelection.lastHalf(of: p.end))
    let forth = try PathEvaluation(
      of: Path.dropout(from: p.start, to: p.end), on: empirical(p.samples, c.loss)
    ).profile()
    let back = try PathEvaluation(
      of: Path.dropout(from: p.end, to: p.start, keeping: b, ofEnd: a),
      on: empirical(p.samples, c.loss)
    ).profile()
    #expect(abs(forth.barrier - back.barrier) < 1e-12)
    #expect(abs(forth.barrierChord - back.barrierChord) < 1e-12)
    #expect(abs(forth.barrierMidpoint - back.barrierMidpoint) < 1e-12)
    #expect(forth.errorMaximum == back.errorMaximum)
  }

  @Test(arguments: PathTestCase.all) func connectsANetworkWithItself(_ c: PathTestCase) throws {
    let p = c.problem()
    let path = try Path.dropout(from: p.start, to: p.start)
    checkSegments(path, p.samples)
    #expect(path.knots.last!.network == p.start)
  }

  @Test(arguments: PathTestCase.all) func readoutsReplaceRescaling(_ c: PathTestCase) throws {
    let p = c.problem(seed: 8)
    var random = PathTestGenerator(seed: 12)
    var (a, b) = (DropoutSelection.firstHalf(of: p.start), DropoutSelection.lastHalf(of: p.end))
    func readouts() -> [Layer<Double>] {
      (0..<c.depth).map { _ in
        let width = c.widths.last! / 2
        return Layer(
          weights: Matrix(rows: c.outputs, columns: width, random.vector(c.outputs * width)),
          bias: c.biases ? random.vector(c.outputs) : nil, activation: .identity)
      }
    }
    (a.readouts, b.readouts) = (readouts(), readouts())
    let path = try Path.dropout(from: p.start, to: p.end, keeping: a, ofEnd: b)
    checkSegments(path, p.samples)
    var losses = [p.start, p.end]
    for layer in 1...c.depth {
      for (network, selection) in [(p.start, a), (p.end, b)] {
        var reduced = network.keeping(selection.kept.droppingOnly(fromLayer: layer))
        reduced.layers[c.depth] = selection.readouts![layer - 1]
        losses.append(reduced)
      }
    }
    let expected = losses.map { $0.evaluate(on: empirical(p.samples, c.loss)).loss }.max()!
    let profile = try PathEvaluation(of: path, on: empirical(p.samples, c.loss)).profile()
    #expect(abs(profile.maximumLoss - expected) < 1e-12)
  }

  /// Disjoint sets of different sizes in every layer need no hosting.
  @Test func disjointSetsOfAnySizeTake13Segments() throws {
    let p = PathTestCase(
      widths: [8, 9, 8], outputs: 3, loss: .squared, scaling: .standard, biases: true
    ).problem()
    let a = KeptNeurons(layers: [[6], [1, 3, 8, 4], [0, 5]])
    let b = KeptNeurons(layers: [[0, 2, 7, 1], [0], [1, 2, 3, 7]])
    let path = try Path.dropout(
      from: p.start, to: p.end, keeping: DropoutSelection(kept: a), ofEnd: DropoutSelection(kept: b)
    )
    #expect(path.segments.count == 13)
    #expect(path.knots.last!.network == p.end)
    checkSegments(path, p.samples)
    let profile = try PathEvaluation(of: path, on: empirical(p.samples, .squared)).profile()
    let expected = largestOfPartialDropouts(p, .squared, a, b)
    #expect(abs(profile.maximumLoss - expected) < 1e-12)
  }

  /// In the first layer it is enough that both kept sub-networks fit side by side.
  @Test func firstLayersMayKeepUnequalShares() throws {
    let p = PathTestCase(
      widths: [9], outputs: 3, loss: .squared, scaling: .meanField, biases: true
    ).problem()
    let path = try Path.dropout(
      from: p.start, to: p.end, keeping: DropoutSelection(kept: .first([7])),
      ofEnd: DropoutSelection(kept: .first([2])))
    #expect(path.segments.count == 7)
    checkSegments(path, p.samples)
  }

  @Test func worksInSinglePrecision() throws {
    let c = PathTestCase(
      widths: [6, 8], outputs: 3, loss: .crossEntropy, scaling: .meanField, biases: true)
    let p = c.problem()
    let (start, end) = (Network<Float>(p.start), Network<Float>(p.end))
    let samples = Samples<Float>(
      inputs: Matrix(scalars: p.samples.inputs), targets: Matrix(scalars: p.samples.targets),
      isClassification: true)
    let path = try PiecewiseLinearPath.dropout(from: start, to: end)
    #expect(path.knots.last!.network == end)
    let single = try PathEvaluation(of: path, on: empirical(samples, c.loss), verify: true)
      .profile()
    let double = try PathEvaluation(
      of: Path.dropout(from: p.start, to: p.end), on: empirical(p.samples, c.loss)
    ).profile()
    #expect(abs(single.barrier - double.barrier) < 1e-5)
    for segment in single.segments where segment.kind == .constant {
      #expect(segment.deviation! < 1e-5)
    }
  }
}
