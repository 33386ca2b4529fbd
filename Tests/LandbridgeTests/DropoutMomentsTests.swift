import Landbridge
import LinearAlgebra
import Testing

@Suite("Dropout: moments are exact")
struct DropoutMomentsTests {
  @Test(
    "Mean and standard deviation of the squared loss equal enumeration, for every M",
    arguments: [1, 2, 3, 4, 5, 8, 10], [1, 2, 3])
  func enumeration(width: Int, outputs: Int) throws {
    for scaling in Scaling.allCases {
      for biases in [false, true] {
        let problem = DropoutProblem<Double>(
          widths: [width], outputs: outputs, scaling: scaling, biases: biases, regression: biases)
        let moments = problem.network.dropoutMoments(
          on: empirical(problem.samples, .squared), standardDeviation: true)
        #expect(!moments.expectedLossIsUpperBound)
        for kept in 1...width {
          let all = subsets(of: width, count: kept).map {
            problem.evaluation(keepingLast: $0, loss: .squared).loss
          }
          let (mean, deviation) = meanAndDeviation(all)
          #expect(isClose(moments.expectedLoss(kept: kept), mean))
          let formula = try #require(moments.standardDeviation(kept: kept))
          #expect(isClose(formula * formula, deviation * deviation))
          #expect(isClose(formula, deviation, Tolerance.deviation))
        }
        #expect(moments.standardDeviation(kept: width) == 0)
        #expect(moments.expectedLoss(kept: width) == moments.evaluation.loss)
      }
    }
  }

  @Test("The last layer of a deeper network obeys the same formulas", arguments: [1, 3])
  func deep(outputs: Int) throws {
    let problem = DropoutProblem<Double>(
      widths: [5, 4, 7], outputs: outputs, biases: true, activation: .softplus)
    let moments = problem.network.dropoutMoments(
      on: empirical(problem.samples, .squared), standardDeviation: true)
    for kept in 1...7 {
      let all = subsets(of: 7, count: kept).map {
        problem.evaluation(keepingLast: $0, loss: .squared).loss
      }
      let (mean, deviation) = meanAndDeviation(all)
      #expect(isClose(moments.expectedLoss(kept: kept), mean))
      let formula = try #require(moments.standardDeviation(kept: kept))
      #expect(isClose(formula, deviation, Tolerance.deviation))
    }
  }

  @Test("Cross-entropy stays below its bound, which is not idle", arguments: [1, 2, 3])
  func crossEntropyBound(outputs: Int) {
    for scaling in Scaling.allCases {
      let problem = DropoutProblem<Double>(
        widths: [8], outputs: outputs, scaling: scaling, biases: true)
      let moments = problem.network.dropoutMoments(
        on: empirical(problem.samples, .crossEntropy), standardDeviation: true)
      #expect(moments.expectedLossIsUpperBound)
      #expect(moments.standardDeviation(kept: 3) == nil)
      for kept in 1...8 {
        let all = subsets(of: 8, count: kept).map {
          problem.evaluation(keepingLast: $0, loss: .crossEntropy).loss
        }
        let (mean, _) = meanAndDeviation(all)
        #expect(mean <= moments.expectedLoss(kept: kept) + Tolerance.moments)
        // Jensen: dropping neurons costs, on average, and the bound is that cost within a factor.
        let cost = mean - moments.evaluation.loss
        #expect(cost >= -Tolerance.moments)
        #expect(moments.expectedExcess(kept: kept) <= 50 * cost + Tolerance.moments)
      }
    }
  }

  @Test("The surrogate ℓ + κQ of cross-entropy has the stated mean and standard deviation")
  func surrogate() throws {
    for outputs in [1, 3] {
      let problem = DropoutProblem<Double>(widths: [7], outputs: outputs)
      let network = problem.network
      let moments = network.dropoutMoments(
        on: empirical(problem.samples, .crossEntropy), standardDeviation: true)
      let full = network.outputs(problem.samples.inputs)
      for kept in 1...7 {
        let all = subsets(of: 7, count: kept).map { subset -> Double in
          let reduced = network.keeping(KeptNeurons(layers: [subset])).outputs(
            problem.samples.inputs)
          let shift = zip(reduced.elements, full.elements).reduce(0) {
            $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
          }
          let linear = -2 / Double(kept) * subset.reduce(0) { $0 + moments.correlations[$1] }
          let surrogate = linear + moments.curvature * shift / Double(problem.samples.count)
          let loss = problem.evaluation(keepingLast: subset, loss: .crossEntropy).loss
          #expect(loss <= moments.evaluation.loss + surrogate + Tolerance.moments)
          return surrogate
        }
        let (mean, deviation) = meanAndDeviation(all)
        #expect(isClose(mean, moments.expectedExcess(kept: kept)))
        let formula = try #require(moments.excessStandardDeviation(kept: kept))
        #expect(isClose(formula, deviation, Tolerance.deviation))
      }
    }
  }

