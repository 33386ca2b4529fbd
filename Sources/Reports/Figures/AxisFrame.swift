import Foundation

/// The range and the ticks of one axis, fitted to its data and its length on the page.
struct AxisFrame {
  struct Tick: Equatable {
    var value: Double
    /// Nil for minor ticks.
    var label: String?
  }

  let scale: Axis.Scale
  let lower: Double
  let upper: Double
  let ticks: [Tick]

  /// - Parameters:
  ///   - values: what is to be shown; values that cannot be are ignored.
  ///   - padding: the share of the range left free at each end when it is fitted.
  ///   - includesZero: whether a linear range of nonnegative values may be extended to zero.
  ///   - count: how many labelled ticks there is room for.
  init(_ axis: Axis, values: [Double], padding: Double, includesZero: Bool, count: Int) {
    scale = axis.scale
    let scale = scale
    if let range = axis.range, scale.shows(range.lowerBound), scale.shows(range.upperBound),
      range.lowerBound < range.upperBound
    {
      (lower, upper) = (range.lowerBound, range.upperBound)
    } else {
      let shown = values.filter(scale.shows)
      (lower, upper) = Self.range(shown, scale, padding: padding, includesZero: includesZero)
    }
    let (lower, upper) = (lower, upper)
    if let ticks = axis.ticks {
      self.ticks = ticks.filter { scale.shows($0.value) && $0.value >= lower && $0.value <= upper }
        .map { Tick(value: $0.value, label: $0.label ?? Self.plain($0.value)) }
    } else {
      self.ticks = Self.ticks(lower, upper, scale, count: max(count, 2))
    }
  }

  /// The same axis with other ticks.
  init(_ frame: AxisFrame, ticks: [Tick]) {
    (scale, lower, upper) = (frame.scale, frame.lower, frame.upper)
    self.ticks = ticks
  }

  /// The position of a value: 0 at the lower end, 1 at the upper; nil where the scale has none.
  func position(_ value: Double) -> Double? {
    guard scale.shows(value) else { return nil }
    if scale == .linear { return (value - lower) / (upper - lower) }
    return Foundation.log(value / lower) / Foundation.log(upper / lower)
  }

  private static func range(
    _ values: [Double], _ scale: Axis.Scale, padding: Double, includesZero: Bool
  ) -> (Double, Double) {
    guard let least = values.min(), let greatest = values.max() else {
      return scale == .linear ? (0, 1) : (1, 10)
    }
    if scale != .linear {
      let base = scale == .log2 ? 2.0 : 10.0
      if greatest / least < 1 + 1e-9 {
        return (least / base.squareRoot(), greatest * base.squareRoot())
      }
      let factor = pow(greatest / least, padding)
      return (least / factor, greatest * factor)
    }
    let span = greatest - least
    if span <= 1e-9 * max(abs(least), abs(greatest)) {
      let half = least == 0 ? 1 : abs(least) / 2
      return (least - half, greatest + half)
    }
    let bottom = includesZero && least >= 0 && least < 0.4 * greatest ? 0 : least - padding * span
    return (bottom, greatest + padding * span)
  }

  private static func ticks(
    _ lower: Double, _ upper: Double, _ scale: Axis.Scale, count: Int
  ) -> [Tick] {
    switch scale {
    case .linear: linear(lower, upper, count: count)
    case .log10: logarithmic(lower, upper, count: count + count / 3)
    case .log2: powersOfTwo(lower, upper, count: count)
    }
  }

