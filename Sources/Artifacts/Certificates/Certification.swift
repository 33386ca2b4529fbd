internal import DataFormats
internal import Foundation
package import Landbridge
package import LinearAlgebra

/// The computation behind a certificate: from knot files, models and samples to every claim.
///
/// `connect` runs it on the files it has just written, `verify` on those it finds. It knows nothing
/// of how a path is built: segments are judged by ``SegmentProof``, the choice of neurons by
/// ``SelectionProof``, from the weights alone. All is computed in Double from the weights as stored,
/// and every number comes with a bound on its rounding.
package struct Certification: Sendable {
  /// Where the knots are, and under which names.
  package var directory: String
  package var knots: [String]
  /// Paths of θ and θ′.
  package var models: [String]
  /// Which of the models' layers are the networks; `nil` for all.
  package var layers: [String]?
  package var data: CertifiedData
  package var loss: Loss
  package var terms: PopulationTerms
  package var selection: Certificate.Selection
  package var threads: Int

  package init(
    directory: String, knots: [String], models: [String], layers: [String]? = nil,
    data: CertifiedData, loss: Loss, terms: PopulationTerms, selection: Certificate.Selection,
    threads: Int
  ) {
    precondition(knots.count >= 2 && models.count == 2, "path of \(knots.count) knots")
    (self.knots, self.models, self.layers) = (knots, models, layers)
    self.directory =
      directory.count > 1 && directory.hasSuffix("/") ? String(directory.dropLast()) : directory
    (self.data, self.loss, self.terms, self.selection) = (data, loss, terms, selection)
    self.threads = threads
  }

  /// What was found.
  package struct Findings: Sendable {
    /// Segments of which nothing is proved have no place in it.
    package var certificate: Certificate
    /// Indices of the segments that are neither constant nor affine; those claims are void then.
    package var unproved: [Int]
    /// Indices of the constant segments on which computed outputs move by more than rounding.
    package var straySegments: [Int]
    /// Of θ and θ′.
    package var origins: [ModelOrigin]
    /// What in the weights contradicts the selection.
    package var selectionContradiction: String?
  }
}

/// Samples in Double, and what names them.
package struct CertifiedData: Sendable {
  package let samples: Samples<Double>
  package let record: Certificate.DataRecord
  /// As the user wrote it.
  package let specification: DataSpecification
  /// Whether a model's own record says that it was trained on more than 1 % of them.
  package var areTrainedOn = false

  /// - Parameter selected: the rows that two models are measured on.
  package init<Scalar: MatrixScalar>(
    _ selected: SelectedSamples<Scalar>, specification: DataSpecification
  ) {
    self.init(selected.samples, specification: specification)
    areTrainedOn = !selected.rows.areUnseen
  }

  /// - Parameter samples: as they were used; their type is part of their digest.
  package init<Scalar: MatrixScalar>(_ samples: Samples<Scalar>, specification: DataSpecification) {
    self.samples = Samples(
      inputs: Matrix(scalars: samples.inputs), targets: Matrix(scalars: samples.targets),
      isClassification: samples.isClassification)
    self.specification = specification
    record = Certificate.DataRecord(
      specification: specification.description,
      dtype: Tensor(Matrix<Scalar>(rows: 0, columns: 0)).dtype.rawValue,
      samples: samples.count, distinct: distinctCount(samples),
      inputs: samples.inputDimension, outputs: samples.outputDimension,
      classes: samples.isClassification, sha256: sha256(of: samples))
  }

  /// The file that they were read from, if it is one.
  package var file: String? {
    specification.kind == .file ? specification.location : nil
  }
}

extension DataSpecification {
  /// Where every input of the population lies, for data that are pixels as they are.
  package var inputRange: ClosedRange<Double>? {
    switch kind {
    case .digits, .mnist, .fashionMNIST, .cifar10:
      options.standardize == true ? nil : 0...1
    case .gaussians, .teacher, .cifar10VGG, .file: nil
    }
  }
}

extension Certificate.Fitting {
  /// - Parameters:
  ///   - samples: those that output weights were fitted on.
  ///   - certifying: those of the certificate.
  package init<Scalar: MatrixScalar>(_ samples: Samples<Scalar>, certifying: Samples<Scalar>) {
    let known = sampleDigests(samples)
    let shared = sampleDigestList(certifying).count { known.contains($0) }
    self.init(samples: samples.count, sha256: Artifacts.sha256(of: samples), shared: shared)
  }
}

extension Certification {
  /// Of the files of a certificate.
  package init(
    _ stated: Certificate, in directory: String, models: [String], data: CertifiedData,
    threads: Int
  ) {
    self.init(
      directory: directory, knots: stated.knots.map(\.file), models: models,
      layers: stated.models[0].layers, data: data, loss: stated.loss,
      terms: PopulationTerms(stated.population), selection: stated.selection, threads: threads)
  }

