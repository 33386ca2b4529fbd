internal import DataFormats
package import Landbridge

/// What is claimed of a path between two models, so that anyone can check it from the files.
///
/// The keys of `certificate.json`, format version 2; docs/certificates.md says what each means and
/// why it is sound. A number `x` has an error `xError` beside it: the exact value, that of the
/// stored weights on the samples, lies in [x − xError, x + xError].
///
/// Reading one checks its form alone. What it claims is checked by `landbridge verify`.
public struct Certificate: Codable, Equatable, Sendable {
  package static let formatName = "landbridge certificate"
  package static let formatVersion = 2

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
  package var convexity: Convexity
  package var knots: [Knot]
  package var segments: [Segment]
  /// L(θ) and L(θ′)
  package var endpointLosses: [Double]
  package var endpointLossErrors: [Double]
  package var maximumLoss: Double
  package var maximumLossError: Double
  /// maximumLoss − max{L(θ), L(θ′)} ≥ 0
  package var barrier: Double
  package var barrierError: Double
  /// What the 0-1 error does not exceed anywhere on the path, a fraction.
  package var errorBound: Double?
  /// For two-layer networks: what the best choice of halves does not exceed.
  package var barrierBound: BarrierBound?
  /// `nil` where `noPopulation` says why not.
  package var population: PopulationStatements?
  package var noPopulation: NoPopulation?

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
    /// As after `--data`; where to look for the samples, never what they are called.
    package var specification: String
    /// The type that the values were rounded to: `F32` or `F64`.
    package var dtype: String
    package var samples: Int
    /// How many of them differ from all before them.
    package var distinct: Int
    package var inputs: Int
    package var outputs: Int
    /// Whether targets name classes: ±1 for one output, else one-hot.
    package var classes: Bool
    /// Of the values in canonical form, see ``sha256(of:)``.
    package var sha256: String
  }

  package struct Knot: Codable, Equatable, Sendable {
    /// Relative to the certificate.
    package var file: String
    package var sha256: String
    /// Names and orientation of its layers' tensors.
    package var tensors: [LayerTensors]
    package var loss: Double
    package var lossError: Double
    /// How many samples are misclassified, at least and at most; equal where rounding leaves no
    /// sample undecided.
    package var errors: [Int]?
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
    package var outputDistanceError: Double
    /// The fraction of samples that are misclassified at either end, undecided ones among them.
    package var errorBound: Double?
  }

  package struct BarrierBound: Codable, Equatable, Sendable {
    /// Rounded upwards.
    package var value: Double
    /// V and V′
    package var spread: Double
    package var spreadError: Double
    package var endSpread: Double
    package var endSpreadError: Double
    package var width: Int
  }
}
