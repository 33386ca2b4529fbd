internal import DataFormats
public import Landbridge
public import LinearAlgebra

extension DataSpecification {
  /// The samples to train on and those held out. Held-out samples of a law are the same for every
  /// seed of the training, and so is the part of a file that is held out.
  ///
  /// - Parameter loss: what is trained with; it decides with the targets whether they are classes.
  /// - Throws: `FormatError` for files that are missing or damaged, ``Problem`` for options that
  ///   make no sense.
  public func dataset<Scalar: MatrixScalar>(
    of type: Scalar.Type = Scalar.self, loss: Loss? = nil
  ) throws -> Dataset<Scalar> {
    if kind.isStream { return try law() }
    let selection = try DataSelection(self, use: DataUse(loss: loss))
    let part: Split = options.split == .all ? .all : .train
    let training: SelectedSamples<Scalar> = try selection.samples(part, limit: options.limit)
    let heldOut: SelectedSamples<Scalar> = try selection.samples(.test, limit: options.heldOut)
    var rows = heldOut.rows
    rows.seen = [part == .all ? heldOut.shared(with: training) : 0]
    return Dataset(
      training: .finite(training.samples), heldOut: heldOut.samples, record: training.record,
      heldOutRows: rows, targets: training.targets, note: training.note)
  }

  /// Samples to measure on: fresh ones of a law; the test part of data that have parts, digits
  /// among them; of a file without parts the fifth that was held out from training if one of the
  /// models was trained on it, else the whole; or what `split=` says.
  public func measured<Scalar: MatrixScalar>(
    of type: Scalar.Type = Scalar.self, for use: DataUse = DataUse()
  ) throws -> SelectedSamples<Scalar> {
    if kind.isStream {
      let law: Dataset<Scalar> = try law()
      return SelectedSamples(
        samples: law.heldOut, rows: law.heldOutRows, targets: law.targets, record: law.record,
        digests: nil)
    }
    let selection = try DataSelection(self, use: use)
    return try selection.samples(selection.measuredPart, limit: options.limit)
  }

  /// Samples to fit coefficients on, for networks that are then measured on ``measured(of:for:)``:
  /// fresh ones of a law, else the training part; all of a file without parts that no model was
  /// trained on, which is measured whole too.
  ///
  /// - Parameter elsewhere: whether the networks are measured on other data: then all of a file
  ///   without parts, or what `split=` says.
  public func fitting<Scalar: MatrixScalar>(
    of type: Scalar.Type = Scalar.self, for use: DataUse = DataUse(), seed: UInt64 = 0,
    elsewhere: Bool = false
  ) throws -> SelectedSamples<Scalar> {
    if kind.isStream {
      let law: Dataset<Scalar> = try law()
      return SelectedSamples(
        samples: law.source(seed: seed).samples(law.heldOut.count), rows: law.heldOutRows,
        targets: law.targets, record: law.record, digests: nil)
    }
    let selection = try DataSelection(self, use: use)
    return try selection.samples(selection.fittedPart(elsewhere: elsewhere), limit: options.limit)
  }

  /// The samples of ``measured(of:for:)`` alone.
  public func samples<Scalar: MatrixScalar>(
    of type: Scalar.Type = Scalar.self, outputs: Int? = nil, loss: Loss? = nil
  ) throws -> Samples<Scalar> {
    try measured(for: DataUse(loss: loss, outputs: outputs)).samples
  }
}
