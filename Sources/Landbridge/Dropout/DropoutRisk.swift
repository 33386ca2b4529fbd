internal import LinearAlgebra

/// A risk under which the moments of dropout are known, so that every formula of docs/theory.md §3
/// applies.
///
/// ``EmpiricalRisk`` takes them from samples, in one pass with whatever else is asked for. A law with
/// closed forms implements ``dropoutMoments(of:standardDeviation:)``; the rest follows from
/// evaluations of the narrower networks.
public protocol DropoutRisk<Scalar>: Risk {
  /// V, g and, if asked for, the moments of K, for dropout of the last hidden layer.
  ///
  /// - Parameter standardDeviation: whether to form the N × N Gram matrix, for
  ///   ``DropoutMoments/standardDeviation(kept:)``.
  func dropoutMoments(
    of network: Network<Scalar>, standardDeviation: Bool
  ) -> DropoutMoments

  /// Answers to several questions on the dropout of one network.
  func dropoutFindings(
    of network: Network<Scalar>, for query: DropoutQuery
  ) -> DropoutFindings
}

/// What is asked of the dropout of one network.
public struct DropoutQuery: Sendable {
  /// Whether moments are wanted, and whether with their Gram matrix.
  public enum Moments: Sendable {
    case none, ofMean, ofMeanAndStandardDeviation
  }

  /// Of the last hidden layer.
  public var moments: Moments
  /// Numbers M of first neurons of the last hidden layer, in 1 … N.
  public var first: [Int]
  /// Sets of neurons, distinct and in range.
  public var subsets: [KeptNeurons]

  /// Asks for nothing unless told.
  public init(moments: Moments = .none, first: [Int] = [], subsets: [KeptNeurons] = []) {
    (self.moments, self.first, self.subsets) = (moments, first, subsets)
  }
}

/// The answers to a ``DropoutQuery``.
public struct DropoutFindings: Sendable {
  /// `nil` when not asked for.
  public var moments: DropoutMoments?
  /// Loss and error of the first M neurons, for each M asked for.
  public var first: [Evaluation]
  /// One for every set, in order.
  public var subsets: [DropoutEvaluation]

  /// In the order of the query.
  public init(moments: DropoutMoments?, first: [Evaluation], subsets: [DropoutEvaluation]) {
    (self.moments, self.first, self.subsets) = (moments, first, subsets)
  }
}

extension DropoutRisk {
  /// By an evaluation of each narrower network.
  public func dropoutFindings(
    of network: Network<Scalar>, for query: DropoutQuery
  ) -> DropoutFindings {
    let depth = network.hiddenLayerCount
    return DropoutFindings(
      moments: query.moments == .none
        ? nil
        : dropoutMoments(
          of: network, standardDeviation: query.moments == .ofMeanAndStandardDeviation),
      first: query.first.map {
        evaluate(network.keeping(.only(Array(0..<$0), inLayer: depth, of: depth)))
      },
      subsets: query.subsets.map {
        let narrow = network.keeping($0)
        let evaluation = evaluate(narrow)
        return DropoutEvaluation(
          loss: evaluation.loss, error: evaluation.error,
          outputDistance: outputDistance(narrow, network))
      })
  }
}

extension EmpiricalRisk: DropoutRisk {
  /// - Complexity: an evaluation and 2nNK flops; with the Gram matrix nN² flops and N² numbers of
  ///   memory more.
  public func dropoutMoments(
    of network: Network<Scalar>, standardDeviation: Bool
  ) -> DropoutMoments {
    let query = DropoutQuery(moments: standardDeviation ? .ofMeanAndStandardDeviation : .ofMean)
    return dropoutFindings(of: network, for: query).moments!
  }

  /// In one forward pass of the whole network.
  ///
  /// What a set shares with the whole network (the layers up to the first one that it drops from) is
  /// computed once. Sets that touch only the last hidden layer become one product of its activations
  /// with masked output weights.
  ///
  /// - Complexity: an evaluation; that of ``dropoutMoments(of:standardDeviation:)``; O(nNK) for the
  ///   first neurons, whatever the number of M; per set 2nNK flops (last hidden layer alone) or the
  ///   cost of the narrower network above the first layer that it drops from.
  public func dropoutFindings(
    of network: Network<Scalar>, for query: DropoutQuery
  ) -> DropoutFindings {
    var moments =
      query.moments == .none
      ? nil
      : MomentAccumulator(
        of: network, loss: loss, gram: query.moments == .ofMeanAndStandardDeviation)
    var prefixes = query.first.isEmpty ? nil : PrefixAccumulator(of: network, loss: loss)
    var subsets = SubsetAccumulator(of: network, kept: query.subsets, loss: loss)
    let (momentParts, prefixParts) = (moments?.parts, prefixes?.parts)
    let needsBlocks = !query.subsets.isEmpty
    pass(of: network).forEachGroup(
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
    let first = prefixes?.result
    return DropoutFindings(
      moments: moments?.result(threads: threads),
      first: query.first.map {
        Evaluation(loss: first!.losses[$0 - 1], error: first!.errors?[$0 - 1])
      }, subsets: subsets.result)
  }
}

extension Network {
  /// V, g and, if asked for, the moments of K that the variance of the dropout loss needs.
  ///
  /// - Parameter standardDeviation: whether to form the N × N Gram matrix, for
  ///   ``DropoutMoments/standardDeviation(kept:)``.
  /// - Complexity: on samples see ``EmpiricalRisk/dropoutMoments(of:standardDeviation:)``.
  public func dropoutMoments(
    on risk: some DropoutRisk<Scalar>, standardDeviation: Bool = false
  ) -> DropoutMoments {
    risk.dropoutMoments(of: self, standardDeviation: standardDeviation)
  }

  /// Loss, 0-1 error and distance of outputs after dropout, for many sets of kept neurons.
  ///
  /// - Parameter kept: any number of sets; neurons distinct and in range.
  /// - Returns: one evaluation for every set, in order.
  /// - Complexity: on samples see ``EmpiricalRisk/dropoutFindings(of:for:)``.
  public func dropoutEvaluations(
    keeping kept: [KeptNeurons], on risk: some DropoutRisk<Scalar>
  ) -> [DropoutEvaluation] {
    risk.dropoutFindings(of: self, for: DropoutQuery(subsets: kept)).subsets
  }

  /// The same for subsets of the last hidden layer.
  public func dropoutEvaluations(
    keepingLast subsets: [[Int]], on risk: some DropoutRisk<Scalar>
  ) -> [DropoutEvaluation] {
    dropoutEvaluations(
      keeping: subsets.map { .only($0, inLayer: hiddenLayerCount, of: hiddenLayerCount) },
      on: risk)
  }

  /// L_M and the 0-1 error for the first M neurons of the last hidden layer, for every M, from one
  /// pass: the outputs are prefix sums over neurons.
  ///
  /// - Complexity: an evaluation and O(nNK).
  public func prefixLosses(on risk: EmpiricalRisk<Scalar>) -> PrefixLosses {
    var sums = PrefixAccumulator(of: self, loss: risk.loss)
    risk.pass(of: self).forEachGroup(part: sums.parts) { sums.add($0) }
    return sums.result
  }
}
