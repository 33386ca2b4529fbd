import Landbridge
import LinearAlgebra
import Testing

@Suite("Dropout: the first M neurons")
struct DropoutPrefixTests {
  @Test(
    "One pass equals evaluating the narrower network, for every M",
    arguments: [1, 2, 9, 16], [1, 2, 5])
  func everyPrefix(width: Int, outputs: Int) throws {
    for (loss, scaling) in zip(
      [Loss.squared, .crossEntropy, .squared, .crossEntropy],
      [Scaling.meanField, .meanField, .standard, .standard])
    {
      let problem = DropoutProblem<Double>(
        widths: [4, width], outputs: outputs, samples: 33, scaling: scaling, biases: width > 2)
      let prefixes = problem.network.prefixLosses(on: empirical(problem.samples, loss))
      let errors = try #require(prefixes.errors)
      #expect(prefixes.losses.count == width && errors.count == width)
      for kept in 1...width {
        let direct = problem.evaluation(keepingLast: Array(0..<kept), loss: loss)
        #expect(isClose(prefixes.losses[kept - 1], direct.loss))
        #expect(errors[kept - 1] == direct.error)
      }
    }
  }

  @Test("Targets that are no classes have no error")
  func regression() {
    let problem = DropoutProblem<Double>(widths: [5], outputs: 2, regression: true)
    #expect(problem.network.prefixLosses(on: empirical(problem.samples, .squared)).errors == nil)
  }

  @Test("Any number of threads gives the same bytes")
  func threads() {
    let problem = DropoutProblem<Float>(widths: [67], outputs: 3, samples: 1301, biases: true)
    for loss in Loss.allCases {
      let one = problem.network.prefixLosses(on: empirical(problem.samples, loss, threads: 1))
      #expect(one == problem.network.prefixLosses(on: empirical(problem.samples, loss, threads: 4)))
    }
  }
}
