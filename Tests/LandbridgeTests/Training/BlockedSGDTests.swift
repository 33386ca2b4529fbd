import Landbridge
import LinearAlgebra
import Testing

@Suite("Blocked SGD: differential and laws") struct BlockedSGDTests {
  @Test(
    "blocked = step by step for every block size",
    arguments: TrainingCase.all + TrainingCase.activations)
  func blockedEqualsPlain(_ c: TrainingCase) {
    let network = c.network(seed: 1)
    let samples = c.samples(23, seed: 2)
    for schedule in [StepSize.Schedule.constant, .cosine(steps: 80)] {
      let stepSize = StepSize(c.stepSize, schedule: schedule)
      let plain = train(
        network, c, on: samples, steps: 75, stepSize: stepSize, method: .stepByStep)
      #expect(distance(plain, network) > 1e-3, "training moves the network")
      for blockSize in [1, 2, 3, 7, 8, 9, 16, 31, 64, 200] {
        let blocked = train(
          network, c, on: samples, steps: 75, stepSize: stepSize, blockSize: blockSize)
        #expect(distance(plain, blocked) < Tolerance.exact, "block of \(blockSize)")
      }
    }
  }

  @Test("blocked = step by step for every way to cut a block", arguments: TrainingCase.all)
  func cuts(_ c: TrainingCase) {
    let network = c.network(seed: 1)
    let samples = c.samples(23, seed: 2)
    let plain = train(network, c, on: samples, steps: 75, method: .stepByStep)
    for (subBlock, piece) in [(1, 1), (3, 32), (8, 5), (33, 2), (64, 7)] {
      let sgd = OnlineSGD(
        network: network,
        source: ShuffledPasses(samples, stream: RandomStream(seed: 4, purpose: .shuffle)),
        loss: c.loss, stepSize: StepSize(0.05), trained: c.trained, blockSize: 40,
        subBlockSize: subBlock, pieceSize: piece, threads: 2)
      #expect(sgd.run(until: 75) == .finished)
      #expect(distance(plain, sgd.network) < Tolerance.exact, "\(subBlock), \(piece)")
    }
  }

  @Test("permuting neurons commutes with SGD and leaves the output", arguments: TrainingCase.all)
  func permutation(_ c: TrainingCase) {
    let network = c.network(seed: 1)
    let samples = c.samples(17, seed: 2)
    for ℓ in 1...network.hiddenLayerCount {
      let order = RandomStream(seed: 3, purpose: .shuffle).permutation(of: c.widths[ℓ - 1])
      let other = permuted(network, layer: ℓ, order)
      let difference = zip(
        network.outputs(samples.inputs).elements, other.outputs(samples.inputs).elements
      ).map { abs($0 - $1) }.max()!
      #expect(difference < Tolerance.permutation * 10)
      let trained = permuted(train(network, c, on: samples, steps: 40), layer: ℓ, order)
      #expect(distance(trained, train(other, c, on: samples, steps: 40)) < Tolerance.exact)
    }
  }

  @Test("duplicating every neuron leaves output and dynamics")
  func duplication() {
    for c in TrainingCase.all where c.scaling == .meanField && c.widths.count == 1 {
      let network = c.network(seed: 1)
      let samples = c.samples(17, seed: 2)
      let order = (0..<c.widths[0]).flatMap { [$0, $0] }
      let twice = permuted(network, layer: 1, order)
      let once = train(network, c, on: samples, steps: 40)
      #expect(
        distance(permuted(once, layer: 1, order), train(twice, c, on: samples, steps: 40))
          < Tolerance.exact)
    }
  }

  @Test("fixed layers are bit-identical after training", arguments: TrainingCase.all)
  func fixedLayers(_ c: TrainingCase) {
    guard c.trained == .middle else { return }
    let network = c.network(seed: 1)
    let after = train(network, c, on: c.samples(17, seed: 2), steps: 40)
    #expect(after.layers.first == network.layers.first)
    #expect(after.layers.last == network.layers.last)
    #expect(after.layers[1] != network.layers[1])
  }

  @Test("the same bytes for one thread and for two")
  func threads() {
    let cases: [([Int], Int, TrainedLayers)] = [
      ([3000], 80, .all), ([700, 600], 20, .middle), ([1500, 1700], 20, .all),
    ]
    for (widths, d, trained) in cases {
      let network: Network<Float> = Architecture(hidden: widths).network(
        inputs: d, outputs: 1, stream: RandomStream(seed: 1, purpose: .initialization))
      let results = [1, 2].map { threads in
        let sgd = OnlineSGD(
          network: network,
          source: IsotropicGaussians<Float>(
            dimension: d, delta: 0.5, stream: RandomStream(seed: 1, purpose: .trainingSamples)),
          loss: .squared, stepSize: StepSize(0.01), trained: trained, threads: threads)
        #expect(sgd.run(until: 150) == .finished)
        return sgd.network
      }
      #expect(results[0] == results[1])
    }
  }

  @Test("stopping and going on gives the same bytes")
  func resume() {
    let network: Network<Float> = Architecture(hidden: [50], bias: true).network(
      inputs: 8, outputs: 1, stream: RandomStream(seed: 1, purpose: .initialization))
    let source = IsotropicGaussians<Float>(
      dimension: 8, delta: 0.5, stream: RandomStream(seed: 1, purpose: .trainingSamples))
    let make = { (network: Network<Float>, step: Int, time: Double) in
      OnlineSGD(
        network: network, source: source, loss: .squared,
        stepSize: StepSize(0.02, schedule: .power(exponent: 0.5, delay: 100)), continuingAt: step,
        time: time)
    }
    let whole = make(network, 0, 0)
    for goal in [10, 301, 1000] { #expect(whole.run(until: goal) == .finished) }
    let first = make(network, 0, 0)
    #expect(first.run(until: 10) == .finished)
    var asked = 0
    let outcome = first.run(until: 301) {
      asked += 1
      return asked > 3
    }
    #expect(outcome == .stopped)
    #expect(first.step > 10 && first.step < 301)
    let second = make(first.network, first.step, first.time)
    for goal in [301, 1000] { #expect(second.run(until: goal) == .finished) }
    #expect(second.network == whole.network)
    #expect(second.time == whole.time)
  }

  @Test("divergence is an outcome with its step, the network that of the step before")
  func divergence() {
    let c = TrainingCase(widths: [20], activation: .relu)
    let network = c.network(seed: 1)
    let samples = c.samples(50, seed: 2)
    for method in SGDMethod.allCases {
      let sgd = OnlineSGD(
        network: network,
        source: ShuffledPasses(samples, stream: RandomStream(seed: 4, purpose: .shuffle)),
        loss: c.loss, stepSize: StepSize(50), method: method, blockSize: 64)
      guard case .diverged(let step) = sgd.run(until: 1000) else {
        Issue.record("a step size of 50 should diverge")
        return
      }
      #expect(step == sgd.step && step > 0 && step < 64)
      #expect(sgd.network.isFinite)
    }
  }

  @Test("every finite sample is seen once per pass")
  func passes() {
    let c = TrainingCase(widths: [3])
    let samples = c.samples(10, seed: 2)
    let source = ShuffledPasses(samples, stream: RandomStream(seed: 4, purpose: .shuffle))
    let seen = source.samples(30)
    for pass in 0..<3 {
      let rows = (0..<10).map { seen.inputs.row(10 * pass + $0) }
      #expect(Set(rows) == Set((0..<10).map { samples.inputs.row($0) }))
    }
    #expect((0..<10).map { seen.inputs.row($0) } != (10..<20).map { seen.inputs.row($0) })
  }
}
