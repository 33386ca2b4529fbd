import ArgumentParser
import Artifacts
import Landbridge
import LinearAlgebra

/// Two models and the ways between them.
struct Connection<Scalar: MatrixScalar> {
  /// How the path asked for was made.
  var method: any PathMethod
  /// The path asked for.
  var evaluation: PathEvaluation<Scalar>
  /// The straight line beside it; `nil` if that is the path.
  var straightLine: PathEvaluation<Scalar>?
  /// What some dropout path between the two does not exceed; two-layer networks only.
  var bound: Double?
  /// Goes into every knot file.
  var metadata: [String: String]

  /// All ways, the path asked for first.
  var ways: [(method: any PathMethod.Type, evaluation: PathEvaluation<Scalar>)] {
    [(type(of: method), evaluation)]
      + (straightLine.map { [(LinearPathMethod.self, $0)] } ?? [])
  }
}

/// What `connect` computes.
struct ConnectAnalysis<Scalar: MatrixScalar> {
  let start: LoadedModel<Scalar>
  let end: LoadedModel<Scalar>
  let data: SelectedSamples<Scalar>
  /// What parameters are fitted on, if they are.
  let fitting: SelectedSamples<Scalar>?
  let loss: Loss
  let method: any PathMethod
  let threads: Int

  var samples: Samples<Scalar> { data.samples }

  func connection() throws -> Connection<Scalar> {
    try namingModels {
      let straight = try evaluate(LinearPathMethod())
      var result = Connection(
        method: method, evaluation: straight, straightLine: nil, bound: nil,
        metadata: try knotMetadata())
      if !(method is LinearPathMethod) {
        result.evaluation = try evaluate(method)
        result.straightLine = straight
        result.bound = try bound()
      }
      return result
    }
  }

  /// Knots have seen what the models have, and what their output weights were fitted on.
  private func knotMetadata() throws -> [String: String] {
    let records = try start.seen.records + end.seen.records + (fitting.map { [$0.record] } ?? [])
    var metadata = try SeenSamples().adding(records).metadata
    metadata["loss"] = loss.rawValue
    return metadata
  }

  private func evaluate(_ method: any PathMethod) throws -> PathEvaluation<Scalar> {
    let path = try method.path(
      from: start.network, to: end.network, fittedOn: risk(of: (fitting ?? data).samples))
    return try PathEvaluation(of: path, on: risk(of: samples), verify: true)
  }

  private func risk(of samples: Samples<Scalar>) throws -> EmpiricalRisk<Scalar> {
    try EmpiricalRisk(samples, loss: loss, threads: threads)
  }

  private func bound() throws -> Double? {
    guard start.network.hiddenLayerCount == 1 else { return nil }
    let risk = try risk(of: data.samples)
    let variances = [start, end].map { $0.network.dropoutMoments(on: risk).variance }
    return barrierBound(
      variance: variances[0], endVariance: variances[1], width: start.network.lastHiddenWidth,
      loss: loss)
  }

  /// Tells which files an error of the library is about.
  private func namingModels<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as ConnectError {
      switch error {
      case .shapes(let list):
        let differences = list.map {
          "\($0.place): found \($0.found), expected \($0.expected)"
        }
        throw ToolFailure(
          ExitStatus.badData,
          "\(end.path) does not have the shape of \(start.path): "
            + differences.joined(separator: "; "))
      case .selection(let mismatch):
        throw ValidationError(
          "--keep: \(mismatch.place): found \(mismatch.found), expected \(mismatch.expected)")
      case .tooNarrow: throw ToolFailure(ExitStatus.badData, "\(start.path): \(error)")
      case .samples, .notFinite: throw error
      }
    }
  }
}
