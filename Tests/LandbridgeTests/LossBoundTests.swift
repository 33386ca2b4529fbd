import Landbridge
import LinearAlgebra
import Testing

/// Bounds of the loss: never below what the worst hidden activations, inputs and targets give.
@Suite struct `Loss bounds` {
  struct Case: CustomTestStringConvertible, Sendable {
    var hidden: [Int]
    var outputs: Int
    var activation: Activation
    var scaling: Scaling

    var testDescription: String { "\(hidden) K=\(outputs) \(activation) \(scaling.rawValue)" }

    static let all: [Case] = {
      var cases: [Case] = []
      for hidden in [[1], [3], [9], [5, 8]] {
        for outputs in [1, 2, 5] {
          for activation in [Activation.tanh, .relu, .sigmoid] {
            for scaling in Scaling.allCases {
              cases.append(
                Case(hidden: hidden, outputs: outputs, activation: activation, scaling: scaling))
            }
          }
        }
      }
      return cases
    }()

    func networks() -> [Network<Double>] {
      (0..<4).map { seed in
        var generator = PathTestGenerator(seed: UInt64(seed) * 977 + UInt64(outputs))
        return generator.network(
          inputs: 3, widths: hidden, outputs: outputs, scaling: scaling, biases: seed > 0,
          activation: activation)
      }
    }
  }

  private static func loss(_ loss: Loss, _ ŷ: [Double], _ y: [Double]) -> Double {
    unsafe ŷ.withUnsafeBufferPointer { ŷ in
      unsafe y.withUnsafeBufferPointer { y in
        unsafe loss.value(count: ŷ.count, output: ŷ.baseAddress!, target: y.baseAddress!)
      }
    }
  }

  /// ±1, or the K one-hot vectors.
  private static func classes(_ outputs: Int) -> [[Double]] {
    outputs == 1
      ? [[-1], [1]] : (0..<outputs).map { c in (0..<outputs).map { $0 == c ? 1 : 0 } }
  }

  /// All corners of a box.
  private static func corners(_ box: [ClosedRange<Double>]) -> [[Double]] {
    box.reduce([[]]) { all, range in
      all.flatMap { [$0 + [range.lowerBound], $0 + [range.upperBound]] }
    }
  }

  /// The plain ranges of the last hidden layer: ends of every neuron, without rounding outwards.
  private static func hiddenBox(
    _ network: Network<Double>, _ inputs: ClosedRange<Double>
  ) -> [ClosedRange<Double>] {
    var box = Array(repeating: inputs, count: network.inputDimension)
    for (index, layer) in network.layers.dropLast().enumerated() {
      box = (0..<layer.weights.rows).map { row in
        let ends = [0.0, 1].map { side -> Double in
          let sum = zip(layer.weights.row(row), box).reduce(0) {
            $0 + $1.0 * (($1.0 > 0) == (side == 1) ? $1.1.upperBound : $1.1.lowerBound)
          }
          return sum * network.scale(ofLayer: index) + (layer.bias?[row] ?? 0)
        }
        var σ = Matrix<Double>(rows: 1, columns: 2, ends)
        σ.apply(layer.activation)
        return σ[0, 0]...σ[0, 1]
      }
    }
    return box
  }

