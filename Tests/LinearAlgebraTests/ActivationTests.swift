import Foundation
import LinearAlgebra
import Testing

private let smooth: [Activation] = [
  .tanh, .sigmoid, .erf, .softplus, .cos, .elu, .selu, .silu, .gelu, .geluTanh,
]
private let all =
  smooth + [
    .identity, .relu, .saturatingRamp, .ramp(low: 1, high: -1, from: 0, to: 3), .usualLeakyReLU,
    .leakyReLU(slope: 0.3), .hardTanh,
  ]

private func evaluate<Scalar: MatrixScalar>(
  _ σ: Activation, _ x: [Scalar]
) -> (value: [Scalar], derivative: [Scalar]) {
  var y = x
  var dy = x
  unsafe Scalar.applyWithDerivative(σ, x.count, x, &y, &dy)
  return (y, dy)
}

/// A grid over [−20, 20] (cos: [−8000, 8000]), and both signs of 10^e down to the subnormals.
private func arguments<Scalar: MatrixScalar>(_ σ: Activation) -> [Scalar] {
  let reach = σ == .cos ? 8000.0 : 20.0
  let least = Scalar.self == Float.self ? -44.5 : -323.0
  let n = 40_000
  let linear = (0...n).map { Scalar(reach * (2 * Double($0) / Double(n) - 1)) }
  let small = (0...n).map { Scalar(pow(10, least + (2 - least) * Double($0) / Double(n))) }
  return linear + small + small.map { -$0 } + [0, -0.0, 700, -700, .greatestFiniteMagnitude]
}

/// What an element may be off, in ulps of σ or of the terms that σ′ is the sum of.
private struct Allowance {
  let value: Double
  let derivative: Double
  /// What may be 0 instead.
  let vanishingValue: Double
  let vanishingDerivative: Double

  init<Scalar: MatrixScalar>(_ σ: Activation, _ x: Double, _: Scalar.Type) {
    let least = Tolerance.vanishing(Scalar.self)
    // The rounding of the exponent of the tail.
    let exponent = σ == .geluTanh && x < 0 ? min(-1.6 * x - 0.072 * x * x * x, 710) : 0
    let isGate = [.silu, .gelu, .geluTanh].contains(σ)
    value = (σ == .gelu ? Tolerance.gelu : Tolerance.activation) * (1 + exponent)
    derivative = Tolerance.derivative * (1 + exponent)
    vanishingDerivative = least * (isGate ? Tolerance.vanishingGates : 1)
    vanishingValue = isGate ? vanishingDerivative : σ == .sigmoid || σ == .softplus ? least : 0
  }
}

@Suite("Activations are accurate to a few units in the last place")
struct ActivationAccuracyTests {
  /// σ, σ′ and the magnitude of the terms of σ′.
  func exact(_ σ: Activation, _ x: Double) -> (Double, Double, Double) {
    let e = exp(-abs(x))
    func smooth(_ y: Double, _ dy: Double) -> (Double, Double, Double) { (y, dy, abs(dy)) }
    func gate(_ v: Double, _ slope: Double) -> (Double, Double, Double) {
      let e = exp(-abs(v))
      let (s, ds) = ((v < 0 ? e : 1) / (1 + e), slope * e / ((1 + e) * (1 + e)))
      return (x * s, s + x * ds, s + abs(x) * ds)
    }
    switch σ {
    case .tanh: return smooth(tanh(x), 4 * e * e / ((1 + e * e) * (1 + e * e)))
    case .sigmoid: return smooth(x < 0 ? e / (1 + e) : 1 / (1 + e), e / ((1 + e) * (1 + e)))
    case .erf:
      return smooth(erf(x * 0.5.squareRoot()), (2 / Double.pi).squareRoot() * exp(-x * x / 2))
    case .softplus: return smooth(max(x, 0) + log1p(e), x < 0 ? e / (1 + e) : 1 / (1 + e))
    case .elu: return smooth(x > 0 ? x : expm1(x), x > 0 ? 1 : e)
    case .selu:
      let (λ, α) = (1.0507009873554804934193, 1.6732632423543772848170)
      return smooth(x > 0 ? λ * x : λ * α * expm1(x), x > 0 ? λ : λ * α * e)
    case .silu: return gate(x, 1)
    case .gelu:
      let Φ = erfc(-x * 0.5.squareRoot()) / 2
      let φ = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
      return (x * Φ, Φ + x * φ, Φ + abs(x) * φ)
    case .geluTanh:
      let k = 2 * (2 / Double.pi).squareRoot()
      return gate(k * (x + 0.044715 * x * x * x), k * (1 + 3 * 0.044715 * x * x))
    default: return smooth(cos(x), -sin(x))
    }
  }

