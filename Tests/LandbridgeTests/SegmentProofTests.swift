import Landbridge
import LinearAlgebra
import Testing

/// What weights prove, against networks by hand, dense grids over t, and the builder of paths.
@Suite struct `Segment proofs` {
  typealias Path = PiecewiseLinearPath<Double>

  /// Rows of each layer; the output has no activation.
  private func network(_ layers: [[[Double]]], bias: [[Double]]? = nil) -> Network<Double> {
    Network(
      layers: layers.enumerated().map { index, rows in
        Layer(
          weights: Matrix(rows: rows.count, columns: rows[0].count, rows.flatMap { $0 }),
          bias: bias?[index],
          activation: index == layers.count - 1 ? .identity : .tanh)
      }, scaling: .standard)
  }

  private func kind(
    _ start: [[[Double]]], _ end: [[[Double]]], bias: [[Double]]? = nil, _ other: [[Double]]? = nil
  ) -> SegmentProof.Kind? {
    SegmentProof(from: network(start, bias: bias), to: network(end, bias: other ?? bias)).kind
  }

  @Test func `two layers by hand`() {
    let θ = [[[1.0, 2], [3, 4]], [[5, 0]]]
    #expect(kind(θ, θ) == .constant)
    // Output weights alone.
    #expect(kind(θ, [θ[0], [[7.0, 8]]]) == .affine)
    // The second neuron is idle, the first is not.
    #expect(kind(θ, [[[1, 2], [-9, 9]], [[5, 0]]]) == .constant)
    #expect(kind(θ, [[[1, 9], [3, 4]], [[5, 0]]]) == nil)
    // Idle at one end only.
    #expect(kind(θ, [[[1, 2], [-9, 9]], [[5, 1]]]) == nil)
    // An output weight that passes through zero is one that is read.
    #expect(kind([θ[0], [[5, 1]]], [[[1, 2], [-9, 9]], [[5, -1]]]) == nil)
    // Output and idle neuron together.
    #expect(kind(θ, [[[1, 2], [-9, 9]], [[6, 0]]]) == .affine)
    // Minus zero is zero.
    #expect(kind(θ, [[[1, 2], [-9, 9]], [[5, -0.0]]]) == .constant)
  }

  @Test func `biases by hand`() {
    let θ = [[[1.0, 2], [3, 4]], [[5, 0]]]
    let b = [[0.5, 0.25], [1]]
    #expect(kind(θ, θ, bias: b, [[0.5, 9], [1]]) == .constant)
    #expect(kind(θ, θ, bias: b, [[9, 0.25], [1]]) == nil)
    #expect(kind(θ, θ, bias: b, [[0.5, 0.25], [2]]) == .affine)
    // Twins with different biases are none.
    let twins = [[[1.0, 2], [1, 2]], [[5, 0]]]
    #expect(kind(twins, [twins[0], [[0, 5]]], bias: [[1, 1], [0]]) == .constant)
    #expect(kind(twins, [twins[0], [[0, 5]]], bias: b) == .affine)
  }

  @Test func `identical neurons by hand`() {
    let twins = [[[1.0, 2], [1, 2], [3, 4]], [[5, 0, 1]]]
    let shifted = SegmentProof(from: network(twins), to: network([twins[0], [[0, 5, 1]]]))
    #expect(shifted.kind == .constant && shifted.identicalNeurons)
    #expect(shifted.moving == ["layers.1.weight"] && shifted.idle.isEmpty)
    // Part of the weight is not the same multiset of numbers, even where sums agree.
    #expect(kind(twins, [twins[0], [[2.5, 2.5, 1]]]) == .affine)
    #expect(kind(twins, [twins[0], [[1, 0, 5]]]) == .affine)
    var nearly = twins
    nearly[0][1][1] = 2.0.nextUp
    #expect(kind(nearly, [nearly[0], [[0, 5, 1]]]) == .affine)
  }

  @Test func `three layers by hand`() {
    // Neuron 1 of the first layer is read by neuron 1 of the second, which nothing reads.
    let θ = [[[1.0], [2]], [[1, 0], [3, 4]], [[7, 0]]]
    #expect(kind(θ, [[[1], [-2]], θ[1], θ[2]]) == .constant)
    #expect(kind(θ, [[[1], [-2]], [[1, 0], [-3, -4]], θ[2]]) == .constant)
    #expect(kind(θ, [[[1], [-2]], [[1, 0.5], [3, 4]], θ[2]]) == nil)
    let proof = SegmentProof(from: network(θ), to: network([[[1], [-2]], θ[1], θ[2]]))
    #expect(proof.moving == ["layers.0.weight"])
    #expect(proof.idle.map(\.layer) == [1, 2] && proof.idle.map(\.count) == [1, 1])
    #expect(proof.idle.map(\.ranges) == [[[1, 1]], [[1, 1]]])
    // Twins in the first layer: the second layer may read either, while output weights move too.
    let twins = [[[2.0], [2]], [[1, 0], [3, 0]], [[7, 1]]]
    #expect(kind(twins, [twins[0], [[0, 1], [3, 0]], twins[2]]) == .constant)
    let both = SegmentProof(
      from: network(twins), to: network([twins[0], [[0, 1], [3, 0]], [[8, 1]]]))
    #expect(both.kind == .affine && both.identicalNeurons)
    #expect(kind(twins, [twins[0], [[0, 2], [3, 0]], twins[2]]) == nil)
    // Twins that come of twins.
    let copies = [[[2.0], [2]], [[1, 0], [0, 1]], [[7, 0]]]
    #expect(kind(copies, [copies[0], copies[1], [[0, 7]]]) == .constant)
  }

