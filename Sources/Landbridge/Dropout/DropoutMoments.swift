internal import LinearAlgebra

/// What the exact dropout formulas of docs/theory.md §3 need to know of a network, for dropout of its last
/// hidden layer.
///
/// With c_i(x) the contribution of neuron i, so that ŷ = b + f, f = (1/N)Σ c_i, and Z_i = c_i − f:
/// V = E (1/N)Σ‖Z_i‖², g_i = ½E⟨−∂ℓ/∂ŷ, Z_i⟩ (for squared loss E⟨y − ŷ, Z_i⟩) and
/// K_ij = E⟨Z_i, Z_j⟩, E the expectation under a risk. Sizes M, γ and S are those of
/// ``expectedLoss(kept:)``.
public struct DropoutMoments: Sendable, Equatable, Codable {
  /// N, the width of the last hidden layer.
  public var width: Int
  /// Which loss `evaluation` and g are of.
  public var lossFunction: Loss
  /// L_N and the 0-1 error of the whole network.
  public var evaluation: Evaluation
  /// κ in ℓ(ŷ + δ) ≤ ℓ(ŷ) + ⟨∂ℓ/∂ŷ, δ⟩ + κ‖δ‖²: 1 for squared loss (with equality), 1/4 for softmax
  /// cross-entropy, 1/8 for logistic loss.
  public var curvature: Double
  /// V ≥ 0
  public var variance: Double
  /// g_1 … g_N; their sum is zero.
  public var correlations: [Double]
  /// (1/N)Σg_i²
  public var meanSquareCorrelation: Double
  /// Moments of K; `nil` where its Gram matrix was not asked for.
  public var gram: GramMoments?

  /// Sums over the N × N matrix K that fix the variance of the dropout loss.
  public struct GramMoments: Sendable, Equatable, Codable {
    /// Σ_i (K_ii − V)² = D₂ − NV²
    public var diagonalSpread: Double
    /// Σ_{i≠j} (K_ij + V/(N−1))² = F − D₂ − NV²/(N−1); −V/(N−1) is the mean of K_ij over i ≠ j.
    public var offDiagonalSpread: Double
    /// G₃ = Σ g_i K_ii
    public var correlatedDiagonal: Double

    /// Of K in full.
    public init(
      diagonalSpread: Double, offDiagonalSpread: Double, correlatedDiagonal: Double
    ) {
      (self.diagonalSpread, self.offDiagonalSpread) = (diagonalSpread, offDiagonalSpread)
      self.correlatedDiagonal = correlatedDiagonal
    }
  }

  /// Of a risk's own formulas.
  ///
  /// - Parameters:
  ///   - outputs: K, which fixes κ of the loss.
  ///   - variance: V ≥ 0
  ///   - correlations: g_1 … g_N
  public init(
    lossFunction: Loss, outputs: Int, evaluation: Evaluation, variance: Double,
    correlations: [Double], gram: GramMoments? = nil
  ) {
    width = correlations.count
    (self.lossFunction, self.evaluation) = (lossFunction, evaluation)
    curvature = lossFunction.curvature(outputs: outputs)
    (self.variance, self.correlations, self.gram) = (variance, correlations, gram)
    meanSquareCorrelation =
      correlations.reduce(0) { $0 + $1 * $1 } / Double(correlations.count)
  }
}

extension Loss {
  /// κ of ``DropoutMoments/curvature``: half of a bound on the largest eigenvalue of ∂²ℓ/∂ŷ².
  ///
  /// diag p − ppᵀ has eigenvalues ≤ 1/2, and p(1 − p) ≤ 1/4. Targets must name classes for
  /// cross-entropy.
  package func curvature(outputs: Int) -> Double {
    switch self {
    case .squared: 1
    case .crossEntropy: outputs == 1 ? 0.125 : 0.25
    }
  }
}

/// Sums the moments over blocks of samples.
struct MomentAccumulator<Scalar: MatrixScalar> {
  private let network: Network<Scalar>
  private let loss: Loss
  /// ‖W_{L+1}[:, i]‖²
  private let squaredWeights: [Scalar]
  private var losses = SampleLosses([])
  /// Σ over samples of Σ_i‖c_i‖²/λ², and of ‖f‖²
  private var contributionSquares = 0.0
  private var outputSquares = 0.0
  /// Σ over samples of ⟨−∂ℓ/∂ŷ, c_i⟩/λ
  private var descents: [Double]
  private var gram: ContributionGram<Scalar>?

  init(of network: Network<Scalar>, loss: Loss, gram: Bool) {
    self.network = network
    self.loss = loss
    let weights = network.layers.last!.weights
    squaredWeights = columnSquares(weights)
    descents = Array(repeating: 0, count: weights.columns)
    self.gram = gram ? ContributionGram(width: weights.columns) : nil
  }

  struct Part: Sendable {
    fileprivate let sums: BlockMoments
    fileprivate let losses: SampleLosses
    /// h_L, where there is a Gram matrix to add it to.
    fileprivate let activations: Matrix<Scalar>?
  }

