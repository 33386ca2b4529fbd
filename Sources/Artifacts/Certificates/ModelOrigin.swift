internal import DataFormats
internal import Landbridge
internal import LinearAlgebra

/// A model of a certificate beside the end of the path that is to be it.
///
/// Where the file says what it is, it must say what the path is; where it does not, activations,
/// scaling and the choice of layers are the certificate's word.
package struct ModelOrigin: Sendable {
  /// In what the model differs from the end of the path: tensors, or what its file says.
  package private(set) var differences: [String] = []
  /// What of the network only the certificate says, for people.
  package private(set) var claimed: [String] = []

  /// - Throws: `FormatError`: no such file, or tensors that are no network.
  init(path: String, layers: [String]?, end: Network<Double>) throws {
    let activations = end.layers.dropLast().map(\.activation)
    let file = try ModelFile<Double>(
      path: path, activations: Array(activations), scaling: end.scaling, layers: layers)
    let words = [("activation", describe(activations)), ("scaling", end.scaling.rawValue)]
    for (key, expected) in words {
      // Other tools may use these keys, and mean something else.
      guard file.isOwn, let word = file.metadata[key] else {
        claimed.append("its \(key) is \(expected)")
        continue
      }
      let agrees =
        key == "activation"
        ? (try? parseActivations(word)).map { describe($0) == expected } : word == expected
      if agrees != true {
        differences.append("\(key) (\(quoted(word)) in its metadata, not \(expected))")
      }
    }
    if let layers { check(layers, of: file, path) }
    if file.network.hasSameShape(as: end) {
      differences += SegmentProof(from: file.network, to: end).moving
    } else {
      differences.append("shape")
    }
  }

  /// Landbridge's own files say which layers are the network, and in which order.
  private mutating func check(_ layers: [String], of file: ModelFile<Double>, _ path: String) {
    let whole = try? ModelFile<Double>(
      path: path, activations: file.network.layers.dropLast().map(\.activation),
      scaling: file.network.scaling)
    if whole?.network == file.network { return }
    if file.isOwn, whole != nil {
      differences.append("order of layers")
    } else {
      claimed.append("its layers are " + layers.map { quoted($0) }.joined(separator: ", "))
    }
  }
}
