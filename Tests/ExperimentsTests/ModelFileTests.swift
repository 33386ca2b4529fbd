import DataFormats
import Experiments
import Foundation
import Landbridge
import LinearAlgebra
import Testing

@Suite("Model files") struct ModelFileTests {
  private func withFile<Result>(_ body: (String) throws -> Result) rethrows -> Result {
    let url = URL.temporaryDirectory.appending(path: "landbridge-\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(url.path(percentEncoded: false))
  }

  @Test("a network is read back bit by bit")
  func roundTrip() throws {
    for scaling in Scaling.allCases {
      let network: Network<Float> = Architecture(hidden: [5, 4], scaling: scaling, bias: true)
        .network(
          inputs: 3, outputs: 2, stream: RandomStream(seed: 1, purpose: .initialization))
      try withFile { path in
        try ModelFile(network: network, metadata: ["note": "kept"]).write(to: path)
        let read = try ModelFile<Float>(path: path)
        #expect(read.network == network)
        #expect(read.metadata["note"] == "kept")
      }
    }
  }

  @Test("files from elsewhere: natural order, biases by prefix, activation told")
  func foreign() throws {
    let stream = RandomStream(seed: 2, purpose: .initialization)
    let first = Matrix<Double>.normal(rows: 4, columns: 3, stream: stream)
    let second = Matrix<Double>.normal(rows: 2, columns: 4, stream: stream, item: 1)
    try withFile { path in
      try writeSafetensors(
        [
          ("net.10.weight", Tensor(second)), ("net.2.weight", Tensor(first)),
          ("net.2.bias", Tensor([1.0, 2, 3, 4])),
        ], metadata: [:], to: path)
      let read = try ModelFile<Double>(path: path, activations: [.relu])
      #expect(read.network.layers.map(\.weights) == [first, second])
      #expect(read.network.layers[0].bias == [1, 2, 3, 4])
      #expect(read.network.scaling == .standard)
      #expect(throws: FormatError.self) { try ModelFile<Double>(path: path) }
    }
  }

  @Test("tensors that are no fully connected network are all listed")
  func refusal() throws {
    try withFile { path in
      try writeSafetensors(
        [
          ("conv.weight", Tensor([Double](repeating: 1, count: 8), shape: [2, 2, 2])),
          ("a.weight", Tensor(Matrix<Double>(rows: 4, columns: 3))),
          ("b.weight", Tensor(Matrix<Double>(rows: 2, columns: 5))),
        ], metadata: [:], to: path)
      #expect {
        try ModelFile<Double>(path: path, activations: [.relu])
      } throws: { error in
        let text = "\(error)"
        return text.contains("conv.weight") && text.contains("b.weight") && text.contains(path)
      }
    }
  }

  @Test("activations with commas in parentheses")
  func activations() {
    let list = [Activation.relu, .ramp(low: -1, high: 1, from: 0, to: 2), .tanh]
    #expect(parseActivations(describe(list)) == list)
    #expect(parseActivations("tanh") == [.tanh])
    #expect(parseActivations("tanh,nonsense") == nil)
  }
}
