import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

/// What the weights show of how neurons were chosen, for paths that choose them in many ways.
@Suite struct `How knots were chosen` {
  private struct Setting {
    var hidden: [Int]
    var scaling = Scaling.meanField
    var bias = false
  }

  /// The findings for a path of the given knots, written to files.
  private func findings<Scalar: MatrixScalar>(
    of networks: [Network<Scalar>], _ selection: Certificate.Selection
  ) throws -> Certification.Findings {
    let directory = URL(filePath: NSTemporaryDirectory())
      .appending(path: "landbridge-selection-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    for (index, network) in networks.enumerated() {
      try ModelFile(network: network).write(
        to: directory.appending(path: "\(index).safetensors").path(percentEncoded: false))
    }
    let x = Matrix<Double>.normal(
      rows: 20, columns: 3, stream: RandomStream(seed: 3, purpose: .testSamples))
    let samples = Samples(
      inputs: x, labels: (0..<20).map { x[$0, 0] > 0 ? 1 : 0 }, classes: 2)
    let root = directory.path(percentEncoded: false)
    return try Certification(
      directory: root, knots: networks.indices.map { "\($0).safetensors" },
      models: [root + "/0.safetensors", root + "/\(networks.count - 1).safetensors"],
      data: CertifiedData(samples, specification: DataSpecification(parsing: "digits")),
      loss: .squared,
      terms: PopulationTerms(
        confidence: Confidence(failure: 0.05), inputRange: nil, targetRange: nil),
      selection: selection, threads: 1
    ).findings()
  }

  private func ends<Scalar: MatrixScalar>(_ setting: Setting) -> [Network<Scalar>] {
    (0...1).map { seed in
      Architecture(
        hidden: setting.hidden, activation: .tanh, scaling: setting.scaling, bias: setting.bias
      ).network(
        inputs: 3, outputs: 1, stream: RandomStream(seed: UInt64(seed), purpose: .initialization))
    }
  }

  private func contradiction<Scalar: MatrixScalar>(
    _ setting: Setting, _ first: [[Int]], _ last: [[Int]], as type: Scalar.Type,
    outputWeights: Certificate.OutputWeights = .rescaled,
    _ change: (inout DropoutSelection<Scalar>) -> Void = { _ in }
  ) throws -> String? {
    let networks: [Network<Scalar>] = ends(setting)
    var a = DropoutSelection<Scalar>(kept: KeptNeurons(layers: first))
    change(&a)
    let b = DropoutSelection<Scalar>(kept: KeptNeurons(layers: last))
    let path = try PiecewiseLinearPath.dropout(
      from: networks[0], to: networks[1], keeping: a, ofEnd: b)
    let found = try findings(
      of: path.knots.map(\.network),
      .init(
        kept: first.map(\.count), outputWeights: outputWeights,
        fitting: outputWeights == .rescaled ? nil : .init(samples: 9, sha256: "0", shared: 0)))
    #expect(found.unproved.isEmpty)
    return found.selectionContradiction
  }

  /// First and last, first and first, less than half; one layer to three; both types.
  @Test(arguments: [Scaling.meanField, .standard], [false, true])
  func `first and last neurons are recognised`(_ scaling: Scaling, _ bias: Bool) throws {
    for hidden in [[6], [7], [6, 5], [4, 6, 5]] {
      let setting = Setting(hidden: hidden, scaling: scaling, bias: bias)
      for count in [1, 2] {
        let first = hidden.map { _ in Array(0..<count) }
        let last = hidden.map { Array($0 - count..<$0) }
        #expect(try contradiction(setting, first, last, as: Float.self) == nil)
        #expect(try contradiction(setting, first, first, as: Double.self) == nil)
        #expect(try contradiction(setting, first, first, as: Float.self) == nil)
      }
    }
  }

  @Test func `other neurons are found out`() throws {
    for hidden in [[6], [6, 5]] {
      let last = hidden.map { [$0 - 2, $0 - 1] }
      for layer in hidden.indices {
        for other in [[1, 2], [0, 2]] {
          var first = hidden.map { _ in [0, 1] }
          first[layer] = other
          let said = try contradiction(Setting(hidden: hidden), first, last, as: Float.self)
          #expect(said?.contains("plateau") == true, "\(first)")
        }
      }
    }
  }

  @Test func `other output weights are found out`() throws {
    let setting = Setting(hidden: [6])
    func nudged(_ selection: inout DropoutSelection<Float>) {
      let networks: [Network<Float>] = ends(setting)
      var readout = networks[0].keeping(.first([2])).layers[1]
      readout.weights[0, 0] = readout.weights[0, 0].nextUp
      selection.readouts = [readout]
    }
    let (first, last) = ([[0, 1]], [[4, 5]])
    #expect(try contradiction(setting, first, last, as: Float.self, nudged) != nil)
    // Fitted ones may be any, of the right neurons.
    #expect(
      try contradiction(setting, first, last, as: Float.self, outputWeights: .refitted, nudged)
        == nil)
    #expect(
      try contradiction(
        setting, [[0, 2]], last, as: Float.self, outputWeights: .refitted, nudged) != nil)
  }
}
