import Landbridge
import LinearAlgebra
import Testing

/// The pieces that enclosures are made of, against 768 bits.
@Suite struct RoundingArithmeticTests {
  /// Numbers of all sizes, some of them equal up to sign.
  private func numbers(_ count: Int, _ random: inout PathTestGenerator, spread: Int) -> [Double] {
    (0..<count).map { _ in
      let exponent = Int.random(in: -spread...spread, using: &random)
      return Double.random(in: -2...2, using: &random)
        * Double(sign: .plus, exponent: exponent, significand: 1)
    }
  }

  @Test func theReferenceKnowsItsConstants() {
    // 60 digits of e, tanh 1/2, log 2, erf(1/√2), cos 1, from tables.
    let digits: [(BigReal, String)] = [
      (BigReal(1).exponential, "2.71828182845904523536028747135266249775724709369995957496696"),
      (BigReal(0.5).tanh, "0.462117157260009758502318483643672548730289280330113038552732"),
      (
        BigReal(1).logarithmOnePlus,
        "0.693147180559945309417232121458176568075500134360255254120680"
      ),
      (BigReal(1).errorFunction, "0.682689492137085897170465091264075844955825933453208781974788"),
      (BigReal(1).cosine, "0.540302305868139717400936607442976603732310420617922227670097"),
    ]
    for (value, text) in digits {
      let plain = text.filter { $0 != "." }
      let parsed = plain.reduce(BigReal()) { $0 * BigReal(10) + BigReal($1.wholeNumberValue!) }
      let scale = (1..<plain.count).reduce(BigReal(1)) { product, _ in product * BigReal(10) }
      #expect((value * scale - parsed).abs <= BigReal(2))
    }
  }

  @Test func arithmeticEncloses() {
    var random = PathTestGenerator(seed: 1)
    for round in 0..<2000 {
      let v = numbers(4, &random, spread: round % 2 == 0 ? 3 : 300)
      let e = numbers(2, &random, spread: 5).map { abs($0) * 1e-12 }
      let (a, b) = (
        Enclosure(v[0], error: abs(v[0]) * e[0]), Enclosure(v[1], error: abs(v[1]) * e[1])
      )
      // The corners of both.
      for (i, j) in [(-1.0, -1.0), (-1, 1), (1, -1), (1, 1)] {
        let x = BigReal(a.value) + BigReal(i) * BigReal(a.error)
        let y = BigReal(b.value) + BigReal(j) * BigReal(b.error)
        expectInside(a + b, x + y)
        expectInside(a - b, x - y)
        if (a * b).isFinite { expectInside(a * b, x * y) }
        expectInside(.maximum(a, b), .larger(x, y))
        expectInside(a.divided(by: 7), x / BigReal(7))
        expectInside(Enclosure.maximum([a, b, a + b]), .larger(.larger(x, y), x + y))
        #expect(BigReal(a.lower) <= x && x <= BigReal(a.upper))
      }
    }
  }

  @Test func whatOverflowsIsUnknown() {
    let huge = Enclosure(1e308)
    #expect(!(huge + huge).isFinite)
    #expect(!(huge * huge).isFinite)
    #expect(!(huge * huge - huge * huge).isFinite)
    #expect(!Enclosure(.nan).isFinite && !Enclosure(1, error: .nan).isFinite)
    #expect(!Enclosure.maximum(Enclosure(1, error: .infinity), Enclosure(2)).isFinite)
    #expect(!(huge + huge).agrees(with: huge + huge))
    #expect(!Enclosure.sum([1e308, 1e308, -1e308], errors: [0, 0, 0]).isFinite)
  }

  @Test func sumsEnclose() {
    var random = PathTestGenerator(seed: 2)
    for count in [0, 1, 2, 33, 1000] {
      let values = numbers(count, &random, spread: 60)
      let cancelling = values + values.shuffled(using: &random).map { -$0 * (1 + 0x1p-52) }
      let errors = cancelling.map { _ in 0.0 }
      let truth = cancelling.reduce(BigReal()) { $0 + BigReal($1) }
      expectInside(.sum(cancelling, errors: errors), truth)
    }
    let thirds = Array(repeating: 1.0 / 3, count: 100_000)
    let mean = Enclosure.mean(thirds, errors: thirds.map { _ in 0 })
    #expect(mean.error < 1e-16)
    expectInside(mean, BigReal(1.0 / 3))
  }

  @Test(arguments: [(1, 1, 1), (3, 5, 7), (17, 33, 65), (70, 3, 400)])
  func compensatedProducts(_ m: Int, _ n: Int, _ k: Int) {
    var random = PathTestGenerator(seed: UInt64(m))
    let a = Matrix(rows: m, columns: k, numbers(m * k, &random, spread: 20))
    let low = a.map { $0 * 0x1p-54 }
    let b = Matrix(rows: n, columns: k, numbers(n * k, &random, spread: 20))
    for low in [nil, low] {
      let (sum, correction) = Matrix.compensatedProduct(a, low: low, transposingSecond: b)
      for i in stride(from: 0, to: m, by: 7) {
        for j in 0..<min(n, 4) {
          var (exact, size) = (BigReal(), BigReal())
          for l in 0..<k {
            let x = BigReal(a[i, l]) + BigReal(low?[i, l] ?? 0)
            exact = exact + x * BigReal(b[j, l])
            size = size + (x * BigReal(b[j, l])).abs
          }
          let off = (BigReal(sum[i, j]) + BigReal(correction[i, j]) - exact).abs
          let γ = Double(k + 9) * 0x1p-53
          #expect(off <= size * BigReal(2 * γ * γ))
        }
      }
    }
  }

  /// The bounds that propagation assumes, at arguments of all sizes.
  @Test func kernelsAreWithinTheirBounds() {
    var random = PathTestGenerator(seed: 4)
    let arguments =
      (0..<150).map { _ in Double.random(in: -40...40, using: &random) }
      + (0..<40).map { _ in Double.random(in: -2...2, using: &random) }
      + (0..<40).map {
        Double(sign: $0 % 2 == 0 ? .plus : .minus, exponent: -10 * $0, significand: 1.3)
      }
      + [0, 1.5, -1.5, .leastNonzeroMagnitude, 700, -700, -745, 708.5, -708.5]
    for σ in [
      Activation.tanh, .sigmoid, .erf, .softplus, .cos, .saturatingRamp, .relu, .usualLeakyReLU,
      .elu, .selu, .hardTanh, .silu, .gelu, .geluTanh,
    ] {
      var values = Matrix(rows: 1, columns: arguments.count, arguments)
      values.apply(σ)
      for (x, y) in zip(arguments, values.elements) {
        // Where the reference loses its digits.
        if σ == .cos && abs(x) > 100 || σ == .gelu && x < -22 { continue }
        let truth = BigReal(x).applying(σ)
        // Half of the relative error that is assumed: far from the limit.
        let (relative, absolute) = σ.doubleError
        let bound = relative / 2 * abs(y) + absolute
        let off = (truth - BigReal(y)).abs
        #expect(off <= BigReal(bound) + BigReal(power: -1060), "\(σ)(\(x)) = \(y)")
      }
    }
  }
}
