public import LinearAlgebra

/// What the weights at the ends of a straight segment prove about the outputs along it.
///
/// Nothing is taken from whoever built the segment; the weights are all there is. A neuron is idle
/// if no path of weights that differ from zero *at either end* leads from it to an output; then
/// none does in between. All other neurons are live. In exact arithmetic and for every input:
///
/// - if no weight or bias feeding a live neuron or an output moves, ŷ is constant (P2);
/// - if one that feeds an output moves, but none that feeds a live hidden neuron, the last hidden
///   layer is constant where it is read, and ŷ is affine in t (P1);
/// - both also hold when weights move, but only between neurons that are identical all along the
///   segment (P3): same bias, and the same weights from every class of identical neurons below.
///
/// Where none of this applies, nothing is proved. Weights count as equal only if they are equal to
/// the last bit; no tolerance enters.
///
/// - Complexity: O(number of weights); O(n log n) where identical neurons are looked for.
///
/// Source: docs/theory.md §4, P1–P3, with identical neurons found from the input upwards.
public struct SegmentProof: Equatable, Sendable, Codable {
  /// What is proved.
  public enum Kind: String, Codable, Sendable {
    /// ŷ is the same for all t.
    case constant
    /// ŷ_t = (1 − t)ŷ₀ + tŷ₁, and ŷ is not constant by the rules above.
    case affine
  }

  /// Neurons of one hidden layer that no output reads, directly or indirectly, on the segment.
  public struct IdleNeurons: Equatable, Sendable, Codable {
    /// ℓ = 1 … L
    public var layer: Int
    /// How many there are.
    public var count: Int
    /// First and last of each run of idle neurons, from 0, in order; the first 16 runs.
    public var ranges: [[Int]]
  }

  /// `nil` when nothing is proved.
  public var kind: Kind?
  /// The tensors that differ between the ends: `layers.0.weight`, `layers.0.bias`, ….
  public var moving: [String]
  /// The layers that have idle neurons, with those.
  public var idle: [IdleNeurons]
  /// True when the proof needs that weights shift between identical neurons.
  public var identicalNeurons: Bool

  /// - Precondition: both networks have the same shape.
  public init<Scalar: MatrixScalar>(from start: Network<Scalar>, to end: Network<Scalar>) {
    precondition(start.hasSameShape(as: end), "segment between networks of different shapes")
    let segment = ReadWeights(start, end)
    moving = segment.movingTensors
    idle = segment.live.dropLast().enumerated().compactMap { index, live in
      IdleNeurons(layer: index + 1, live: live)
    }
    (kind, identicalNeurons) = segment.conclusion()
  }
}

extension SegmentProof.IdleNeurons {
  fileprivate init?(layer: Int, live: [Bool]) {
    var (runs, count) = ([[Int]](), 0)
    for (i, isLive) in live.enumerated() where !isLive {
      count += 1
      if let last = runs.last, last[1] == i - 1 {
        runs[runs.count - 1][1] = i
      } else {
        runs.append([i, i])
      }
    }
    if count == 0 { return nil }
    self.init(layer: layer, count: count, ranges: Array(runs.prefix(16)))
  }
}

/// Both ends of a segment, and what is read along it.
private struct ReadWeights<Scalar: MatrixScalar> {
  let start: Network<Scalar>
  let end: Network<Scalar>
  /// For every hidden layer and the output: which neurons are live.
  let live: [[Bool]]

  init(_ start: Network<Scalar>, _ end: Network<Scalar>) {
    (self.start, self.end) = (start, end)
    var live = [Array(repeating: true, count: start.outputDimension)]
    for index in stride(from: start.hiddenLayerCount, to: 0, by: -1) {
      live.insert(
        columnsRead(start.layers[index].weights, end.layers[index].weights, by: live[0]), at: 0)
    }
    self.live = live
  }

  var movingTensors: [String] {
    zip(start.layers, end.layers).enumerated().flatMap { index, layer in
      (layer.0.weights == layer.1.weights ? [] : ["layers.\(index).weight"])
        + (layer.0.bias == layer.1.bias ? [] : ["layers.\(index).bias"])
    }
  }

