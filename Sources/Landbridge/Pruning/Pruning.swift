public import LinearAlgebra

/// How the neurons that stay are chosen.
public enum NeuronSelection: String, Sendable, Codable, CaseIterable {
  /// The first ones: after SGD from independent initial weights as good as random ones (E4).
  case first
  /// A uniformly random set.
  case random
  /// The best of random pairs of sets whose first-order changes of the loss cancel: the two ends of a
  /// random order, for half of the neurons a set and its complement, and then the better one has
  /// L_S ≤ L_N + Q (E3, squared loss).
  case antithetic
  /// ``Network/greedySelection(inLayer:on:criterion:progress:)``
  case greedy
}

/// How a network is to be pruned.
public struct PruningPlan: Sendable {
  /// M: neurons kept of the layer, or of the last hidden layer where all are pruned; the others then
  /// keep ⌊M·N_ℓ/N_L⌋ ≥ 1.
  public var kept: Int
  /// The hidden layer ℓ ∈ 1 … L; `nil` for all of them.
  public var layer: Int?
  /// How the kept ones are chosen.
  public var selection: NeuronSelection
  /// Of greedy selection in the last hidden layer; those below always have ``GreedyCriterion/distance``.
  public var criterion = GreedyCriterion.distance
  /// How many pairs ``NeuronSelection/antithetic`` tries, at least 1.
  public var draws = 20
  /// Whether outgoing weights of kept neurons are fitted anew instead of rescaled.
  public var refit = false
  /// ρ ≥ 0 of the refit. A thousandth hardly changes least squares and keeps the coefficients of
  /// cross-entropy finite where few samples separate the classes.
  public var ridge = 1e-3
  /// Where random sets come from.
  public var stream = RandomStream(seed: 0, purpose: .subsets)

  /// - Parameter kept: M ≥ 1.
  public init(kept: Int, layer: Int? = nil, selection: NeuronSelection = .greedy) {
    (self.kept, self.layer, self.selection) = (kept, layer, selection)
  }
}

/// A network with fewer neurons.
public struct Pruning<Scalar: MatrixScalar>: Sendable {
  /// Really narrower: rows and columns of dropped neurons are gone.
  public var network: Network<Scalar>
  /// What was done, layer by layer, input to output.
  public var layers: [PrunedLayer]
  /// Which neurons of the original network stay.
  public var kept: KeptNeurons
}

/// One hidden layer that has been pruned.
public struct PrunedLayer: Sendable, Equatable {
  /// ℓ ∈ 1 … L
  public var layer: Int
  /// N_ℓ before.
  public var width: Int
  /// The neurons that stay, ascending.
  public var neurons: [Int]
  /// The whole order, where selection was greedy.
  public var greedy: GreedySelection?
  /// How the refit ended; `nil` without one.
  public var refit: RefitOutcome?
}

extension Network {
  /// A narrower network that does nearly the same.
  ///
  /// Layers are pruned from the input to the output. Each greedy choice sees the activations that the
  /// pruned layers below it really produce and aims at the preactivations of the whole network, so that
  /// it makes up for what they lost. Kept weights are rescaled by N/M (docs/theory.md §3), or fitted anew:
  /// those behind an inner layer by least squares to the preactivations of the whole network, kept
  /// only if the loss with the layers above unchanged becomes smaller than with rescaling; those of the
  /// output to the loss (``refit(readoutOn:on:ridge:gradientTolerance:maximumIterations:)``).
  /// Biases of dropped neurons go with them; other biases stay unless they are fitted.
  ///
  /// - Parameters:
  ///   - plan: 1 ≤ M ≤ N.
  ///   - risk: of at least one sample.
  ///   - progress: told how many samples greedy selection has visited, n times the number of layers in
  ///     the end.
  /// - Complexity: per layer, that of the selection and of the fit.
  public func pruned(
    _ plan: PruningPlan, on risk: EmpiricalRisk<Scalar>, progress: (Int) -> Void = { _ in }
  ) -> Pruning<Scalar> {
    let depth = hiddenLayerCount
    precondition(plan.layer == nil || (1...depth).contains(plan.layer!), "hidden layer")
    precondition(
      (1...hiddenWidths[(plan.layer ?? depth) - 1]).contains(plan.kept),
      "\(plan.kept) neurons kept of \(hiddenWidths)")
    let choice = SubsetChoice(layer: plan.layer, widths: hiddenWidths, stream: plan.stream)
    let counts = choice.counts(plan.kept)
    let chosen = blindSelection(plan, choice, on: risk)
    var result = Pruning(
      network: self, layers: [], kept: .all(layers: depth))
    for layer in 1...depth {
      guard let count = counts[layer - 1] else { continue }
      var pruned = PrunedLayer(layer: layer, width: hiddenWidths[layer - 1], neurons: [])
      if let chosen {
        pruned.neurons = chosen.layers[layer - 1]!
      } else {
        let before = risk.samples.count * result.layers.count
        let order = result.network.greedySelection(
          inLayer: layer, imitating: result.layers.isEmpty ? nil : self, on: risk,
          criterion: layer == depth ? plan.criterion : .distance,
          progress: { progress(before + $0) })
        pruned.neurons = order.order.prefix(count).sorted()
        pruned.greedy = order
      }
      result.network = result.network.keeping(.only(pruned.neurons, inLayer: layer, of: depth))
      result.kept.layers[layer - 1] = pruned.neurons
      if plan.refit {
        pruned.refit = result.network.refitReadout(
          ofLayer: layer, imitating: self, on: risk, ridge: plan.ridge)
      }
      result.layers.append(pruned)
    }
    return result
  }

  /// The sets that need no Gram matrix; `nil` for greedy selection.
  private func blindSelection(
    _ plan: PruningPlan, _ choice: SubsetChoice, on risk: EmpiricalRisk<Scalar>
  ) -> KeptNeurons? {
    switch plan.selection {
    case .greedy: return nil
    case .first: return choice.first(plan.kept)
    case .random: return choice.random(plan.kept, draw: 0)
    case .antithetic:
      precondition(plan.draws >= 1, "\(plan.draws) draws")
      let sets = (0..<plan.draws).flatMap { choice.randomPair(plan.kept, draw: $0) }
      let evaluations = dropoutEvaluations(keeping: sets, on: risk)
      // An undefined loss is never the best.
      let best = sets.indices.min {
        (evaluations[$0].loss.isNaN ? .infinity : evaluations[$0].loss)
          < (evaluations[$1].loss.isNaN ? .infinity : evaluations[$1].loss)
      }
      return sets[best!]
    }
  }

  /// Fits the weights that read hidden layer `layer` anew, so that they do what those of `original` do.
  private mutating func refitReadout(
    ofLayer layer: Int, imitating original: Network, on risk: EmpiricalRisk<Scalar>,
    ridge: Double
  ) -> RefitOutcome {
    let isLast = layer == hiddenLayerCount
    let head = readingOut(layer: layer)
    let goal =
      isLast
      ? risk
      : risk.squared(
        to: original.readingOut(layer: layer).outputs(risk.samples.inputs, threads: risk.threads))
    let fit = head.refit(readoutOn: Array(0..<head.lastHiddenWidth), on: goal, ridge: ridge)
    var refitted = self
    refitted.layers[layer].weights = fit.network.layers[layer].weights
    refitted.layers[layer].bias = fit.network.layers[layer].bias
    if !isLast {
      let before = evaluate(on: risk).loss
      let after = refitted.evaluate(on: risk).loss
      guard after < before else { return .rescaled }
    }
    self = refitted
    return fit.outcome
  }
}
