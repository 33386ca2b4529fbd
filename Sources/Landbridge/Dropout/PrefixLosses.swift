internal import LinearAlgebra

/// Loss and 0-1 error of the network that keeps the first M neurons of its last hidden layer, for
/// every M from 1 to N.
public struct PrefixLosses: Sendable, Equatable {
  /// L_M; entry M − 1 belongs to M.
  public var losses: [Double]
  /// The 0-1 error, likewise; `nil` when targets are no classes.
  public var errors: [Double]?
}

/// Sums losses and errors of every prefix over blocks of samples.
struct PrefixAccumulator<Scalar: MatrixScalar> {
  private let readout: PrefixReadout<Scalar>
  private let loss: Loss
  private var sums: PrefixSums
  private var count = 0
  private var isClassification = true

  init(of network: Network<Scalar>, loss: Loss) {
    readout = PrefixReadout(network)
    self.loss = loss
    sums = PrefixSums(width: network.lastHiddenWidth)
  }

  struct Part: Sendable {
    fileprivate var sums: PrefixSums
    fileprivate var count: Int
    fileprivate var isClassification: Bool
  }

  /// What a block adds.
  var parts: @Sendable (HiddenBlock<Scalar>) -> Part {
    let (readout, loss) = (readout, loss)
    return { block in
      var sums = PrefixSums(width: readout.weights.columns)
      sums.add(block, readout: readout, loss: loss)
      return Part(
        sums: sums, count: block.samples.count, isClassification: block.samples.isClassification)
    }
  }

  mutating func add(_ parts: [Part]) {
    for part in parts {
      for i in sums.losses.indices {
        sums.losses[i] += part.sums.losses[i]
        sums.wrong[i] += part.sums.wrong[i]
      }
      count += part.count
      isClassification = isClassification && part.isClassification
    }
  }

  var result: PrefixLosses {
    let n = Double(count)
    return PrefixLosses(
      losses: sums.losses.map { $0 / n },
      errors: isClassification ? sums.wrong.map { Double($0) / n } : nil)
  }
}

/// The output layer, with the factor λ/M of the sum over the first M neurons.
private struct PrefixReadout<Scalar: MatrixScalar>: Sendable {
  let weights: Matrix<Scalar>
  let bias: [Scalar]?
  let factors: [Double]

  init(_ network: Network<Scalar>) {
    weights = network.layers.last!.weights
    bias = network.layers.last!.bias
    let λ = network.contributionScale
    factors = (1...network.lastHiddenWidth).map { λ / Double($0) }
  }
}

private struct PrefixSums: Sendable {
  var losses: [Double]
  var wrong: [Int]

  init(width: Int) {
    losses = Array(repeating: 0, count: width)
    wrong = Array(repeating: 0, count: width)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func add<Scalar: MatrixScalar>(
    _ block: HiddenBlock<Scalar>, readout: PrefixReadout<Scalar>, loss: Loss
  ) {
    let (width, outputs) = (readout.weights.columns, readout.weights.rows)
    // ŷ_k of every prefix in row k; then a row for log-sum-exp and one for scratch.
    var prefixes = Matrix<Scalar>(rows: outputs + 2, columns: width)
    for s in 0..<block.samples.count {
      unsafe prefixes.withUnsafeMutableBufferPointer { p in
        let p = p.baseAddress!
        unsafe block.last.withUnsafeBufferPointer { h in
          unsafe fillPrefixes(h.baseAddress! + s * width, readout, p)
        }
        unsafe block.samples.targets.withUnsafeBufferPointer { y in
          let y = unsafe y.baseAddress! + s * outputs
          switch loss {
          case .squared: unsafe addSquared(outputs, y, p)
          case .crossEntropy: unsafe addCrossEntropy(outputs, y, p)
          }
          if block.samples.isClassification { unsafe addErrors(outputs, y, p) }
        }
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @unsafe private func fillPrefixes<Scalar: MatrixScalar>(
    _ h: UnsafePointer<Scalar>, _ readout: PrefixReadout<Scalar>,
    _ prefixes: UnsafeMutablePointer<Scalar>
  ) {
    let width = readout.weights.columns
    unsafe readout.weights.withUnsafeBufferPointer { weights in
      unsafe readout.factors.withUnsafeBufferPointer { factors in
        for k in 0..<readout.weights.rows {
          let (w, p) = unsafe (weights.baseAddress! + k * width, prefixes + k * width)
          let bias = Double(readout.bias?[k] ?? 0)
          var sum = 0.0
          for i in 0..<width {
            sum += unsafe Double(w[i]) * Double(h[i])
            unsafe p[i] = unsafe Scalar(bias + factors[i] * sum)
          }
        }
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @unsafe private mutating func addSquared<Scalar: MatrixScalar>(
    _ outputs: Int, _ y: UnsafePointer<Scalar>, _ prefixes: UnsafeMutablePointer<Scalar>
  ) {
    let width = losses.count
    unsafe losses.withUnsafeMutableBufferPointer { losses in
      for k in 0..<outputs {
        let (target, p) = unsafe (Double(y[k]), prefixes + k * width)
        for i in 0..<width {
          let r = unsafe target - Double(p[i])
          unsafe losses[i] += r * r
        }
      }
    }
  }

  /// log(e^a + e^b) = a + softplus(b − a), so that one vectorised function does it all.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @unsafe private mutating func addCrossEntropy<Scalar: MatrixScalar>(
    _ outputs: Int, _ y: UnsafePointer<Scalar>, _ prefixes: UnsafeMutablePointer<Scalar>
  ) {
    let width = losses.count
    let (normalizer, scratch) = unsafe (
      prefixes + outputs * width, prefixes + (outputs + 1) * width
    )
    unsafe losses.withUnsafeMutableBufferPointer { losses in
      if outputs == 1 {
        for i in 0..<width { unsafe scratch[i] = unsafe -y[0] * prefixes[i] }
        unsafe Scalar.apply(.softplus, width, scratch, scratch)
        for i in 0..<width { unsafe losses[i] += unsafe Double(scratch[i]) }
        return
      }
      unsafe normalizer.update(from: prefixes, count: width)
      for k in 1..<outputs {
        let p = unsafe prefixes + k * width
        for i in 0..<width { unsafe scratch[i] = unsafe p[i] - normalizer[i] }
        unsafe Scalar.apply(.softplus, width, scratch, scratch)
        for i in 0..<width { unsafe normalizer[i] += unsafe scratch[i] }
      }
      for k in 0..<outputs where unsafe y[k] != 0 {
        let (target, p) = unsafe (Double(y[k]), prefixes + k * width)
        for i in 0..<width { unsafe losses[i] += unsafe target * Double(normalizer[i] - p[i]) }
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @unsafe private mutating func addErrors<Scalar: MatrixScalar>(
    _ outputs: Int, _ y: UnsafePointer<Scalar>, _ prefixes: UnsafeMutablePointer<Scalar>
  ) {
    let width = wrong.count
    unsafe wrong.withUnsafeMutableBufferPointer { wrong in
      if outputs == 1 {
        for i in 0..<width { unsafe wrong[i] += unsafe prefixes[i] * y[0] > 0 ? 0 : 1 }
        return
      }
      let label = unsafe indexOfLargest(outputs, y)
      for i in 0..<width {
        var best = 0
        for k in 1..<outputs where unsafe prefixes[k * width + i] > prefixes[best * width + i] {
          best = k
        }
        unsafe wrong[i] += best == label ? 0 : 1
      }
    }
  }
}
