internal import Artifacts
public import Foundation
public import Landbridge
public import LinearAlgebra

/// A directory of results, one file each:
///
///     trials/NAME/N0100-trial00.json            the record of a trial, and the digest of its network
///     models/NAME/N0100-trial00.safetensors     its network
///     paths/NAME/N0100-0-1.json                 the paths from trial 0 to trial 1, and their plan
public struct FileTrialStore: TrialStore {
  /// The directories in it.
  public static let folders = ["trials", "models", "paths"]

  private let directory: URL

  /// - Parameter directory: exists.
  public init(_ directory: URL) { self.directory = directory }

  public func trial(_ key: TrialKey, of plan: TrainingPlan) -> TrainingRecord? {
    guard let stored: StoredTrial = sealed(file("trials", key, "json")),
      stored.record.plan == plan,
      (try? sha256(ofFile: modelPath(key))) == stored.modelDigest
    else { return nil }
    return stored.record
  }

  public func network<Scalar: MatrixScalar>(
    of key: TrialKey, as type: Scalar.Type
  ) throws -> Network<Scalar> {
    try ModelFile<Scalar>(path: modelPath(key)).network
  }

  public func keep<Scalar: MatrixScalar>(_ trial: TrainingCheckpoint<Scalar>, as key: TrialKey)
    throws
  {
    let (record, model) = (file("trials", key, "json"), file("models", key, "safetensors"))
    try createDirectory(model.deletingLastPathComponent())
    try createDirectory(record.deletingLastPathComponent())
    // The record is written last: where it is, and fits, the network is too.
    try trial.write(to: modelPath(key))
    try seal(
      StoredTrial(record: trial.record, modelDigest: sha256(ofFile: modelPath(key))), in: record)
  }

  public func path(_ key: PathKey, of plan: PathPlan) -> PathRecord? {
    guard let stored: StoredPath = sealed(file(key)), stored.plan == plan else { return nil }
    return stored.record
  }

  public func keep(_ path: PathRecord, of plan: PathPlan, as key: PathKey) throws {
    try createDirectory(file(key).deletingLastPathComponent())
    try seal(StoredPath(record: path, plan: plan), in: file(key))
  }

  private func modelPath(_ key: TrialKey) -> String {
    file("models", key, "safetensors").path(percentEncoded: false)
  }

  private func file(_ folder: String, _ key: TrialKey, _ suffix: String) -> URL {
    file(
      folder, key.experiment, "N\(padded(key.width, 4))-trial\(padded(key.trial, 2)).\(suffix)")
  }

  private func file(_ key: PathKey) -> URL {
    file("paths", key.experiment, "N\(padded(key.width, 4))-\(key.from)-\(key.to).json")
  }

  private func file(_ folder: String, _ experiment: String, _ name: String) -> URL {
    directory.appending(path: folder).appending(path: experiment).appending(path: name)
  }

  private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private func seal(_ value: some Codable & Sendable, in file: URL) throws {
    try writeFile(encodeStably(Sealed(value)), to: file)
  }

  private func sealed<Value: Codable & Sendable>(_ file: URL) -> Value? {
    guard let data = try? Data(contentsOf: file) else { return nil }
    let path = file.path(percentEncoded: false)
    guard let sealed = try? decodeUntrusted(Sealed<Value>.self, from: data, path: path) else {
      return nil
    }
    // A digit too far back to change a number is a change, too.
    return (try? encodeStably(sealed)) == data ? sealed.value : nil
  }
}

/// In JSON the record with one key more.
private struct StoredTrial: Codable, Sendable {
  var record: TrainingRecord
  /// SHA-256 of the network's file.
  var modelDigest: String

  private enum CodingKeys: String, CodingKey { case modelDigest = "modelSHA256" }

  init(record: TrainingRecord, modelDigest: String) {
    (self.record, self.modelDigest) = (record, modelDigest)
  }

  init(from decoder: any Decoder) throws {
    record = try TrainingRecord(from: decoder)
    modelDigest = try decoder.container(keyedBy: CodingKeys.self).decode(
      String.self, forKey: .modelDigest)
  }

  func encode(to encoder: any Encoder) throws {
    try record.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(modelDigest, forKey: .modelDigest)
  }
}

/// In JSON the record with one key more.
private struct StoredPath: Codable, Sendable {
  var record: PathRecord
  var plan: PathPlan

  private enum CodingKeys: String, CodingKey { case plan = "configuration" }

  init(record: PathRecord, plan: PathPlan) { (self.record, self.plan) = (record, plan) }

  init(from decoder: any Decoder) throws {
    record = try PathRecord(from: decoder)
    plan = try decoder.container(keyedBy: CodingKeys.self).decode(PathPlan.self, forKey: .plan)
  }

  func encode(to encoder: any Encoder) throws {
    try record.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(plan, forKey: .plan)
  }
}

/// A JSON object that holds the digest of all else in it, so that a damaged file is not trusted.
private struct Sealed<Value: Codable & Sendable>: Codable, Sendable {
  var value: Value
  private var digest: String

  private enum CodingKeys: String, CodingKey { case digest = "sha256" }

  init(_ value: Value) throws {
    self.value = value
    digest = try sha256(of: encodeStably(value))
  }

  init(from decoder: any Decoder) throws {
    value = try Value(from: decoder)
    digest = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .digest)
    guard try sha256(of: encodeStably(value)) == digest else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: [], debugDescription: "not what was written"))
    }
  }

  func encode(to encoder: any Encoder) throws {
    try value.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(digest, forKey: .digest)
  }
}
