public import LinearAlgebra

/// A way to connect two networks: with its own options, which are its properties, it makes a path.
///
/// A method says nothing of the curve of its segments: what is known of these their weights prove, see
/// ``PiecewiseLinearPath/Segment``. A new method is a file with a type of this protocol, and its row in
/// ``PathMethods/all``.
public protocol PathMethod: Sendable {
  /// What it is called on the command line, in files and in ``PathMethods``.
  static var name: String { get }
  /// What its paths are called in figures and tables.
  static var title: String { get }
  /// The options of ``PathOptions`` that it heeds.
  static var heeded: Set<PathOptions.Name> { get }

  /// The method with those of the given options that it heeds.
  init(_ options: PathOptions)

  /// Whether the path depends on samples.
  var fits: Bool { get }

  /// A path from `start` to `end`.
  ///
  /// - Parameters:
  ///   - risk: what parameters are fitted on; not looked at unless the method ``fits``.
  /// - Returns: a path whose first knot is `start` and whose last one is `end`, bit by bit.
  /// - Throws: ``ConnectError`` where shapes or options do not allow a path.
  func path<Scalar: MatrixScalar>(
    from start: Network<Scalar>, to end: Network<Scalar>, fittedOn risk: EmpiricalRisk<Scalar>
  ) throws(ConnectError) -> PiecewiseLinearPath<Scalar>

  /// How many neurons of every hidden layer the path leaves of either network, for layers of the given
  /// widths; `nil` where it leaves all.
  func keptCounts(of widths: [Int]) -> [Int]?

  /// How many networks are in memory at once, at most, for L = `hiddenLayers`; knots that share
  /// parameters are counted in full.
  func networkCount(hiddenLayers: Int) -> Int
}

/// The options of all path methods; each heeds its own, see ``PathMethod/heeded``.
public struct PathOptions: Sendable, Equatable {
  /// What an option is called on the command line, after two dashes.
  public enum Name: String, Sendable, CaseIterable {
    case keep, overlapping, refit
  }

  /// The fraction of every hidden layer that is kept of each network, rounded down; in (0, 0.5]. Half
  /// unless given.
  public var keep: Double?
  /// Keep the first neurons of both networks, where else the last ones are kept of the end.
  public var overlapping: Bool
  /// Fit the output weights of kept neurons anew instead of rescaling them.
  public var refit: Bool

  /// The given options.
  public init(keep: Double? = nil, overlapping: Bool = false, refit: Bool = false) {
    (self.keep, self.overlapping, self.refit) = (keep, overlapping, refit)
  }

  /// The options that differ from their defaults.
  public var given: Set<Name> {
    Set(
      [
        (Name.keep, keep != nil), (.overlapping, overlapping), (.refit, refit),
      ].filter(\.1).map(\.0))
  }
}

/// All methods, by name.
public enum PathMethods {
  /// In the order of help texts and figures; the first one is the default.
  public static let all: [any PathMethod.Type] = [
    DropoutPathMethod.self,
    LinearPathMethod.self,
  ]
}

/// The name of a method of ``PathMethods``.
public struct PathMethodName: RawRepresentable, Hashable, Codable, Sendable {
  /// As on the command line.
  public let rawValue: String

  /// - Returns: `nil` for a name that no method has.
  public init?(rawValue: String) {
    guard PathMethods.all.contains(where: { $0.name == rawValue }) else { return nil }
    self.rawValue = rawValue
  }

  /// The name of a method.
  public init(_ method: any PathMethod.Type) { rawValue = method.name }

  /// The paper's path through dropout; exact.
  public static let dropout = PathMethodName(DropoutPathMethod.self)
  /// The straight line between the parameters; sampled.
  public static let linear = PathMethodName(LinearPathMethod.self)
  /// All methods, in the order of figures.
  public static let all = PathMethods.all.map { PathMethodName($0) }

  /// The method of that name.
  public var method: any PathMethod.Type { PathMethods.all.first { $0.name == rawValue }! }
}
