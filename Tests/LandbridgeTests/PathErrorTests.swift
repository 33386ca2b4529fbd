import Landbridge
import LinearAlgebra
import Testing

/// Bad input gives one typed error that says what was found and what was expected.
@Suite struct PathErrorTests {
  typealias Path = PiecewiseLinearPath<Double>

  private func network(
    inputs: Int = 3, widths: [Int] = [4], outputs: Int = 2, scaling: Scaling = .standard,
    biases: Bool = false, activation: Activation = .tanh
  ) -> Network<Double> {
    var random = PathTestGenerator(seed: 3)
    return random.network(
      inputs: inputs, widths: widths, outputs: outputs, scaling: scaling, biases: biases,
      activation: activation)
  }

  private func error(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      return (error as? ConnectError)?.description ?? "another error"
    }
  }

  @Test func differentShapes() {
    let prefix = "the second network does not have the shape of the first: "
    let cases: [(Network<Double>, String)] = [
      (network(inputs: 5), "layer 1, weights: found 4 × 5, expected 4 × 3"),
      (
        network(widths: [6]),
        "layer 1, weights: found 6 × 3, expected 4 × 3; "
          + "output layer, weights: found 2 × 6, expected 2 × 4"
      ),
      (network(outputs: 1), "output layer, weights: found 1 × 4, expected 2 × 4"),
      (network(widths: [4, 4]), "hidden layers: found 2, expected 1"),
      (network(scaling: .meanField), "scaling: found mean-field, expected standard"),
      (
        network(biases: true),
        "layer 1, bias: found one, expected none; output layer, bias: found one, expected none"
      ),
      (network(activation: .relu), "layer 1, activation: found relu, expected tanh"),
    ]
    for (other, message) in cases {
      #expect(error { _ = try Path.dropout(from: network(), to: other) } == prefix + message)
      #expect(error { _ = try Path.straightLine(from: network(), to: other) } == prefix + message)
    }
  }

  @Test func unfitSelections() {
    func message(_ kept: [[Int]?], _ endKept: [[Int]?]? = nil, widths: [Int] = [4, 6]) -> String {
      error {
        _ = try Path.dropout(
          from: network(widths: widths), to: network(widths: widths),
          keeping: DropoutSelection(kept: KeptNeurons(layers: kept)),
          ofEnd: endKept.map { DropoutSelection(kept: KeptNeurons(layers: $0)) })
      }
    }
    let θ = "neurons to keep: θ, "
    #expect(message([[0]]) == θ + "hidden layers: found 1, expected 2")
    #expect(
      message([[0], nil]) == θ + "hidden layer 2: found 6 of 6 neurons, expected between 1 and 3")
    #expect(
      message([[], [0]]) == θ + "hidden layer 1: found 0 of 4 neurons, expected between 1 and 3")
    #expect(
      message([[0], [0, 6]]) == θ + "hidden layer 2: found neuron 6, expected neurons in 0 ..< 6")
    #expect(
      message([[0], [-1]]) == θ + "hidden layer 2: found neuron -1, expected neurons in 0 ..< 6")
    #expect(
      message([[1, 1], [0]]) == θ
        + "hidden layer 1: found a neuron twice, expected distinct neurons"
    )
    #expect(
      message([[0, 1, 2]], [[1, 2]], widths: [4])
        == "neurons to keep: hidden layer 1, both networks: found 5 neurons, expected at most 4")
    #expect(
      message([[]], widths: [1]) == θ + "hidden layer 1: found 1 neuron, expected at least 2")
  }

  @Test func unfitReadouts() {
    func message(_ readouts: [Layer<Double>]) -> String {
      error {
        _ = try Path.dropout(
          from: network(), to: network(),
          keeping: DropoutSelection(kept: .first([2]), readouts: readouts))
      }
    }
    func layer(_ rows: Int, _ columns: Int, bias: [Double]? = nil) -> Layer<Double> {
      Layer(weights: Matrix(rows: rows, columns: columns), bias: bias, activation: .identity)
    }
    let start = "neurons to keep: θ, readout"
    #expect(message([]) == start + "s: found 0, expected one per hidden layer, 1")
    #expect(
      message([layer(2, 4)]) == start + " for dropout from layer 1: found 2 × 4, expected 2 × 2")
    #expect(
      message([layer(2, 2, bias: [0, 0])])
        == start + " for dropout from layer 1: found a bias, expected none")
  }

  @Test func unfitSamples() throws {
    var random = PathTestGenerator(seed: 3)
    let path = try Path.dropout(from: network(), to: network())
    func message(_ samples: Samples<Double>) -> String {
      error { _ = try PathEvaluation(of: path, on: empirical(samples, .squared)) }
    }
    #expect(
      message(random.samples(3, inputs: 4, outputs: 3))
        == "samples: input dimension: found 4, expected 3")
    #expect(
      message(random.samples(3, inputs: 3, outputs: 3))
        == "samples: output dimension: found 3, expected 2")
    let none = Samples(
      inputs: Matrix<Double>(rows: 0, columns: 3), targets: Matrix(rows: 0, columns: 2),
      isClassification: true)
    #expect(message(none) == "samples: number of samples: found 0, expected at least 1")
  }

  @Test func divergedNetworks() throws {
    var random = PathTestGenerator(seed: 3)
    var end = network()
    end.layers[1].weights[0, 0] = .nan
    let samples = Samples(
      inputs: Matrix(rows: 5, columns: 3, random.vector(15)), labels: [0, 1, 0, 1, 1], classes: 2,
      oneHot: true)
    let path = try Path.dropout(from: network(), to: end)
    #expect(throws: ConnectError.notFinite(place: "knot θ′")) {
      _ = try PathEvaluation(of: path, on: empirical(samples, .squared))
    }
  }
}
