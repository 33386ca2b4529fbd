internal import CKernels

// Landbridge's own, not those of the C library, whose last digits differ between systems: a loss is
// the same bytes everywhere.

/// e^x
public func exponential(_ x: Double) -> Double { lb_exp(x) }
/// log x
public func logarithm(_ x: Double) -> Double { lb_log(x) }
/// log(1 + x), accurate for small x
public func logarithm(onePlus x: Double) -> Double { lb_log1p(x) }
/// e^x − 1, accurate for small x
public func exponentialMinusOne(_ x: Double) -> Double { lb_expm1(x) }
/// ∛x
public func cubeRoot(_ x: Double) -> Double { lb_cbrt(x) }
/// x^y for x > 0, of relative error below (1 + |y log x|) 2⁻⁵²
public func power(_ x: Double, _ y: Double) -> Double { lb_pow(x, y) }
/// cos x
public func cosine(_ x: Double) -> Double {
  var (input, output) = (x, 0.0)
  unsafe Double.apply(.cos, 1, &input, &output)
  return output
}
