import ArgumentParser
import Artifacts
import Landbridge
import LinearAlgebra

/// The samples that neurons are chosen on, and others that the result is measured on.
struct PruningData<Scalar: MatrixScalar> {
  let selection: SelectedSamples<Scalar>
  let heldOut: SelectedSamples<Scalar>
  let selectionSpecification: DataSpecification
  let heldOutSpecification: DataSpecification

  /// - Throws: `ValidationError` where both would be the same samples.
  init(
    _ options: ModelOptions, heldOut other: DataSpecification?, model: LoadedModel<Scalar>,
    loss: Loss, seed: UInt64, quiet: Bool
  ) throws {
    let data = options.data
    if let heldOut = other {
      (selectionSpecification, heldOutSpecification) = (data.forFitting, heldOut)
      if !data.kind.isStream && data.forFitting.named == heldOut.named {
        throw ValidationError(
          "--held-out \(heldOut): the samples that neurons are chosen on, expected others")
      }
    } else if data.kind.isStream {
      (selectionSpecification, heldOutSpecification) = (data, data)
    } else {
      guard data.options.split == nil else {
        throw ValidationError(
          "--data \(data): split= goes with --held-out; without it the training part selects and "
            + "the test part measures")
      }
      (selectionSpecification, heldOutSpecification) = (data.part(.train), data.part(.test))
    }
    selection =
      data.kind.isStream || other != nil
      ? try options.fittingSamples(
        for: [model], loss: loss, seed: seed, elsewhere: other != nil)
      : try options.samples(of: selectionSpecification, for: [model], loss: loss, quiet: quiet)
    do {
      heldOut = try options.samples(
        of: heldOutSpecification, for: [model], loss: loss, quiet: quiet || other == nil)
    } catch let problem as DataSpecification.Problem where other != nil {
      throw ValidationError("--held-out: \(problem.description)")
    }
  }

  /// What rows that the model was trained on, or that chose its neurons, leave unsaid.
  func cautions(_ model: String) -> [String] {
    let shared = heldOut.shared(with: selection)
    return [
      heldOut.rows.caution([model]),
      shared == 0
        ? nil
        : "Neurons were chosen on \(grouped(shared)) of the \(grouped(heldOut.rows.count)) rows "
          + "held out: this says nothing of new samples.",
    ].compactMap { $0 }
  }

  /// How messages call the samples that select.
  var selectionName: String {
    (selectionSpecification.kind.isStream ? "fresh samples of " : "") + "\(selectionSpecification)"
  }
}

extension DataSpecification {
  /// The training part where there is one, if nothing else is asked for.
  fileprivate var forFitting: DataSpecification {
    kind == .file || kind.isStream || options.split != nil ? self : part(.train)
  }

  /// A part of finite data, `heldout` the limit of the test part.
  fileprivate func part(_ split: Split) -> DataSpecification {
    var result = self
    result.options.split = split
    result.options.heldOut = nil
    if split == .test { result.options.limit = options.heldOut }
    return result
  }

  /// With the split that is meant where none is said.
  fileprivate var named: DataSpecification {
    guard options.split == nil, !kind.isStream else { return self }
    var result = self
    result.options.split = kind == .file ? .all : .test
    return result
  }
}