  private static func linear(_ lower: Double, _ upper: Double, count: Int) -> [Tick] {
    let raw = (upper - lower) / Double(count)
    let power = pow(10, floor(log10(raw)))
    let step = power * ([1, 2, 5, 10].first { $0 * power >= raw * (1 - 1e-9) } ?? 10)
    let first = ceil(lower / step - 1e-6)
    let last = floor(upper / step + 1e-6)
    guard last - first < 100, abs(first) < 1e12 else {
      return [lower, upper].map { Tick(value: $0, label: Text.significant($0, 12)) }
    }
    let values = stride(from: first, through: last, by: 1).map { $0 * step }
    let exponent =
      values.map { $0 == 0 ? -400 : Int(floor(log10(abs($0) * (1 + 1e-12)))) }.max() ?? 0
    if exponent >= 5 || (exponent < -3 && exponent > -400) {
      let digits = max(0, exponent - Int(floor(log10(step) + 1e-9)))
      return values.map {
        let mantissa = Text.typographic(
          String(format: "%.\(digits)f", $0 / pow(10, Double(exponent))))
        return Tick(value: $0, label: $0 == 0 ? "0" : mantissa + "×10" + Text.superscript(exponent))
      }
    }
    let digits = max(0, -Int(floor(log10(step) + 1e-9)))
    return values.map {
      Tick(value: $0, label: Text.typographic(String(format: "%.\(digits)f", $0 == 0 ? 0 : $0)))
    }
  }

  private static func logarithmic(_ lower: Double, _ upper: Double, count: Int) -> [Tick] {
    let first = Int(floor(log10(lower)))
    let last = Int(ceil(log10(upper)))
    let inside = { (value: Double) in
      value >= lower * (1 - 1e-9) && value <= upper * (1 + 1e-9)
    }
    let decades = (first...last).filter { inside(pow(10, Double($0))) }
    if decades.count < 2 {
      for multiples in [[1.0, 2, 5], [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9]] {
        let values = (first...last).flatMap { decade in
          multiples.map { $0 * pow(10, Double(decade)) }
        }.filter(inside)
        if values.count >= 3
          || (values.count == 2 && values[1] / values[0] > (upper / lower).squareRoot())
        {
          return values.map { Tick(value: $0, label: plain($0)) }
        }
      }
      return linear(lower, upper, count: count)
    }
    let every = (decades.count + count - 1) / count
    let plainLabels = decades[0] >= -2 && decades[decades.count - 1] <= 3
    var ticks = decades.map { decade in
      let value = pow(10, Double(decade))
      let label = plainLabels ? plain(value) : "10" + Text.superscript(decade)
      return Tick(value: value, label: (decade - decades[0]).isMultiple(of: every) ? label : nil)
    }
    if decades.count <= 7 {
      for decade in first...last {
        for multiple in 2...9 {
          let value = Double(multiple) * pow(10, Double(decade))
          if inside(value) { ticks.append(Tick(value: value, label: nil)) }
        }
      }
    }
    return ticks
  }

  private static func powersOfTwo(_ lower: Double, _ upper: Double, count: Int) -> [Tick] {
    let powers = (Int(ceil(log2(lower) - 1e-9))...Int(ceil(log2(upper)))).filter {
      pow(2, Double($0)) <= upper * (1 + 1e-9)
    }
    guard powers.count >= 2 else { return logarithmic(lower, upper, count: count) }
    let every = (powers.count + count - 1) / count
    let plainLabels = powers[0] >= -3 && powers[powers.count - 1] <= 16
    return powers.map { power in
      let value = pow(2, Double(power))
      let label = plainLabels ? plain(value) : "2" + Text.superscript(power)
      return Tick(value: value, label: (power - powers[0]).isMultiple(of: every) ? label : nil)
    }
  }

  /// The value in at most six significant digits.
  private static func plain(_ value: Double) -> String {
    Text.typographic(Text.significant(value, 6))
  }
}

extension Axis.Scale {
  /// Whether a value has a place on an axis of this scale.
  ///
  /// Magnitudes beyond 1e±150 have none: differences and ratios of two values stay finite.
  func shows(_ value: Double) -> Bool {
    guard value.isFinite, abs(value) <= 1e150 else { return false }
    return self == .linear || value >= 1e-150
  }
}
