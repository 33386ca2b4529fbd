import Foundation
import LinearAlgebra
import Testing

private let smooth: [Activation] = [.tanh, .sigmoid, .erf, .softplus, .cos]
private let all =
  smooth + [.identity, .relu, .saturatingRamp, .ramp(low: 1, high: -1, from: 0, to: 3)]

private func evaluate<Scalar: Real>(
  _ σ: Activation, _ x: [Scalar]
) -> (value: [Scalar], derivative: [Scalar]) {
  var y = x
  var dy = x
  unsafe Scalar.applyWithDerivative(σ, x.count, x, &y, &dy)
  return (y, dy)
}

/// A grid over [−20, 20] (cos: [−8000, 8000]), and both signs of 10^e down to the subnormals.
private func arguments<Scalar: Real>(_ σ: Activation) -> [Scalar] {
  let reach = σ == .cos ? 8000.0 : 20.0
  let least = Scalar.self == Float.self ? -44.5 : -323.0
  let n = 40_000
  let linear = (0...n).map { Scalar(reach * (2 * Double($0) / Double(n) - 1)) }
  let small = (0...n).map { Scalar(pow(10, least + (2 - least) * Double($0) / Double(n))) }
  return linear + small + small.map { -$0 } + [0, -0.0, 700, -700, .greatestFiniteMagnitude]
}

@Suite("Activations are accurate to a few units in the last place")
struct ActivationAccuracyTests {
  func exact(_ σ: Activation, _ x: Double) -> (Double, Double) {
    let e = exp(-abs(x))
    switch σ {
    case .tanh: return (tanh(x), 4 * e * e / ((1 + e * e) * (1 + e * e)))
    case .sigmoid: return (x < 0 ? e / (1 + e) : 1 / (1 + e), e / ((1 + e) * (1 + e)))
    case .erf: return (erf(x * 0.5.squareRoot()), (2 / Double.pi).squareRoot() * exp(-x * x / 2))
    case .softplus: return (max(x, 0) + log1p(e), x < 0 ? e / (1 + e) : 1 / (1 + e))
    default: return (cos(x), -sin(x))
    }
  }

  @Test(arguments: smooth) func float(σ: Activation) {
    let x: [Float] = arguments(σ)
    let (y, dy) = evaluate(σ, x)
    let vanishing = Tolerance.vanishing(Float.self)
    var worst = (0.0, 0.0)
    for i in x.indices {
      let (r, d) = exact(σ, Double(x[i]))
      let mayVanish = σ == .sigmoid || σ == .softplus ? vanishing : 0
      worst.0 = max(worst.0, (abs(Double(y[i]) - r) - mayVanish) / Double(Float(r).ulp))
      worst.1 = max(worst.1, (abs(Double(dy[i]) - d) - vanishing) / Double(Float(d).ulp))
    }
    #expect(worst.0 <= Tolerance.activation)
    #expect(worst.1 <= Tolerance.derivative)
  }

  #if arch(x86_64)
    func exact(_ σ: Activation, _ x: Float80) -> (Float80, Float80) {
      let e = exp(-abs(x))
      switch σ {
      case .tanh: return (tanh(x), 4 * e * e / ((1 + e * e) * (1 + e * e)))
      case .sigmoid: return (x < 0 ? e / (1 + e) : 1 / (1 + e), e / ((1 + e) * (1 + e)))
      case .erf:
        let half = Float80(0.5)
        return (erf(x * half.squareRoot()), (2 / Float80.pi).squareRoot() * exp(-x * x / 2))
      case .softplus: return (max(x, 0) + log1p(e), x < 0 ? e / (1 + e) : 1 / (1 + e))
      default: return (cos(x), -sin(x))
      }
    }

    @Test(arguments: smooth) func double(σ: Activation) {
      let x: [Double] = arguments(σ)
      let (y, dy) = evaluate(σ, x)
      let vanishing = Float80(Tolerance.vanishing(Double.self))
      var worst: (Float80, Float80) = (0, 0)
      for i in x.indices {
        let (r, d) = exact(σ, Float80(x[i]))
        let mayVanish = σ == .sigmoid || σ == .softplus ? vanishing : 0
        worst.0 = max(worst.0, (abs(Float80(y[i]) - r) - mayVanish) / Float80(Double(r).ulp))
        worst.1 = max(worst.1, (abs(Float80(dy[i]) - d) - vanishing) / Float80(Double(d).ulp))
      }
      #expect(Double(worst.0) <= Tolerance.activation)
      #expect(Double(worst.1) <= Tolerance.derivative)
    }
  #endif

  @Test func exactOnes() {
    let x: [Double] = [-3, -0.0, 0, 0.5, 0.75, 1.5, 2, .infinity, -.infinity]
    #expect(evaluate(.identity, x).value == x)
    #expect(evaluate(.identity, x).derivative.allSatisfy { $0 == 1 })
    #expect(evaluate(.relu, x).value == [0, 0, 0, 0.5, 0.75, 1.5, 2, .infinity, 0])
    #expect(evaluate(.relu, x).derivative == [0, 0, 0, 1, 1, 1, 1, 1, 0])
    let ramp = evaluate(.saturatingRamp, x)
    #expect(ramp.value == [-2.5, -2.5, -2.5, -2.5, 0, 7.5, 7.5, 7.5, -2.5])
    #expect(ramp.derivative == [0, 0, 0, 10, 10, 10, 0, 0, 0])
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

  func check<Scalar: Real>(_ σ: Activation, _: Scalar.Type) {
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
      case .relu: [0]
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

  @Test(arguments: ["", "Tanh", "ramp(1,2,3)", "ramp(1,2,3,3)", "ramp(nan,2,0,1)", "ramp(1,2,0,1"])
  func nonsenseIsNotAnActivation(name: String) {
    #expect(Activation(name) == nil)
  }
}
