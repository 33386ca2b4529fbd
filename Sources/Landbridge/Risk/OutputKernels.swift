internal import LinearAlgebra

/// E‖ŷ₁ − ŷ₀‖² over the rows, summed in pieces that do not depend on `threads`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func meanSquaredDistance<Scalar: MatrixScalar>(
  _ a: Matrix<Scalar>, _ b: Matrix<Scalar>, threads: Int
) -> Double {
  let pieces = chunks(of: a.count, size: 1 << 14)
  let sums = concurrentMap(pieces.count, threads: threads) { piece in
    unsafe a.withUnsafeBufferPointer { a in
      unsafe b.withUnsafeBufferPointer { b in
        var sum = 0.0
        for i in pieces[piece] {
          let difference = unsafe Double(b[i]) - Double(a[i])
          sum += difference * difference
        }
        return sum
      }
    }
  }
  return sums.reduce(0, +) / Double(a.rows)
}

/// max |a − b|
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func largestDifference<Scalar: MatrixScalar>(_ a: Matrix<Scalar>, _ b: Matrix<Scalar>) -> Double {
  unsafe a.withUnsafeBufferPointer { a in
    unsafe b.withUnsafeBufferPointer { b in
      var largest = 0.0
      for i in a.indices { largest = unsafe max(largest, abs(Double(a[i]) - Double(b[i]))) }
      return largest
    }
  }
}

/// E ℓ((1 − t)ŷ₀ + tŷ₁, y), summed in pieces that do not depend on `threads`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func meanLoss<Scalar: MatrixScalar>(
  _ loss: Loss, between start: Matrix<Scalar>, _ end: Matrix<Scalar>, at t: Double,
  targets: Matrix<Scalar>, threads: Int
) -> Double {
  let (n, k) = (targets.rows, targets.columns)
  let pieces = chunks(of: n, size: 1024)
  let sums = concurrentMap(pieces.count, threads: threads) { piece in
    var ŷ = [Scalar](repeating: 0, count: k)
    var sum = 0.0
    unsafe start.withUnsafeBufferPointer { a in
      unsafe end.withUnsafeBufferPointer { b in
        unsafe targets.withUnsafeBufferPointer { y in
          unsafe ŷ.withUnsafeMutableBufferPointer { ŷ in
            for i in pieces[piece] {
              for j in 0..<k {
                unsafe ŷ[j] = Scalar(
                  (1 - t) * Double(a[i * k + j]) + t * Double(b[i * k + j]))
              }
              sum += unsafe loss.value(
                count: k, output: ŷ.baseAddress!, target: y.baseAddress! + i * k)
            }
          }
        }
      }
    }
    return sum
  }
  return sums.reduce(0, +) / Double(n)
}

/// The rows of all parts, one below the other.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func stacked<Scalar: MatrixScalar>(_ parts: [Matrix<Scalar>], columns: Int) -> Matrix<Scalar> {
  var result = Matrix<Scalar>(rows: parts.reduce(0) { $0 + $1.rows }, columns: columns)
  var start = 0
  for part in parts {
    unsafe result.withUnsafeMutableBufferPointer { target in
      unsafe part.withUnsafeBufferPointer { source in
        for i in source.indices { unsafe target[start + i] = source[i] }
      }
    }
    start += part.count
  }
  return result
}
