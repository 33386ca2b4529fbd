public import Artifacts
internal import DataFormats
internal import Foundation
internal import Landbridge

/// How far a training is, or how it ended, and what was measured on the way.
///
/// Every network that Landbridge trains carries it in its file, under the metadata key
/// `training`, beside ``SeenSamples``, which say on which rows.
public struct TrainingRecord: Sendable, Equatable {
  /// How a training ended, if it has.
  public enum Outcome: String, Codable, Sendable {
    /// In checkpoints that are written on the way.
    case running
    /// Asked to stop: a checkpoint too.
    case stopped
    case finished
    /// The network is the one before the step at which the loss was not finite.
    case diverged
  }

  public var plan: TrainingPlan
  public var outcome: Outcome
  /// Steps taken.
  public var step: Int
  /// t = Σ α_k
  public var time: Double
  /// Losses of the samples seen since the last measurement, each before its step: what a training
  /// that goes on needs to know.
  public var unmeasured: LossSum
  public var measurements: [TrainingMeasurement]

  /// A sum of losses.
  public struct LossSum: Codable, Sendable, Equatable {
    public var sum = 0.0
    public var count = 0

    /// `nil` for none.
    var mean: Double? { count > 0 ? sum / Double(count) : nil }
  }

  /// Before the first step.
  public init(_ plan: TrainingPlan) {
    self.plan = plan
    (outcome, step, time, unmeasured, measurements) = (.running, 0, 0, LossSum(), [])
  }

  /// The step at which training diverged.
  public var divergedAt: Int? { outcome == .diverged ? step : nil }
}

extension TrainingRecord: Codable {
  private enum CodingKeys: String, CodingKey {
    case plan = "configuration"
    case outcome, divergedAt, step, time, unmeasured, measurements
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    plan = try container.decode(TrainingPlan.self, forKey: .plan)
    outcome = try container.decode(Outcome.self, forKey: .outcome)
    step = try container.decode(Int.self, forKey: .step)
    time = try container.decode(Double.self, forKey: .time)
    unmeasured = try container.decodeIfPresent(LossSum.self, forKey: .unmeasured) ?? LossSum()
    measurements = try container.decode([TrainingMeasurement].self, forKey: .measurements)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(plan, forKey: .plan)
    try container.encode(outcome, forKey: .outcome)
    try container.encodeIfPresent(divergedAt, forKey: .divergedAt)
    try container.encode(step, forKey: .step)
    try container.encode(time, forKey: .time)
    if unmeasured.count > 0 { try container.encode(unmeasured, forKey: .unmeasured) }
    try container.encode(measurements, forKey: .measurements)
  }
}

extension TrainingRecord {
  /// The metadata key of model files.
  public static let key = "training"

  /// What goes into the metadata of the network's file.
  ///
  /// - Parameter seen: the samples that it was trained on.
  public func metadata(_ seen: SeenSamples) throws -> [String: String] {
    var metadata = try seen.metadata
    metadata["loss"] = plan.loss.rawValue
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    metadata[Self.key] = String(decoding: try encoder.encode(self), as: UTF8.self)
    return metadata
  }

  /// Reads what a model file's metadata say of its training.
  ///
  /// - Returns: `nil` where they say nothing.
  /// - Throws: `FormatError` for a record that Landbridge does not write.
  public init?(metadata: [String: String], path: String) throws {
    guard let text = metadata[Self.key] else { return nil }
    guard let record = try? decodeUntrusted(Self.self, from: Data(text.utf8), path: path) else {
      throw Self.unfit(path, found: "something else")
    }
    guard record.isSound else { throw Self.unfit(path, found: "a record that contradicts itself") }
    self = record
  }

  static func unfit(_ path: String, found: String) -> FormatError {
    FormatError(
      path: path, place: "metadata key \(key)", found: found,
      expected: "the record of a training, as Landbridge writes it")
  }

  /// Whether plan, progress and measurements can be of one training.
  private var isSound: Bool {
    let measured = plan.measuredSteps.prefix(measurements.count)
    // A run may be stopped while it is measured, and diverge before.
    let end = plan.measuredSteps.dropFirst(measurements.count).first ?? plan.steps
    return plan.isSound && measurements.map(\.step) == Array(measured)
      && step >= measured.last ?? 0 && step <= end && time.isFinite && unmeasured.count >= 0
      && (outcome != .finished || step == plan.steps)
  }
}
