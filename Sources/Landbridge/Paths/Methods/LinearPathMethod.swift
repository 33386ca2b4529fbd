public import LinearAlgebra

/// The straight line between two networks, parameter by parameter.
public struct LinearPathMethod: PathMethod {
  /// `linear`
  public static let name = "linear"
  /// What figures and tables call it.
  public static let title = "straight line"
  /// It has no options.
  public static let heeded: Set<PathOptions.Name> = []

  /// The method, which has no options.
  public init(_ options: PathOptions = PathOptions()) {}

  /// It looks at no samples.
  public var fits: Bool { false }

  /// ``PiecewiseLinearPath/straightLine(from:to:)``.
  public func path<Scalar: MatrixScalar>(
    from start: Network<Scalar>, to end: Network<Scalar>, fittedOn risk: EmpiricalRisk<Scalar>
  ) throws(ConnectError) -> PiecewiseLinearPath<Scalar> {
    try .straightLine(from: start, to: end)
  }

  /// It leaves all neurons.
  public func keptCounts(of widths: [Int]) -> [Int]? { nil }

  /// The one between the ends, which is evaluated.
  public func networkCount(hiddenLayers: Int) -> Int { 1 }
}
