/// Where segments are evaluated of which nothing is known but that the loss is continuous: on a
/// uniform grid of t, then wherever the curvature seen there leaves room for a larger value.
///
/// What is found is the largest value *sampled*, not a maximum: a peak between two points of the grid
/// that no curvature hints at is missed. The cheaper a network, the finer its grid: peaks are narrow
/// where few neurons and samples make them, and rounded where many do.
public struct PathSampling: Sendable, Equatable {
  /// The number of equal steps of the grid, even so that t = 1/2 is on it; `nil` for 32 to 2048, as
  /// many as cost 4·10⁸ operations.
  public var steps: Int?
  /// How many points are added to the grid at most.
  public var refinements: Int
  /// Points are added until the curvature seen leaves room for no more than so much of the range of
  /// the loss above the largest value found; likewise above the largest excess over the chord.
  public var tolerance: Double

  /// - Precondition: `steps` is even and at least 2, `refinements` at least 0, `tolerance` above 0.
  public init(steps: Int? = nil, refinements: Int = 64, tolerance: Double = 1e-4) {
    precondition(
      steps.map { $0 >= 2 && $0.isMultiple(of: 2) } ?? true, "\(steps ?? 0) steps; even, at least 2"
    )
    precondition(refinements >= 0, "\(refinements) refinements")
    precondition(tolerance > 0, "tolerance \(tolerance) must be positive")
    (self.steps, self.refinements, self.tolerance) = (steps, refinements, tolerance)
  }

  /// Steps of the grid for an evaluation that takes `operations`.
  func gridSteps(operations: Double) -> Int {
    if let steps { return steps }
    var count = 2048
    while count > 32 && Double(count) * operations > 4e8 { count /= 2 }
    return count
  }
}

/// A function of t ∈ [0, 1] as far as it was evaluated, and where it may be larger still.
struct SampledCurve {
  /// t increasing from 0 to 1.
  private(set) var points: [PathPoint]

  /// - Parameters:
  ///   - steps: of the grid that is evaluated first.
  ///   - evaluate: loss and error at t.
  init(
    _ sampling: PathSampling, steps: Int, evaluate: (Double) -> PathPoint
  ) {
    points = (0...steps).map { evaluate(Double($0) / Double(steps)) }
    for _ in 0..<sampling.refinements {
      guard points.allSatisfy(\.loss.isFinite),
        let index = mostPromising(tolerance: sampling.tolerance)
      else { return }
      points.insert(evaluate((points[index].t + points[index + 1].t) / 2), at: index + 1)
    }
  }

  /// The interval after whose first point the loss, or its excess over the chord, may exceed by most
  /// the largest one found; `nil` where none may by more than `tolerance` times the range.
  private func mostPromising(tolerance: Double) -> Int? {
    let losses = points.map(\.loss)
    let (first, last) = (losses.first!, losses.last!)
    let excesses = points.map { $0.loss - (1 - $0.t) * first - $0.t * last }
    let room = tolerance * (losses.max()! - losses.min()!)
    let curvatures = self.curvatures
    var best = (index: Int?.none, gain: room)
    for values in [losses, excesses] {
      let largest = values.max()!
      for i in 0..<points.count - 1 where points[i + 1].t - points[i].t > 1e-9 {
        let gain = peak(i, values, curvature: max(curvatures[i], curvatures[i + 1])) - largest
        if gain > best.gain { best = (i, gain) }
      }
    }
    return best.index
  }

  /// Twice the second divided difference at every point, as a magnitude; at the ends that of the
  /// neighbour. Doubled, since the true one is seen only at the spacing of the points.
  private var curvatures: [Double] {
    guard points.count > 2 else { return points.map { _ in 0 } }
    var result = [0.0]
    for i in 1..<points.count - 1 {
      let (a, b, c) = (points[i - 1], points[i], points[i + 1])
      let slopes = ((b.loss - a.loss) / (b.t - a.t), (c.loss - b.loss) / (c.t - b.t))
      result.append(2 * abs(slopes.1 - slopes.0) / ((c.t - a.t) / 2))
    }
    result[0] = result[1]
    return result + [result.last!]
  }

  /// The largest value on interval i of the parabola through its ends with second derivative −κ.
  private func peak(_ i: Int, _ values: [Double], curvature κ: Double) -> Double {
    let (a, b, h) = (values[i], values[i + 1], points[i + 1].t - points[i].t)
    let slope = (b - a) / h
    guard abs(slope) < κ * h / 2 else { return max(a, b) }
    return (a + b) / 2 + κ * h * h / 8 + slope * slope / (2 * κ)
  }
}
