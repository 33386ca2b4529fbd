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
/// x^y
public func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }
/// cos x
public func cosine(_ x: Double) -> Double { cos(x) }
