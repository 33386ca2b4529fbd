internal import LinearAlgebra

extension Network {
  /// (1 − t)·θ + t·θ′, parameter by parameter; both networks have the same shape.
  ///
  /// Equal parameters stay the same bits for every t, and t = 0 and t = 1 give the ends exactly.
  ///
  /// - Complexity: O(number of parameters).
  public func interpolated(to other: Network, at t: Double) -> Network {
    precondition(hasSameShape(as: other), "interpolation between networks of different shapes")
    var result = self
    for (index, end) in other.layers.enumerated() {
      let count = end.weights.count
      unsafe result.layers[index].weights.withUnsafeMutableBufferPointer { x in
        unsafe end.weights.withUnsafeBufferPointer { y in
          guard let x = x.baseAddress, let y = y.baseAddress else { return }
          unsafe interpolate(count, x, towards: y, at: t)
        }
      }
      if let bias = end.bias {
        unsafe result.layers[index].bias!.withUnsafeMutableBufferPointer { x in
          unsafe bias.withUnsafeBufferPointer { y in
            guard let x = x.baseAddress, let y = y.baseAddress else { return }
            unsafe interpolate(bias.count, x, towards: y, at: t)
          }
        }
      }
    }
    return result
  }
}

/// x ← (1 − t)·x + t·y
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
@unsafe func interpolate<Scalar: MatrixScalar>(
  _ count: Int, _ x: UnsafeMutablePointer<Scalar>, towards y: UnsafePointer<Scalar>, at t: Double
) {
  let (s, t) = (Scalar(1 - t), Scalar(t))
  for i in 0..<count {
    unsafe x[i] = x[i] == y[i] ? x[i] : s * x[i] + t * y[i]
  }
}
