internal import LinearAlgebra

/// Why two networks cannot be connected, or a path not be evaluated.
public enum ConnectError: Error, Equatable, Sendable {
  /// What was found at a place, and what would have been right there.
  public struct Mismatch: Equatable, Sendable {
    /// A layer, a property or a sample, in words.
    public var place: String
    /// What is there.
    public var found: String
    /// What would have been right.
    public var expected: String

    /// A place with what was found and what was expected there.
    public init(place: String, found: String, expected: String) {
      self.place = place
      self.found = found
      self.expected = expected
    }
  }

  /// The second network is not of the shape of the first one: every difference.
  case shapes([Mismatch])
  /// The neurons to keep, or the readout given for them, do not fit.
  case selection(Mismatch)
  /// A hidden layer (ℓ = 1 … L) has a single neuron: there is no half of it.
  case tooNarrow(layer: Int)
  /// The samples do not fit the networks.
  case samples(Mismatch)
  /// A loss or an output along the path is not a finite number.
  case notFinite(place: String)
}

extension ConnectError: CustomStringConvertible {
  /// One line: the place, what was found there, what was expected.
  public var description: String {
    func text(_ m: Mismatch) -> String { "\(m.place): found \(m.found), expected \(m.expected)" }
    switch self {
    case .shapes(let mismatches):
      let list = mismatches.map(text).joined(separator: "; ")
      return "the second network does not have the shape of the first: \(list)"
    case .selection(let mismatch): return "neurons to keep: \(text(mismatch))"
    case .tooNarrow(let layer):
      return "hidden layer \(layer) has 1 neuron, expected at least 2 to halve"
    case .samples(let mismatch): return "samples: \(text(mismatch))"
    case .notFinite(let place):
      return "\(place): found a loss or an output that is not finite, expected finite numbers"
    }
  }
}

extension ConnectError {
  /// Throws ``shapes(_:)`` unless parameters of `end` can be mixed with those of `start`.
  static func requireSameShape<Scalar: MatrixScalar>(
    _ start: Network<Scalar>, _ end: Network<Scalar>
  ) throws(ConnectError) {
    var mismatches: [Mismatch] = []
    func compare(_ place: String, _ found: String, _ expected: String) {
      if found != expected {
        mismatches.append(Mismatch(place: place, found: found, expected: expected))
      }
    }
    compare("scaling", end.scaling.rawValue, start.scaling.rawValue)
    compare("hidden layers", "\(end.hiddenLayerCount)", "\(start.hiddenLayerCount)")
    if start.hiddenLayerCount == end.hiddenLayerCount {
      for (index, (b, a)) in zip(end.layers, start.layers).enumerated() {
        let place = index < start.hiddenLayerCount ? "layer \(index + 1)" : "output layer"
        func shape(_ layer: Layer<Scalar>) -> String {
          "\(layer.weights.rows) × \(layer.weights.columns)"
        }
        compare("\(place), weights", shape(b), shape(a))
        compare("\(place), bias", b.bias == nil ? "none" : "one", a.bias == nil ? "none" : "one")
        compare("\(place), activation", b.activation.description, a.activation.description)
      }
    }
    if !mismatches.isEmpty { throw .shapes(mismatches) }
  }

  /// Throws ``samples(_:)`` unless `samples` can be fed to `network`.
  static func requireFit<Scalar: MatrixScalar>(
    of samples: Samples<Scalar>, to network: Network<Scalar>
  ) throws(ConnectError) {
    func require(_ place: String, _ found: Int, _ expected: Int) throws(ConnectError) {
      if found != expected {
        throw .samples(Mismatch(place: place, found: "\(found)", expected: "\(expected)"))
      }
    }
    try require("input dimension", samples.inputDimension, network.inputDimension)
    try require("output dimension", samples.outputDimension, network.outputDimension)
    if samples.count == 0 {
      throw .samples(Mismatch(place: "number of samples", found: "0", expected: "at least 1"))
    }
  }
}
