public import LinearAlgebra

/// The dropout path: the first neurons of θ and the last of θ′ stay, rescaled or with output weights
/// fitted anew, see ``PiecewiseLinearPath/dropout(from:to:keeping:ofEnd:)``.
public struct DropoutPathMethod: PathMethod {
  /// `dropout`
  public static let name = "dropout"
  /// What figures and tables call it.
  public static let title = "dropout path"
  /// All options.
  public static let heeded: Set<PathOptions.Name> = [.keep, .overlapping, .refit]

  /// How many neurons are kept, which of θ′, and how they are read.
  public var options: PathOptions

  /// - Precondition: the fraction to keep is in (0, 0.5].
  public init(_ options: PathOptions = PathOptions()) {
    precondition(
      options.keep.map { $0 > 0 && $0 <= 0.5 } ?? true, "kept fraction \(options.keep ?? 0)")
    self.options = options
  }

  /// Whether output weights are fitted.
  public var fits: Bool { options.refit }

  /// - Throws: ``ConnectError/shapes(_:)``, ``ConnectError/tooNarrow(layer:)`` where a hidden layer of
  ///   `start` has one neuron, ``ConnectError/selection(_:)``.
  /// - Complexity: no forward pass; with weights fitted, ``Network/refit(readoutOn:on:ridge:gradientTolerance:maximumIterations:)``
  ///   once per hidden layer of either network.
  public func path<Scalar: MatrixScalar>(
    from start: Network<Scalar>, to end: Network<Scalar>, fittedOn risk: EmpiricalRisk<Scalar>
  ) throws(ConnectError) -> PiecewiseLinearPath<Scalar> {
    try ConnectError.requireSameShape(start, end)
    let widths = start.hiddenWidths
    if let narrow = widths.firstIndex(where: { $0 < 2 }) { throw .tooNarrow(layer: narrow + 1) }
    let counts = counts(of: widths)
    var first = DropoutSelection<Scalar>(kept: .first(counts))
    var last = first
    if !options.overlapping {
      last.kept = KeptNeurons(layers: zip(widths, counts).map { Array($0 - $1..<$0) })
    }
    if options.refit {
      first.readouts = start.refittedReadouts(first.kept, on: risk)
      last.readouts = end.refittedReadouts(last.kept, on: risk)
    }
    return try .dropout(from: start, to: end, keeping: first, ofEnd: last)
  }

  /// ⌊keep·N_ℓ⌋, at least 1.
  public func keptCounts(of widths: [Int]) -> [Int]? { counts(of: widths) }

  private func counts(of widths: [Int]) -> [Int] {
    widths.map { max(1, Int((Double($0) * (options.keep ?? 0.5) + 1e-9).rounded(.down))) }
  }

  /// 4L + 2 knots.
  public func networkCount(hiddenLayers: Int) -> Int { 4 * hiddenLayers + 2 }
}

extension Network {
  /// Output layers fitted on the neurons left by dropout in layers ℓ … L, for every ℓ.
  fileprivate func refittedReadouts(
    _ kept: KeptNeurons, on risk: EmpiricalRisk<Scalar>
  ) -> [Layer<Scalar>] {
    (1...hiddenLayerCount).map { layer in
      let reduced = keeping(kept.droppingOnly(fromLayer: layer))
      return reduced.refit(readoutOn: Array(0..<reduced.lastHiddenWidth), on: risk)
        .network.layers.last!
    }
  }
}
