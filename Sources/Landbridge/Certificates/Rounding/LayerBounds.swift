internal import LinearAlgebra

/// How products are evaluated, and which bounds on their errors are used.
enum RoundingMode: CaseIterable, Sendable {
  /// In Double, errors bounded entry by entry.
  case plain
  /// In Double, errors also bounded by spectral norms of the weights between hidden layers: entry by
  /// entry, they grow with every layer although most cancel.
  case spectral
  /// Sums in twice the precision, and spectral norms.
  case compensated

  var usesNorms: Bool { self != .plain }
}

/// Values of one layer for a block of samples, with bounds on their errors.
struct EnclosedLayer: Sendable {
  /// n × m
  var value: Matrix<Double>
  /// What the values are to be corrected by, at most u relatively; `nil` for zero.
  var low: Matrix<Double>?
  /// Bounds on the errors, entry by entry.
  var error: Matrix<Double>
  /// For every sample a bound on the Euclidean norm of its errors.
  var norms: [Double]

  /// Samples as loaded, which are what they are.
  init(exact value: Matrix<Double>) {
    self.init(
      value: value, low: nil, error: Matrix(rows: value.rows, columns: value.columns),
      norms: Array(repeating: 0, count: value.rows))
  }

  init(value: Matrix<Double>, low: Matrix<Double>?, error: Matrix<Double>, norms: [Double]) {
    (self.value, self.low, self.error, self.norms) = (value, low, error, norms)
  }

  /// Replaces pairs z + low by σ of them.
  mutating func apply(
    _ σ: (DoubleDouble) -> DoubleDouble, to z: Matrix<Double>, _ low: Matrix<Double>
  ) {
    var lower = low
    unsafe value.withUnsafeMutableBufferPointer { h in
      unsafe lower.withUnsafeMutableBufferPointer { l in
        unsafe z.withUnsafeBufferPointer { z in
          for i in z.indices {
            // Where something overflowed nothing is known.
            let pair = unsafe z[i].isFinite ? σ(DoubleDouble(sum: z[i], l[i])) : DoubleDouble(.nan)
            unsafe (h[i], l[i]) = (pair.high, pair.high.isFinite ? pair.low : 0)
          }
        }
      }
    }
    self.low = lower
  }

  /// The largest ‖error‖/‖value‖ of a sample; infinite where that is not known.
  var relativeError: Double {
    var largest = 0.0
    unsafe value.withUnsafeBufferPointer { value in
      for sample in norms.indices {
        var squares = 0.0
        for i in sample * (value.count / norms.count)..<(sample + 1) * (value.count / norms.count) {
          unsafe squares += value[i] * value[i]
        }
        if norms[sample] == 0 { continue }
        let ratio = norms[sample] / squares.squareRoot()
        largest = ratio <= largest ? largest : (ratio.isNaN ? .infinity : ratio)
      }
    }
    return largest
  }
}

/// One layer with all that the bounds on its rounding errors need of the weights.
struct LayerBounds: Sendable {
  private let layer: Layer<Double>
  /// |W|
  private let magnitude: Matrix<Double>
  /// ‖w_i‖₂ of every row, rounded up; exactly 0 for a row of zeros.
  private let rowNorms: [Double]
  /// ‖W‖_F, rounded up.
  private let frobenius: Double
  /// A bound on ‖W‖₂.
  private let spectral: Double
  /// N where the layer divides by its number of inputs; 1 where it does not.
  private let divisor: Double
  private let mode: RoundingMode
  private let rounding: ActivationRounding

  /// - Parameter index: 0 … L.
  init(of network: Network<Double>, index: Int, mode: RoundingMode, threads: Int) {
    layer = network.layers[index]
    let weights = layer.weights
    magnitude = weights.map { abs($0) }
    divisor = Double(network.divisor(ofLayer: index))
    self.mode = mode
    rounding = ActivationRounding(layer.activation)
    var rows: [Double] = []
    unsafe weights.withUnsafeBufferPointer { w in
      for i in 0..<weights.rows {
        var (squares, largest) = (0.0, 0.0)
        for j in i * weights.columns..<(i + 1) * weights.columns {
          unsafe squares += w[j] * w[j]
          unsafe largest = max(largest, abs(w[j]))
        }
        rows.append(largest == 0 ? 0 : norm(squares, terms: weights.columns))
      }
    }
    rowNorms = rows
    frobenius = norm(rows.reduce(0) { $0 + $1 * $1 }, terms: rows.count)
    // Errors of inputs are zero, and those of outputs are bounded row by row.
    let isBetween = index > 0 && index < network.hiddenLayerCount
    spectral =
      mode.usesNorms && isBetween
      ? smaller(frobenius, spectralNormBound(weights, threads: threads)) : frobenius
  }

  /// What a product loses relatively to |W||ĥ|.
  private var productLoss: Double {
    let columns = layer.weights.columns
    switch mode {
    case .plain, .spectral: return gamma(columns)
    case .compensated: return 2 * gamma(columns + 8) * gamma(columns + 8)
    }
  }

  /// σ(s·W h + b) and bounds on its errors.
  ///
  /// - Complexity: two products; in the compensated mode one of them takes about eight times as long.
  func forward(_ h: EnclosedLayer) -> EnclosedLayer {
    var result = preactivations(h)
    if layer.activation == .identity { return result }
    activate(&result)
    return result
  }

