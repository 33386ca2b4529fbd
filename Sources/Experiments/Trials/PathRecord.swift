public import Landbridge

/// Everything that determines the paths between two trained networks.
public struct PathPlan: Codable, Sendable, Equatable {
  public var from: TrainingPlan
  public var to: TrainingPlan
  public var methods: [PathMethodName]

  public init(from: TrainingPlan, to: TrainingPlan, methods: [PathMethodName]) {
    (self.from, self.to, self.methods) = (from, to, methods)
  }
}

/// What one path is worth.
///
/// In JSON the object of its profile with one key more, `points`.
public struct PathResults: Sendable, Equatable {
  public var profile: PathProfile
  /// For plotting.
  public var points: [PathPoint]
}

extension PathResults: Codable {
  private enum CodingKeys: String, CodingKey { case points }

  public init(from decoder: any Decoder) throws {
    profile = try PathProfile(from: decoder)
    points = try decoder.container(keyedBy: CodingKeys.self).decode(
      [PathPoint].self, forKey: .points)
  }

  public func encode(to encoder: any Encoder) throws {
    try profile.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(points, forKey: .points)
  }
}

/// The ways from one solution to another.
///
/// In JSON an object with `from`, `to` and one key for every method.
public struct PathRecord: Sendable, Equatable {
  /// The trials at the ends.
  public var from: Int
  public var to: Int
  public var results: [PathMethodName: PathResults]

  public init(from: Int, to: Int, results: [PathMethodName: PathResults]) {
    (self.from, self.to, self.results) = (from, to, results)
  }

  public subscript(method: PathMethodName) -> PathResults? { results[method] }
}

extension PathRecord: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: NamedKey.self)
    from = try container.decode(Int.self, forKey: "from")
    to = try container.decode(Int.self, forKey: "to")
    results = [:]
    for method in PathMethodName.all {
      results[method] = try container.decodeIfPresent(
        PathResults.self, forKey: NamedKey(stringValue: method.rawValue))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: NamedKey.self)
    try container.encode(from, forKey: "from")
    try container.encode(to, forKey: "to")
    for (method, results) in results {
      try container.encode(results, forKey: NamedKey(stringValue: method.rawValue))
    }
  }
}

extension PathMethodName {
  /// Connects two networks by the method's default options and evaluates the path.
  ///
  /// - Throws: `ConnectError` for networks that do not fit each other, or values that are not finite.
  public func results<Scalar: MatrixScalar>(
    from start: Network<Scalar>, to end: Network<Scalar>, on risk: EmpiricalRisk<Scalar>
  ) throws -> PathResults {
    let path = try method.init(PathOptions()).path(
      from: start, to: end, fittedOn: risk)
    let evaluation = try PathEvaluation(of: path, on: risk)
    let profile = evaluation.profile()
    return PathResults(
      profile: profile, points: evaluation.points(perSegment: profile.exact ? 20 : 1))
  }
}
