public import LinearAlgebra

extension Network {
  /// The dropout-stability curve of one hidden layer, or of all at once.
  ///
  /// For the last hidden layer everything but the draws comes from one forward pass, whatever the number
  /// of points. Other layers, and all layers together, have no formula: their points hold the loss of
  /// the first neurons and, with draws, that of random subsets.
  ///
  /// - Parameters:
  ///   - layer: ℓ ∈ 1 … L; `nil` for all hidden layers at once, which keep ⌊M·N_ℓ/N_L⌋ ≥ 1 neurons
  ///     each. With one hidden layer both are the same.
  ///   - kept: the M of the points, in 1 … N; by default every M where one pass suffices and
  ///     ``DropoutCurve/spacedCounts(upTo:)`` elsewhere.
  ///   - standardDeviation: whether to spend the N × N Gram matrix that
  ///     ``DropoutCurve/Point/standardDeviation`` needs.
  ///   - draws: how many random subsets to evaluate at every point.
  ///   - stream: where they come from. Draw r at M is its item M·2³² + r; with all layers at once, that of
  ///     layer ℓ is item (ℓ − 1)·2⁵⁶ + M·2³² + r.
  ///   - threads: how many share the work; results do not depend on it.
  /// - Complexity: see ``dropoutMoments(on:loss:standardDeviation:threads:)``,
  ///   ``prefixLosses(on:loss:threads:)`` and
  ///   ``dropoutEvaluations(keeping:on:loss:threads:)``.
  public func dropoutCurve(
    on samples: Samples<Scalar>, loss: Loss, layer: Int? = nil, kept: [Int]? = nil,
    standardDeviation: Bool = false, draws: Int = 0,
    stream: RandomStream = RandomStream(seed: 0, purpose: .subsets), threads: Int = 1
  ) -> DropoutCurve {
    let count = hiddenLayerCount
    precondition(layer == nil || (1...count).contains(layer!), "hidden layer \(layer ?? 0)")
    let isLast = layer == count || count == 1
    let width = hiddenWidths[(layer ?? count) - 1]
    let counts = kept ?? (isLast ? Array(1...width) : DropoutCurve.spacedCounts(upTo: width))
    precondition(
      counts.allSatisfy { (1...width).contains($0) }, "kept neurons must be in 1 ... \(width)")
    let choose = SubsetChoice(layer: isLast ? count : layer, widths: hiddenWidths, stream: stream)
    var sets = counts.flatMap { kept in
      (0..<draws).map { choose.random(kept, draw: $0) }
    }
    if !isLast {
      sets += counts.map { choose.first($0) }
      sets.append(KeptNeurons(layers: Array(repeating: nil, count: count)))
    }

    var moments = isLast ? MomentAccumulator(of: self, loss: loss, gram: standardDeviation) : nil
    var prefixes = isLast ? PrefixAccumulator(of: self, loss: loss) : nil
    var subsets = SubsetAccumulator(of: self, kept: sets, loss: loss)
    let (momentParts, prefixParts) = (moments?.parts, prefixes?.parts)
    let needsBlocks = !sets.isEmpty
    BlockPass(of: self, over: samples, threads: threads).forEachGroup(
      layers: subsets.layers,
      part: { block in
        (
          moments: momentParts?(block), prefixes: prefixParts?(block),
          block: needsBlocks ? block : nil
        )
      }
    ) { parts in
      moments?.add(parts.map { $0.moments! }, threads: threads)
      prefixes?.add(parts.map { $0.prefixes! })
      if needsBlocks { subsets.add(parts.map { $0.block! }, threads: threads) }
    }
    let evaluations = subsets.result
    let (formulas, first) = (moments?.result(threads: threads), prefixes?.result)
    let points = counts.enumerated().map { index, kept in
      let drawn = evaluations[index * draws..<(index + 1) * draws]
      let direct = isLast ? nil : evaluations[counts.count * draws + index]
      return DropoutCurve.Point(
        kept: kept, expectedLoss: formulas?.expectedLoss(kept: kept),
        expectedLossIsUpperBound: formulas?.expectedLossIsUpperBound,
        standardDeviation: formulas?.standardDeviation(kept: kept),
        lossOfFirst: first?.losses[kept - 1] ?? direct!.loss,
        errorOfFirst: first == nil ? direct!.error : first!.errors?[kept - 1],
        sampledLoss: draws == 0 ? nil : SampleSummary(of: drawn.map(\.loss)),
        sampledError: draws == 0 || !samples.isClassification
          ? nil : SampleSummary(of: drawn.map { $0.error! }))
    }
    return DropoutCurve(
      layer: layer, width: width, loss: formulas?.evaluation.loss ?? evaluations.last!.loss,
      error: formulas == nil ? evaluations.last!.error : formulas!.evaluation.error,
      points: points)
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