  @Test("Identical neurons: V = 0, every subset computes the same", arguments: [1, 3])
  func identicalNeurons(outputs: Int) {
    var problem = DropoutProblem<Double>(widths: [6], outputs: outputs)
    problem.network.layers[0].weights = problem.network.layers[0].weights.rows([0, 0, 0, 0, 0, 0])
    problem.network.layers[1].weights = problem.network.layers[1].weights.columns(
      [0, 0, 0, 0, 0, 0])
    let moments = problem.network.dropoutMoments(
      on: empirical(problem.samples, .squared), standardDeviation: true)
    #expect(moments.variance >= 0)
    #expect(moments.variance <= Tolerance.moments)
    #expect(moments.correlations.allSatisfy { abs($0) <= Tolerance.moments })
    #expect(moments.standardDeviation(kept: 2)! <= Tolerance.moments)
    #expect(moments.smallestWidth(tolerance: 1e-9, standardDeviations: 3) == 1)
  }

  @Test("Evaluation within the moments is that of the network, bytes included")
  func evaluation() {
    for loss in Loss.allCases {
      let problem = DropoutProblem<Double>(widths: [9], outputs: 3, samples: 1100, biases: true)
      let moments = problem.network.dropoutMoments(on: empirical(problem.samples, loss))
      #expect(moments.evaluation == problem.network.evaluate(on: empirical(problem.samples, loss)))
      #expect(moments.gram == nil && moments.standardDeviation(kept: 2) == nil)
    }
  }

  @Test("Any number of threads gives the same bytes", arguments: [1, 3])
  func threads(outputs: Int) {
    let problem = DropoutProblem<Float>(
      widths: [301], outputs: outputs, samples: 1701, inputs: 11, biases: true)
    let results = [1, 2, 5].map { threads in
      problem.network.dropoutMoments(
        on: empirical(problem.samples, .squared, threads: threads), standardDeviation: true)
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }

  @Test("Float agrees with Double to its precision", arguments: [1, 3])
  func precision(outputs: Int) throws {
    for activation in [Activation.tanh, .sigmoid] {
      let problem = DropoutProblem<Float>(
        widths: [300], outputs: outputs, samples: 1500, inputs: 8, activation: activation)
      let samples = Samples(
        inputs: Matrix<Double>(scalars: problem.samples.inputs),
        targets: Matrix<Double>(scalars: problem.samples.targets), isClassification: true)
      let coarse = problem.network.dropoutMoments(
        on: empirical(problem.samples, .squared), standardDeviation: true)
      let fine = Network<Double>(problem.network).dropoutMoments(
        on: empirical(samples, .squared), standardDeviation: true)
      for kept in [1, 17, 150, 299] {
        let (a, b) = (coarse.expectedExcess(kept: kept), fine.expectedExcess(kept: kept))
        #expect(abs(a - b) <= 2e-6 * b)
        let (s, t) = (coarse.standardDeviation(kept: kept)!, fine.standardDeviation(kept: kept)!)
        #expect(abs(s - t) <= 2e-5 * t)
      }
    }
  }

  @Test("Pruning stops at the first width within tolerance")
  func pruning() throws {
    let problem = DropoutProblem<Double>(widths: [40], outputs: 2, samples: 30)
    for loss in Loss.allCases {
      let moments = problem.network.dropoutMoments(
        on: empirical(problem.samples, loss), standardDeviation: true)
      for z in [0.0, 2] {
        func excess(_ kept: Int) -> Double {
          moments.expectedExcess(kept: kept) + z * moments.excessStandardDeviation(kept: kept)!
        }
        let tolerance = excess(13)
        let width = try #require(
          moments.smallestWidth(tolerance: tolerance, standardDeviations: z))
        #expect(width <= 13 && excess(width) <= tolerance)
        #expect((1..<width).allSatisfy { excess($0) > tolerance })
      }
      #expect(moments.smallestWidth(tolerance: 0) == 40)
      #expect(moments.smallestWidth(tolerance: -1) == nil)
      #expect(moments.smallestWidth(tolerance: .nan) == nil)
    }
  }

  @Test("Typical changes are the two terms of E2 at half width")
  func typicalChanges() throws {
    let problem = DropoutProblem<Double>(widths: [10], outputs: 1)
    let moments = problem.network.dropoutMoments(on: empirical(problem.samples, .squared))
    let halves = subsets(of: 10, count: 5)
    let linear = halves.map { half in half.reduce(0) { $0 - 0.4 * moments.correlations[$1] } }
    #expect(isClose(moments.typicalLinearChange, meanAndDeviation(linear).deviation))
    #expect(isClose(moments.typicalQuadraticChange, moments.expectedExcess(kept: 5)))
    let crossover = try #require(moments.crossoverWidth)
    let ratio = moments.typicalQuadraticChange / moments.typicalLinearChange
    // Quadratic over linear is √(N*/(N−1)).
    #expect(isClose(ratio * ratio, crossover / 9))
    #expect(isClose(moments.correlations.reduce(0, +), 0))
  }
}
