public import LinearAlgebra

extension Network {
  /// ŷ for every row of `inputs` (n × d): n × K.
  ///
  /// - Complexity: 2n·(number of weights) flops.
  public func outputs(_ inputs: Matrix<Scalar>, threads: Int = 1) -> Matrix<Scalar> {
    readout(activations(inputs, threads: threads), threads: threads)
  }

  /// h_ℓ for every row of `inputs`, ℓ = `layer` ∈ 1 … L (the last hidden layer unless told): n × N_ℓ.
  public func activations(
    _ inputs: Matrix<Scalar>, layer: Int? = nil, threads: Int = 1
  ) -> Matrix<Scalar> {
    precondition(
      inputs.columns == inputDimension,
      "inputs of dimension \(inputs.columns) for a network that takes \(inputDimension)")
    let last = layer ?? hiddenLayerCount
    precondition((1...hiddenLayerCount).contains(last), "hidden layer \(last)")
    var h = inputs
    for index in 0..<last { h = forward(h, throughLayer: index, threads: threads) }
    return h
  }

  /// ŷ from the last hidden activations (n × N_L): n × K.
  public func readout(_ activations: Matrix<Scalar>, threads: Int = 1) -> Matrix<Scalar> {
    forward(activations, throughLayer: hiddenLayerCount, threads: threads)
  }

  /// σ(s·h Wᵀ + b) of layer `index` for every row h of `inputs`.
  public func forward(
    _ inputs: Matrix<Scalar>, throughLayer index: Int, threads: Int = 1
  ) -> Matrix<Scalar> {
    let layer = layers[index]
    var z = Matrix.sumOverNeurons(
      inputs, weights: layer.weights, scale: scale(ofLayer: index), bias: layer.bias,
      threads: threads)
    if layer.activation != .identity { z.apply(layer.activation) }
    return z
  }
}

extension Matrix {
  /// s·H Wᵀ + b for every row h of `activations`: n × rows of W.
  static func sumOverNeurons(
    _ activations: Matrix, weights: Matrix, scale: Scalar = 1, bias: [Scalar]?, threads: Int = 1
  ) -> Matrix {
    var z = Matrix(rows: activations.rows, columns: weights.rows)
    if let bias { z.fillRows(with: bias) }
    z.addProduct(
      activations, weights, transposingSecond: true, scale: scale, threads: threads)
    return z
  }
}
