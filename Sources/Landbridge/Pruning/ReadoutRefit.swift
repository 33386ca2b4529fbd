public import LinearAlgebra

/// A network whose output layer reads only some neurons of its last hidden layer, with coefficients
/// fitted anew.
public struct ReadoutRefit<Scalar: MatrixScalar>: Sendable {
  /// The network, of unchanged width: columns of W_{L+1} outside the kept ones are zero. The output
  /// bias is fitted too where the network has one.
  public var network: Network<Scalar>
  /// L on the samples of the fit.
  public var loss: Double
  /// L of plain dropout, which rescales the kept columns by N/M, on the same samples.
  public var rescaledLoss: Double
  /// How the fit ended.
  public var outcome: RefitOutcome
  /// √⟨g, (ΦᵀΦ/n)⁻¹g⟩ at the end (with its ridge), g the gradient of the loss and its penalty with
  /// respect to the coefficients and Φ the features: does not depend on their scale. In Double, before coefficients are rounded to `Scalar`.
  public var gradientNorm: Double
  /// Newton steps; 1 for squared loss.
  public var iterations: Int
}

/// How fitting an output layer ended.
public enum RefitOutcome: String, Sendable, Codable {
  /// ``ReadoutRefit/gradientNorm`` is within tolerance (the normal equations were solved, for squared loss).
  case converged
  /// The number of iterations or the line search ended first; the loss is still no larger than that
  /// of rescaling.
  case stoppedEarly = "stopped-early"
  /// Fitting did not give a smaller loss: the network is that of plain dropout.
  case rescaled
}

extension Network {
  /// Fits the output layer on the kept neurons of the last hidden layer to samples: least squares for
  /// squared loss, the convex problem of logistic or softmax regression for cross-entropy. Never worse
  /// than rescaling (``masking(_:)``) on these samples, to which it falls back.
  ///
  /// What is minimised over the coefficients β is L(β) + ρ·Σ_i E[φ_i²]·‖β_i − β⁰_i‖², β⁰ the rescaled
  /// ones, φ_i the features (the constant 1 of the bias among them) and ρ = `ridge`: a penalty that
  /// does not depend on the units of the features, and still none on rescaling itself.
  ///
  /// Least squares solves the normal equations in Double. Where features are linearly dependent, a ridge
  /// at the level of rounding draws the solution to the rescaled coefficients. Cross-entropy takes
  /// Newton steps by conjugate gradients, preconditioned with the Gram matrix of the features, and
  /// halves them until the loss decreases (Nocedal and Wright, Numerical Optimization, §7.1). Separable
  /// classes have no minimiser; the gradient then tends to zero while coefficients grow.
  ///
  /// - Parameters:
  ///   - kept: M ≥ 1 distinct neurons of the last hidden layer.
  ///   - risk: of at least one sample.
  ///   - ridge: ρ ≥ 0.
  ///   - gradientTolerance: for ``ReadoutRefit/gradientNorm``; cross-entropy only.
  ///   - maximumIterations: Newton steps; cross-entropy only.
  /// - Complexity: an evaluation, nM² + M³/3 flops, and for cross-entropy 4nMK per conjugate-gradient
  ///   step; nM + M² Doubles of memory.
  public func refit(
    readoutOn kept: [Int], on risk: EmpiricalRisk<Scalar>, ridge: Double = 0,
    gradientTolerance: Double = 1e-7, maximumIterations: Int = 100
  ) -> ReadoutRefit<Scalar> {
    precondition(ridge >= 0 && ridge.isFinite, "ridge \(ridge) must be a number ≥ 0")
    let neurons = KeptNeurons.only(kept, inLayer: hiddenLayerCount, of: hiddenLayerCount)
    let rescaled = masking(neurons)
    let rescaledLoss = rescaled.evaluate(on: risk).loss
    let threads = risk.threads
    var problem = ReadoutProblem(rescaled, kept: kept, on: risk)
    let fallback = ReadoutRefit(
      network: rescaled, loss: rescaledLoss, rescaledLoss: rescaledLoss, outcome: .rescaled,
      gradientNorm: .infinity, iterations: 0)
    let products = problem.gram(threads: threads)
    problem.penalties = (0..<products.rows).map { ridge * products[$0, $0] }
    guard let gram = Cholesky(products, ridge: ridge) else { return fallback }
    let fit: ReadoutFit
    switch risk.loss {
    case .squared: fit = problem.leastSquares(gram, threads: threads)
    case .crossEntropy:
      fit = problem.newton(
        gram, tolerance: gradientTolerance, maximumIterations: maximumIterations, threads: threads)
    }
    let network = rescaled.replacingReadout(on: kept, coefficients: fit.coefficients)
    let refitted = network.evaluate(on: risk).loss
    // Written so that an undefined loss falls back.
    guard refitted < rescaledLoss || !(rescaledLoss.isFinite) && refitted.isFinite else {
      var result = fallback
      (result.gradientNorm, result.iterations) = (fit.gradientNorm, fit.iterations)
      return result
    }
    return ReadoutRefit(
      network: network, loss: refitted, rescaledLoss: rescaledLoss,
      outcome: fit.converged ? .converged : .stoppedEarly, gradientNorm: fit.gradientNorm,
      iterations: fit.iterations)
  }

