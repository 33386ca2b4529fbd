import Foundation
import Landbridge
import LinearAlgebra
import Testing

/// Ranges that certificates rest on hold every value, and no more than they must.
@Suite("Ranges of activations") struct ActivationRangeTests {
  static let all =
    Activation.allNames.map { Activation($0)! } + [
      .leakyReLU(slope: 0.3), .ramp(low: 1, high: -1, from: 0, to: 3),
    ]

  static func values(_ σ: Activation, _ z: [Double]) -> [Double] {
    var matrix = Matrix(rows: 1, columns: z.count, z)
    matrix.apply(σ)
    return matrix.elements
  }

  @Test(arguments: all) func holdEveryValueAndLittleMore(σ: Activation) {
    var generator = RandomStream(seed: 1, purpose: .testSamples).generator(item: 0)
    for _ in 0..<2000 {
      let scale = exp(Double.random(in: -8...4, using: &generator))
      let centre = Double.random(in: -3...3, using: &generator)
      let ends = (0..<2).map { _ in centre + scale * Double.random(in: -1...1, using: &generator) }
      let z = ends.min()!...ends.max()!
      let width = z.upperBound - z.lowerBound
      let inside = (0...100).map { (k: Int) -> Double in
        let point = z.lowerBound + width * Double(k) / 100
        return min(point, z.upperBound)
      }
      let found = Self.values(σ, inside)
      let range = σ.range(over: z)
      #expect(found.allSatisfy { range.contains($0) }, "\(σ) over \(z)")
      guard σ != .cos else { continue }
      // The ends are taken, or the minimum between two points of the grid.
      let step = width / 100
      let slack = 1e-13 + 0.2 * step * step
      #expect(range.upperBound - found.max()! <= 1e-13 * (1 + abs(found.max()!)), "\(σ) over \(z)")
      #expect(found.min()! - range.lowerBound <= slack + 1e-5 * step, "\(σ) over \(z)")
    }
  }

  /// σ at the minimum with 21 digits (mpmath: findroot of σ′), rounded down by the range.
  @Test(arguments: [
    (Activation.silu, -0.27846454276107379511, -1.2784645427610738),
    (.gelu, -0.16997120747990366169, -0.75179152469356446),
    (.geluTanh, -0.17004075057125405064, -0.75246142207101626),
  ])
  func minima(σ: Activation, minimum: Double, place: Double) {
    let whole = σ.range(over: -.infinity...(.infinity))
    #expect(whole.upperBound == .infinity)
    #expect(whole.lowerBound <= minimum && whole.lowerBound >= minimum - 1e-16)
    #expect(σ.range(over: place...place).lowerBound <= minimum)
    // On either side the nearer end counts.
    let left = σ.range(over: -3...(-2)), right = σ.range(over: 0...2)
    #expect(left.lowerBound > minimum && left.upperBound < 0)
    #expect(right.lowerBound > -1e-15 && right.lowerBound <= 0)
    let tail = σ.range(over: -.infinity...(-2))
    #expect(tail.upperBound >= 0 && tail.upperBound < 1e-15)
    #expect(Self.values(σ, [-2])[0] >= tail.lowerBound)
  }

  @Test func limits() {
    let everywhere = -Double.infinity...(.infinity)
    #expect(Activation.tanh.range(over: everywhere) == -1...1)
    #expect(Activation.sigmoid.range(over: everywhere) == 0...1)
    #expect(Activation.hardTanh.range(over: everywhere) == -1...1)
    #expect(Activation.hardTanh.range(over: -0.5...7) == -0.5...1)
    #expect(Activation.elu.range(over: everywhere) == -1...(.infinity))
    let selu = Activation.selu.range(over: everywhere)
    // λα = 1.75809934084737685994…
    #expect(selu.lowerBound < -1.7580993408473768 && selu.lowerBound > -1.75809934084738)
    #expect(Activation.usualLeakyReLU.range(over: everywhere) == everywhere)
    let leaky = Activation.leakyReLU(slope: 0.25).range(over: -8...2)
    #expect(leaky.lowerBound <= -2 && leaky.lowerBound > -2.000001)
    #expect(leaky.upperBound >= 2 && leaky.upperBound < 2.000001)
    // Overflow on the way to an end is no end.
    let largest = Double.greatestFiniteMagnitude
    let beyond = Activation.selu.range(over: largest...largest)
    #expect(beyond.lowerBound == largest && beyond.upperBound == .infinity)
  }
}