  /// Losses are convex in the hidden activations, so that their maximum over the box is at a corner:
  /// the bound is never below it. Under squared loss it is at most π/2 times it (Nesterov), and
  /// the maximum itself, up to rounding, for one output.
  @Test(arguments: Case.all) func `are above every corner of the hidden box`(_ c: Case) throws {
    for network in c.networks() {
      let box = Self.hiddenBox(network, -1...2)
      let outputs = network.readout(
        Matrix(
          rows: 1 << box.count, columns: box.count, Self.corners(box).flatMap { $0 }))
      for loss in Loss.allCases {
        let worst = (0..<outputs.rows).flatMap { row in
          Self.classes(c.outputs).map { Self.loss(loss, outputs.row(row), $0) }
        }.max()!
        let bound = try #require(network.lossBound(loss, inputs: -1...2, targets: .classes))
        #expect(bound >= worst * (1 - 1e-14), "\(loss): \(bound) < \(worst)")
        let ranges = try #require(network.outputRanges(inputs: -1...2))
        let simple = try #require(loss.bound(outputs: ranges, targets: .classes))
        #expect(bound <= simple)
        if c.outputs == 1 { #expect(bound <= worst * (1 + 1e-9) + 1e-12) }
        if loss == .squared { #expect(bound <= worst * (Double.pi / 2 * 1.01)) }
      }
    }
  }

  @Test(arguments: Case.all) func `hold for numbers as targets`(_ c: Case) throws {
    for network in c.networks() {
      let box = Self.hiddenBox(network, -1...2)
      let outputs = network.readout(
        Matrix(
          rows: 1 << box.count, columns: box.count, Self.corners(box).flatMap { $0 }))
      let targets = Self.corners(Array(repeating: -0.5...2, count: c.outputs))
      let worst = (0..<outputs.rows).flatMap { row in
        targets.map { Self.loss(.squared, outputs.row(row), $0) }
      }.max()!
      let bound = try #require(
        network.lossBound(.squared, inputs: -1...2, targets: .range(-0.5...2)))
      #expect(bound >= worst * (1 - 1e-14) && bound <= worst * (Double.pi / 2 * 1.01))
      #expect(network.lossBound(.crossEntropy, inputs: -1...2, targets: .range(0...1)) == nil)
    }
  }

  /// Inputs climbed to a large loss: single coordinates moved while that helps.
  @Test(arguments: Case.all) func `are above every input`(_ c: Case) throws {
    for network in c.networks() {
      for loss in Loss.allCases {
        let bound = try #require(network.lossBound(loss, inputs: -1...2, targets: .classes))
        for target in Self.classes(c.outputs) {
          func value(_ x: [Double]) -> Double {
            Self.loss(loss, network.outputs(Matrix(rows: 1, columns: 3, x)).row(0), target)
          }
          for start in Self.corners(Array(repeating: -1...2, count: 3)) {
            var (x, best) = (start, value(start))
            for step in 0..<24 {
              var moved = x
              moved[step % 3] = -1 + 3 * Double((step * 7) % 11) / 10
              let reached = value(moved)
              if reached > best { (x, best) = (moved, reached) }
            }
            #expect(best <= bound)
          }
        }
      }
    }
  }

  /// What interval arithmetic gives up: two outputs that read the same neurons oppositely, or alike.
  @Test func `see that outputs share neurons`() throws {
    func network(_ second: Double) -> Network<Double> {
      Network(
        layers: [
          Layer(weights: Matrix(rows: 2, columns: 1, [9.0, -9]), activation: .tanh),
          Layer(
            weights: Matrix(rows: 2, columns: 2, [3.0, 1, second, -1]), activation: .identity),
        ], scaling: .standard)
    }
    // f = (3u + v, v′ − …): for (3, 1; 3, −1) corners are (±4, ±2), (±2, ±4); the farthest class is
    // at (4 + 1)² + 2² = 29 (or the same exchanged), where intervals give 5² + 4² = 41.
    let bound = try #require(network(3).lossBound(.squared, inputs: nil, targets: .classes))
    #expect(bound >= 29 && bound < 33)
    // f₁ − f₂ = 2v ≤ 2: log(1 + e²), where intervals give log(1 + e⁸).
    let entropy = try #require(
      network(3).lossBound(.crossEntropy, inputs: nil, targets: .classes))
    #expect(abs(entropy - logarithm(1 + exponential(2))) < 1e-12)
  }

  /// 2⁸⁰ + 100 − 2⁸⁰ is 0 in floating point and 100 in truth: ranges and bounds allow for it.
  @Test func `allow for terms that a Double absorbs`() throws {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [2, 0, 1]] {
      let weights = [0x1p80, 100, -0x1p80]
      let network = Network<Double>(
        layers: [
          Layer(
            weights: Matrix(rows: 3, columns: 1), bias: [40, 40, 40], activation: .tanh),
          Layer(
            weights: Matrix(rows: 1, columns: 3, order.map { weights[$0] }), activation: .identity),
        ], scaling: .standard)
      let range = try #require(network.outputRanges(inputs: nil))[0]
      #expect(range.contains(100))
      #expect(try #require(network.lossBound(.squared, inputs: nil, targets: .classes)) >= 10_201)
      #expect(
        try #require(network.lossBound(.crossEntropy, inputs: nil, targets: .classes)) >= 100)
    }
  }

  /// A preactivation beyond the largest Double says nothing of its sign.
  @Test func `allow for overflow`() {
    let huge = Double.greatestFiniteMagnitude
    let network = Network<Double>(
      layers: [
        Layer(weights: Matrix(rows: 1, columns: 3, [huge, huge, -huge]), activation: .tanh),
        Layer(weights: Matrix(rows: 1, columns: 1, [1.0]), activation: .identity),
      ], scaling: .standard)
    let range = network.outputRanges(inputs: 1...1)?[0]
    #expect(range?.contains(1) == true && range?.contains(-1) == true)
    let unbounded = Network<Double>(
      layers: [
        Layer(weights: Matrix(rows: 2, columns: 1, [1.0, 1]), activation: .tanh),
        Layer(weights: Matrix(rows: 2, columns: 2, [huge, huge, 1, huge]), activation: .identity),
      ], scaling: .standard)
    for loss in Loss.allCases {
      #expect(unbounded.lossBound(loss, inputs: nil, targets: .classes) == nil)
    }
  }

  /// Neurons without bounds that nobody reads are no obstacle.
  @Test func `look at neurons that are read`() throws {
    let network = Network<Double>(
      layers: [
        Layer(weights: Matrix(rows: 2, columns: 1, [0.0, 1]), bias: [2, 0], activation: .relu),
        Layer(weights: Matrix(rows: 2, columns: 2, [1.0, 0, -1, 0]), activation: .identity),
      ], scaling: .standard)
    // h₁ = 2: f = (2, −2), and the other class costs 4 + 9.
    let bound = try #require(network.lossBound(.squared, inputs: nil, targets: .classes))
    #expect(bound >= 13 && bound < 13 + 1e-9)
    let (m, z) = (Matrix<Double>(rows: 3, columns: 3), [0.0, 0, 0])
    let nothing = Network<Double>(
      layers: [
        Layer(weights: m, activation: .tanh), Layer(weights: m, bias: z, activation: .identity),
      ], scaling: .meanField)
    let one = try #require(nothing.lossBound(.squared, inputs: nil, targets: .classes))
    #expect(one >= 1 && one < 1 + 1e-9)
  }
}