  /// Sets the effective weights s·W_{L+1} of `kept`, and the output bias where there is one, to the
  /// columns of `coefficients` (K × M, one more for the bias).
  private func replacingReadout(
    on kept: [Int], coefficients: Matrix<Double>
  ) -> Network {
    var result = self
    let scale = Double(divisor(ofLayer: hiddenLayerCount))
    let last = layers.count - 1
    for k in 0..<outputDimension {
      for (j, i) in kept.enumerated() {
        result.layers[last].weights[k, i] = Scalar(scale * coefficients[k, j])
      }
      if layers[last].bias != nil {
        result.layers[last].bias![k] = Scalar(coefficients[k, kept.count])
      }
    }
    return result
  }
}

/// Where a fit ended.
struct ReadoutFit {
  var coefficients: Matrix<Double>
  var gradientNorm: Double
  var iterations: Int
  var converged: Bool
}

/// ŷ = Φβᵀ: features φ = (h_i for kept i, and 1 with a bias), coefficients β (K × number of features),
/// in Double.
struct ReadoutProblem: Sendable {
  struct Block: Sendable {
    /// Φ: n × M, or n × (M + 1) with a bias.
    let features: Matrix<Double>
    /// n × K
    let targets: Matrix<Double>
  }

  let blocks: [Block]
  let count: Int
  let loss: Loss
  /// β⁰ of plain rescaling, where fits start from.
  let start: Matrix<Double>
  /// ρ·E[φ_i²], the weight of ‖β_i − β⁰_i‖² beside the loss.
  var penalties: [Double]

  init<Scalar: MatrixScalar>(
    _ rescaled: Network<Scalar>, kept: [Int], on risk: EmpiricalRisk<Scalar>
  ) {
    let readout = rescaled.layers.last!
    let hasBias = readout.bias != nil
    var blocks: [Block] = []
    risk.pass(of: rescaled).forEachGroup(part: { block in
      Block(
        features: features(block.last, kept, bias: hasBias),
        targets: convert(block.samples.targets))
    }
    ) { blocks += $0 }
    var start = Matrix<Double>(
      rows: readout.weights.rows, columns: kept.count + (hasBias ? 1 : 0))
    let scale = 1 / Double(rescaled.divisor(ofLayer: rescaled.hiddenLayerCount))
    for k in 0..<start.rows {
      for (j, i) in kept.enumerated() { start[k, j] = scale * Double(readout.weights[k, i]) }
      if let bias = readout.bias { start[k, kept.count] = Double(bias[k]) }
    }
    (self.blocks, self.start) = (blocks, start)
    (self.count, self.loss) = (risk.samples.count, risk.loss)
    penalties = Array(repeating: 0, count: start.columns)
  }

  /// ΦᵀΦ/n, upper triangle.
  func gram(threads: Int) -> Matrix<Double> {
    var result = Matrix<Double>(rows: start.columns, columns: start.columns)
    result.addUpperGram(of: blocks.map(\.features), threads: threads)
    let n = Double(count)
    unsafe result.withUnsafeMutableBufferPointer { buffer in
      for i in buffer.indices { unsafe buffer[i] /= n }
    }
    return result
  }

  /// Φβᵀ, block by block.
  func outputs(_ β: Matrix<Double>, threads: Int) -> [Matrix<Double>] {
    concurrentMap(blocks.count, threads: threads) {
      .product(blocks[$0].features, β, transposingSecond: true)
    }
  }

  /// Σ δᵀΦ/n over blocks of n × K.
  func pullBack(_ δ: [Matrix<Double>], threads: Int) -> Matrix<Double> {
    let parts = concurrentMap(blocks.count, threads: threads) {
      Matrix.product(
        δ[$0], blocks[$0].features, transposingFirst: true, scale: 1 / Double(count))
    }
    var sum = Matrix<Double>(rows: start.rows, columns: start.columns)
    for part in parts { sum.add(1, part) }
    return sum
  }

