public import Artifacts
internal import DataFormats
public import Landbridge
public import LinearAlgebra

/// All that a training needs to go on, for any thread to write.
public struct TrainingCheckpoint<Scalar: MatrixScalar>: Sendable {
  public var record: TrainingRecord
  /// The samples that it was trained on so far.
  public var seen: SeenSamples
  public var network: Network<Scalar>

  /// - Throws: `FormatError` when the file cannot be written.
  public func write(to path: String) throws {
    try ModelFile(network: network, metadata: record.metadata(seen)).write(to: path)
  }
}

/// The file of a ``TrainingCheckpoint``, whose precision is not known before its record is read.
public struct TrainingCheckpointFile: Sendable {
  public var path: String
  public var record: TrainingRecord
  private let seen: SeenSamples

  /// Reads the record.
  ///
  /// - Parameter quantities: those that a training can ask for.
  /// - Throws: `FormatError` for files that are no checkpoint.
  public init(path: String, quantities: Quantities = .standard) throws {
    self.path = path
    func wrong(_ found: String) -> FormatError {
      FormatError(
        path: path, place: "metadata key \(TrainingRecord.key)", found: found,
        expected: "the record of a training to be resumed, as “landbridge train” writes it")
    }
    let metadata = try SafetensorsFile(path).metadata
    seen = try SeenSamples(metadata: metadata, path: path)
    do {
      guard let record = try TrainingRecord(metadata: metadata, path: path) else {
        throw wrong("nothing")
      }
      self.record = record
    } catch let error as FormatError {
      throw wrong(error.found)
    }
    if let unknown = record.plan.quantities.first(where: { quantities[$0] == nil }) {
      throw wrong("the unknown quantity \(unknown)")
    }
    switch record.outcome {
    case .running, .stopped: break
    case .finished, .diverged: throw wrong("a training that has \(record.outcome)")
    }
  }

  /// The checkpoint, once it is known to be of its record and of these data.
  ///
  /// - Throws: `FormatError` for data that are not, to the last sample, those that the training began
  ///   with, and for another network than the record's.
  public func checkpoint<Scalar: MatrixScalar>(
    for dataset: Dataset<Scalar>
  ) throws -> TrainingCheckpoint<Scalar> {
    guard seen.records == [dataset.record] else {
      throw FormatError(
        path: path, place: "samples of \(record.plan.data)",
        found: "others than the training began with",
        expected: "the same file, read by the same options")
    }
    let network = try ModelFile<Scalar>(path: path).network
    let architecture = record.plan.architecture
    let found = [network.inputDimension] + network.hiddenWidths + [network.outputDimension]
    let expected = [dataset.inputDimension] + architecture.hidden + [dataset.outputDimension]
    guard found == expected, network.scaling == architecture.scaling,
      network.layers.dropLast().map(\.activation) == architecture.activations,
      network.layers.allSatisfy({ ($0.bias != nil) == architecture.bias })
    else {
      throw FormatError(
        path: path, place: "tensors", found: "layers of \(found)",
        expected: "those of its record and data, \(expected)")
    }
    return TrainingCheckpoint(record: record, seen: seen, network: network)
  }
}
