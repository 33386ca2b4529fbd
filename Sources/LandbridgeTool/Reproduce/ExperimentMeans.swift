import Experiments
import Landbridge

/// The means over trials that figures and tables show.
struct ExperimentMeans {
  let results: ExperimentResults

  /// A quantity of a trial, and the step it is measured after.
  struct Measured {
    /// As in results.json, where it is there.
    var name: String
    /// Whether it is a 0-1 error or a difference of such.
    var isError: Bool
    var value: (TrainingMeasurement) -> Double?

    static func plain(_ name: QuantityName) -> Measured {
      let errors: [QuantityName] = [.error, .dropoutError, .antitheticErrorChange]
      return Measured(name: name.rawValue, isError: errors.contains(name)) { $0[name] }
    }

    /// |L of the first half − L of all|, or the same of errors.
    static func changeOfOneHalf(_ quantity: ShownQuantity) -> Measured {
      Measured(
        name: quantity == .loss ? "absoluteChange" : "absoluteErrorChange",
        isError: quantity == .error
      ) { m in
        m[quantity.dropout].flatMap { half in m[quantity.whole].map { abs(half - $0) } }
      }
    }

    /// The mean over combinations of first and last halves, less the whole.
    static func changeOfHalves(_ quantity: ShownQuantity) -> Measured {
      plain(quantity == .loss ? .antitheticChange : .antitheticErrorChange)
    }
  }

  /// Over the finished trials of a width; `nil` where there is no number.
  func mean(_ quantity: Measured, at step: Int, of width: WidthResults) -> Estimate? {
    let values = width.values(atStep: step, quantity.value)
    guard !values.isEmpty else { return nil }
    var estimate = Estimate(values)
    if quantity.isError { estimate.mean = exactMean(values) }
    return estimate
  }

  /// The mean of numbers that are multiples of 1/(n2^L), for n samples and L hidden layers: what
  /// rounding leaves of a sum of them that is zero would be a number on a logarithmic axis.
  private func exactMean(_ values: [Double]) -> Double {
    let unit = 1 / (Double(results.heldOutSamples) * Double(1 << results.experiment.hiddenLayers))
    return values.reduce(0) { $0 + ($1 / unit).rounded() } * unit / Double(values.count)
  }

  /// Of the barriers of a way; `nil` where there is none.
  func barrier(_ method: PathMethodName, of width: WidthResults) -> Estimate? {
    let values = width.barriers(method)
    return values.isEmpty ? nil : Estimate(values)
  }
}
