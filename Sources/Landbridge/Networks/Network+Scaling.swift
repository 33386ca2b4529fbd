internal import LinearAlgebra

extension Network {
  /// The same function in ``Scaling/standard``: every factor 1/N is in the weights.
  ///
  /// Outputs agree up to rounding; weights are exact where N is a power of two.
  public var inStandardScaling: Network {
    guard scaling == .meanField else { return self }
    var result = self
    result.scaling = .standard
    for index in layers.indices.dropFirst() {
      let width = Scalar(layers[index].weights.columns)
      result.layers[index].weights = layers[index].weights.map { $0 / width }
    }
    return result
  }
}
