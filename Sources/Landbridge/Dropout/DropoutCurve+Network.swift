public import LinearAlgebra

extension Network {
  /// The dropout-stability curve of one hidden layer, or of all at once.
  ///
  /// For the last hidden layer everything but the draws comes from one forward pass over samples,
  /// whatever the number of points. Other layers, and all layers together, have no formula: their
  /// points hold the loss of the first neurons and, with draws, that of random subsets.
  ///
  /// - Parameters:
  ///   - layer: ℓ ∈ 1 … L; `nil` for all hidden layers at once, which keep ⌊M·N_ℓ/N_L⌋ ≥ 1 neurons
  ///     each. With one hidden layer both are the same.
  ///   - kept: the M of the points, in 1 … N; by default every M for the last hidden layer and
  ///     ``DropoutCurve/spacedCounts(upTo:)`` elsewhere.
  ///   - standardDeviation: whether to spend the N × N Gram matrix that standard deviations need.
  ///   - moments: those of this network on `risk`, where they are known already; used for the last
  ///     hidden layer only, in place of what `standardDeviation` says.
  ///   - draws: how many random subsets to evaluate at every point.
  ///   - stream: where they come from. Draw r at M is its item M·2³² + r; with all layers at once, that of
  ///     layer ℓ is item (ℓ − 1)·2⁵⁶ + M·2³² + r.
  /// - Complexity: on samples see ``EmpiricalRisk/dropoutFindings(of:for:)``.
  public func dropoutCurve(
    on risk: some DropoutRisk<Scalar>, layer: Int? = nil, kept: [Int]? = nil,
    standardDeviation: Bool = false, moments known: DropoutMoments? = nil, draws: Int = 0,
    stream: RandomStream = RandomStream(seed: 0, purpose: .subsets)
  ) -> DropoutCurve {
    let count = hiddenLayerCount
    precondition(layer == nil || (1...count).contains(layer!), "hidden layer \(layer ?? 0)")
    let isLast = layer == count || count == 1
    let width = hiddenWidths[(layer ?? count) - 1]
    let counts = kept ?? (isLast ? Array(1...width) : DropoutCurve.spacedCounts(upTo: width))
    precondition(
      counts.allSatisfy { (1...width).contains($0) }, "kept neurons must be in 1 ... \(width)")
    let choose = SubsetChoice(layer: isLast ? count : layer, widths: hiddenWidths, stream: stream)
    var query = DropoutQuery(
      subsets: counts.flatMap { kept in (0..<draws).map { choose.random(kept, draw: $0) } })
    if isLast {
      precondition(known == nil || known!.width == width, "moments of \(known?.width ?? 0) neurons")
      query.first = counts
      if known == nil {
        query.moments = standardDeviation ? .ofMeanAndStandardDeviation : .ofMean
      }
    } else {
      query.subsets += counts.map { choose.first($0) }
      query.subsets.append(.all(layers: count))
    }
    let findings = risk.dropoutFindings(of: self, for: query)
    let moments = isLast ? known ?? findings.moments : nil
    let direct = findings.subsets[(counts.count * draws)...].map {
      Evaluation(loss: $0.loss, error: $0.error)
    }
    let points = counts.enumerated().map { index, kept in
      let drawn = findings.subsets[index * draws..<(index + 1) * draws]
      let errors = drawn.compactMap(\.error)
      return DropoutCurve.Point(
        kept: kept, expected: moments?.expectation(kept: kept),
        first: isLast ? findings.first[index] : direct[index],
        sampledLoss: drawn.isEmpty ? nil : SampleSummary(of: drawn.map(\.loss)),
        sampledError: errors.isEmpty ? nil : SampleSummary(of: errors))
    }
    return DropoutCurve(
      layer: layer, width: width, whole: moments?.evaluation ?? direct.last!, points: points)
  }
}

extension DropoutCurve {
  /// About twice as many numbers as `width` has binary digits: N, N/√2, N/2, … down to 1, rounded,
  /// ascending.
  public static func spacedCounts(upTo width: Int) -> [Int] {
    var counts: Set<Int> = [1, width]
    var size = Double(width)
    while size > 1 {
      counts.insert(max(1, Int(size.rounded())))
      size *= 0.5.squareRoot()
    }
    return counts.sorted()
  }
}
