#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// e^x
public func exponential(_ x: Double) -> Double { exp(x) }
/// log x
public func logarithm(_ x: Double) -> Double { log(x) }
/// log(1 + x), accurate for small x
public func logarithm(onePlus x: Double) -> Double { log1p(x) }
/// e^x − 1, accurate for small x
public func exponentialMinusOne(_ x: Double) -> Double { expm1(x) }
/// log Γ(x) for x > 0
public func logarithmOfGamma(_ x: Double) -> Double { lgamma(x) }
/// ∛x
public func cubeRoot(_ x: Double) -> Double { cbrt(x) }
/// x^y
public func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }
/// cos x
public func cosine(_ x: Double) -> Double { cos(x) }
