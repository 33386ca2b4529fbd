public import ArgumentParser
public import Artifacts
public import Experiments
public import Landbridge

extension Loss: ExpressibleByArgument {}
extension LayerNames: ExpressibleByArgument {}
extension TrainedLayers: ExpressibleByArgument {}
extension Scaling: ExpressibleByArgument {}
extension SGDMethod: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}
extension NeuronSelection: ExpressibleByArgument {}
extension GreedyCriterion: ExpressibleByArgument {}
extension Reproduction.Preset: ExpressibleByArgument {}
extension VGG16Block: ExpressibleByArgument {}
extension PixelNormalization: ExpressibleByArgument {}
extension FeatureExtraction.Storage: ExpressibleByArgument {}

func positive(_ name: String, _ value: Int?, atMost limit: Int = 1 << 40) throws {
  if let value, !(1...limit).contains(value) {
    throw ValidationError("\(name) \(value): expected a whole number from 1 to \(limit)")
  }
}

func positive(_ name: String, _ value: Double?) throws {
  if let value, !(value > 0 && value.isFinite) {
    throw ValidationError("\(name) \(value): expected a positive number")
  }
}

@Sendable func parseConfidence(_ text: String) throws -> Confidence {
  guard let confidence = Confidence(text), confidence.failure >= 1e-40 else {
    throw ValidationError("expected a number between 0 and 1")
  }
  return confidence
}

extension PathMethodName: ExpressibleByArgument {
  public init?(argument: String) { self.init(rawValue: argument) }

  public static var allValueStrings: [String] { all.map(\.rawValue) }
  public var defaultValueDescription: String { rawValue }
}
