internal import LinearAlgebra

/// Steps at which a training of `steps` steps is measured: 0, then about `count` more, evenly in
/// log k from a thousandth of the training to its end. Steps that coincide are there once.
///
/// - Parameter count: at least one, the last step.
/// - Returns: increasing; 0 and `steps` are among them.
public func logSpacedSteps(_ count: Int, until steps: Int) -> [Int] {
  precondition(count > 0 && steps >= 0, "\(count) measurements in \(steps) steps")
  let first = max(1, Double(steps) / 1000)
  let spread = (0..<count).map { i -> Int in
    let exponent = count > 1 ? Double(i) / Double(count - 1) : 1
    return min(steps, Int((first * power(Double(steps) / first, exponent)).rounded()))
  }
  return Set([0, steps] + spread).sorted()
}