  /// Small integers make zeros, idle neurons and twins common.
  @Test func `holds at every t`() {
    var random = PathTestGenerator(seed: 12)
    var counts: [SegmentProof.Kind?: Int] = [:]
    for _ in 0..<4000 {
      let widths = [2, 3, Int.random(in: 2...3, using: &random), 1]
      func layers() -> [[[Double]]] {
        (1..<4).map { ℓ in
          (0..<widths[ℓ]).map { _ in
            (0..<widths[ℓ - 1]).map { _ in
              Double([0, 0, 0, 1, -1].randomElement(using: &random)!)
            }
          }
        }
      }
      let start = layers()
      var end = start
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        let ℓ = Int.random(in: 0...2, using: &random)
        end[ℓ] = layers()[ℓ]
      }
      let (a, b) = (network(start), network(end))
      let proof = SegmentProof(from: a, to: b)
      counts[proof.kind, default: 0] += 1
      guard let kind = proof.kind else { continue }
      let x = Matrix(rows: 3, columns: 2, random.vector(6))
      let (first, last) = (a.outputs(x), b.outputs(x))
      if kind == .constant { #expect(largestDifference(first, last) < 1e-12) }
      for t in [0.25, 0.5, 0.8] {
        let expected = Matrix.combine(first, last) { (1 - t) * $0 + t * $1 }
        #expect(
          largestDifference(a.interpolated(to: b, at: t).outputs(x), expected) < 1e-12,
          "\(start) to \(end)")
      }
    }
    #expect(counts[.constant, default: 0] > 200)
    #expect(counts[.affine, default: 0] > 200 && counts[.none, default: 0] > 200)
  }

  /// What the steps of the path are, by docs/theory.md §4: dropping is affine, copying constant; in
  /// the middle θ′ is written, the output weights move, and kept sets that overlap move home.
  private func kindsOfSteps(depth: Int, overlapping: Bool) -> [SegmentKind] {
    let chain: [SegmentKind] = [.affine] + (1..<depth).flatMap { _ in [.constant, .affine] }
    return chain + [.constant, .affine] + (overlapping ? [.constant, .constant] : []) + [.constant]
      + chain
  }

  /// The builder and the proof share no code; the proof must find of every segment what the step is
  /// made for, bit by bit in Float too.
  @Test(arguments: PathTestCase.all) func `find what the steps of the dropout path are`(
    _ c: PathTestCase
  ) throws {
    let p = c.problem()
    let same = DropoutSelection<Double>.firstHalf(of: p.start)
    for path in [
      try Path.dropout(from: p.start, to: p.end),
      try Path.dropout(from: p.start, to: p.end, keeping: same, ofEnd: same),
    ] {
      let single = try PiecewiseLinearPath<Float>.dropout(
        from: Network(p.start), to: Network(p.end),
        keeping: .init(kept: same.kept),
        ofEnd: path.segments.count == 4 * c.depth + 3
          ? .init(kept: same.kept) : .lastHalf(of: Network(p.end)))
      #expect(single.segments.count == path.segments.count)
      let overlapping = path.segments.count == 4 * c.depth + 3
      let expected = kindsOfSteps(depth: c.depth, overlapping: overlapping)
      let shifting = expected.indices.map { overlapping && $0 == 2 * c.depth + 2 }
      for segments in [path.segments.map(\.proof), single.segments.map(\.proof)] {
        #expect(segments.map { $0.kind?.rawValue } == expected.map(\.rawValue))
        #expect(segments.map(\.identicalNeurons) == shifting)
      }
      // The same in either precision.
      let knots = single.knots.map { Network<Double>($0.network) }
      let proofs = zip(knots, knots.dropFirst()).map { SegmentProof(from: $0, to: $1) }
      #expect(proofs == single.segments.map(\.proof))
    }
  }
}