  /// What a block adds.
  var parts: @Sendable (HiddenBlock<Scalar>) -> Part {
    let (readout, loss, squaredWeights) = (network.layers.last!, loss, squaredWeights)
    let needsActivations = gram != nil
    return { block in
      Part(
        sums: BlockMoments(
          block, weights: readout.weights, bias: readout.bias, squaredWeights: squaredWeights,
          loss: loss),
        losses: SampleLosses(outputs: block.outputs, samples: block.samples, loss: loss),
        activations: needsActivations ? block.last : nil)
    }
  }

  mutating func add(_ parts: [Part], threads: Int) {
    for part in parts {
      losses.append(part.losses)
      contributionSquares += part.sums.contributionSquares
      outputSquares += part.sums.outputSquares
      for i in descents.indices { descents[i] += part.sums.descents[i] }
    }
    gram?.add(parts.map { $0.activations! }, threads: threads)
  }

  func result(threads: Int) -> DropoutMoments {
    let λ = network.contributionScale
    let width = network.lastHiddenWidth
    let n = Double(losses.losses.count)
    let meanDescent = descents.reduce(0, +) / Double(width)
    let correlations = descents.map { 0.5 * λ * ($0 - meanDescent) / n }
    let variance = (λ * λ * contributionSquares / Double(width) - outputSquares) / n
    return DropoutMoments(
      lossFunction: loss, outputs: network.outputDimension,
      evaluation: losses.evaluation.evaluation, variance: width == 1 ? 0 : max(variance, 0),
      correlations: correlations,
      gram: gram?.moments(
        weights: network.layers.last!.weights, scale: λ * λ / n, correlations: correlations,
        threads: threads))
  }
}

/// The sums of ``MomentAccumulator`` over one block.
private struct BlockMoments: Sendable {
  var contributionSquares = 0.0
  var outputSquares = 0.0
  var descents: [Double]

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init<Scalar: MatrixScalar>(
    _ block: HiddenBlock<Scalar>, weights: Matrix<Scalar>, bias: [Scalar]?,
    squaredWeights: [Scalar], loss: Loss
  ) {
    let (n, width, outputs) = (block.samples.count, weights.columns, weights.rows)
    descents = Array(repeating: 0, count: width)
    var scratch = [Scalar](repeating: 0, count: width)
    unsafe block.last.withUnsafeBufferPointer { h in
      unsafe squaredWeights.withUnsafeBufferPointer { q in
        unsafe scratch.withUnsafeMutableBufferPointer { scratch in
          let (h, q, scratch) = (h.baseAddress!, q.baseAddress!, scratch.baseAddress!)
          for s in 0..<n {
            unsafe Scalar.multiply(width, q, h + s * width, scratch)
            contributionSquares += unsafe Scalar.dot(width, scratch, h + s * width)
          }
        }
      }
    }
    var descent = Matrix<Scalar>(rows: n, columns: outputs)
    unsafe descent.withUnsafeMutableBufferPointer { δ in
      unsafe block.outputs.withUnsafeBufferPointer { ŷ in
        unsafe block.samples.targets.withUnsafeBufferPointer { y in
          for s in 0..<n {
            let row = s * outputs
            unsafe _ = loss.valueAndDescent(
              count: outputs, output: ŷ.baseAddress! + row, target: y.baseAddress! + row,
              descent: δ.baseAddress! + row)
            for k in 0..<outputs {
              let f = unsafe Double(ŷ[row + k]) - Double(bias?[k] ?? 0)
              outputSquares += f * f
            }
          }
        }
      }
    }
    addDescents(descent, block.last, weights)
  }

  /// descents_i += Σ_k W_ki Σ_s δ_sk h_si
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func addDescents<Scalar: MatrixScalar>(
    _ δ: Matrix<Scalar>, _ h: Matrix<Scalar>, _ weights: Matrix<Scalar>
  ) {
    let width = weights.columns
    var products = Matrix<Scalar>(rows: weights.rows, columns: width)
    if weights.rows == 1 {
      unsafe products.withUnsafeMutableBufferPointer { products in
        unsafe h.withUnsafeBufferPointer { h in
          unsafe δ.withUnsafeBufferPointer { δ in
            unsafe Scalar.gemv(
              true, m: δ.count, n: width, 1, h.baseAddress!, width, δ.baseAddress!,
              adding: false,
              products.baseAddress!)
          }
        }
      }
    } else {
      products.addProduct(δ, h, transposingFirst: true)
    }
    unsafe products.withUnsafeBufferPointer { products in
      unsafe weights.withUnsafeBufferPointer { weights in
        for k in 0..<weights.count / width {
          for i in 0..<width {
            descents[i] += unsafe Double(weights[k * width + i]) * Double(products[k * width + i])
          }
        }
      }
    }
  }
}

/// Σ_k W_ki² for every column i.
private func columnSquares<Scalar: MatrixScalar>(_ weights: Matrix<Scalar>) -> [Scalar] {
  var squares = [Double](repeating: 0, count: weights.columns)
  for k in 0..<weights.rows {
    for (i, w) in weights.row(k).enumerated() { squares[i] += Double(w) * Double(w) }
  }
  return squares.map { Scalar($0) }
}