  @Test(arguments: smooth) func float(σ: Activation) {
    let x: [Float] = arguments(σ)
    let (y, dy) = evaluate(σ, x)
    var failures: [Float] = []
    for i in x.indices {
      let (r, d, terms) = exact(σ, Double(x[i]))
      let allowance = Allowance(σ, Double(x[i]), Float.self)
      // Infinite where the exact value is no float.
      let error = Float(r).isInfinite ? (y[i] == Float(r) ? 0 : .infinity) : abs(Double(y[i]) - r)
      if !(error <= allowance.value * Double(Float(r).ulp) + allowance.vanishingValue)
        || !(abs(Double(dy[i]) - d)
          <= allowance.derivative * Double(Float(terms).ulp) + allowance.vanishingDerivative)
      {
        if !Float(r).isInfinite || error != 0 { failures.append(x[i]) }
      }
    }
    #expect(failures.isEmpty)
  }

  #if arch(x86_64)
    func exact(_ σ: Activation, _ x: Float80) -> (Float80, Float80, Float80) {
      let e = exp(-abs(x))
      func smooth(_ y: Float80, _ dy: Float80) -> (Float80, Float80, Float80) {
        (y, dy, abs(dy))
      }
      func gate(_ v: Float80, _ slope: Float80) -> (Float80, Float80, Float80) {
        let e = exp(-abs(v))
        let (s, ds) = ((v < 0 ? e : 1) / (1 + e), slope * e / ((1 + e) * (1 + e)))
        return (x * s, s + x * ds, s + abs(x) * ds)
      }
      let half = Float80(0.5)
      switch σ {
      case .tanh: return smooth(tanh(x), 4 * e * e / ((1 + e * e) * (1 + e * e)))
      case .sigmoid: return smooth(x < 0 ? e / (1 + e) : 1 / (1 + e), e / ((1 + e) * (1 + e)))
      case .erf:
        return smooth(
          erf(x * half.squareRoot()), (2 / Float80.pi).squareRoot() * exp(-x * x / 2))
      case .softplus: return smooth(max(x, 0) + log1p(e), x < 0 ? e / (1 + e) : 1 / (1 + e))
      case .elu: return smooth(x > 0 ? x : expm1(x), x > 0 ? 1 : e)
      case .selu:
        let λ = Float80("1.0507009873554804934193349852946")!
        let α = Float80("1.6732632423543772848170429916717")!
        return smooth(x > 0 ? λ * x : λ * α * expm1(x), x > 0 ? λ : λ * α * e)
      case .silu: return gate(x, 1)
      case .gelu:
        let Φ = erfc(-x * half.squareRoot()) / 2
        let φ = exp(-x * x / 2) / (2 * Float80.pi).squareRoot()
        return (x * Φ, Φ + x * φ, Φ + abs(x) * φ)
      case .geluTanh:
        let (k, c) = (2 * (2 / Float80.pi).squareRoot(), Float80("0.044715")!)
        return gate(k * (x + c * x * x * x), k * (1 + 3 * c * x * x))
      default: return smooth(cos(x), -sin(x))
      }
    }

    @Test(arguments: smooth) func double(σ: Activation) {
      let x: [Double] = arguments(σ)
      let (y, dy) = evaluate(σ, x)
      var failures: [Double] = []
      for i in x.indices {
        let (r, d, terms) = exact(σ, Float80(x[i]))
        let allowance = Allowance(σ, x[i], Double.self)
        guard Double(r).isFinite else {
          if y[i] != Double(r) { failures.append(x[i]) }
          continue
        }
        let error = (abs(Float80(y[i]) - r), abs(Float80(dy[i]) - d))
        let allowed = (
          Float80(allowance.value * Double(r).ulp + allowance.vanishingValue),
          Float80(allowance.derivative * Double(terms).ulp + allowance.vanishingDerivative)
        )
        if !(error.0 <= allowed.0 && error.1 <= allowed.1) { failures.append(x[i]) }
      }
      #expect(failures.isEmpty)
    }
  #endif

  struct Golden: Decodable {
    struct Function: Decodable {
      var y: [Double]
      var dy: [Double]
      var terms: [Double]
    }
    var x: [Double]
    var functions: [String: Function]
  }

