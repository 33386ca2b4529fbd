internal import LinearAlgebra

/// The part of a dropout path that one network pays for: from θ to a network that computes what is
/// left of θ after dropout in every hidden layer, and that leaves half of every layer idle.
///
/// One affine segment drops the last hidden layer. Then, for ℓ = L−1 … 1, a constant segment writes
/// a copy of the kept neurons of layers ℓ+1 … L, reading only A_ℓ, into slots that are idle, and an
/// affine one moves the output weights onto it; 2L − 1 segments in all (docs/theory.md §4, steps 1 and 2).
struct DropoutChain<Scalar: MatrixScalar> {
  let knots: [PiecewiseLinearPath<Scalar>.Knot]
  /// Where the kept neurons of every hidden layer sit at the end; all others are idle there.
  let slots: [[Int]]
  /// The network that is left, without its idle neurons.
  let reduced: Network<Scalar>
  /// The output layer that reads it.
  let readout: Layer<Scalar>

  /// - Parameters:
  ///   - kept: A_ℓ of every hidden layer.
  ///   - spare: as many slots outside A_ℓ, for the copies; not used in the first layer.
  init(
    of network: Network<Scalar>, name: String, kept: [[Int]], spare: [[Int]],
    readouts: [Layer<Scalar>]?
  ) {
    let depth = network.hiddenLayerCount
    let reduced = network.keeping(KeptNeurons(layers: kept))
    var current = network
    var slots = kept
    var knots = [PiecewiseLinearPath.Knot(name: name, network: network)]

    func readout(_ layer: Int) -> Layer<Scalar> { readouts?[layer - 1] ?? reduced.layers[depth] }
    func layers(_ first: Int) -> String { first < depth ? "\(first)–\(depth)" : "\(depth)" }
    func suffix(_ first: Int) -> String { depth > 1 ? " \(layers(first))" : "" }
    func drop(from first: Int) {
      current.embedReadout(readout(first), columns: slots[depth - 1])
      knots.append(.init(name: "drop \(name)\(suffix(first))", network: current))
    }

    drop(from: depth)
    for layer in stride(from: depth - 1, through: 1, by: -1) {
      let source = slots
      for index in layer..<depth {
        slots[index] = source[index] == kept[index] ? spare[index] : kept[index]
        current.embed(
          reduced.layers[index], asLayer: index, rows: slots[index], columns: slots[index - 1])
      }
      knots.append(.init(name: "copy \(name)\(suffix(layer + 1))", network: current))
      drop(from: layer)
    }
    self.knots = knots
    self.slots = slots
    self.reduced = reduced
    self.readout = readout(1)
  }
}

extension Network {
  /// Writes a reduced network into the given slots of every hidden layer from `first` on (0 … L − 1),
  /// reading the given slots of the layer below; the output layer stays.
  mutating func embedHidden(
    _ reduced: Network, rows: [[Int]], columns: [[Int]], from first: Int = 0
  ) {
    for index in first..<hiddenLayerCount {
      embed(
        reduced.layers[index], asLayer: index, rows: rows[index],
        columns: index == 0 ? nil : columns[index - 1])
    }
  }

  /// Makes the output layer read the given slots of the last hidden layer, and them alone.
  mutating func embedReadout(_ readout: Layer<Scalar>, columns: [Int]) {
    embed(
      readout, asLayer: hiddenLayerCount, rows: Array(0..<outputDimension), columns: columns)
  }

  /// Replaces the given rows of a layer by those of a layer of a narrower network: weights from the
  /// neurons `columns` below, zero from all others, rescaled so that the factor 1/N of this network
  /// becomes the 1/|columns| of the narrower one.
  ///
  /// - Parameter columns: `nil` when both layers read the same inputs.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func embed(_ layer: Layer<Scalar>, asLayer index: Int, rows: [Int], columns: [Int]?) {
    let width = layers[index].weights.columns
    let columns = columns ?? Array(0..<width)
    let factor: Scalar =
      scaling == .meanField && index > 0 ? Scalar(width) / Scalar(columns.count) : 1
    precondition(
      layer.weights.rows == rows.count && layer.weights.columns == columns.count,
      "\(layer.weights.rows) × \(layer.weights.columns) into \(rows.count) × \(columns.count)")
    precondition(
      rows.allSatisfy { (0..<layers[index].weights.rows).contains($0) }
        && columns.allSatisfy { (0..<width).contains($0) }, "slots outside the layer")
    unsafe layers[index].weights.withUnsafeMutableBufferPointer { target in
      unsafe layer.weights.withUnsafeBufferPointer { source in
        for (i, row) in rows.enumerated() {
          for j in 0..<width { unsafe target[row * width + j] = 0 }
          for (j, column) in columns.enumerated() {
            unsafe target[row * width + column] = factor * source[i * columns.count + j]
          }
        }
      }
    }
    if let bias = layer.bias {
      for (i, row) in rows.enumerated() { layers[index].bias![row] = bias[i] }
    }
  }
}
