package import Landbridge

/// What is claimed of a path between two models, so that anyone can check it from the files.
///
/// The keys of `certificate.json`; docs/certificates.md says what each means and why it is sound.
package struct Certificate: Codable, Equatable, Sendable {
  package static let formatName = "landbridge certificate"
  package static let formatVersion = 1

  package var format = formatName
  package var version = formatVersion
  /// Of the tool that wrote it; information, not a claim.
  package var toolVersion = landbridgeVersion
  /// θ and θ′.
  package var models: [Model]
  package var network: Shape
  package var data: DataRecord
  package var selection: Selection
  package var loss: Loss
  /// Why the loss is convex in the outputs.
  package var convexity: String
  package var knots: [Knot]
  package var segments: [Segment]
  /// L(θ) and L(θ′)
  package var endpointLosses: [Double]
  package var maximumLoss: Double
  package var barrier: Double
  package var barrierChord: Double
  package var barrierMidpoint: Double
  /// What the 0-1 error does not exceed anywhere on the path, a fraction.
  package var errorBound: Double?
  /// For two-layer networks: what the best choice of halves does not exceed.
  package var barrierBound: BarrierBound?
  /// `nil` where `noPopulation` says why not.
  package var population: PopulationStatements?
  package var noPopulation: String?

  package struct Model: Codable, Equatable, Sendable {
    /// The last component of its path.
    package var file: String
    package var sha256: String
    /// Beginnings of the names of the layers that are the network; `nil` for all of the file.
    package var layers: [String]?
  }

  /// What the models and all knots have in common.
  package struct Shape: Codable, Equatable, Sendable {
    /// d, N₁ … N_L, K
    package var sizes: [Int]
    /// σ of the hidden layers.
    package var activations: [String]
    package var scaling: Scaling
    /// Which of the L + 1 layers have biases.
    package var biases: [Bool]
  }

  package struct DataRecord: Codable, Equatable, Sendable {
    /// As after `--data`; information, not a claim.
    package var specification: String
    /// For data from one file.
    package var file: Model?
    /// The type that the values were rounded to: `F32` or `F64`.
    package var dtype: String
    package var samples: Int
    package var inputs: Int
    package var outputs: Int
    /// Whether targets name classes: ±1 for one output, else one-hot.
    package var classes: Bool
    /// Of the values in canonical form, see ``canonicalDigest``.
    package var sha256: String
  }

  /// How the path was chosen: what the population statements rely on and nobody can check.
  package struct Selection: Codable, Equatable, Sendable {
    /// `first`: without looking at data.
    package var neurons: String
    /// `rescaled`: without looking at data; or `refitted`.
    package var outputWeights: String
    /// What output weights were fitted on.
    package var data: String?

    package init(neurons: String, outputWeights: String, data: String? = nil) {
      (self.neurons, self.outputWeights, self.data) = (neurons, outputWeights, data)
    }
  }

  package struct Knot: Codable, Equatable, Sendable {
    package var name: String
    /// Relative to the certificate.
    package var file: String
    package var sha256: String
    package var loss: Double
    package var errors: Int?
    /// errors / samples
    package var error: Double?
  }

  package struct Segment: Codable, Equatable, Sendable {
    package var from: Int
    package var to: Int
    package var kind: SegmentProof.Kind
    package var moving: [String]
    package var idle: [SegmentProof.IdleNeurons]
    package var identicalNeurons: Bool
    /// E‖ŷ₁ − ŷ₀‖², 0 where constant.
    package var outputDistance: Double
    /// The fraction of samples that are misclassified at either end.
    package var errorBound: Double?
  }

  package struct BarrierBound: Codable, Equatable, Sendable {
    package var value: Double
    /// V and V′
    package var spread: Double
    package var endSpread: Double
    package var width: Int
  }
}
