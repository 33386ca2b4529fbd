import Foundation
import Landbridge
import LinearAlgebra
import Testing

/// That what is drawn follows the law that is named: moments within five standard errors, seeds
/// fixed.
@Suite struct `Laws` {
  private func stream(
    _ purpose: RandomStream.Purpose = .initialization, seed: UInt64 = 1
  ) -> RandomStream {
    RandomStream(seed: seed, purpose: purpose)
  }

  /// |mean − expected| in standard errors of independent draws.
  private func deviation(_ values: [Double], from expected: Double) -> Double {
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
    return abs(mean - expected) / (variance / n).squareRoot()
  }

  private func weights(_ law: WeightLaw, rows: Int = 300, columns: Int = 200) -> [Double] {
    let network: Network<Double> = Architecture(hidden: [rows], firstLaw: law)
      .network(inputs: columns, outputs: 1, stream: stream())
    return network.layers[0].weights.elements
  }

  /// Variances by the definitions in WeightLaw; 300 outputs, 200 inputs.
  @Test(
    arguments: [
      (.gaussian(0.7), 0.49), (.scaledGaussian(3), 9.0 / 200), (.uniform(2), 4.0 / 3),
      (.he, 2.0 / 200), (.glorot, 2.0 / 500),
    ] as [(WeightLaw, Double)])
  func `weights have mean zero and the variance of their law`(law: WeightLaw, variance: Double) {
    let w = weights(law)
    #expect(deviation(w, from: 0) < 5)
    #expect(deviation(w.map { $0 * $0 }, from: variance) < 5)
    // Kurtosis tells a normal law from a uniform one: 3 and 9/5 times the squared variance.
    let isUniform = law == .uniform(2) || law == .glorot
    let fourth = (isUniform ? 1.8 : 3) * variance * variance
    #expect(deviation(w.map { $0 * $0 * $0 * $0 }, from: fourth) < 5)
    if isUniform { #expect(w.allSatisfy { abs($0) <= (3 * variance).squareRoot() }) }
    // Neighbours are independent.
    #expect(deviation(zip(w, w.dropFirst()).map { $0 * $1 }, from: 0) < 5)
  }

  @Test func `a constant law is constant`() {
    #expect(Set(weights(.constant(-0.25), rows: 3, columns: 4)) == [-0.25])
  }

  @Test func `layers, seeds and trials draw different weights`() {
    func first(_ stream: RandomStream) -> [Double] {
      let network: Network<Double> = Architecture(hidden: [4, 4], firstLaw: .gaussian(1))
        .network(inputs: 4, outputs: 4, stream: stream)
      return network.layers[0].weights.elements + network.layers[1].weights.elements
    }
    let drawn =
      first(stream()) + first(stream(seed: 2))
      + first(RandomStream(seed: 1, purpose: .initialization, trial: 1))
    #expect(Set(drawn).count == drawn.count)
  }

  @Test(arguments: [
    WeightLaw.gaussian(1), .gaussian(0), .scaledGaussian(0.5), .uniform(1e-3), .he, .glorot,
    .constant(-2),
  ])
  func `text gives the law back`(law: WeightLaw) throws {
    #expect(WeightLaw(law.description) == law)
    let json = try JSONEncoder().encode([law])
    #expect(try JSONDecoder().decode([WeightLaw].self, from: json) == [law])
  }

  @Test(arguments: [
    "", "normal", "gaussian(", "gaussian()", "gaussian(-1)", "gaussian(nan)", "uniform(inf)",
    "he(1)", "constant", "gaussian(1)x", "gaussian 1", "Gaussian",
  ])
  func `other text is no law`(text: String) {
    #expect(WeightLaw(text) == nil)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([WeightLaw].self, from: JSONEncoder().encode([text]))
    }
  }

  @Test func `isotropic Gaussians have the moments of each class`() {
    let (d, Δ, μ) = (5, 0.4, 0.7)
    let samples = IsotropicGaussians<Double>(
      dimension: d, delta: Δ, mean: μ, stream: stream(.testSamples)
    ).samples(40_000)
    let y = samples.targets.elements
    #expect(Set(y) == [-1, 1])
    #expect(samples.isClassification)
    #expect(deviation(y, from: 0) < 5)
    for class_ in [-1.0, 1.0] {
      let rows = (0..<samples.count).filter { y[$0] == class_ }.map { samples.inputs.row($0) }
      let variance = (1 + class_ * Δ) * (1 + class_ * Δ)
      for j in 0..<d {
        let center = j == 0 ? class_ * μ : 0
        let x = rows.map { $0[j] - center }
        #expect(deviation(x, from: 0) < 5)
        #expect(deviation(x.map { $0 * $0 }, from: variance) < 5)
        #expect(deviation(x.map { $0 * $0 * $0 * $0 }, from: 3 * variance * variance) < 5)
        #expect(deviation(zip(x, rows.map { $0[(j + 1) % d] }).map { $0 * $1 }, from: 0) < 5)
      }
    }
  }

  @Test func `a teacher answers with its network and normal noise`() {
    let teacher: Network<Double> = Architecture(hidden: [6], activation: .erf, bias: true)
      .network(inputs: 3, outputs: 2, stream: stream())
    let noisy = TeacherStudent(teacher: teacher, noise: 0.3, stream: stream(.testSamples))
      .samples(20_000)
    let quiet = TeacherStudent(teacher: teacher, stream: stream(.testSamples)).samples(20_000)
    #expect(noisy.inputs == quiet.inputs)
    #expect(!noisy.isClassification)
    // One sample at a time or all at once: products may round differently.
    let truth = teacher.outputs(quiet.inputs).elements
    #expect(zip(truth, quiet.targets.elements).allSatisfy { abs($0 - $1) < Tolerance.exact })
    let x = noisy.inputs.elements
    #expect(deviation(x, from: 0) < 5)
    #expect(deviation(x.map { $0 * $0 }, from: 1) < 5)
    let noise = zip(noisy.targets.elements, truth).map { $0 - $1 }
    #expect(deviation(noise, from: 0) < 5)
    #expect(deviation(noise.map { $0 * $0 }, from: 0.09) < 5)
    #expect(deviation(noise.map { $0 * $0 * $0 * $0 }, from: 3 * 0.09 * 0.09) < 5)
    // Noise is independent of inputs and between outputs.
    let pairs = stride(from: 0, to: noise.count, by: 2).map { noise[$0] * noise[$0 + 1] }
    #expect(deviation(pairs, from: 0) < 5)
    #expect(deviation((0..<20_000).map { noise[2 * $0] * x[3 * $0] }, from: 0) < 5)
  }
}
