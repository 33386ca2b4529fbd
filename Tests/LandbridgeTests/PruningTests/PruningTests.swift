import Landbridge
import LinearAlgebra
import Testing

@Suite("Pruning: narrower networks")
struct PruningTests {
  /// The largest difference of outputs.
  private func difference(
    _ a: Network<Double>, _ b: Network<Double>, on samples: Samples<Double>
  ) -> Double {
    zip(a.outputs(samples.inputs).elements, b.outputs(samples.inputs).elements)
      .map { abs($0 - $1) }.max()!
  }

  @Test("A narrower network computes what the masked one does", arguments: NeuronSelection.allCases)
  func masked(selection: NeuronSelection) {
    for widths in [[10], [12, 8], [8, 12, 6]] {
      for scaling in Scaling.allCases {
        for biases in [false, true] {
          let problem = DropoutProblem<Double>(
            widths: widths, outputs: 2, samples: 30, scaling: scaling, biases: biases)
          for layer in [nil] + (1...widths.count).map(Optional.some) {
            var plan = PruningPlan(kept: 3, layer: layer, selection: selection)
            plan.draws = 3
            let pruning = problem.network.pruned(plan, on: empirical(problem.samples, .squared))
            let expected = widths.indices.map { index in
              layer == nil
                ? max(1, 3 * widths[index] / widths.last!) : index == layer! - 1 ? 3 : widths[index]
            }
            #expect(pruning.network.hiddenWidths == expected)
            #expect(pruning.layers.map(\.layer) == (layer.map { [$0] } ?? Array(1...widths.count)))
            #expect(pruning.layers.map(\.neurons) == pruning.kept.layers.compactMap { $0 })
            let masked = problem.network.masking(pruning.kept)
            #expect(
              difference(pruning.network, masked, on: problem.samples) < Tolerance.exact,
              "\(widths) \(scaling) \(biases)")
          }
        }
      }
    }
  }

  @Test(
    "Greedy choices above see what the pruned layers below produce, and aim at the whole network")
  func jointly() {
    let problem = DropoutProblem<Double>(
      widths: [12, 16, 8], outputs: 2, samples: 30, biases: true)
    let x = problem.samples.inputs
    let pruning = problem.network.pruned(
      PruningPlan(kept: 3), on: empirical(problem.samples, .squared))
    var network = problem.network
    for (layer, count) in [(1, 4), (2, 6), (3, 3)] {
      let c = contributions(network, layer: layer, x)
      let target = means(contributions(problem.network, layer: layer, x))
      let plain = plainGreedy(c, target: target, count: count)
      #expect(pruning.layers[layer - 1].neurons == plain.order.sorted())
      network = network.keeping(.only(plain.order.sorted(), inLayer: layer, of: 3))
    }
    #expect(difference(network, pruning.network, on: problem.samples) < Tolerance.exact)
  }

  @Test("Everything kept: the network as it was")
  func everything() {
    for selection in NeuronSelection.allCases {
      let problem = DropoutProblem<Double>(widths: [6, 5], outputs: 2, biases: true)
      let pruning = problem.network.pruned(
        PruningPlan(kept: 5, selection: selection), on: empirical(problem.samples, .squared))
      #expect(pruning.network == problem.network)
    }
    let smallest = DropoutProblem<Double>(widths: [1], outputs: 1, samples: 1)
    let pruning = smallest.network.pruned(
      PruningPlan(kept: 1), on: empirical(smallest.samples, .squared))
    #expect(pruning.network == smallest.network)
  }

  @Test("Antithetic: the better of a set and its complement, L_S ≤ L_N + Q; more draws, no worse")
  func antithetic() {
    let problem = DropoutProblem<Double>(widths: [12], outputs: 2, samples: 40)
    let whole = problem.network.evaluate(on: empirical(problem.samples, .squared)).loss
    for seed in 0..<20 {
      var plan = PruningPlan(kept: 6, selection: .antithetic)
      plan.stream = RandomStream(seed: UInt64(seed), purpose: .subsets)
      var losses: [Double] = []
      for draws in [1, 5, 30] {
        plan.draws = draws
        let set = problem.network.pruned(plan, on: empirical(problem.samples, .squared))
          .layers[0].neurons
        let others = (0..<12).filter { !set.contains($0) }
        let pair = problem.network.antitheticPairs(
          halves: [set], on: empirical(problem.samples, .squared))[0]
        #expect(isClose(problem.evaluation(keepingLast: set, loss: .squared).loss, pair.half.loss))
        #expect(pair.half.loss <= pair.complement.loss)
        #expect(others.count == 6)
        #expect(pair.half.loss <= whole + pair.half.outputDistance + Tolerance.exact)
        losses.append(pair.half.loss)
      }
      #expect(losses == losses.sorted(by: >))
    }
  }

  @Test("Random sets are subsets named by the seed; the first neurons are the first")
  func blind() {
    let problem = DropoutProblem<Double>(widths: [40], outputs: 1, samples: 5)
    func neurons(_ selection: NeuronSelection, seed: UInt64) -> [Int] {
      var plan = PruningPlan(kept: 10, selection: selection)
      plan.stream = RandomStream(seed: seed, purpose: .subsets)
      return problem.network.pruned(plan, on: empirical(problem.samples, .squared)).layers[0]
        .neurons
    }
    #expect(neurons(.first, seed: 1) == Array(0..<10))
    let sets = (0..<5).map { neurons(.random, seed: $0) }
    #expect(Set(sets).count == 5)
    #expect(sets.allSatisfy { $0.count == 10 && $0 == Set($0).sorted() })
    #expect(sets[2] == neurons(.random, seed: 2))
  }

  @Test("Refitting is never worse than rescaling where it fits", arguments: Loss.allCases)
  func refit(loss: Loss) {
    for scaling in Scaling.allCases {
      for widths in [[16], [12, 16]] {
        let problem = DropoutProblem<Double>(
          widths: widths, outputs: 3, samples: 80, scaling: scaling, biases: true)
        for layer in 1...widths.count {
          for selection in NeuronSelection.allCases {
            for ridge in [0, 1e-3, 1] {
              var plan = PruningPlan(kept: 4, layer: layer, selection: selection)
              let rescaled = problem.network.pruned(plan, on: empirical(problem.samples, loss))
                .network
              (plan.refit, plan.ridge) = (true, ridge)
              let refitted = problem.network.pruned(plan, on: empirical(problem.samples, loss))
              let before = rescaled.evaluate(on: empirical(problem.samples, loss)).loss
              let after = refitted.network.evaluate(on: empirical(problem.samples, loss)).loss
              #expect(after <= before, "\(layer) \(selection) \(ridge)")
              #expect(refitted.network.hiddenWidths == rescaled.hiddenWidths)
              #expect((refitted.layers[0].refit == .rescaled) == (refitted.network == rescaled))
            }
          }
        }
      }
    }
  }

  @Test("Refitting behind an inner layer solves its least squares: no step makes it smaller")
  func innerRefit() {
    let problem = TrainedProblem()
    // A copy of the trained layer in front of a random one gives an inner layer worth fitting.
    let deep = Network(
      layers: [
        problem.network.layers[0],
        Layer(
          weights: .normal(
            rows: 9, columns: 400, scale: 20, stream: RandomStream(seed: 1, purpose: .teacher)),
          bias: Array(repeating: 0.1, count: 9), activation: .tanh),
        Layer(
          weights: .normal(
            rows: 1, columns: 9, stream: RandomStream(seed: 2, purpose: .teacher)),
          activation: .identity),
      ], scaling: .meanField)
    let samples = Samples(
      inputs: problem.samples.inputs, targets: deep.outputs(problem.samples.inputs),
      isClassification: false)
    var plan = PruningPlan(kept: 10, layer: 1)
    (plan.refit, plan.ridge) = (true, 0)
    let pruning = deep.pruned(plan, on: empirical(samples, .squared))
    #expect(pruning.layers[0].refit == .converged)
    // u₂ of a network: what its second layer gives before the activation.
    func preactivations(_ network: Network<Double>) -> Matrix<Double> {
      var open = network
      open.layers[1].activation = .identity
      return open.activations(samples.inputs, layer: 2)
    }
    let target = preactivations(deep)
    func distance(_ network: Network<Double>) -> Double {
      zip(preactivations(network).elements, target.elements).reduce(0) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
      }
    }
    let least = distance(pruning.network)
    for column in 0..<10 {
      for step in [-1e-3, 1e-3] {
        var moved = pruning.network
        moved.layers[1].weights[4, column] += step
        #expect(distance(moved) > least)
        moved = pruning.network
        moved.layers[1].bias![4] += step
        #expect(distance(moved) > least)
      }
    }
  }

  @Test("A ridge: the gradient of loss and penalty vanishes", arguments: Loss.allCases)
  func ridge(loss: Loss) {
    for outputs in [1, 3] {
      let problem = DropoutProblem<Double>(
        widths: [8], outputs: outputs, samples: 150, biases: true)
      let (kept, ρ) = ([1, 4, 6], 0.3)
      let fit = problem.network.refit(
        readoutOn: kept, on: empirical(problem.samples, loss), ridge: ρ, gradientTolerance: 1e-11)
      #expect(fit.outcome == .converged)
      let start = problem.network.masking(.only(kept, inLayer: 1, of: 1))
      let h = problem.network.activations(problem.samples.inputs)
      let squares = (0..<8).map { i in
        (0..<150).reduce(0) { $0 + h[$1, i] * h[$1, i] } / 150
      }
      // L + ρ Σ E[φ²]‖β − β⁰‖², coefficients β = W/N.
      func objective(_ network: Network<Double>) -> Double {
        var total = network.evaluate(on: empirical(problem.samples, loss)).loss
        for k in 0..<outputs {
          for i in kept {
            let change = (network.layers[1].weights[k, i] - start.layers[1].weights[k, i]) / 8
            total += ρ * squares[i] * change * change
          }
          let change = network.layers[1].bias![k] - start.layers[1].bias![k]
          total += ρ * change * change
        }
        return total
      }
      let least = objective(fit.network)
      #expect(least < objective(start))
      for k in 0..<outputs {
        for i in kept + [-1] {
          let values = [-1e-3, 1e-3].map { step in
            var moved = fit.network
            if i < 0 {
              moved.layers[1].bias![k] += step
            } else {
              moved.layers[1].weights[k, i] += 8 * step
            }
            return objective(moved)
          }
          #expect(values[0] > least && values[1] > least)
          #expect(abs(values[1] - values[0]) / 2e-3 < 1e-7)
        }
      }
      let stiff = problem.network.refit(
        readoutOn: kept, on: empirical(problem.samples, loss), ridge: 1e9)
      #expect(distance(stiff.network, start) < 1e-6)
    }
  }
}