  /// Against 60 digits (Fixtures/make_activation_golden.py): the references above have 64 bits.
  @Test func goldenDigits() throws {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/activation-golden", withExtension: "json"))
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    #expect(Set(golden.functions.keys) == Set(smooth.map(\.description)))
    for (name, exact) in golden.functions {
      let σ = try #require(Activation(name))
      let (y, dy) = evaluate(σ, golden.x)
      for (i, x) in golden.x.enumerated() {
        let allowance = Allowance(σ, x, Double.self)
        // Half an ulp is the golden's own.
        #expect(
          abs(y[i] - exact.y[i])
            <= (allowance.value + 0.5) * exact.y[i].ulp + allowance.vanishingValue, "\(σ) of \(x)")
        #expect(
          abs(dy[i] - exact.dy[i])
            <= (allowance.derivative + 0.5) * exact.terms[i].ulp + allowance.vanishingDerivative,
          "\(σ)′ of \(x)")
        let bound = σ.doubleError.relative * abs(exact.y[i]) + σ.doubleError.absolute
        #expect(abs(y[i] - exact.y[i]) <= bound, "\(σ) of \(x)")
      }
    }
  }

  @Test func exactOnes() {
    let x: [Double] = [-3, -0.0, 0, 0.5, 0.75, 1.5, 2, .infinity, -.infinity]
    #expect(evaluate(.identity, x).value == x)
    #expect(evaluate(.identity, x).derivative.allSatisfy { $0 == 1 })
    #expect(evaluate(.relu, x).value == [0, 0, 0, 0.5, 0.75, 1.5, 2, .infinity, 0])
    #expect(evaluate(.relu, x).derivative == [0, 0, 0, 1, 1, 1, 1, 1, 0])
    let ramp = evaluate(.saturatingRamp, x)
    #expect(ramp.value == [-2.5, -2.5, -2.5, -2.5, 0, 7.5, 7.5, 7.5, -2.5])
    #expect(ramp.derivative == [0, 0, 0, 10, 10, 10, 0, 0, 0])
    let leaky = evaluate(.leakyReLU(slope: 0.25), x)
    #expect(leaky.value == [-0.75, 0, 0, 0.5, 0.75, 1.5, 2, .infinity, -.infinity])
    #expect(leaky.derivative == [0.25, 0.25, 0.25, 1, 1, 1, 1, 1, 0.25])
    let hard = evaluate(.hardTanh, x + [-1, 1, -0.999])
    #expect(hard.value == [-1, 0, 0, 0.5, 0.75, 1, 1, 1, -1, -1, 1, -0.999])
    #expect(hard.derivative == [0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1])
  }

  /// Beyond the reach of the vectorised reduction the C library takes over, lane by lane.
  @Test func cosineOfLargeArguments() {
    let x: [Double] = [1e300, 0.5, -1e7, 1e6, 123_456_789, 2, -4e15, 999_999, 1e22]
    #expect(zip(evaluate(.cos, x).value, x).allSatisfy { abs($0 - cos($1)) <= 4 * $0.ulp })
    #expect(zip(evaluate(.cos, x).derivative, x).allSatisfy { abs($0 + sin($1)) <= 4 * $0.ulp })
    let y = x.map { Float($0) }
    for (value, argument) in zip(evaluate(.cos, y).value, y) where argument.isFinite {
      #expect(abs(value - Float(cos(Double(argument)))) <= 4 * value.ulp)
    }
  }
}

@Suite("Activations obey their laws")
struct ActivationLawTests {
  @Test(arguments: all) func limits(σ: Activation) {
    check(σ, Float.self)
    check(σ, Double.self)
  }

  func check<Scalar: MatrixScalar>(_ σ: Activation, _: Scalar.Type) {
    let x: [Scalar] = [.nan, .infinity, -.infinity, -.nan, 0.25]
    let (y, dy) = evaluate(σ, x)
    for i in [0, 3] {
      #expect(y[i].isNaN)
      #expect(dy[i].isNaN || σ == .identity)
    }
    #expect(y[4].isFinite && dy[4].isFinite)
    switch σ {
    case .tanh, .erf: #expect(y[1] == 1 && y[2] == -1 && dy[1] == 0 && dy[2] == 0)
    case .sigmoid: #expect(y[1] == 1 && y[2] == 0 && dy[1] == 0 && dy[2] == 0)
    case .softplus: #expect(y[1] == .infinity && y[2] == 0 && dy[1] == 1 && dy[2] == 0)
    case .elu: #expect(y[1] == .infinity && y[2] == -1 && dy[1] == 1 && dy[2] == 0)
    case .selu: #expect(y[1] == .infinity && y[2] < -1.758 && dy[1] > 1.05 && dy[2] == 0)
    case .silu, .gelu, .geluTanh:
      #expect(y[1] == .infinity && y[2] == 0 && dy[1] == 1 && dy[2] == 0)
    case .hardTanh: #expect(y[1] == 1 && y[2] == -1 && dy[1] == 0 && dy[2] == 0)
    case .leakyReLU: #expect(y[1] == .infinity && y[2] == -.infinity && dy[1] == 1 && dy[2] < 1)
    case .cos: #expect(y[1].isNaN && y[2].isNaN && dy[1].isNaN && dy[2].isNaN)
    default: break
    }
  }

