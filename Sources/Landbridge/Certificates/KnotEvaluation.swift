internal import LinearAlgebra

/// The outputs of one network on all samples, with the losses and errors that follow; every number
/// with a bound on how far rounding can have carried it from its exact value.
///
/// Exact means: for the weights as stored and the samples as loaded. A running bound goes with each
/// value through the layers (docs/theory.md §4.2). Where it exceeds ``tolerance`` the network is evaluated
/// again, with spectral norms in the bounds if it is deep, then with sums in twice the precision;
/// what is not within ``limit`` even then is refused.
package struct KnotEvaluation: Sendable {
  /// A bound this small, of the larger of the loss and a thousandth of the best constant output's
  /// loss, needs no second evaluation; above ``limit`` nothing is certified.
  package static let tolerance = 1e-9
  package static let limit = 1e-6

  /// ℓ(ŷ, y) of every sample, and bounds on the errors of each.
  package let losses: [Double]
  package let lossErrors: [Double]
  /// E ℓ(ŷ, y)
  package let meanLoss: Enclosure
  /// How many samples are misclassified: all that surely are, to all that may be. `nil` when targets
  /// are no classes.
  package let errors: ClosedRange<Int>?
  /// V = E (1/N)Σ‖c_i − f‖², where it was asked for.
  package let variance: Enclosure?
  /// True where sums in twice the precision were needed.
  package let isCompensated: Bool

  private let decisions: [Decision]?
  /// n × K
  private let outputs: Matrix<Double>
  private let outputErrors: Matrix<Double>

  /// - Parameters:
  ///   - variance: whether to compute V as well.
  /// - Throws: ``RoundingFailure`` where rounding leaves too little.
  /// - Complexity: twice a forward pass, and as much again for every further evaluation, in which a
  ///   sum in twice the precision counts as about eight.
  package init(
    of network: Network<Double>, on risk: EmpiricalRisk<Double>, variance: Bool = false
  ) throws(RoundingFailure) {
    let (samples, loss) = (risk.samples, risk.loss)
    precondition(
      samples.count > 0 && samples.inputDimension == network.inputDimension
        && samples.outputDimension == network.outputDimension,
      "\(samples.count) samples of \(samples.inputDimension) → \(samples.outputDimension) for a "
        + "network of \(network.inputDimension) → \(network.outputDimension)")
    let constant = loss.ofBestConstant(targets: samples.targets)
    var best: Attempt?
    for mode in RoundingMode.allCases {
      // With one hidden layer no spectral norm enters.
      if mode == .spectral && network.hiddenLayerCount == 1 { continue }
      let attempt = Attempt(network, risk, mode: mode, variance: variance)
      if best.map({ attempt.meanLoss.error < $0.meanLoss.error }) ?? true { best = attempt }
      if best!.isWithin(Self.tolerance, constant: constant) { break }
    }
    let found = best!
    guard found.isWithin(Self.limit, constant: constant) else {
      throw RoundingFailure(loss: found.meanLoss, relativeErrors: found.relativeErrors)
    }
    self.init(found, samples: samples)
  }

  private init(_ found: Attempt, samples: Samples<Double>) {
    (losses, lossErrors, meanLoss) = (found.losses.values, found.losses.errors, found.meanLoss)
    (outputs, outputErrors) = (found.outputs, found.errors)
    isCompensated = found.mode == .compensated
    variance = found.variance
    decisions = samples.isClassification ? found.decisions(samples) : nil
    errors = decisions.map { list in
      list.count { $0 == .wrong }...list.count { $0 != .right }
    }
  }

  /// The largest |ŷ|.
  package var magnitude: Double { outputs.elements.reduce(0) { max($0, abs($1)) } }

  /// E‖ŷ′ − ŷ‖²
  package func outputDistance(to other: KnotEvaluation) -> Enclosure {
    let k = outputs.columns
    var (values, errors) = ([Double](), [Double]())
    for sample in losses.indices {
      var total = Enclosure(0)
      for j in 0..<k {
        let difference = difference(to: other, sample, j)
        total = total + difference * difference
      }
      values.append(total.value)
      errors.append(total.error)
    }
    return .mean(values, errors: errors)
  }

  /// max |ŷ′ − ŷ| over samples and outputs.
  package func largestDistance(to other: KnotEvaluation) -> Enclosure {
    var largest = Enclosure(0)
    for sample in losses.indices {
      for j in 0..<outputs.columns {
        let d = difference(to: other, sample, j)
        largest = .maximum(largest, Enclosure(abs(d.value), error: d.error))
      }
    }
    return largest
  }

  private func difference(to other: KnotEvaluation, _ sample: Int, _ j: Int) -> Enclosure {
    Enclosure(other.outputs[sample, j], error: other.outputErrors[sample, j])
      - Enclosure(outputs[sample, j], error: outputErrors[sample, j])
  }

  /// E ℓ((ŷ + ŷ′)/2, y)
  package func meanLossHalfway(
    to other: KnotEvaluation, samples: Samples<Double>, loss: Loss
  ) -> Enclosure {
    let halfway = Matrix.combine(outputs, other.outputs) { ($0 + $1) / 2 }
    let sums = Matrix.combine(outputErrors, other.outputErrors) { ($0 + $1) / 2 }
    let errors = Matrix.combine(sums, halfway) { roundedUp($0 + unit * abs($1)) }
    let losses = enclosedLosses(halfway, errors, samples, loss)
    return .mean(losses.values, errors: losses.errors)
  }

  /// On how many samples one of the two is wrong; `nil` when targets are no classes.
  ///
  /// Where outputs are affine between the two, every network in between is right wherever both
  /// are: the outputs that name a class are a convex set.
  package func errorsOfEither(_ other: KnotEvaluation) -> ClosedRange<Int>? {
    guard let mine = decisions, let theirs = other.decisions else { return nil }
    let surely = zip(mine, theirs).count { $0 == .wrong || $1 == .wrong }
    return surely...zip(mine, theirs).count { $0 != .right || $1 != .right }
  }
}

