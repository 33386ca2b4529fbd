import Foundation

/// Amounts of repeated runs of one piece of work, in one unit.
struct Measurement: Codable {
  var median: Double
  var lowerQuartile: Double
  var upperQuartile: Double
  var smallest: Double
  var largest: Double
  var repetitions: Int

  /// - Parameter values: at least one.
  init(_ values: [Double]) {
    let sorted = values.sorted()
    // Linear between neighbours, as NumPy's default.
    func quantile(_ q: Double) -> Double {
      let position = q * Double(sorted.count - 1)
      let (low, high) = (Int(position), min(Int(position) + 1, sorted.count - 1))
      return sorted[low] + (position - Double(low)) * (sorted[high] - sorted[low])
    }
    median = quantile(0.5)
    (lowerQuartile, upperQuartile) = (quantile(0.25), quantile(0.75))
    (smallest, largest) = (sorted[0], sorted[sorted.count - 1])
    repetitions = sorted.count
  }

  /// The interquartile range as a fraction of the median.
  var spread: Double { (upperQuartile - lowerQuartile) / median }

  func scaled(by factor: Double) -> Measurement {
    var result = self
    for path in [
      \Measurement.median, \.lowerQuartile, \.upperQuartile, \.smallest, \.largest,
    ] as [WritableKeyPath<Measurement, Double>] {
      result[keyPath: path] *= factor
    }
    return result
  }
}

/// Something to be timed: one call of `body` does `units` units of work.
struct Work {
  var units: Int
  var body: () throws -> Void

  init(units: Int = 1, _ body: @escaping () throws -> Void) {
    (self.units, self.body) = (units, body)
  }
}

func elapsed(_ body: () throws -> Void) rethrows -> Double {
  let time = try ContinuousClock().measure(body)
  return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
}

/// Times several pieces of work in turn, so that what the machine does besides meets all of them
/// alike: seconds per unit of each.
///
/// - Parameters:
///   - seconds: for each piece, after one call of it to warm up.
///   - minimum: repetitions of each piece, whatever that takes.
func alternating(_ works: [Work], seconds: Double, minimum: Int = 5) throws -> [Measurement] {
  for work in works { try work.body() }
  var times = works.map { _ in [Double]() }
  var total = 0.0
  while times[0].count < minimum || total < seconds * Double(works.count) {
    for (index, work) in works.enumerated() {
      let time = try elapsed(work.body)
      times[index].append(time / Double(work.units))
      total += time
    }
  }
  return times.map { Measurement($0) }
}
