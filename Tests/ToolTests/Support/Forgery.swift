import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

/// A certificate with its files, to be forged: whatever is changed, hashes and numbers can be put
/// right again, as someone would who has this program and a liar's patience.
///
/// The certificate is `path/certificate.json`, the models `a.safetensors` and `b.safetensors`.
final class Forgery {
  let scratch: Scratch
  /// What is given to `verify` as `--data`.
  var data: String

  /// - Parameter files: of an honest certificate, by their names.
  init(_ files: [String: Data], data: String) throws {
    scratch = try Scratch()
    self.data = data
    try FileManager.default.createDirectory(
      atPath: scratch.path("path/knots"), withIntermediateDirectories: true)
    for (name, bytes) in files { try scratch.write(bytes, to: name) }
  }

  static let certificate = "path/certificate.json"

  func verify(_ more: String...) throws -> Tool.Run {
    try Tool.run(["verify", Forgery.certificate, "--data", data] + more, in: scratch)
  }

  // MARK: Texts and numbers

  var json: [String: Any] {
    get throws {
      try #require(try parseJSON(scratch.bytes(Forgery.certificate)) as? [String: Any])
    }
  }

  func value(_ key: String) throws -> Any? {
    try key.split(separator: ".").reduce(json as Any?) { value, part in
      if let list = value as? [Any] { return list[try #require(Int(part))] }
      return (value as? [String: Any])?[String(part)]
    }
  }

  /// Changes the value at a key like `knots.0.loss`; `nil` removes it. A key that is not there is
  /// added.
  func change(_ key: String, _ change: (Any?) -> Any?) throws {
    func changed(_ value: Any?, _ path: ArraySlice<String>) throws -> Any? {
      guard let first = path.first else { return change(value) }
      if var list = value as? [Any] {
        let index = try #require(Int(first))
        if let new = try changed(list[index], path.dropFirst()) {
          list[index] = new
        } else {
          list.remove(at: index)
        }
        return list
      }
      var object = try #require(value as? [String: Any], "\(key)")
      object[first] = try changed(object[first], path.dropFirst())
      return object
    }
    let new = try changed(json, key.split(separator: ".").map(String.init)[...])
    try scratch.write(
      JSONSerialization.data(withJSONObject: try #require(new), options: [.sortedKeys]),
      to: Forgery.certificate)
  }

  func set(_ key: String, _ value: Any) throws { try change(key) { _ in value } }

  /// Replaces a piece of the text as it stands, for what no JSON writer writes.
  func replace(_ old: String, _ new: String) throws {
    let text = String(decoding: try scratch.bytes(Forgery.certificate), as: UTF8.self)
    let range = try #require(text.range(of: old), "\(old)")
    try scratch.write(text.replacingCharacters(in: range, with: new), to: Forgery.certificate)
  }

  // MARK: Weights and metadata

  func knot(_ index: Int) throws -> String {
    "path/" + (try #require(try value("knots.\(index).file") as? String))
  }

  var knotCount: Int { get throws { try #require(try value("knots") as? [Any]).count } }

  /// Rewrites a model file.
  func edit<Scalar: MatrixScalar>(
    _ file: String, as type: Scalar.Type, _ change: (inout ModelFile<Scalar>) -> Void
  ) throws {
    var model = try ModelFile<Scalar>(path: scratch.path(file))
    change(&model)
    try model.write(to: scratch.path(file))
  }

  /// Rewrites metadata of a file, and them alone: what the writer of models would add is not.
  func editMetadata(_ file: String, _ change: (inout [String: String]) -> Void) throws {
    let old = try SafetensorsFile(scratch.path(file))
    var metadata = old.metadata
    change(&metadata)
    let tensors = try old.names.map { ($0, try old.tensor($0)) }
    try writeSafetensors(tensors, metadata: metadata, to: scratch.path(file + ".new"))
    try FileManager.default.removeItem(atPath: scratch.path(file))
    try FileManager.default.moveItem(
      atPath: scratch.path(file + ".new"), toPath: scratch.path(file))
  }

  /// The same change to both models and all knots.
  func editAll(_ change: (inout ModelFile<Double>) -> Void) throws {
    for file in try allModels { try edit(file, as: Double.self, change) }
  }

  var allModels: [String] {
    get throws {
      try ["a.safetensors", "b.safetensors"] + (0..<knotCount).map { try knot($0) }
    }
  }

  // MARK: Put right

  /// Makes all hashes those of the files as they are.
  func rehash() throws {
    for (index, file) in ["a.safetensors", "b.safetensors"].enumerated() {
      try set("models.\(index).sha256", try sha256(ofFile: scratch.path(file)))
    }
    for index in try 0..<knotCount {
      try set("knots.\(index).sha256", try sha256(ofFile: scratch.path(try knot(index))))
    }
  }

  /// Makes every number, hash and kind what the program itself finds, for files, loss and selection
  /// as they are stated: what is left is the lie.
  func restate() throws {
    let stated = try Certificate(path: scratch.path(Forgery.certificate))
    let task = try certification(of: stated)
    try task.findings().certificate.withMargin.json()
      .write(to: scratch.url.appending(path: Forgery.certificate))
  }

  /// What `verify` finds, without starting it: whether all holds, false for what is no certificate.
  func holds() throws -> Bool {
    do {
      let stated = try Certificate(path: scratch.path(Forgery.certificate))
      let task = try certification(of: stated)
      let findings = try task.findings()
      return Verification(of: stated, findings: findings, samples: task.data.samples).holds
    } catch is FormatError { return false }
  }

  private func certification(of stated: Certificate) throws -> Certification {
    let text =
      scratch.exists(String(data.prefix { $0 != ":" })) ? scratch.path(data) : data
    let specification = try DataSpecification(parsing: text)
    func read<Scalar: MatrixScalar>(_ type: Scalar.Type) throws -> CertifiedData {
      let samples: Samples<Scalar> = try specification.samples(outputs: stated.data.outputs)
      return CertifiedData(samples, specification: specification)
    }
    return Certification(
      stated, in: scratch.path("path"),
      models: stated.models.map { scratch.path($0.file) },
      data: try stated.data.dtype == "F32" ? read(Float.self) : read(Double.self), threads: 1)
  }
}
