internal import DataFormats
internal import Landbridge
internal import LinearAlgebra

/// The knots of a path, read and evaluated one after the other; two of them in memory at a time.
struct KnotSequence {
  private(set) var first: Network<Double>?
  private(set) var last: Network<Double>?
  private(set) var knots: [Certificate.Knot] = []
  private(set) var proofs: [SegmentProof] = []
  private(set) var segments: [Certificate.Segment] = []
  private(set) var plateaus: [PlateauSamples] = []
  /// Indices of the affine segments, between the plateaus.
  private(set) var affine: [Int] = []
  private(set) var deviation = 0.0
  /// The loss at the middle of the path.
  private(set) var midpointLoss = 0.0
  private var evaluation: KnotEvaluation?
  private let task: Certification

  init(_ task: Certification) { self.task = task }

  /// Reads the next knot.
  mutating func append(_ index: Int) throws {
    let file = task.knots[index].file
    let path = task.directory + "/" + file
    let network = try ModelFile<Double>(path: path).network
    try check(network, path)
    let new = try evaluate(network, path)
    knots.append(
      Certificate.Knot(
        name: task.knots[index].name, file: file, sha256: try sha256(ofFile: path),
        loss: new.meanLoss.value, errors: new.errors?.upperBound,
        error: new.errors.map { fraction($0.upperBound) }))
    if let last, let evaluation {
      addSegment(SegmentProof(from: last, to: network), index - 1, evaluation, new)
    }
    if proofs.last?.kind == .constant {
      plateaus[plateaus.count - 1].knots.append(index)
    } else {
      plateaus.append(
        PlateauSamples(knots: [index], evaluation: new, lossBound: lossBound(of: network)))
    }
    let segmentCount = task.knots.count - 1
    if 2 * index == segmentCount { midpointLoss = new.meanLoss.value }
    if first == nil { first = network }
    (last, evaluation) = (network, new)
  }

  private mutating func addSegment(
    _ proof: SegmentProof, _ index: Int, _ start: KnotEvaluation, _ end: KnotEvaluation
  ) {
    let isConstant = proof.kind == .constant
    if isConstant {
      deviation = max(
        deviation,
        start.largestDistance(to: end).value / max(start.magnitude, .leastNormalMagnitude))
    } else {
      affine.append(index)
    }
    segments.append(
      Certificate.Segment(
        from: index, to: index + 1, kind: proof.kind ?? .affine, moving: proof.moving,
        idle: proof.idle, identicalNeurons: proof.identicalNeurons,
        outputDistance: isConstant ? 0 : start.outputDistance(to: end).value,
        errorBound: start.errorsOfEither(end).map { fraction($0.upperBound) }))
    proofs.append(proof)
    if 2 * index + 1 == task.knots.count - 1 {
      midpointLoss =
        start.meanLossHalfway(to: end, samples: task.data.samples, loss: task.loss).value
    }
  }

  private func evaluate(_ network: Network<Double>, _ path: String) throws -> KnotEvaluation {
    do {
      return try KnotEvaluation(
        of: network, on: task.data.samples, loss: task.loss, threads: task.threads)
    } catch {
      switch error {
      case .targets(let target): throw target
      case .rounding(let failure):
        throw FormatError(path: path, found: failure.found, expected: failure.expected)
      }
    }
  }

  /// What the 0-1 error does not exceed on the whole path.
  var errorBound: Double? { segments.compactMap(\.errorBound).max() }

  var noPopulation: String? {
    if task.data.samples.count < 2 { return "one sample says nothing of others" }
    let isBounded = plateaus.allSatisfy { $0.lossBound != nil }
    return isBounded || task.data.samples.isClassification
      ? nil
      : "targets are numbers, and the loss has no known bound: outputs or targets are unbounded"
  }

  private func lossBound(of network: Network<Double>) -> Double? {
    guard let targets = task.terms.targets(classes: task.data.samples.isClassification),
      let outputs = network.outputRanges(inputs: task.terms.inputRange)
    else { return nil }
    return task.loss.bound(outputs: outputs, targets: targets)
  }

  private func fraction(_ errors: Int) -> Double {
    Double(errors) / Double(task.data.samples.count)
  }

  private func check(_ network: Network<Double>, _ path: String) throws {
    let samples = task.data.samples
    guard network.inputDimension == samples.inputDimension,
      network.outputDimension == samples.outputDimension
    else {
      throw FormatError(
        path: path, found: "\(network.inputDimension) inputs, \(network.outputDimension) outputs",
        expected: "\(samples.inputDimension) and \(samples.outputDimension), as the data have")
    }
    guard first.map(network.hasSameShape) ?? true else {
      throw FormatError(
        path: path, found: "a network of another shape", expected: "that of \(task.knots[0].file)")
    }
  }
}
