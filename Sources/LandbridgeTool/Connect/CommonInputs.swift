import ArgumentParser
import DataFormats
import Artifacts
import Landbridge
import LinearAlgebra

extension ConnectCommand {
  /// Heads selected with --layers have a path between them only if both take the same features of
  /// the same samples: a path between functions of different inputs has no loss.
  ///
  /// Both files hold what makes the features, so it is compared, bit by bit. Where the files hold
  /// more that differs and makes none, `--data-end` says what the second model's features are, and
  /// these are compared instead.
  func requireCommonInputs<Scalar: MatrixScalar>(
    _ samples: Samples<Scalar>, _ end: LoadedModel<Scalar>, loss: Loss
  ) throws {
    guard let layers = options.layers else { return }
    if let dataEnd {
      let others = try options.samples(of: dataEnd, for: [end], loss: loss, quiet: true)
      return try requireEqual(samples, others.samples, dataEnd)
    }
    guard let (name, difference) = try backboneDifference((start, self.end), selecting: layers)
    else { return }
    throw ToolFailure(
      ExitStatus.badData,
      "\(start) and \(self.end) differ outside of --layers \(layers.joined(separator: ",")): "
        + "\(printable(name.unicodeScalars, limit: 200)) \(difference). Heads on different features have no path between them; "
        + "evaluate each on its own. If the rest makes no features, give those of the second "
        + "model as --data-end: they must be those of --data")
  }

  /// Features that were computed twice may differ by rounding.
  private func requireEqual<Scalar: MatrixScalar>(
    _ a: Samples<Scalar>, _ b: Samples<Scalar>, _ dataEnd: DataSpecification
  ) throws {
    func refuse(_ what: String) -> ToolFailure {
      ToolFailure(
        ExitStatus.badData,
        "\(options.data) and --data-end \(dataEnd): \(what). Heads on different features have no "
          + "path between them; evaluate each on its own")
    }
    guard a.count == b.count, a.targets == b.targets else {
      throw refuse("found other samples or targets, expected the same in the same order")
    }
    let scale = a.inputs.elements.reduce(0) { max($0, abs($1)) }
    for (index, (x, y)) in zip(a.inputs.elements, b.inputs.elements).enumerated()
    where abs(x - y) > 1e-5 * scale {
      let (sample, input) = index.quotientAndRemainder(dividingBy: a.inputDimension)
      throw refuse("sample \(sample), input \(input) is \(x) in one and \(y) in the other")
    }
  }
}
