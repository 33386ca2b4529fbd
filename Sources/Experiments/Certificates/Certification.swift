internal import DataFormats
internal import Foundation
package import Landbridge
package import LinearAlgebra

/// The computation behind a certificate: from knot files, models and samples to every claim.
///
/// `connect` runs it on the files it has just written, `verify` on those it finds. It knows nothing
/// of how a path is built: segments are judged by ``SegmentProof`` from the weights alone. All is
/// computed in Double from the weights as stored.
package struct Certification: Sendable {
  /// Where the knots are, and under which names.
  package var directory: String
  package var knots: [(name: String, file: String)]
  /// Paths of θ and θ′.
  package var models: [String]
  /// Which of the models' layers are the networks; `nil` for all.
  package var layers: [String]?
  package var data: CertifiedData
  package var loss: Loss
  package var terms: PopulationTerms
  package var selection: Certificate.Selection
  /// Why population statements would be wrong, for instance because the samples chose the knots.
  package var noPopulation: String?
  package var threads: Int

  package init(
    directory: String, knots: [(name: String, file: String)], models: [String],
    layers: [String]? = nil, data: CertifiedData, loss: Loss, terms: PopulationTerms,
    selection: Certificate.Selection,
    noPopulation: String? = nil, threads: Int
  ) {
    precondition(knots.count >= 2 && models.count == 2, "path of \(knots.count) knots")
    (self.directory, self.knots, self.models, self.layers) = (directory, knots, models, layers)
    (self.data, self.loss, self.terms, self.selection) = (data, loss, terms, selection)
    (self.noPopulation, self.threads) = (noPopulation, threads)
  }

  /// What was found.
  package struct Findings: Sendable {
    /// Segments of which nothing is proved have no place in it.
    package var certificate: Certificate
    /// Indices of the segments that are neither constant nor affine; those claims are void then.
    package var unproved: [Int]
    /// For θ and θ′, the tensors in which the model differs from the end of the path.
    package var differences: [[String]]
    /// Largest |Δŷ| between the computed outputs at the ends of a constant segment, relative to |ŷ|:
    /// rounding.
    package var deviation: Double
  }
}

/// Samples in Double, and what names them.
package struct CertifiedData: Sendable {
  package let samples: Samples<Double>
  package let record: Certificate.DataRecord

  /// - Parameters:
  ///   - samples: as they were used; their type is part of their digest.
  ///   - file: the file that they come from, if it is one.
  package init<Scalar: Real>(
    _ samples: Samples<Scalar>, specification: DataSpecification
  ) throws {
    self.samples = Samples(
      inputs: Matrix(scalars: samples.inputs), targets: Matrix(scalars: samples.targets),
      isClassification: samples.isClassification)
    record = Certificate.DataRecord(
      specification: specification.description,
      file: try specification.file.map {
        Certificate.Model(file: lastComponent($0), sha256: try sha256(ofFile: $0))
      },
      dtype: Tensor(Matrix<Scalar>(rows: 0, columns: 0)).dtype.rawValue,
      samples: samples.count, inputs: samples.inputDimension, outputs: samples.outputDimension,
      classes: samples.isClassification, sha256: sha256(of: samples))
  }
}

extension DataSpecification {
  /// The file of a specification that is one.
  fileprivate var file: String? { kind == .file ? location : nil }

  /// Where every input of the population lies, for data that are pixels as they are.
  package var inputRange: ClosedRange<Double>? {
    switch kind {
    case .digits, .mnist, .fashionMNIST, .cifar10: options["standardize"] == nil ? 0...1 : nil
    case .gaussians, .teacher, .cifar10VGG, .file: nil
    }
  }
}

/// How many of the first samples are among the second ones, bit by bit.
package func sharedSamples<Scalar: Real>(_ a: Samples<Scalar>, _ b: Samples<Scalar>) -> Int {
  sampleDigests(a).intersection(sampleDigests(b)).count
}

func lastComponent(_ path: String) -> String {
  URL(filePath: path).lastPathComponent
}

extension Certification {
  /// Reads every file, computes everything.
  ///
  /// - Throws: `FormatError` for files that are missing, damaged or not of one shape, samples that
  ///   do not fit, and losses that are not finite.
  /// - Complexity: one forward pass per knot; two knots in memory at a time.
  package func findings() throws -> Findings {
    var path = KnotSequence(self)
    for index in knots.indices { try path.append(index) }
    let differences = try endDifferences(path)
    return Findings(
      certificate: try certificate(of: path),
      unproved: path.proofs.indices.filter { path.proofs[$0].kind == nil },
      differences: differences, deviation: path.deviation)
  }

  private func endDifferences(_ path: KnotSequence) throws -> [[String]] {
    try zip(models, [path.first!, path.last!]).map { model, knot in
      let network = try ModelFile<Double>(
        path: model, activations: knot.layers.dropLast().map(\.activation), scaling: knot.scaling,
        layers: layers
      ).network
      guard network.hasSameShape(as: knot) else { return ["the shape"] }
      return SegmentProof(from: network, to: knot).moving
    }
  }

  private func certificate(of path: KnotSequence) throws -> Certificate {
    let losses = path.knots.map(\.loss)
    let barrier = PathBarrier(knots: losses, midpoint: path.midpointLoss)
    var result = Certificate(
      models: try models.map {
        .init(file: lastComponent($0), sha256: try sha256(ofModel: $0), layers: layers)
      },
      network: .init(path.first!), data: data.record, selection: selection, loss: loss,
      convexity: loss.convexityArgument, knots: path.knots, segments: path.segments,
      endpointLosses: [losses.first!, losses.last!], maximumLoss: barrier.maximumLoss,
      barrier: barrier.overEnds, barrierChord: barrier.overChord,
      barrierMidpoint: barrier.atMidpoint, errorBound: path.errorBound)
    result.barrierBound = barrierBound(path)
    result.noPopulation = noPopulation ?? path.noPopulation
    if result.noPopulation == nil {
      result.population = Population(
        path.plateaus, affine: path.affine, terms: terms,
        isClassification: data.record.classes,
        noBound: "the loss has no known bound: outputs or targets are unbounded")
    }
    return result
  }

  /// max(V, V′)/(N − 1), a quarter of it for cross-entropy (THEORY §4).
  private func barrierBound(_ path: KnotSequence) -> Certificate.BarrierBound? {
    let (start, end) = (path.first!, path.last!)
    let width = start.lastHiddenWidth
    guard start.hiddenLayerCount == 1, width >= 2 else { return nil }
    let spreads = [start, end].map {
      $0.dropoutMoments(on: data.samples, loss: loss, threads: threads).variance
    }
    return .init(
      value: Landbridge.barrierBound(
        spread: spreads[0], endSpread: spreads[1], width: width, loss: loss),
      spread: spreads[0], endSpread: spreads[1], width: width)
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

extension Loss {
  /// Why ℓ(ŷ, y) is convex in ŷ, so that L is convex wherever ŷ is affine in t.
  package var convexityArgument: String {
    switch self {
    case .squared: "‖y − ŷ‖² is a convex quadratic function of ŷ"
    case .crossEntropy:
      "log Σ exp ŷ_j is convex in ŷ (its Hessian is a covariance), the rest is linear"
    }
  }
}
