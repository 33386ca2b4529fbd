import Landbridge
import LinearAlgebra
import Testing

@Suite("Dropout: refit of the readout")
struct DropoutRefitTests {
  /// Normal equations by Gaussian elimination with pivoting.
  private func leastSquares(_ features: [[Double]], _ targets: [Double]) -> [Double] {
    let m = features[0].count
    var system = (0..<m).map { i in
      (0..<m).map { j in features.reduce(0) { $0 + $1[i] * $1[j] } }
        + [zip(features, targets).reduce(0) { $0 + $1.0[i] * $1.1 }]
    }
    for column in 0..<m {
      let pivot = (column..<m).max { abs(system[$0][column]) < abs(system[$1][column]) }!
      system.swapAt(column, pivot)
      for row in 0..<m where row != column {
        let factor = system[row][column] / system[column][column]
        for j in column...m { system[row][j] -= factor * system[column][j] }
      }
    }
    return (0..<m).map { system[$0][m] / system[$0][$0] }
  }

  @Test("Least squares equals the normal equations, in both scalings", arguments: [1, 3])
  func normalEquations(outputs: Int) {
    for (scaling, biases) in zip(
      [Scaling.meanField, .meanField, .standard, .standard], [false, true, false, true])
    {
      let problem = DropoutProblem<Double>(
        widths: [5, 9], outputs: outputs, samples: 120, inputs: 4, scaling: scaling, biases: biases,
        regression: true)
      let kept = [7, 0, 3, 4]
      let fit = problem.network.refit(readoutOn: kept, on: empirical(problem.samples, .squared))
      #expect(fit.outcome == .converged && fit.gradientNorm < 1e-11)
      #expect(fit.loss < fit.rescaledLoss)
      let h = problem.network.activations(problem.samples.inputs)
      let features = (0..<120).map { s in kept.map { h[s, $0] } + (biases ? [1] : []) }
      let readout = fit.network.layers[2]
      let scale = scaling == .meanField ? 9.0 : 1
      for k in 0..<outputs {
        let direct = leastSquares(features, problem.samples.targets.column(k))
        for (j, i) in kept.enumerated() {
          #expect(isClose(readout.weights[k, i], scale * direct[j], 1e-9))
        }
        if biases { #expect(isClose(readout.bias![k], direct[4], 1e-9)) }
        for i in [1, 2, 5, 6, 8] { #expect(readout.weights[k, i] == 0) }
      }
      #expect(fit.network.layers[0] == problem.network.layers[0])
      #expect(fit.network.layers[1] == problem.network.layers[1])
    }
  }

  @Test("Never worse than rescaling, even with dependent and dead features")
  func dependentFeatures() {
    var problem = DropoutProblem<Double>(
      widths: [12], outputs: 2, samples: 8, biases: true, activation: .relu)
    // Three equal neurons and one that never fires; more features than samples.
    var hidden = problem.network.layers[0]
    hidden.weights = hidden.weights.rows([0, 0, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    hidden.bias = [0, 0, 0, -1e6] + hidden.bias![4...]
    problem.network.layers[0] = hidden
    for loss in Loss.allCases {
      for kept in [[0], [0, 1, 2, 3], Array(0..<12)] {
        let fit = problem.network.refit(readoutOn: kept, on: empirical(problem.samples, loss))
        let rescaled = problem.evaluation(keepingLast: kept, loss: loss).loss
        #expect(isClose(fit.rescaledLoss, rescaled))
        #expect(fit.loss <= fit.rescaledLoss)
        #expect(fit.loss == fit.network.evaluate(on: empirical(problem.samples, loss)).loss)
        #expect(fit.network.isFinite)
      }
    }
  }

  @Test("A dead feature alone leaves nothing to gain")
  func nothingToGain() {
    var problem = DropoutProblem<Double>(widths: [3], outputs: 1, activation: .relu)
    problem.network.layers[0].weights = Matrix(rows: 3, columns: 3)
    let fit = problem.network.refit(readoutOn: [1], on: empirical(problem.samples, .squared))
    #expect(fit.outcome == .rescaled && fit.loss == fit.rescaledLoss)
    #expect(fit.network == problem.network.masking(.only([1], inLayer: 1, of: 1)))
  }

  @Test("Cross-entropy ends where the gradient vanishes", arguments: [1, 3])
  func crossEntropy(outputs: Int) {
    for biases in [false, true] {
      let problem = DropoutProblem<Double>(
        widths: [10], outputs: outputs, samples: 600, inputs: 4, biases: biases)
      let kept = [9, 1, 2, 6]
      let fit = problem.network.refit(
        readoutOn: kept, on: empirical(problem.samples, .crossEntropy), gradientTolerance: 1e-10)
      #expect(fit.outcome == .converged && fit.gradientNorm <= 1e-10)
      #expect(fit.loss < fit.rescaledLoss)
      // Moving any fitted coefficient either way raises the loss: its slope is zero, it is convex.
      let step = 1e-3
      for k in 0..<outputs {
        for i in kept {
          let losses = [-step, step].map { shift in
            var moved = fit.network
            moved.layers[1].weights[k, i] += 10 * shift
            return moved.evaluate(on: empirical(problem.samples, .crossEntropy)).loss
          }
          #expect(losses[0] > fit.loss && losses[1] > fit.loss)
          #expect(abs(losses[1] - losses[0]) / (2 * step) < 1e-7)
        }
        if biases {
          let losses = [-step, step].map { shift in
            var moved = fit.network
            moved.layers[1].bias![k] += shift
            return moved.evaluate(on: empirical(problem.samples, .crossEntropy)).loss
          }
          #expect(losses[0] > fit.loss && losses[1] > fit.loss)
          #expect(abs(losses[1] - losses[0]) / (2 * step) < 1e-7)
        }
      }
    }
  }

  @Test("Separable classes: the loss goes to zero and coefficients stay finite", arguments: [1, 3])
  func separable(outputs: Int) {
    let problem = DropoutProblem<Double>(
      widths: [40], outputs: outputs, samples: 12, inputs: 5, biases: true)
    let fit = problem.network.refit(
      readoutOn: Array(0..<40), on: empirical(problem.samples, .crossEntropy))
    #expect(fit.loss < 1e-5 && fit.network.isFinite)
  }

  @Test("Float networks and any number of threads", arguments: Loss.allCases)
  func float(loss: Loss) {
    let problem = DropoutProblem<Float>(
      widths: [70], outputs: 3, samples: 1100, inputs: 6, biases: true)
    let kept = Array(stride(from: 0, to: 70, by: 2))
    let fits = [1, 3].map {
      problem.network.refit(readoutOn: kept, on: empirical(problem.samples, loss, threads: $0))
    }
    #expect(fits[0].network == fits[1].network && fits[0].loss == fits[1].loss)
    #expect(fits[0].outcome == .converged && fits[0].loss < fits[0].rescaledLoss)
  }

  @Test("Factorisation across panels of 64: 150 features solve to rounding")
  func manyFeatures() {
    let problem = DropoutProblem<Double>(
      widths: [150], outputs: 2, samples: 900, inputs: 40, activation: .relu, regression: true)
    let fit = problem.network.refit(
      readoutOn: Array(0..<150), on: empirical(problem.samples, .squared))
    #expect(fit.gradientNorm < 1e-11 && fit.loss < fit.rescaledLoss)
  }
}
