public import LinearAlgebra

/// How the output of a layer is scaled with its width.
public enum Scaling: String, Codable, Sendable, CaseIterable {
  /// Every layer after the first divides by the number of its inputs (1/N), as in docs/theory.md §1.
  case meanField = "mean-field"
  /// No factor: what PyTorch and JAX call a linear layer.
  case standard
}

/// One layer: h ↦ σ(s·W h + b), where the network's ``Scaling`` fixes s.
public struct Layer<Scalar: MatrixScalar>: Sendable, Equatable {
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
private func areFinite<Scalar: MatrixScalar>(_ values: UnsafeBufferPointer<Scalar>) -> Bool {
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
public struct Network<Scalar: MatrixScalar>: Sendable, Equatable {
  /// The L + 1 layers, input to output. The last one has the identity as activation.
  ///
  /// Every change is checked as in ``init(layers:scaling:)``. One that takes several steps, each of
  /// which alone would not fit, is made in an array of layers, for a new network.
  public var layers: [Layer<Scalar>] {
    didSet { Self.requireFit(layers) }
  }
  /// What fixes the factor s of every layer, see ``scale(ofLayer:)``.
  public var scaling: Scaling

  /// - Precondition: there are at least two layers, each as wide as the next one's inputs, every bias
  ///   is as long as its layer has outputs, and the last layer's activation is the identity.
  public init(layers: [Layer<Scalar>], scaling: Scaling) {
    Self.requireFit(layers)
    self.layers = layers
    self.scaling = scaling
  }

  private static func requireFit(_ layers: [Layer<Scalar>]) {
    precondition(layers.count >= 2, "a network has at least one hidden layer")
    var inputs = layers[0].weights.columns
    for layer in layers {
      precondition(
        layer.weights.columns == inputs,
        "layer of \(inputs) outputs before one of \(layer.weights.columns) inputs")
      precondition(
        layer.bias == nil || layer.bias!.count == layer.weights.rows,
        "bias of \(layer.bias?.count ?? 0) entries for a layer of \(layer.weights.rows) outputs")
      inputs = layer.weights.rows
    }
    precondition(layers.last!.activation == .identity, "the output layer has no activation")
  }

  /// The same network in another precision.
  public init<Other: MatrixScalar>(_ other: Network<Other>) {
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
  /// d, the dimension of inputs.
  public var inputDimension: Int { layers[0].fanIn }
  /// K, the dimension of outputs.
  public var outputDimension: Int { layers.last!.weights.rows }
  /// How many weights and biases there are.
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