  private func preactivations(_ h: EnclosedLayer) -> EnclosedLayer {
    let (n, columns, rows) = (h.value.rows, layer.weights.columns, layer.weights.rows)
    let loss = productLoss
    var sum: Matrix<Double>
    var low: Matrix<Double>?
    if mode == .compensated {
      (sum, low) = Matrix.compensatedProduct(
        h.value, low: h.low, transposingSecond: layer.weights)
    } else {
      sum = Matrix.product(h.value, layer.weights, transposingSecond: true)
    }
    // |W|(e + γ|ĥ|)
    let terms = Matrix.combine(h.error, h.value) { roundedUp($0 + loss * abs($1)) }
    var error = Matrix.product(terms, magnitude, transposingSecond: true)
    var norms = h.norms
    let valueNorms = rowNormsOfValues(h.value)
    for sample in 0..<n {
      // By Cauchy and Schwarz, ‖w_i‖ times this bounds the same.
      let length = roundedUp(norms[sample] + loss * valueNorms[sample])
      var state = RowState()
      unsafe sum.withUnsafeMutableBufferPointer { z in
        unsafe error.withUnsafeMutableBufferPointer { e in
          let (z, e) = unsafe (z.baseAddress! + sample * rows, e.baseAddress! + sample * rows)
          if low != nil {
            unsafe low!.withUnsafeMutableBufferPointer { low in
              unsafe finish(z, low.baseAddress! + sample * rows, e, length, &state)
            }
          } else {
            unsafe finish(z, nil, e, length, &state)
          }
        }
      }
      let propagated = roundedUp(
        (spectral * norms[sample] + loss * frobenius * valueNorms[sample]
          + Double(rows * columns) * 0x1p-1060) / divisor + norm(state.tails, terms: rows))
      norms[sample] =
        state.isFinite
        ? smaller(norm(state.squares, terms: rows), propagated) : .infinity
    }
    return EnclosedLayer(value: sum, low: low, error: error, norms: norms)
  }

  private struct RowState {
    /// Σ of squared errors, and of those of the operations after the product.
    var squares = 0.0
    var tails = 0.0
    var isFinite = true
  }

  /// Divides and adds the bias, for one sample.
  @unsafe private func finish(
    _ z: UnsafeMutablePointer<Double>, _ low: UnsafeMutablePointer<Double>?,
    _ e: UnsafeMutablePointer<Double>, _ length: Double, _ state: inout RowState
  ) {
    let columns = layer.weights.columns
    for i in rowNorms.indices {
      let bias = layer.bias?[i] ?? 0
      let isEmpty = rowNorms[i] == 0
      var tail: Double
      if let low = unsafe low {
        let sum = unsafe DoubleDouble(sum: z[i], low[i]).divided(by: divisor)
        let result = sum + bias
        unsafe (z[i], low[i]) = (result.high, result.low)
        tail = 16 * unit * unit * (abs(sum.high) + abs(result.high) + abs(bias))
      } else {
        let quotient = unsafe z[i] / divisor
        unsafe z[i] = quotient + bias
        tail = unsafe unit * (abs(quotient) + abs(z[i]))
      }
      if isEmpty, unsafe z[i].isFinite {
        unsafe e[i] = 0
        continue
      }
      tail = roundedUp(tail)
      let product = unsafe smaller(inflated(e[i], terms: columns), rowNorms[i] * length)
      let bound = roundedUp((product + Double(columns) * 0x1p-1060) / divisor + tail)
      // NaN is no bound, and beyond the largest number nothing is known, not even the sign.
      unsafe e[i] = z[i].isFinite && bound < .infinity ? bound : .infinity
      state.squares += unsafe e[i] * e[i]
      state.tails += tail * tail
      if unsafe !z[i].isFinite { state.isFinite = false }
    }
  }

  private func rowNormsOfValues(_ h: Matrix<Double>) -> [Double] {
    unsafe h.withUnsafeBufferPointer { h in
      (0..<(layer.weights.columns == 0 ? 0 : h.count / layer.weights.columns)).map { sample in
        var squares = 0.0
        for j in sample * layer.weights.columns..<(sample + 1) * layer.weights.columns {
          unsafe squares += h[j] * h[j]
        }
        return norm(squares, terms: layer.weights.columns)
      }
    }
  }

  private func activate(_ values: inout EnclosedLayer) {
    let z = values.value
    let columns = z.columns
    var rounding = rounding
    if let low = values.low, let σ = DoubleDouble.extended(layer.activation) {
      rounding = rounding.extended
      values.apply(σ, to: z, low)
    } else {
      if !rounding.isExact, let low = values.low {
        // The kernels take the values alone: what they miss is part of the error.
        values.error = Matrix.combine(values.error, low) { roundedUp($0 + abs($1)) }
        let lengths = norms(of: low)
        values.norms = zip(values.norms, lengths).map { roundedUp($0 + $1) }
        values.low = nil
      }
      values.value.apply(layer.activation)
      if layer.activation == .relu, let low = values.low {
        values.low = Matrix.combine(z, low) { $0 > 0 ? $1 : 0 }
      }
    }
    unsafe z.withUnsafeBufferPointer { z in
      unsafe values.value.withUnsafeMutableBufferPointer { h in
        unsafe values.error.withUnsafeMutableBufferPointer { e in
          for sample in values.norms.indices {
            let start = sample * columns
            values.norms[sample] = unsafe rounding.propagate(
              columns, isRectifier: layer.activation == .relu, z: z.baseAddress! + start,
              h: h.baseAddress! + start, errors: e.baseAddress! + start,
              norm: values.norms[sample])
          }
        }
      }
    }
  }

  private func norms(of low: Matrix<Double>) -> [Double] {
    (0..<low.rows).map { row in
      norm(low.row(row).reduce(0) { $0 + $1 * $1 }, terms: low.columns)
    }
  }
}