/// Barriers, distances and bounds against the evaluation of paths.
@Suite struct `Certified numbers` {
  @Test(arguments: PathTestCase.all) func `are those of the path's own evaluation`(
    _ c: PathTestCase
  ) throws {
    let p = c.problem()
    let path = try PiecewiseLinearPath<Double>.dropout(from: p.start, to: p.end)
    let profile = try PathEvaluation(of: path, on: empirical(p.samples, c.loss)).profile()
    let knots = try path.knots.map {
      try KnotEvaluation(of: $0.network, on: empirical(p.samples, c.loss, threads: 2))
    }
    let maximum = Enclosure.maximum(knots.map(\.meanLoss))
    let barrier = maximum - .maximum(knots[0].meanLoss, knots.last!.meanLoss)
    #expect(abs(maximum.value - profile.maximumLoss) < 1e-12)
    #expect(abs(barrier.value - profile.barrier) < 1e-12)
    for (index, segment) in profile.segments.enumerated() where segment.kind == .affine {
      let found = knots[index].outputDistance(to: knots[index + 1])
      #expect(abs(found.value - segment.outputDistance) < 1e-12)
    }
    let either = zip(knots, knots.dropFirst()).map { $0.errorsOfEither($1)! }
    #expect(Double(either.map(\.upperBound).max()!) / 37 >= profile.errorMaximum!)
  }

  @Test(arguments: PathTestCase.all) func `no loss is above its bound`(_ c: PathTestCase) throws {
    let p = c.problem()
    for inputs in [nil, -2.0...2.0] as [ClosedRange<Double>?] {
      let ranges = try #require(p.start.outputRanges(inputs: inputs))
      let outputs = p.start.outputs(p.samples.inputs)
      for i in 0..<outputs.rows {
        for k in 0..<outputs.columns { #expect(ranges[k].contains(outputs[i, k])) }
      }
      let bound = try #require(p.start.lossBound(c.loss, inputs: inputs, targets: .classes))
      #expect(bound <= (try #require(c.loss.bound(outputs: ranges, targets: .classes))))
      #expect(empirical(p.samples, c.loss).empiricalEvaluation(of: p.start).largestLoss <= bound)
    }
  }

  private func isJustAround(_ found: [ClosedRange<Double>], _ exact: ClosedRange<Double>) -> Bool {
    found.count == 1 && found[0].lowerBound <= exact.lowerBound
      && found[0].upperBound >= exact.upperBound
      && found[0].upperBound - found[0].lowerBound
        < (exact.upperBound - exact.lowerBound) * (1 + 1e-12)
  }

  @Test func `bounds by hand`() throws {
    func network(_ σ: Activation) -> Network<Double> {
      Network(
        layers: [
          Layer(weights: Matrix(rows: 2, columns: 1, [1.0, -1]), activation: σ),
          Layer(weights: Matrix(rows: 1, columns: 2, [2.0, -3]), bias: [1], activation: .identity),
        ], scaling: .meanField)
    }
    // (2h₁ − 3h₂)/2 + 1 with |h| ≤ 1: from −1.5 to 3.5.
    let bounded = [-1.5...3.5]
    for (σ, exact) in [
      (Activation.tanh, -1.5...3.5), (.sigmoid, -0.5...2), (.cos, -1.5...3.5),
      (.saturatingRamp, -12.75...12.25),
    ] {
      let found = try #require(network(σ).outputRanges(inputs: nil))
      #expect(isJustAround(found, exact))
    }
    for σ in [Activation.relu, .softplus, .identity] {
      #expect(network(σ).outputRanges(inputs: nil) == nil)
    }
    // h₁ ∈ [0, 2], h₂ ∈ [0, 1] for x ∈ [−1, 2].
    #expect(isJustAround(try #require(network(.relu).outputRanges(inputs: -1...2)), -0.5...3))
    func bound(_ loss: Loss, _ targets: TargetSet) -> Double? {
      loss.bound(outputs: bounded, targets: targets)
    }
    let squared = try #require(bound(.squared, .classes))
    #expect(abs(squared - 20.25) < 1e-12)
    let number = try #require(bound(.squared, .range(0...6)))
    #expect(abs(number - 56.25) < 1e-12)
    let logistic = try #require(bound(.crossEntropy, .classes))
    #expect(abs(logistic - logarithm(onePlus: exponential(3.5))) < 1e-12)
    #expect(bound(.crossEntropy, .range(0...1)) == nil)
    let two = [0.0...1.0, -1.0...3.0]
    // y = (1, 0): 1 + 9; y = (0, 1): 1 + 4.
    let oneHot = try #require(Loss.squared.bound(outputs: two, targets: .classes))
    #expect(abs(oneHot - 10) < 1e-12)
    let entropy = try #require(Loss.crossEntropy.bound(outputs: two, targets: .classes))
    #expect(abs(entropy - logarithm(onePlus: exponential(3))) < 1e-12)
  }
}