  func conclusion() -> (kind: SegmentProof.Kind?, identicalNeurons: Bool) {
    let moved = start.layers.indices.map { movedRows(ofLayer: $0) }
    if moved.allSatisfy(\.isEmpty) { return (.constant, false) }
    let output = start.hiddenLayerCount
    let hiddenMove = moved.dropLast().contains { !$0.isEmpty }
    // Weights can only have shifted between identical neurons if they are the same numbers still;
    // that is quickly seen, and spares the search for identical neurons nearly always.
    let anyClass = start.layers.map { [Int](repeating: 0, count: $0.weights.columns) }
    for index in 0..<output where !isRearranged(index, moved[index], anyClass[index]) {
      return (nil, false)
    }
    let outputMayStay = isRearranged(output, moved[output], anyClass[output])
    if !hiddenMove && !outputMayStay { return (.affine, false) }

    var classes = Array(0..<start.inputDimension)
    for index in 0..<output {
      guard isRearranged(index, moved[index], classes) else { return (nil, false) }
      classes = identicalNeurons(ofLayer: index, classes)
    }
    return isRearranged(output, moved[output], classes)
      ? (.constant, true) : (.affine, hiddenMove)
  }

  /// The live neurons of a layer whose incoming weights or bias differ between the ends.
  private func movedRows(ofLayer index: Int) -> [Int] {
    let (a, b) = (start.layers[index], end.layers[index])
    if a == b { return [] }
    return live[index].indices.filter { row in
      live[index][row]
        && (!rowsAgree(a.weights, b.weights, row) || a.bias?[row] != b.bias?[row])
    }
  }

  /// Whether the given neurons get the same at both ends, if inputs of one class are identical.
  private func isRearranged(_ index: Int, _ rows: [Int], _ classes: [Int]) -> Bool {
    let (a, b) = (start.layers[index], end.layers[index])
    return rows.allSatisfy { row in
      a.bias?[row] == b.bias?[row]
        && incoming(a.weights, row, classes) == incoming(b.weights, row, classes)
    }
  }

  /// For every neuron of a hidden layer the first one that is identical to it. Idle neurons, which
  /// may move, stay alone.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func identicalNeurons(ofLayer index: Int, _ classes: [Int]) -> [Int] {
    let layer = start.layers[index]
    var seen: [Int: [Int]] = [:]
    return live[index].indices.map { row in
      guard live[index][row] else { return row }
      let weights = incoming(layer.weights, row, classes)
      var hasher = Hasher()
      hasher.combine(layer.bias?[row])
      hasher.combine(weights)
      let key = hasher.finalize()
      let twin = seen[key]?.first {
        layer.bias?[$0] == layer.bias?[row] && incoming(layer.weights, $0, classes) == weights
      }
      if twin == nil { seen[key, default: []].append(row) }
      return twin ?? row
    }
  }
}

/// A weight that is not zero, and the class of identical neurons that it comes from.
private struct Incoming<Scalar: MatrixScalar>: Hashable {
  var source: Int
  var weight: Scalar
}

/// The weights of a row, each class's in increasing order.
///
/// Equal lists have equal sums over every class in exact arithmetic, which sums in floating point
/// would not tell.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func incoming<Scalar: MatrixScalar>(
  _ weights: Matrix<Scalar>, _ row: Int, _ classes: [Int]
) -> [Incoming<Scalar>] {
  unsafe weights.withUnsafeBufferPointer { elements in
    var list: [Incoming<Scalar>] = []
    for j in 0..<weights.columns {
      let weight = unsafe elements[row * weights.columns + j]
      if weight != 0 { list.append(Incoming(source: classes[j], weight: weight)) }
    }
    list.sort { ($0.source, $0.weight) < ($1.source, $1.weight) }
    return list
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func rowsAgree<Scalar: MatrixScalar>(_ a: Matrix<Scalar>, _ b: Matrix<Scalar>, _ row: Int)
  -> Bool
{
  let range = row * a.columns..<(row + 1) * a.columns
  return unsafe a.withUnsafeBufferPointer { a in
    unsafe b.withUnsafeBufferPointer { b in unsafe a[range].elementsEqual(b[range]) }
  }
}

/// Which columns have an entry other than zero, in either matrix, in a row that is live.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func columnsRead<Scalar: MatrixScalar>(
  _ a: Matrix<Scalar>, _ b: Matrix<Scalar>, by live: [Bool]
) -> [Bool] {
  let columns = a.columns
  var isRead = [Bool](repeating: false, count: columns)
  unsafe a.withUnsafeBufferPointer { a in
    unsafe b.withUnsafeBufferPointer { b in
      for row in live.indices where live[row] {
        for j in 0..<columns {
          let i = row * columns + j
          if unsafe a[i] != 0 || b[i] != 0 { isRead[j] = true }
        }
      }
    }
  }
  return isRead
}
