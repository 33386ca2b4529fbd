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
      let width = Scalar(layers[index].fanIn)
      result.layers[index].weights = layers[index].weights.map { $0 / width }
    }
    return result
  }

  /// s of layer `index` (0 … L): what multiplies W h before the bias and the activation.
  public func scale(ofLayer index: Int) -> Scalar { 1 / Scalar(divisor(ofLayer: index)) }

  /// 1/s of layer `index`: its fan-in where mean-field scaling divides by it, 1 elsewhere.
  func divisor(ofLayer index: Int) -> Int {
    scaling == .meanField && index > 0 ? layers[index].fanIn : 1
  }

  /// λ in c_i = λ·W_{L+1}[:, i] h_{L,i}, so that ŷ = b + mean c_i: 1, or N for
  /// ``Scaling/standard`` (docs/theory.md §1).
  var contributionScale: Double { scaling == .meanField ? 1 : Double(lastHiddenWidth) }
}
