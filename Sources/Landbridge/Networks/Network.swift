public import LinearAlgebra

/// How the output of a layer is scaled with its width.
public enum Scaling: String, Codable, Sendable, CaseIterable {
  /// Every layer after the first divides by the number of its inputs (1/N), as in docs/theory.md §1.
  case meanField = "mean-field"
  /// No factor: what PyTorch and JAX call a linear layer.
  case standard
}

/// One layer: h ↦ σ(s·W h + b), where the network's ``Scaling`` fixes s.
public struct Layer<Scalar: Real>: Sendable, Equatable {
  /// Shape [out, in].
  public var weights: Matrix<Scalar>
  /// One entry per output, or `nil` for a layer without bias.
  public var bias: [Scalar]?
  /// σ, entry by entry.
  public var activation: Activation

  /// - Parameters:
  ///   - weights: [out, in].
  ///   - bias: as many entries as weights have rows.
  public init(weights: Matrix<Scalar>, bias: [Scalar]? = nil, activation: Activation) {
    precondition(
      bias == nil || bias!.count == weights.rows,
      "bias of \(bias?.count ?? 0) entries for weights of \(weights.rows) × \(weights.columns)")
    self.weights = weights
    self.bias = bias
    self.activation = activation
  }

  /// The number of inputs h that the layer sums over, by which ``Scaling/meanField`` divides.
  ///
  /// As many as the weights have columns, all of which are stored.
  public var fanIn: Int { weights.columns }

  /// True when every weight and every bias is finite.
  public var isFinite: Bool {
    weights.isFinite && (bias ?? []).allSatisfy(\.isFinite)
  }
}

extension Matrix {
  /// True when every entry is finite.
  var isFinite: Bool {
    unsafe withUnsafeBufferPointer { unsafe areFinite($0) }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func areFinite<Scalar: Real>(_ values: UnsafeBufferPointer<Scalar>) -> Bool {
  for i in values.indices where unsafe !values[i].isFinite { return false }
  return true
}

/// A fully connected network with L ≥ 1 hidden layers (docs/theory.md §1).
///
///     h₁ = σ₁(W₁x + b₁),  h_ℓ = σ_ℓ(s_ℓ·W_ℓ h_{ℓ−1} + b_ℓ),  ŷ = s_{L+1}·W_{L+1} h_L + b_{L+1}
///
/// with s_ℓ = 1/N_{ℓ−1} for ``Scaling/meanField`` (and s₁ = 1), and s_ℓ = 1 for
/// ``Scaling/standard``. Two-layer networks are the case L = 1 with neurons (a_i, w_i) =
/// (W₂[:, i], W₁[i, :]).
public struct Network<Scalar: Real>: Sendable, Equatable {
  /// The L + 1 layers, input to output. The last one has the identity as activation.
  public var layers: [Layer<Scalar>]
  /// What s_ℓ is.
  public var scaling: Scaling

  /// - Parameter layers: at least two, each with as many inputs as the one before has outputs; the last one
  ///   without activation.
  public init(layers: [Layer<Scalar>], scaling: Scaling) {
    precondition(layers.count >= 2, "a network has at least one hidden layer")
    for (below, above) in zip(layers, layers.dropFirst()) {
      precondition(
        below.weights.rows == above.weights.columns,
        "layer of \(below.weights.rows) outputs before one of \(above.weights.columns) inputs")
    }
    precondition(layers.last!.activation == .identity, "the output layer has no activation")
    self.layers = layers
    self.scaling = scaling
  }

  /// The same network in another precision.
  public init<Other: Real>(_ other: Network<Other>) {
    self.init(
      layers: other.layers.map {
        Layer(
          weights: Matrix(scalars: $0.weights), bias: $0.bias?.map { Scalar($0) },
          activation: $0.activation)
      }, scaling: other.scaling)
  }

  /// L, the number of hidden layers.
  public var hiddenLayerCount: Int { layers.count - 1 }
  /// N₁ … N_L.
  public var hiddenWidths: [Int] { layers.dropFirst().map(\.fanIn) }
  /// N_L, the width of the last hidden layer.
  public var lastHiddenWidth: Int { layers.last!.fanIn }
  /// d
  public var inputDimension: Int { layers[0].fanIn }
  /// K
  public var outputDimension: Int { layers.last!.weights.rows }
  /// Weights and biases of all layers.
  public var parameterCount: Int {
    layers.reduce(0) { $0 + $1.weights.count + ($1.bias?.count ?? 0) }
  }

  /// True when every parameter is finite.
  public var isFinite: Bool { layers.allSatisfy(\.isFinite) }

  /// True when widths, biases, activations and scaling agree, so that parameters can be mixed.
  public func hasSameShape(as other: Network) -> Bool {
    scaling == other.scaling && layers.count == other.layers.count
      && zip(layers, other.layers).allSatisfy {
        $0.weights.rows == $1.weights.rows && $0.weights.columns == $1.weights.columns
          && ($0.bias == nil) == ($1.bias == nil) && $0.activation == $1.activation
      }
  }
}