  /// Reads every file, computes everything.
  ///
  /// - Throws: `FormatError` for files that are missing, damaged or not of one shape, and samples
  ///   that do not fit; ``RoundingError`` where rounding leaves too little of a number.
  /// - Complexity: one forward pass per knot; two knots in memory at a time.
  package func findings() throws -> Findings {
    var path = KnotSequence(self)
    for index in knots.indices { try path.append(index) }
    let origins = try zip(models, [path.first!, path.last!]).map {
      try ModelOrigin(path: $0, layers: layers, end: $1)
    }
    return Findings(
      certificate: try certificate(of: path),
      unproved: path.proofs.indices.filter { path.proofs[$0].kind == nil },
      straySegments: path.straySegments, origins: origins,
      selectionContradiction: path.contradiction(of: selection))
  }

  private func certificate(of path: KnotSequence) throws -> Certificate {
    let ends = [path.losses.first!, path.losses.last!]
    let maximum = Enclosure.maximum(path.losses)
    // The largest loss is not below those of the ends.
    let barrier = (maximum - Enclosure.maximum(ends)).nonnegative
    var result = Certificate(
      models: try models.map {
        .init(file: lastComponent($0), sha256: try sha256(ofModel: $0), layers: layers)
      },
      network: .init(path.first!), data: data.record, selection: selection, loss: loss,
      convexity: .init(loss), knots: path.knots, segments: path.segments,
      endpointLosses: ends.map(\.value), endpointLossErrors: ends.map(\.error),
      maximumLoss: maximum.value, maximumLossError: maximum.error,
      barrier: barrier.value, barrierError: barrier.error, errorBound: path.errorBound)
    result.barrierBound = barrierBound(path)
    result.noPopulation = noPopulation(path)
    if result.noPopulation == nil {
      result.population = PopulationStatements(
        path.plateaus, affine: path.affine, terms: terms,
        noBound: "the loss has no known bound: outputs or targets are unbounded")
    }
    return result
  }

  /// Why the samples say nothing of others, if they do not.
  private func noPopulation(_ path: KnotSequence) -> Certificate.NoPopulation? {
    if let fitting = selection.fitting,
      fitting.shared > 0 || fitting.sha256 == data.record.sha256
    {
      return .fitted
    }
    if data.areTrainedOn { return .trained }
    if data.record.samples < 2 { return .single }
    let refusal = PopulationStatements.refusal(
      samples: data.record.samples, distinct: data.record.distinct, terms: terms)
    if refusal != nil { return .repeated }
    let isBounded = path.plateaus.allSatisfy { $0.lossBound != nil }
    return isBounded || data.record.classes || terms.clip != nil ? nil : .unbounded
  }

  /// max(V, V′)/(N − 1), a quarter of it for cross-entropy (docs/theory.md §4), rounded upwards; `nil` where
  /// rounding leaves too little of V.
  private func barrierBound(_ path: KnotSequence) -> Certificate.BarrierBound? {
    let width = path.first!.lastHiddenWidth
    guard width >= 2, let start = path.variances.first!, let end = path.variances.last!,
      [start, end].allSatisfy({ $0.isFinite && $0.error <= KnotEvaluation.limit * $0.value })
    else { return nil }
    let bound = Landbridge.barrierBound(
      variance: max(start.upper, 0), endVariance: max(end.upper, 0), width: width, loss: loss)
    return .init(
      value: bound.nextUp.nextUp.nextUp.nextUp, spread: start.value, spreadError: start.error,
      endSpread: end.value, endSpreadError: end.error, width: width)
  }
}

extension Certificate.Shape {
  init(_ network: Network<Double>) {
    self.init(
      sizes: [network.inputDimension] + network.hiddenWidths + [network.outputDimension],
      activations: network.layers.dropLast().map(\.activation.description),
      scaling: network.scaling, biases: network.layers.map { $0.bias != nil })
  }
}

extension Certificate {
  /// As it is written: every error doubled. What a processor finds that rounds otherwise lies
  /// within that, so that its own enclosure proves the claim.
  package var withMargin: Certificate {
    var result = self
    for index in result.knots.indices { result.knots[index].lossError *= 2 }
    for index in result.segments.indices { result.segments[index].outputDistanceError *= 2 }
    result.endpointLossErrors = result.endpointLossErrors.map { $0 * 2 }
    result.maximumLossError *= 2
    result.barrierError *= 2
    result.barrierBound?.spreadError *= 2
    result.barrierBound?.endSpreadError *= 2
    return result
  }
}
