import Landbridge
import LinearAlgebra
import Testing

@Suite("Pruning: greedy selection")
struct PruningGreedyTests {
  @Test("The same choices as recomputing every distance, in every layer and scaling")
  func plainTwin() {
    for widths in [[1], [14], [9, 12], [8, 7, 10]] {
      for scaling in Scaling.allCases {
        for biases in [false, true] {
          let problem = DropoutProblem<Double>(
            widths: widths, outputs: 3, samples: 23, scaling: scaling, biases: biases)
          for layer in 1...widths.count {
            let found = problem.network.greedySelection(
              inLayer: layer, on: empirical(problem.samples, .squared))
            let c = contributions(problem.network, layer: layer, problem.samples.inputs)
            let plain = plainGreedy(c, target: means(c), count: widths[layer - 1])
            #expect(found.order == plain.order, "\(widths) \(scaling) \(biases) \(layer)")
            let scale = plain.distances[0]
            for (a, b) in zip(found.distances, plain.distances) {
              #expect(abs(a - b) <= Tolerance.exact * max(1, scale))
            }
          }
        }
      }
    }
  }

  @Test("Distances are those of the networks that dropout leaves")
  func distances() {
    let problem = DropoutProblem<Double>(widths: [6, 20], outputs: 2, samples: 50, biases: true)
    let greedy = problem.network.greedySelection(on: empirical(problem.samples, .squared))
    #expect(greedy.order.sorted() == Array(0..<20))
    let evaluations = problem.network.dropoutEvaluations(
      keepingLast: (1...20).map { Array(greedy.order.prefix($0)) },
      on: empirical(problem.samples, .squared))
    for (distance, evaluation) in zip(greedy.distances, evaluations) {
      #expect(isClose(distance, evaluation.outputDistance, Tolerance.exact))
    }
  }

  @Test("Selecting for squared loss: the distance is the loss, the choice the best next neuron")
  func squaredLoss() {
    let problem = DropoutProblem<Double>(
      widths: [15], outputs: 2, samples: 40, biases: true, regression: true)
    let greedy = problem.network.greedySelection(
      on: empirical(problem.samples, .squared), criterion: .loss)
    for count in 1...15 {
      let before = Array(greedy.order.prefix(count - 1))
      let candidates = (0..<15).filter { !before.contains($0) }
      let losses = candidates.map {
        problem.evaluation(keepingLast: before + [$0], loss: .squared).loss
      }
      let best = losses.min()!
      #expect(isClose(greedy.distances[count - 1], best, Tolerance.exact))
      #expect(candidates[losses.firstIndex(of: best)!] == greedy.order[count - 1])
    }
  }

  @Test("Selecting for cross-entropy: the bound L_N + ℓ + κQ, made least", arguments: [1, 3])
  func crossEntropy(outputs: Int) {
    let problem = DropoutProblem<Double>(widths: [12], outputs: outputs, samples: 60, biases: true)
    let (network, samples) = (problem.network, problem.samples)
    let greedy = network.greedySelection(on: empirical(samples, .crossEntropy), criterion: .loss)
    let c = contributions(network, layer: 1, samples.inputs)
    let ŷ = network.outputs(samples.inputs)
    let κ = outputs == 1 ? 0.125 : 0.25
    // t = f − ∂ℓ/∂ŷ/(2κ), with softmax and logistic written out.
    let targets = zip(means(c).indices, means(c)).map { s, f in
      f.indices.map { k -> Double in
        let y = samples.targets[s, k]
        let row = ŷ.row(s)
        let p =
          outputs == 1
          ? y / (1 + exponential(y * row[0]))
          : y - exponential(row[k]) / row.reduce(0) { $0 + exponential($1) }
        return f[k] + p / (2 * κ)
      }
    }
    let plain = plainGreedy(c, target: targets, count: 12)
    #expect(greedy.order == plain.order)
    // Completing the square: ℓ + κQ = κ(E‖f_S − t‖² − E‖f − t‖²) ≥ L_S − L_N.
    let whole = network.evaluate(on: empirical(samples, .crossEntropy)).loss
    for count in 1...12 {
      let set = Array(greedy.order.prefix(count))
      let loss = problem.evaluation(keepingLast: set, loss: .crossEntropy).loss
      let bound = whole + κ * (greedy.distances[count - 1] - greedy.distances[11])
      #expect(loss <= bound + Tolerance.exact)
    }
  }

  @Test("Tiles, groups and threads: wide layers give the same bytes and the plain choices")
  func wide() {
    let problem = DropoutProblem<Double>(widths: [300], outputs: 4, samples: 700, inputs: 8)
    let selections = [1, 3].map {
      problem.network.greedySelection(on: empirical(problem.samples, .squared, threads: $0))
    }
    #expect(selections[0] == selections[1])
    let few = problem.samples.selecting(0..<40)
    let c = contributions(problem.network, layer: 1, few.inputs)
    let plain = plainGreedy(c, target: means(c), count: 6)
    let found = problem.network.greedySelection(on: empirical(few, .squared))
    #expect(Array(found.order.prefix(6)) == plain.order)
    // In Float the choice may differ in a near tie, and its distance by as little.
    let float = Network<Float>(problem.network).greedySelection(
      on: empirical(
        Samples(
          inputs: Matrix(scalars: problem.samples.inputs),
          targets: Matrix(scalars: problem.samples.targets), isClassification: true), .squared))
    #expect(Set(float.order).count == 300 && float.order[0] == selections[0].order[0])
    for (a, b) in zip(float.distances, selections[0].distances).prefix(150) {
      #expect(abs(a - b) <= 0.1 * b)
    }
  }

  @Test("On a trained network at M = N/8: Q far below that of random neurons, on fresh samples too")
  func gain() {
    let problem = TrainedProblem()
    let (network, samples) = (problem.network, problem.samples)
    let moments = network.dropoutMoments(on: empirical(samples, .squared))
    #expect(moments.evaluation.error! < 0.1, "the network has learnt")
    let greedy = network.greedySelection(on: empirical(samples, .squared))
    // Measured: 5.5 times on the thousand samples it was chosen on, 4.5 times on fresh ones. The
    // factor depends on the task; that of digits is among the end-to-end tests.
    #expect(greedy.distances[49] * 4 <= moments.expectedDistance(kept: 50))
    let fresh = network.dropoutMoments(on: empirical(problem.others, .squared))
    let evaluation = network.dropoutEvaluations(
      keepingLast: [Array(greedy.order.prefix(50))], on: empirical(problem.others, .squared))[0]
    #expect(evaluation.outputDistance * 3 <= fresh.expectedDistance(kept: 50))
  }

  @Test("γV is the mean of Q over all subsets, for either loss", arguments: Loss.allCases)
  func expectedDistance(loss: Loss) {
    let problem = DropoutProblem<Double>(widths: [7], outputs: 3, samples: 20, biases: true)
    let moments = problem.network.dropoutMoments(on: empirical(problem.samples, loss))
    for kept in 1...7 {
      let all = problem.network.dropoutEvaluations(
        keepingLast: subsets(of: 7, count: kept), on: empirical(problem.samples, loss))
      let mean = all.reduce(0) { $0 + $1.outputDistance } / Double(all.count)
      #expect(isClose(moments.expectedDistance(kept: kept), mean, Tolerance.exact))
    }
  }
}
