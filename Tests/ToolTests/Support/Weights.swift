import DataFormats
import LinearAlgebra

/// Weights for tests.
enum Weights {
  /// Random ones of all thirteen convolutions of VGG-16, under torchvision's names.
  static func writeVGG16(to path: String) throws {
    let stream = RandomStream(seed: 1, purpose: .initialization)
    let layers = [
      (0, 3, 64), (2, 64, 64), (5, 64, 128), (7, 128, 128), (10, 128, 256), (12, 256, 256),
      (14, 256, 256), (17, 256, 512), (19, 512, 512), (21, 512, 512), (24, 512, 512),
      (26, 512, 512), (28, 512, 512),
    ]
    var tensors: [(String, Tensor)] = []
    for (index, input, output) in layers {
      let weights = Matrix<Float>.normal(
        rows: output, columns: 9 * input, scale: (2 / Float(9 * input)).squareRoot(),
        stream: stream, item: UInt64(index))
      tensors.append(
        ("features.\(index).weight", Tensor(weights.elements, shape: [output, input, 3, 3])))
      tensors.append(
        ("features.\(index).bias", Tensor([Float](repeating: 0, count: output), shape: [output])))
    }
    try writeSafetensors(tensors, metadata: [:], to: path)
  }
}
