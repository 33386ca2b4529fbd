/// The quantile of sorted values by linear interpolation between order statistics: type 7 of Hyndman
/// and Fan (1996), the default of NumPy and R.
///
/// - Parameter probability: in [0, 1].
/// - Returns: `nil` for no values; undefined (NaN) when a value is.
public func quantile(_ sorted: [Double], _ probability: Double) -> Double? {
  precondition((0...1).contains(probability), "quantile \(probability)")
  guard let last = sorted.last else { return nil }
  if sorted.contains(where: \.isNaN) { return .nan }
  let position = probability * Double(sorted.count - 1)
  let below = Int(position)
  guard below + 1 < sorted.count else { return last }
  let weight = position - Double(below)
  return weight == 0
    ? sorted[below] : sorted[below] + weight * (sorted[below + 1] - sorted[below])
}
