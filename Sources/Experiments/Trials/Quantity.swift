public import LinearAlgebra

/// The name under which a measured quantity is stored.
public struct QuantityName: RawRepresentable, Hashable, Codable, Sendable {
  public var rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }
}

extension QuantityName: ExpressibleByStringLiteral, CustomStringConvertible {
  public init(stringLiteral value: String) { rawValue = value }

  public var description: String { rawValue }
}

/// A number that is measured of a network in training.
public protocol Quantity: Sendable {
  var name: QuantityName { get }

  /// Whether ``value(of:)`` looks at ``MeasuredNetwork/moments``, which then serve for the loss of
  /// the whole network too.
  var usesMoments: Bool { get }

  /// - Returns: `nil` where it does not exist: errors of targets that are no classes.
  func value<Scalar: MatrixScalar>(of network: MeasuredNetwork<Scalar>) -> Double?
}

extension Quantity {
  public var usesMoments: Bool { false }
}

/// The quantities that can be asked for by name.
public struct Quantities: Sendable {
  /// Those that Landbridge knows by itself.
  public static let standard = Quantities(StandardQuantity.allCases)

  private var byName: [QuantityName: any Quantity] = [:]

  /// - Parameter quantities: with different names, none of them `step` or `time`.
  public init(_ quantities: [any Quantity]) {
    for quantity in quantities { add(quantity) }
  }

  /// Lets a plan ask for one more.
  public mutating func add(_ quantity: some Quantity) {
    let name = quantity.name
    precondition(
      byName[name] == nil && !TrainingMeasurement.reserved.contains(name.rawValue),
      "a second quantity called \(name)")
    byName[name] = quantity
  }

  public subscript(name: QuantityName) -> (any Quantity)? { byName[name] }

  /// The values of some of them that exist and are finite.
  ///
  /// - Parameter names: of quantities that are there.
  func measure<Scalar: MatrixScalar>(
    _ names: [QuantityName], of network: MeasuredNetwork<Scalar>
  ) -> [QuantityName: Double] {
    var values: [QuantityName: Double] = [:]
    for name in names {
      guard let quantity = byName[name] else { preconditionFailure("no quantity \(name)") }
      if let value = quantity.value(of: network), value.isFinite { values[name] = value }
    }
    return values
  }
}
