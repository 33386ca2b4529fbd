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
    let metadata = try ModelTensors(path).metadata
    let activations = end.layers.dropLast().map(\.activation)
    let network = try ModelFile<Double>(
      path: path, activations: Array(activations), scaling: end.scaling, layers: layers
    ).network
    checkWord(
      "activation", metadata["activation"], describe(activations),
      agrees: metadata["activation"].flatMap { try? parseActivations($0) }.map { list in
        list == Array(activations) || list.count == 1 && activations.allSatisfy { $0 == list[0] }
      })
    checkWord(
      "scaling", metadata["scaling"], end.scaling.rawValue,
      agrees: metadata["scaling"].flatMap { Scaling(rawValue: $0) }.map { $0 == end.scaling })
    if let layers {
      let whole = try? ModelFile<Double>(
        path: path, activations: Array(activations), scaling: end.scaling)
      if metadata["landbridge.version"] != nil, let whole, whole.network != network {
        differences.append("the order of layers")
      } else if whole?.network != network {
        claimed.append("its layers are " + layers.map { quoted($0) }.joined(separator: ", "))
      }
    }
    if network.hasSameShape(as: end) {
      differences += SegmentProof(from: network, to: end).moving
    } else {
      differences.append("the shape")
    }
  }

  /// - Parameter agrees: `nil` where the file does not say it in words that are understood.
  private mutating func checkWord(
    _ what: String, _ found: String?, _ expected: String, agrees: Bool?
  ) {
    switch agrees {
    case nil: claimed.append("its \(what) is \(expected)")
    case false?: differences.append("\(what) \(quoted(found ?? "")) instead of \(expected)")
    case true?: break
    }
  }
}
