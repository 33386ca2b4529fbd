import Landbridge
import LinearAlgebra

/// c_i for every sample: N·s·W_{ℓ+1}[:, i] h_i, as [sample][neuron][output].
func contributions(
  _ network: Network<Double>, layer: Int, _ inputs: Matrix<Double>
) -> [[[Double]]] {
  let h = network.activations(inputs, layer: layer)
  let weights = network.layers[layer].weights
  let factor = Double(weights.columns) * network.scale(ofLayer: layer)
  return (0..<inputs.rows).map { s in
    (0..<weights.columns).map { i in
      (0..<weights.rows).map { k in factor * weights[k, i] * h[s, i] }
    }
  }
}

/// The mean of contributions over all neurons, for every sample.
func means(_ contributions: [[[Double]]]) -> [[Double]] {
  contributions.map { neurons in
    neurons[0].indices.map { k in
      neurons.reduce(0) { $0 + $1[k] } / Double(neurons.count)
    }
  }
}

/// Forward selection that recomputes every distance from all samples at every step.
func plainGreedy(
  _ c: [[[Double]]], target t: [[Double]], count: Int
) -> (order: [Int], distances: [Double]) {
  func distance(_ set: [Int]) -> Double {
    var total = 0.0
    for (c, t) in zip(c, t) {
      for k in t.indices {
        let mean = set.reduce(0) { $0 + c[$1][k] } / Double(set.count)
        total += (mean - t[k]) * (mean - t[k])
      }
    }
    return total / Double(c.count)
  }
  var (order, distances) = ([Int](), [Double]())
  for _ in 0..<count {
    var best: (neuron: Int, distance: Double)?
    for i in c[0].indices where !order.contains(i) {
      let found = distance(order + [i])
      if best == nil || found < best!.distance { best = (i, found) }
    }
    order.append(best!.neuron)
    distances.append(best!.distance)
  }
  return (order, distances)
}

/// A network of 400 neurons that online SGD has trained on Gaussians, and fresh samples.
struct TrainedProblem {
  var network: Network<Double>
  var samples: Samples<Double>
  var others: Samples<Double>

  init() {
    func task(_ purpose: RandomStream.Purpose) -> IsotropicGaussians<Double> {
      IsotropicGaussians(
        dimension: 10, delta: 0.5, mean: 0.5, stream: RandomStream(seed: 3, purpose: purpose))
    }
    let start: Network<Double> = Architecture(hidden: [400], bias: true).network(
      inputs: 10, outputs: 1, stream: RandomStream(seed: 3, purpose: .initialization))
    let training = OnlineSGD(
      network: start, source: task(.trainingSamples), loss: .squared, stepSize: StepSize(0.02))
    precondition(training.run(until: 20_000) == .finished, "training diverged")
    network = training.network
    samples = task(.testSamples).samples(1000)
    others = task(.bootstrap).samples(1000)
  }
}