  @Test func oddAndEven() {
    let x: [Float] = arguments(.tanh)
    for σ in [Activation.tanh, .erf] {
      let (plus, minus) = (evaluate(σ, x), evaluate(σ, x.map { -$0 }))
      #expect(plus.value == minus.value.map { -$0 })
      #expect(plus.derivative == minus.derivative)
      #expect(zip(x, plus.value).allSatisfy { $0.sign == $1.sign })
    }
  }

  @Test(arguments: all) func derivativeIsTheSlope(σ: Activation) {
    let x = [Double](stride(from: -6.0001, to: 6, by: 0.003))
    let h = 1e-5
    let above = evaluate(σ, x.map { $0 + h }).value
    let below = evaluate(σ, x.map { $0 - h }).value
    let derivative = evaluate(σ, x).derivative
    let kinks: [Double] =
      switch σ {
      case .relu, .leakyReLU, .selu, .elu: [0]
      case .hardTanh: [-1, 1]
      case .ramp(_, _, let from, let to): [from, to]
      default: []
      }
    for i in x.indices where kinks.allSatisfy({ abs($0 - x[i]) > 2 * h }) {
      #expect(abs((above[i] - below[i]) / (2 * h) - derivative[i]) < Tolerance.centralDifference)
    }
  }

  @Test(arguments: all) func positionAndPartnerDoNotMatter(σ: Activation) {
    let long: [Float] = scrambled(5000).map { $0 * 5 }
    let whole = evaluate(σ, long)
    for n in awkwardSizes {
      let x = Array(long[3..<(3 + n)])
      var y = x
      unsafe y.withUnsafeMutableBufferPointer {
        guard let base = $0.baseAddress else { return }
        unsafe Float.apply(σ, n, base, base)
      }
      #expect(y == Array(whole.value[3..<(3 + n)]))
      #expect(evaluate(σ, x).derivative == Array(whole.derivative[3..<(3 + n)]))
    }
  }

  @Test(arguments: all) func namesReadBack(σ: Activation) {
    #expect(Activation(σ.description) == σ)
  }

  @Test(arguments: all) func neverSteeperThanItsLipschitzConstant(σ: Activation) {
    let x = [Double](stride(from: -12, to: 12, by: 0.0007)) + [0]
    let steepest = evaluate(σ, x).derivative.reduce(0) { max($0, abs($1)) }
    #expect(steepest <= σ.lipschitz)
    #expect(steepest > σ.lipschitz - 2e-4, "as low as stated")
  }

  /// 0, subnormals, the largest numbers: finite and bounded by the Lipschitz constant.
  @Test(arguments: all) func extremes(σ: Activation) {
    check(Float.self)
    check(Double.self)
    func check<Scalar: MatrixScalar>(_: Scalar.Type) {
      let least = Scalar.leastNonzeroMagnitude
      let magnitudes: [Scalar] = [
        0, least, 3 * least, .leastNormalMagnitude, 1e-30, 1, 86.9, 87.1, 708, 709, 1e4, 1e30,
        .greatestFiniteMagnitude,
      ]
      let x = magnitudes + magnitudes.map { -$0 }
      let (y, dy) = evaluate(σ, x)
      let origin = Double(evaluate(σ, [0 as Scalar]).value[0])
      for i in x.indices {
        #expect(!y[i].isNaN && abs(Double(dy[i])) <= σ.lipschitz * 1.001, "\(σ) of \(x[i])")
        // SELU of the largest number is none.
        let reach = σ.lipschitz * Double(abs(x[i])) * (1 + 1e-5) + Double(least)
        #expect(abs(Double(y[i]) - origin) <= reach || !y[i].isFinite, "\(σ) of \(x[i])")
        #expect(y[i].isFinite || (σ == .selu && x[i] > 1e30))
      }
    }
  }
}
