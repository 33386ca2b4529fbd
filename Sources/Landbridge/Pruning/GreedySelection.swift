internal import LinearAlgebra

/// The order in which greedy forward selection takes neurons.
public struct GreedySelection: Sendable, Equatable {
  /// All N neurons; the first M of them are the selection of size M, for every M.
  public var order: [Int]
  /// E‖f_S − t‖² for the first M neurons S, from the Gram matrix; entry M − 1 belongs to M.
  public var distances: [Double]
}

/// What greedy selection brings the contributions of few neurons close to.
public enum GreedyCriterion: String, Sendable, Codable, CaseIterable {
  /// The whole layer: Q = E‖f_S − f‖² is made small.
  case distance
  /// The loss itself: for squared loss the targets, so that L_S is made small; for cross-entropy the
  /// bound L_S ≤ L_N + ℓ + κQ. For the last hidden layer only.
  case loss
}

extension Network {
  /// Greedy forward selection (Ye et al. 2020, arXiv 2003.01794) in one hidden layer, the others as
  /// they are: starting from none, and without replacement, each step takes the neuron i that makes
  ///
  ///     E‖(Σ_{j chosen} c_j + c_i)/(m + 1) − t‖²
  ///
  /// least, the first of them in a tie. c_i is what neuron i adds to the next layer's preactivations
  /// (N·s·W_{ℓ+1}[:, i] h_i, so that their mean over all neurons is u_{ℓ+1} without its bias), and t
  /// is that mean, or what the criterion says.
  ///
  /// The samples are visited once, for the matrix K_ij = E⟨c_i − t, c_j − t⟩; then
  /// ‖Σ_{chosen}(c_j − t) + (c_i − t)‖² is known from the running sums Σ_{j chosen} K_ij in O(1) per
  /// candidate, O(N) per step.
  ///
  /// Source: docs/theory.md §3, “Choosing S”.
  ///
  /// - Parameters:
  ///   - layer: ℓ ∈ 1 … L; the last hidden layer unless told.
  ///   - risk: of at least one sample.
  ///   - progress: told how many samples have been visited.
  /// - Complexity: an evaluation, nN² + N²K flops and O(N²) for the choice, K the width of the next
  ///   layer (2nNK more where that is wide); N² numbers of memory.
  public func greedySelection(
    inLayer layer: Int? = nil, on risk: EmpiricalRisk<Scalar>,
    criterion: GreedyCriterion = .distance, progress: (Int) -> Void = { _ in }
  ) -> GreedySelection {
    let layer = layer ?? hiddenLayerCount
    return greedySelection(
      inLayer: layer, imitating: nil, on: risk, criterion: criterion, progress: progress)
  }

  /// The same, where t is that of `original`, of which layers below ℓ have been pruned to make this
  /// network: the choice makes up for what they lost. `nil` stands for this network.
  func greedySelection(
    inLayer layer: Int, imitating original: Network?, on risk: EmpiricalRisk<Scalar>,
    criterion: GreedyCriterion, progress: (Int) -> Void
  ) -> GreedySelection {
    precondition((1...hiddenLayerCount).contains(layer), "hidden layer \(layer)")
    precondition(
      criterion == .distance || layer == hiddenLayerCount,
      "only the last hidden layer can be selected for the loss")
    let model = original?.readingOut(layer: layer)
    let κ = risk.loss.curvature(outputs: outputDimension)
    let deviations = readingOut(layer: layer).deviationGram(
      on: risk, progress: progress
    ) { block in
      let outputs = model.map { $0.outputs(block.samples.inputs) } ?? block.outputs
      switch criterion {
      case .distance: return outputs
      case .loss:
        return descend(from: outputs, block.samples.targets, loss: risk.loss, scale: 0.5 / κ)
      }
    }
    return greedyOrder(deviations)
  }

  /// The network whose output is what layer ℓ + 1 applies its activation to: u_{ℓ+1}, with ℓ = `layer`
  /// ∈ 1 … L its last hidden layer. This network itself for ℓ = L.
  func readingOut(layer: Int) -> Network {
    var layers = Array(layers[...layer])
    layers[layer].activation = .identity
    return Network(layers: layers, scaling: scaling)
  }

