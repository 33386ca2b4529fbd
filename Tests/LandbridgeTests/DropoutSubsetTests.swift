import Landbridge
import LinearAlgebra
import Testing

@Suite("Dropout: subsets, halves and layers")
struct DropoutSubsetTests {
  @Test("Masked readouts equal narrower networks", arguments: [1, 3])
  func lastLayer(outputs: Int) {
    for (loss, scaling) in [(Loss.squared, Scaling.standard), (.crossEntropy, .meanField)] {
      let problem = DropoutProblem<Double>(
        widths: [6, 11], outputs: outputs, samples: 40, scaling: scaling, biases: true)
      let stream = RandomStream(seed: 5, purpose: .subsets)
      let sets = (1...11).map { stream.subset($0, of: 11, item: UInt64($0)) } + [[10, 0, 4]]
      let results = problem.network.dropoutEvaluations(
        keepingLast: sets, on: empirical(problem.samples, loss))
      let whole = problem.network.outputs(problem.samples.inputs)
      for (set, result) in zip(sets, results) {
        let direct = problem.evaluation(keepingLast: set, loss: loss)
        #expect(isClose(result.loss, direct.loss))
        #expect(result.error == direct.error)
        let reduced = problem.network.keeping(.only(set, inLayer: 2, of: 2)).outputs(
          problem.samples.inputs)
        let distance =
          zip(reduced.elements, whole.elements).reduce(0) {
            $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
          } / 40
        #expect(isClose(result.outputDistance, distance))
      }
    }
  }

  @Test("Antithetic halves: L_S + L_Sᶜ = 2L_N + 2E‖f_S − f‖²", arguments: [2, 10, 64], [1, 3])
  func antithetic(width: Int, outputs: Int) {
    let problem = DropoutProblem<Double>(
      widths: [width], outputs: outputs, samples: 25, biases: true, regression: true)
    let stream = RandomStream(seed: 2, purpose: .subsets)
    let halves = (0..<20).map { stream.subset(width / 2, of: width, item: UInt64($0)) }
    let pairs = problem.network.antitheticPairs(
      halves: halves, on: empirical(problem.samples, .squared))
    let whole = problem.network.evaluate(on: empirical(problem.samples, .squared)).loss
    for pair in pairs {
      #expect(isClose(pair.meanLoss, whole + pair.half.outputDistance))
      #expect(isClose(pair.half.outputDistance, pair.complement.outputDistance))
      let smaller = min(pair.half.loss, pair.complement.loss)
      #expect(smaller <= whole + pair.half.outputDistance + Tolerance.moments)
    }
  }

  @Test("Odd widths: both halves keep ⌊N/2⌋ neurons")
  func oddWidth() {
    let problem = DropoutProblem<Double>(widths: [7], outputs: 2)
    let pair = problem.network.antitheticPairs(
      halves: [[0, 1, 2]], on: empirical(problem.samples, .squared))[0]
    #expect(
      isClose(pair.half.loss, problem.evaluation(keepingLast: [0, 1, 2], loss: .squared).loss))
    #expect(
      isClose(
        pair.complement.loss, problem.evaluation(keepingLast: [4, 5, 6], loss: .squared).loss))
    #expect(KeptNeurons.firstHalves(of: [7, 4]).layers == [[0, 1, 2], [0, 1]])
  }

  @Test("Each layer alone and layers ℓ … L together", arguments: [1, 2, 3])
  func layerwise(layers: Int) {
    for (loss, scaling) in [(Loss.squared, Scaling.meanField), (.crossEntropy, .standard)] {
      let widths = Array([9, 6, 7].prefix(layers))
      let problem = DropoutProblem<Double>(
        widths: widths, outputs: 3, samples: 30, scaling: scaling, biases: true)
      let kept = KeptNeurons(
        layers: [[8, 1, 3, 4], [0, 5], [2, 6, 3]].prefix(layers).map { $0 })
      let result = problem.network.layerwiseDropout(
        keeping: kept, on: empirical(problem.samples, loss))
      let whole = problem.network.evaluate(on: empirical(problem.samples, loss))
      #expect(isClose(result.whole.loss, whole.loss) && result.whole.error == whole.error)
      #expect(result.whole.outputDistance <= Tolerance.moments)
      for layer in 1...layers {
        let alone = problem.evaluation(
          keeping: .only(kept.layers[layer - 1]!, inLayer: layer, of: layers), loss: loss)
        #expect(isClose(result.alone[layer - 1].loss, alone.loss))
        #expect(result.alone[layer - 1].error == alone.error)
        var sets = kept.layers
        for below in 0..<(layer - 1) { sets[below] = nil }
        let partial = problem.evaluation(keeping: KeptNeurons(layers: sets), loss: loss)
        #expect(isClose(result.partial[layer - 1].loss, partial.loss))
        #expect(result.partial[layer - 1].error == partial.error)
      }
      let costs = result.alone.map(\.loss)
      #expect(costs[result.mostCostlyLayer - 1] == costs.max())
      #expect(result.everyLayer == result.partial[0])
    }
  }

  @Test("The 2^L-fold average visits every choice of halves once", arguments: [1, 2, 3])
  func antitheticAverage(layers: Int) {
    let problem = DropoutProblem<Double>(
      widths: Array([6, 5, 4].prefix(layers)), outputs: 2, samples: 20)
    let halves = KeptNeurons(layers: [[0, 2, 5], [1, 3], [0, 3]].prefix(layers).map { $0 })
    let others = [[1, 3, 4], [2, 4], [1, 2]]
    let average = problem.network.antitheticAverage(
      halves: halves, on: empirical(problem.samples, .squared))
    #expect(average.evaluations.count == 1 << layers)
    var sum = 0.0
    for bits in 0..<(1 << layers) {
      let sets = (0..<layers).map { bits >> $0 & 1 == 0 ? halves.layers[$0] : others[$0] }
      let direct = problem.evaluation(keeping: KeptNeurons(layers: sets), loss: .squared).loss
      #expect(isClose(average.evaluations[bits].loss, direct))
      sum += direct
    }
    #expect(isClose(average.meanLoss, sum / Double(1 << layers)))
  }

  @Test("Any number of threads gives the same bytes")
  func threads() {
    let problem = DropoutProblem<Float>(
      widths: [33, 40], outputs: 3, samples: 1300, inputs: 9, biases: true)
    let kept = KeptNeurons.firstHalves(of: [33, 40])
    let results = [1, 4].map {
      problem.network.layerwiseDropout(
        keeping: kept, on: empirical(problem.samples, .crossEntropy, threads: $0))
    }
    #expect(results[0] == results[1])
  }
}