  /// The loss, and −∂ℓ/∂ŷ for every sample.
  func lossAndDescents(
    _ outputs: [Matrix<Double>], threads: Int
  ) -> (loss: Double, descents: [Matrix<Double>]) {
    let parts = concurrentMap(blocks.count, threads: threads) { index in
      blocks[index].lossAndDescents(outputs[index], loss: loss)
    }
    return (parts.reduce(0) { $0 + $1.0 } / Double(count), parts.map(\.1))
  }

  /// Σ_i p_i‖β_i − β⁰_i‖², p the ``penalties``.
  func penalty(_ β: Matrix<Double>) -> Double { -0.5 * pull(of: β).dot(β.adding(-1, start)) }

  /// Minus the gradient of ``penalty(_:)``: −2p_i(β_i − β⁰_i) in column i.
  func pull(of β: Matrix<Double>) -> Matrix<Double> {
    var result = β.adding(-1, start)
    result.scaleColumns(by: penalties.map { -2 * $0 })
    return result
  }

  /// β⁰ + (ΦᵀΦ/n + ridge)⁻¹·Φᵀ(y − Φβ⁰)/n, twice: the second time for the rounding of the first.
  func leastSquares(_ gram: Cholesky, threads: Int) -> ReadoutFit {
    var β = start
    var norm = Double.infinity
    for iteration in 0...2 {
      let descents = lossAndDescents(outputs(β, threads: threads), threads: threads).descents
      let g = pullBack(descents, threads: threads).adding(1, pull(of: β))
      var step = g
      gram.solve(&step)
      norm = max(g.dot(step), 0).squareRoot()
      if iteration < 2 { β.add(0.5, step) }
    }
    return ReadoutFit(coefficients: β, gradientNorm: norm, iterations: 1, converged: true)
  }
}

extension ReadoutProblem.Block {
  fileprivate func lossAndDescents(
    _ outputs: Matrix<Double>, loss: Loss
  ) -> (Double, Matrix<Double>) {
    var descents = outputs
    var sum = 0.0
    let (rows, classes) = (outputs.rows, outputs.columns)
    unsafe descents.withUnsafeMutableBufferPointer { δ in
      unsafe outputs.withUnsafeBufferPointer { ŷ in
        unsafe targets.withUnsafeBufferPointer { y in
          for s in stride(from: 0, to: rows * classes, by: classes) {
            sum += unsafe loss.valueAndDescent(
              count: classes, output: ŷ.baseAddress! + s, target: y.baseAddress! + s,
              descent: δ.baseAddress! + s)
          }
        }
      }
    }
    return (sum, descents)
  }
}

extension Matrix<Double> {
  /// ⟨A, B⟩ = Σ A_ij B_ij
  func dot(_ other: Matrix<Double>) -> Double {
    precondition(count == other.count, "\(count) elements with \(other.count)")
    return unsafe withUnsafeBufferPointer { a in
      unsafe other.withUnsafeBufferPointer { b in
        a.isEmpty ? 0 : unsafe Double.dot(a.count, a.baseAddress!, b.baseAddress!)
      }
    }
  }

  /// A ← A + s·B
  mutating func add(_ s: Double, _ other: Matrix<Double>) {
    precondition(count == other.count, "\(count) elements with \(other.count)")
    unsafe withUnsafeMutableBufferPointer { a in
      unsafe other.withUnsafeBufferPointer { b in
        for i in a.indices { unsafe a[i] += s * b[i] }
      }
    }
  }

  /// A + s·B
  func adding(_ s: Double, _ other: Matrix<Double>) -> Matrix<Double> {
    var result = self
    result.add(s, other)
    return result
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func convert<Scalar: MatrixScalar>(_ matrix: Matrix<Scalar>) -> Matrix<Double> {
  var result = Matrix<Double>(rows: matrix.rows, columns: matrix.columns)
  unsafe result.withUnsafeMutableBufferPointer { target in
    unsafe matrix.withUnsafeBufferPointer { source in
      for i in source.indices { unsafe target[i] = Double(source[i]) }
    }
  }
  return result
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func features<Scalar: MatrixScalar>(
  _ activations: Matrix<Scalar>, _ kept: [Int], bias: Bool
) -> Matrix<Double> {
  let width = kept.count + (bias ? 1 : 0)
  var result = Matrix<Double>(rows: activations.rows, columns: width)
  let stride = activations.columns
  unsafe result.withUnsafeMutableBufferPointer { target in
    unsafe activations.withUnsafeBufferPointer { source in
      for i in 0..<activations.rows {
        for (j, column) in kept.enumerated() {
          unsafe target[i * width + j] = unsafe Double(source[i * stride + column])
        }
        if bias { unsafe target[i * width + kept.count] = 1 }
      }
    }
  }
  return result
}
