public import LinearAlgebra

/// The law from which every weight of a layer is drawn, independently.
public enum WeightLaw: Hashable, Sendable {
  /// N(0, scale²)
  case gaussian(Double)
  /// N(0, scale²/n) with n the number of inputs of the layer.
  case scaledGaussian(Double)
  /// Uniform on [−bound, bound].
  case uniform(Double)
  /// N(0, 2/n), He et al. (2015).
  case he
  /// Uniform on ±√(6/(inputs + outputs)), Glorot and Bengio (2010).
  case glorot
  /// The same value everywhere.
  case constant(Double)

  func matrix<Scalar: MatrixScalar>(
    rows: Int, columns: Int, stream: RandomStream, item: UInt64
  ) -> Matrix<Scalar> {
    let normal: (Double) -> Matrix<Scalar> = {
      .normal(rows: rows, columns: columns, scale: Scalar($0), stream: stream, item: item)
    }
    let uniform: (Double) -> Matrix<Scalar> = {
      .uniform(
        rows: rows, columns: columns, in: Scalar(-$0)...Scalar($0), stream: stream, item: item)
    }
    switch self {
    case .gaussian(let scale): return normal(scale)
    case .scaledGaussian(let scale): return normal(scale / Double(columns).squareRoot())
    case .uniform(let bound): return uniform(bound)
    case .he: return normal((2 / Double(columns)).squareRoot())
    case .glorot: return uniform((6 / Double(rows + columns)).squareRoot())
    case .constant(let value):
      return Matrix(rows: rows, columns: columns).map { _ in Scalar(value) }
    }
  }
}

/// `gaussian(1)`, `scaled-gaussian(1)`, `uniform(0.5)`, `he`, `glorot`, `constant(1)`.
extension WeightLaw: LosslessStringConvertible, Codable {
  /// `nil` for unknown names and for scales that are negative or not finite.
  public init?(_ description: String) {
    let parts = description.split(
      separator: "(", maxSplits: 1, omittingEmptySubsequences: false)
    let name = parts[0]
    if parts.count == 1 {
      switch name {
      case "he": self = .he
      case "glorot": self = .glorot
      case "gaussian": self = .gaussian(1)
      case "scaled-gaussian": self = .scaledGaussian(1)
      case "uniform": self = .uniform(1)
      default: return nil
      }
      return
    }
    guard parts[1].last == ")", let value = Double(parts[1].dropLast()), value.isFinite else {
      return nil
    }
    switch name {
    case "gaussian" where value >= 0: self = .gaussian(value)
    case "scaled-gaussian" where value >= 0: self = .scaledGaussian(value)
    case "uniform" where value >= 0: self = .uniform(value)
    case "constant": self = .constant(value)
    default: return nil
    }
  }

  public var description: String {
    switch self {
    case .gaussian(let scale): "gaussian(\(scale))"
    case .scaledGaussian(let scale): "scaled-gaussian(\(scale))"
    case .uniform(let bound): "uniform(\(bound))"
    case .he: "he"
    case .glorot: "glorot"
    case .constant(let value): "constant(\(value))"
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let law = WeightLaw(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "unknown weight law \(text)")
    }
    self = law
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// What a network looks like before training.
///
/// Mean-field default: first layer N(0, 1/d), so that preactivations of standardised inputs have
/// variance one; middle layers N(0, 1); output weights uniform on [−1, 1], bounded as the theorems
/// ask. Standard scaling: He for the hidden layers, Glorot for the output. Biases begin at zero.
public struct Architecture: Codable, Sendable, Equatable {
  /// N₁ … N_L
  public var hidden: [Int]
  /// σ of every hidden layer.
  public var activations: [Activation]
  /// What divides sums over neurons.
  public var scaling: Scaling
  /// Biases of the hidden units and of the output.
  public var bias: Bool
  /// Of W₁, N₁ × d.
  public var firstLaw: WeightLaw
  /// Of W₂ … W_L.
  public var middleLaw: WeightLaw
  /// Of W_{L+1}, K × N_L.
  public var outputLaw: WeightLaw

  /// With the same σ in every hidden layer.
  ///
  /// - Parameter hidden: N₁ … N_L, at least one, each ≥ 1. Laws left out are the defaults of the scaling.
  public init(
    hidden: [Int], activation: Activation = .tanh, scaling: Scaling = .meanField,
    bias: Bool = false, firstLaw: WeightLaw? = nil, middleLaw: WeightLaw? = nil,
    outputLaw: WeightLaw? = nil
  ) {
    self.init(
      hidden: hidden, activations: Array(repeating: activation, count: hidden.count),
      scaling: scaling, bias: bias, firstLaw: firstLaw, middleLaw: middleLaw, outputLaw: outputLaw)
  }

  /// - Parameters:
  ///   - hidden: N₁ … N_L, at least one, all positive.
  ///   - activations: one for every hidden layer.
  ///   - firstLaw: the law of W₁; the default above unless given, like the others.
  public init(
    hidden: [Int], activations: [Activation], scaling: Scaling = .meanField,
    bias: Bool = false, firstLaw: WeightLaw? = nil, middleLaw: WeightLaw? = nil,
    outputLaw: WeightLaw? = nil
  ) {
    precondition(!hidden.isEmpty && hidden.allSatisfy { $0 > 0 }, "hidden widths \(hidden)")
    precondition(
      activations.count == hidden.count,
      "\(activations.count) activations for \(hidden.count) hidden layers")
    self.hidden = hidden
    self.activations = activations
    self.scaling = scaling
    self.bias = bias
    let isMeanField = scaling == .meanField
    self.firstLaw = firstLaw ?? (isMeanField ? .scaledGaussian(1) : .he)
    self.middleLaw = middleLaw ?? (isMeanField ? .gaussian(1) : .he)
    self.outputLaw = outputLaw ?? (isMeanField ? .uniform(1) : .glorot)
  }

  /// Draws a network for d inputs and K outputs.
  ///
  /// Layer ℓ uses item ℓ of the stream; equal seeds give equal bytes.
  public func network<Scalar: MatrixScalar>(
    inputs: Int, outputs: Int, stream: RandomStream, as type: Scalar.Type = Scalar.self
  ) -> Network<Scalar> {
    let sizes = [inputs] + hidden + [outputs]
    let layers = (0...hidden.count).map { ℓ in
      let law = ℓ == 0 ? firstLaw : ℓ == hidden.count ? outputLaw : middleLaw
      let isOutput = ℓ == hidden.count
      return Layer<Scalar>(
        weights: law.matrix(
          rows: sizes[ℓ + 1], columns: sizes[ℓ], stream: stream, item: UInt64(ℓ)),
        bias: bias ? Array(repeating: 0, count: sizes[ℓ + 1]) : nil,
        activation: isOutput ? .identity : activations[ℓ])
    }
    return Network(layers: layers, scaling: scaling)
  }
}
