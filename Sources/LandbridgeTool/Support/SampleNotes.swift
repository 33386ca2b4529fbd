import Artifacts
import Landbridge
import LinearAlgebra

/// What results must say of the rows that they were measured on.
extension SampleRows {
  /// What follows from rows that models were trained on; `nil` where none were.
  ///
  /// - Parameter names: of the models, in the order of ``seen``.
  func caution(_ names: [String]) -> String? {
    let parts = zip(names, seen).filter { $0.1 > 0 }.map { name, count in
      "\(count == self.count ? "all" : "\(grouped(count)) of \(grouped(self.count))") "
        + "by \(name)"
    }
    guard !parts.isEmpty else { return nil }
    return "Seen in training: " + parts.joined(separator: ", ")
      + (areUnseen ? "." : ". This says nothing of new samples.")
  }
}

/// What must be said where coefficients were fitted on rows that are measured.
func fittingCaution<Scalar: MatrixScalar>(
  _ fitting: SelectedSamples<Scalar>, _ measured: SelectedSamples<Scalar>
) -> String? {
  let shared = measured.shared(with: fitting)
  guard shared > 0 else { return nil }
  let which = shared == measured.rows.count ? "the" : "\(grouped(shared)) of the"
  return "Output weights were fitted on \(which) \(grouped(measured.rows.count)) rows that are "
    + "measured: this says nothing of new samples."
}
