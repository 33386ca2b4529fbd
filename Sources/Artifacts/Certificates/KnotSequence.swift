internal import DataFormats
internal import Landbridge
internal import LinearAlgebra

/// The knots of a path, read and evaluated one after the other; two of them in memory at a time.
struct KnotSequence {
  private(set) var first: Network<Double>?
  private(set) var last: Network<Double>?
  private(set) var knots: [Certificate.Knot] = []
  private(set) var losses: [Enclosure] = []
  private(set) var proofs: [SegmentProof] = []
  private(set) var segments: [Certificate.Segment] = []
  private(set) var plateaus: [PlateauSamples] = []
  /// The affine segments, between the plateaus.
  private(set) var affine: [AffineSamples] = []
  /// Indices of the constant segments whose computed outputs differ by more than rounding.
  private(set) var straySegments: [Int] = []
  /// V of the first knot and of the last, for two-layer networks.
  private(set) var variances: [Enclosure?] = []
  private var selection = SelectionProof()
  private var evaluation: KnotEvaluation?
  private let task: Certification

  init(_ task: Certification) { self.task = task }

  /// Reads the next knot.
  mutating func append(_ index: Int) throws {
    let file = task.knots[index]
    let path = task.directory + "/" + file
    let model = try ModelFile<Double>(path: path)
    let network = model.network
    try check(network, path)
    let isEnd = index == 0 || index == task.knots.count - 1
    let new = try evaluate(network, path, variance: isEnd && network.hiddenLayerCount == 1)
    if isEnd { variances.append(new.variance) }
    losses.append(new.meanLoss)
    knots.append(
      Certificate.Knot(
        file: file, sha256: try sha256(ofFile: path), tensors: model.tensorNames ?? [],
        loss: new.meanLoss.value, lossError: new.meanLoss.error,
        errors: new.errors.map { [$0.lowerBound, $0.upperBound] }))
    if let last, let evaluation {
      addSegment(SegmentProof(from: last, to: network), index - 1, evaluation, new)
    }
    if proofs.last?.kind == .constant {
      plateaus[plateaus.count - 1].knots.append(index)
    } else {
      plateaus.append(
        PlateauSamples(
          knots: [index], losses: EnclosedValues(new.losses, errors: new.lossErrors),
          errors: new.errors, lossBound: lossBound(of: network)))
      selection.append(network)
    }
    if first == nil { first = network }
    (last, evaluation) = (network, new)
  }

  private mutating func addSegment(
    _ proof: SegmentProof, _ index: Int, _ start: KnotEvaluation, _ end: KnotEvaluation
  ) {
    let isConstant = proof.kind == .constant
    if !isConstant {
      affine.append(AffineSamples(segment: index, errors: start.errorsOfEither(end)))
    } else if start.largestDistance(to: end).lower > 0 {
      straySegments.append(index)
    }
    let distance = isConstant ? Enclosure(0) : start.outputDistance(to: end)
    segments.append(
      Certificate.Segment(
        from: index, to: index + 1, kind: proof.kind ?? .affine, moving: proof.moving,
        idle: proof.idle, identicalNeurons: proof.identicalNeurons,
        outputDistance: distance.value, outputDistanceError: distance.error,
        errorBound: start.errorsOfEither(end).map { fraction($0.upperBound) }))
    proofs.append(proof)
  }

  /// What the 0-1 error does not exceed on the whole path.
  var errorBound: Double? { segments.compactMap(\.errorBound).max() }

  /// What in the weights contradicts the way the knots are said to be chosen.
  mutating func contradiction(of selection: Certificate.Selection) -> String? {
    self.selection.contradiction(of: selection, start: first!, end: last!)
  }

  private func lossBound(of network: Network<Double>) -> Double? {
    task.terms.targets(classes: task.data.samples.isClassification).flatMap {
      network.lossBound(task.loss, inputs: task.terms.inputRange, targets: $0)
    }
  }

  private func fraction(_ errors: Int) -> Double {
    Double(errors) / Double(task.data.samples.count)
  }

  private func evaluate(
    _ network: Network<Double>, _ path: String, variance: Bool
  ) throws -> KnotEvaluation {
    let risk = try EmpiricalRisk(task.data.samples, loss: task.loss, threads: task.threads)
    do throws(RoundingFailure) {
      return try KnotEvaluation(of: network, on: risk, variance: variance)
    } catch {
      throw FormatError(path: path, found: error.found, expected: error.expected)
    }
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
        path: path, found: "a network of another shape", expected: "that of \(task.knots[0])")
    }
  }
}