/// Rounding leaves too little of a loss to certify it.
package struct RoundingFailure: Error, Equatable, Sendable {
  /// With the bound that is too large.
  package var loss: Enclosure
  /// 1 … L + 1: where the relative error grows most.
  package var layer: Int
  /// L + 1
  package var layers: Int

  /// - Parameter relativeErrors: of the preactivations of every layer.
  init(loss: Enclosure, relativeErrors: [Double]) {
    self.loss = loss
    layers = relativeErrors.count
    var (worst, below, growth) = (0, unit, 0.0)
    for (index, error) in relativeErrors.enumerated() {
      if error / below > growth { (worst, growth) = (index, error / below) }
      if error == .infinity { break }
      below = max(error, unit)
    }
    layer = worst + 1
  }
}

extension RoundingFailure: CustomStringConvertible {
  package var description: String { "found \(found), expected \(expected)" }

  package var found: String {
    let place = layer == layers ? "the output layer" : "layer \(layer)"
    return loss.isFinite
      ? "a loss of \(loss.value) that rounding in \(place) leaves uncertain by \(loss.error)"
      : "numbers in \(place) beyond the largest Double"
  }

  package var expected: String {
    "a loss that is certain to \(KnotEvaluation.limit) of itself: weights without huge terms "
      + "that cancel"
  }
}

/// One evaluation of a network, in one mode.
private struct Attempt {
  let mode: RoundingMode
  let outputs: Matrix<Double>
  let errors: Matrix<Double>
  let losses: (values: [Double], errors: [Double])
  let meanLoss: Enclosure
  let relativeErrors: [Double]
  let variance: Enclosure?

  init(
    _ network: Network<Double>, _ risk: EmpiricalRisk<Double>, mode: RoundingMode, variance: Bool
  ) {
    let (samples, loss) = (risk.samples, risk.loss)
    let enclosed = EnclosedNetwork(
      network, mode: mode, variance: variance, threads: risk.threads)
    let parts = risk.pass(of: network).map { block in
      enclosed.outputs(block.inputs)
    }
    self.mode = mode
    outputs = stacked(parts.map(\.value), columns: samples.outputDimension)
    errors = stacked(parts.map(\.error), columns: samples.outputDimension)
    losses = enclosedLosses(outputs, errors, samples, loss)
    meanLoss = .mean(losses.values, errors: losses.errors)
    relativeErrors = network.layers.indices.map { layer in
      parts.map { $0.relativeErrors[layer] }.max()!
    }
    self.variance =
      variance
      ? .mean(parts.flatMap { $0.variance!.values }, errors: parts.flatMap { $0.variance!.errors })
      : nil
  }

  func isWithin(_ tolerance: Double, constant: Double) -> Bool {
    meanLoss.isFinite && meanLoss.error <= tolerance * max(meanLoss.value, 1e-3 * constant)
  }

  func decisions(_ samples: Samples<Double>) -> [Decision] {
    let k = samples.outputDimension
    return unsafe outputs.withUnsafeBufferPointer { ŷ in
      unsafe errors.withUnsafeBufferPointer { e in
        unsafe samples.targets.withUnsafeBufferPointer { y in
          guard let ŷ = ŷ.baseAddress, let e = e.baseAddress, let y = y.baseAddress
          else { return [] }
          return (0..<samples.count).map { i in
            unsafe decision(count: k, output: ŷ + i * k, errors: e + i * k, target: y + i * k)
          }
        }
      }
    }
  }
}

/// The losses of all samples with bounds on their errors.
private func enclosedLosses(
  _ outputs: Matrix<Double>, _ errors: Matrix<Double>, _ samples: Samples<Double>, _ loss: Loss
) -> (values: [Double], errors: [Double]) {
  let k = samples.outputDimension
  var result = (values: [Double](), errors: [Double]())
  unsafe outputs.withUnsafeBufferPointer { ŷ in
    unsafe errors.withUnsafeBufferPointer { e in
      unsafe samples.targets.withUnsafeBufferPointer { y in
        guard let ŷ = ŷ.baseAddress, let e = e.baseAddress, let y = y.baseAddress else { return }
        for i in 0..<samples.count {
          let (value, error) = unsafe loss.enclosure(
            count: k, output: ŷ + i * k, errors: e + i * k, target: y + i * k)
          result.values.append(value)
          result.errors.append(error)
        }
      }
    }
  }
  return result
}
