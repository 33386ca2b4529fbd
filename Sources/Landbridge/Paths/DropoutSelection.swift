public import LinearAlgebra

/// The neurons a dropout path keeps of one of its two networks, and the output layers they are read
/// with.
public struct DropoutSelection<Scalar: MatrixScalar>: Sendable {
  /// A_ℓ for every hidden layer ℓ = 1 … L; `nil` stands for all neurons and is refused by the path.
  public var kept: KeptNeurons
  /// Output layers of the reduced networks in place of plain rescaling; `nil` for rescaling.
  ///
  /// Entry ℓ − 1 (ℓ = 1 … L) replaces the output layer of `network.keeping(kept.droppingOnly(fromLayer: ℓ))`,
  /// in the parametrisation of that narrower network: K × |A_L| weights, column k for the kept
  /// neuron k, and a bias if the network has one there.
  public var readouts: [Layer<Scalar>]?

  /// Neurons to keep, and what reads them.
  public init(kept: KeptNeurons, readouts: [Layer<Scalar>]? = nil) {
    self.kept = kept
    self.readouts = readouts
  }

  /// The first ⌊N_ℓ/2⌋ neurons of every hidden layer: the default for the start of a path.
  public static func firstHalf(of network: Network<Scalar>) -> DropoutSelection {
    DropoutSelection(kept: .first(network.hiddenWidths.map { $0 / 2 }))
  }

  /// The last ⌊N_ℓ/2⌋ neurons of every hidden layer: the default for the end of a path.
  public static func lastHalf(of network: Network<Scalar>) -> DropoutSelection {
    DropoutSelection(
      kept: KeptNeurons(layers: network.hiddenWidths.map { Array(($0 - $0 / 2)..<$0) }))
  }
}

extension DropoutSelection {
  /// A_ℓ for every layer, once all of it is known to fit `network`.
  ///
  /// - Parameter name: how messages call the network.
  func checkedKept(of network: Network<Scalar>, name: String) throws(ConnectError) -> [[Int]] {
    func require(
      _ condition: Bool, _ place: String, _ found: String, _ expected: String
    ) throws(ConnectError) {
      if !condition {
        throw .selection(
          ConnectError.Mismatch(place: "\(name), \(place)", found: found, expected: expected))
      }
    }
    let widths = network.hiddenWidths
    try require(
      kept.layers.count == widths.count, "hidden layers", "\(kept.layers.count)",
      "\(widths.count)")
    var sets: [[Int]] = []
    for (index, width) in widths.enumerated() {
      let place = "hidden layer \(index + 1)"
      let set = kept.layers[index] ?? Array(0..<width)
      // In the first layer the two networks only have to fit side by side; above it every kept
      // sub-network is copied beside itself.
      let most = index == 0 ? width - 1 : width / 2
      try require(width >= 2, place, "\(width) neuron", "at least 2")
      try require(
        (1...most).contains(set.count), place, "\(set.count) of \(width) neurons",
        "between 1 and \(most)")
      if let stray = set.first(where: { !(0..<width).contains($0) }) {
        try require(false, place, "neuron \(stray)", "neurons in 0 ..< \(width)")
      }
      try require(Set(set).count == set.count, place, "a neuron twice", "distinct neurons")
      sets.append(set)
    }
    guard let readouts else { return sets }
    let output = network.layers.last!
    try require(
      readouts.count == widths.count, "readouts", "\(readouts.count)",
      "one per hidden layer, \(widths.count)")
    for (index, readout) in readouts.enumerated() {
      let (found, place) = (readout.weights, "readout for dropout from layer \(index + 1)")
      try require(
        found.rows == output.weights.rows && found.columns == sets.last!.count, place,
        "\(found.rows) × \(found.columns)", "\(output.weights.rows) × \(sets.last!.count)")
      try require(
        (readout.bias == nil) == (output.bias == nil), place,
        readout.bias == nil ? "no bias" : "a bias", output.bias == nil ? "none" : "one")
    }
    return sets
  }
}