  /// K_ij = E⟨c_i − t, c_j − t⟩ for the last hidden layer, N × N.
  ///
  /// - Parameter target: t, bias included, for every sample of a block (n × K).
  private func deviationGram(
    on risk: EmpiricalRisk<Scalar>, progress: (Int) -> Void,
    target: (HiddenBlock<Scalar>) -> Matrix<Scalar>
  ) -> Matrix<Scalar> {
    let readout = layers.last!
    var gram = ContributionGram<Scalar>(width: lastHiddenWidth)
    var sums = TargetSums(width: lastHiddenWidth)
    var visited = 0
    risk.pass(of: self).forEachGroup(part: { block in
      (
        block.last,
        TargetSums(
          targets: target(block), activations: block.last, weights: readout.weights,
          bias: readout.bias)
      )
    }
    ) { parts in
      gram.add(parts.map(\.0), threads: risk.threads)
      for part in parts { sums.add(part.1) }
      visited += parts.reduce(0) { $0 + $1.0.rows }
      progress(visited)
    }
    let (λ, n) = (contributionScale, Double(risk.samples.count))
    return gram.deviations(
      weights: readout.weights, scale: λ * λ / n,
      projections: sums.projections.map { λ * $0 / n }, square: sums.square / n,
      threads: risk.threads)
  }
}

/// Forward selection given K_ij = E⟨c_i − t, c_j − t⟩.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
func greedyOrder<Scalar: MatrixScalar>(_ deviations: Matrix<Scalar>) -> GreedySelection {
  let width = deviations.rows
  // K_ii + 2Σ_{j chosen} K_ij: how much the square of the sum grows with neuron i.
  var growth = (0..<width).map { Double(deviations[$0, $0]) }
  var isChosen = [Bool](repeating: false, count: width)
  var square = 0.0
  var result = GreedySelection(order: [], distances: [])
  unsafe deviations.withUnsafeBufferPointer { k in
    for count in 1...width {
      var best = -1
      for i in 0..<width where !isChosen[i] && (best < 0 || growth[i] < growth[best]) { best = i }
      square += growth[best]
      isChosen[best] = true
      result.order.append(best)
      result.distances.append(max(square, 0) / Double(count * count))
      for i in 0..<width { growth[i] += unsafe 2 * Double(k[best * width + i]) }
    }
  }
  return result
}

/// ŷ − s·∂ℓ/∂ŷ for every sample. With s = 1/(2κ), ℓ(ŷ + δ) ≤ const + κ‖ŷ + δ − that‖²; for squared
/// loss it is y, with equality.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func descend<Scalar: MatrixScalar>(
  from outputs: Matrix<Scalar>, _ targets: Matrix<Scalar>, loss: Loss, scale: Double
) -> Matrix<Scalar> {
  var result = outputs
  let classes = outputs.columns
  var descent = [Scalar](repeating: 0, count: classes)
  unsafe result.withUnsafeMutableBufferPointer { result in
    unsafe targets.withUnsafeBufferPointer { y in
      unsafe descent.withUnsafeMutableBufferPointer { descent in
        for s in stride(from: 0, to: result.count, by: classes) {
          unsafe _ = loss.valueAndDescent(
            count: classes, output: result.baseAddress! + s, target: y.baseAddress! + s,
            descent: descent.baseAddress!)
          for k in 0..<classes { unsafe result[s + k] += Scalar(scale) * descent[k] }
        }
      }
    }
  }
  return result
}

/// What targets t (without bias) sum to over samples.
private struct TargetSums: Sendable {
  /// Σ⟨W_{L+1}[:, i] h_i, t⟩
  var projections: [Double]
  /// Σ‖t‖²
  var square = 0.0

  init(width: Int) { projections = Array(repeating: 0, count: width) }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init<Scalar: MatrixScalar>(
    targets: Matrix<Scalar>, activations: Matrix<Scalar>, weights: Matrix<Scalar>, bias: [Scalar]?
  ) {
    self.init(width: weights.columns)
    var t = targets
    unsafe t.withUnsafeMutableBufferPointer { t in
      for i in t.indices {
        if let bias { unsafe t[i] -= bias[i % bias.count] }
        square += unsafe Double(t[i]) * Double(t[i])
      }
    }
    let images = Matrix.product(t, weights)
    let width = weights.columns
    unsafe projections.withUnsafeMutableBufferPointer { sums in
      unsafe images.withUnsafeBufferPointer { images in
        unsafe activations.withUnsafeBufferPointer { h in
          for row in stride(from: 0, to: h.count, by: width) {
            for i in 0..<width {
              unsafe sums[i] += unsafe Double(h[row + i]) * Double(images[row + i])
            }
          }
        }
      }
    }
  }

  mutating func add(_ part: TargetSums) {
    for i in projections.indices { projections[i] += part.projections[i] }
    square += part.square
  }
}
