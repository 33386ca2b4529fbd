internal import LinearAlgebra

/// The outputs of a network while its last hidden layer is anywhere in a box: f = c + Gu, |u_i| ≤ 1.
///
/// What interval arithmetic gives up is that all outputs read the same neurons: no u takes every
/// output to its farthest point at once.
struct OutputBox {
  /// c (K), the outputs at the middle of the box.
  private let center: [Double]
  /// What c may be off by rounding.
  private let centerError: [Double]
  /// A, the outgoing weights of the neurons that are read (K × N), and m, r ≥ 0 of their ranges m ± r.
  private let weights: Matrix<Double>
  private let middles: [Double]
  private let radii: [Double]
  private let bias: [Double]
  private let factor: Double

  /// - Returns: `nil` where a neuron that is read has no bounds, or numbers overflow.
  init?(of network: Network<Double>, inputs: ClosedRange<Double>?) {
    let ranges = network.hiddenRanges(inputs: inputs)
    let layer = network.layers.last!
    let outputs = layer.weights.rows
    let read = ranges.indices.filter { i in (0..<outputs).contains { layer.weights[$0, i] != 0 } }
    guard read.allSatisfy({ ranges[$0].isBounded }) else { return nil }
    weights = layer.weights.columns(read)
    middles = read.map { (ranges[$0].lowerBound / 2) + (ranges[$0].upperBound / 2) }
    radii = zip(read, middles).map { i, m in
      max(ranges[i].upperBound - m, m - ranges[i].lowerBound).nextUp
    }
    bias = layer.bias ?? Array(repeating: 0, count: outputs)
    factor = network.scale(ofLayer: network.hiddenLayerCount)
    var (center, error) = ([Double](), [Double]())
    for k in 0..<outputs {
      let terms = zip(weights.row(k), middles).map { $0 * $1 }
      let size = factor * terms.reduce(0) { $0 + abs($1) } + abs(bias[k])
      center.append(factor * terms.reduce(0, +) + bias[k])
      error.append(Outward.gamma(terms.count + 4) * size + .leastNormalMagnitude)
    }
    (self.center, centerError) = (center, error)
    guard (center + error + radii).allSatisfy(\.isFinite) else { return nil }
  }

  /// No less than ‖y − f‖² over the box and all targets; `nil` where it overflows.
  ///
  /// y − f = v + Gu is the image [v, G] of a larger box, with one more column for every target that
  /// may vary by itself; for classes one problem a class, or all in one where there are many.
  func squaredLossBound(targets: TargetSet) -> Double? {
    let k = center.count
    var radius: Double
    switch targets {
    case .classes where k > 1:
      let corners = (0..<k).map { c in (0..<k).map { ($0 == c ? 1 : 0) - center[$0] } }
      let cost = 2 * Double(k * k) * Double(weights.columns) * Double(BoxImage.steps)
      if cost * Double(k) <= 2e10 {
        radius = corners.map { image([$0]).radiusBound() }.max()!
      } else {
        // The triangle inequality, and no more steps than time allows.
        let steps = Int(max(1, min(Double(BoxImage.steps), 2e11 / cost * Double(BoxImage.steps))))
        radius = corners.map(normBound).max()! + image([]).radiusBound(steps: steps)
      }
    case .classes: radius = imageOfRange(-1...1).radiusBound()
    case .range(let range): radius = imageOfRange(range).radiusBound()
    }
    radius = Outward.enlarged(radius + normBound(centerError), operations: 2)
    let bound = Outward.enlarged(radius * radius, operations: 1)
    return bound.isFinite ? bound : nil
  }

  /// [v, diag(r_y), G] for targets that are anywhere in a range.
  private func imageOfRange(_ range: ClosedRange<Double>) -> BoxImage {
    let middle = range.lowerBound / 2 + range.upperBound / 2
    let half = max(range.upperBound - middle, middle - range.lowerBound).nextUp
    return image(
      [center.map { middle - $0 }]
        + center.indices.map { c in center.indices.map { $0 == c ? half : 0 } })
  }

  /// [columns, G], with G_ki = s·A_ki·r_i: the first product is the one that may underflow least.
  private func image(_ columns: [[Double]]) -> BoxImage {
    var g = Matrix<Double>(rows: center.count, columns: columns.count + radii.count)
    for k in center.indices {
      for (j, column) in columns.enumerated() { g[k, j] = column[k] }
      for i in radii.indices { g[k, columns.count + i] = factor * (weights[k, i] * radii[i]) }
    }
    return BoxImage(generators: g)
  }

  /// No less than log Σ_j e^{f_j − f_c} over the box and all classes c, from the range of every
  /// difference by itself: Σ_i (A_ji − A_ci)m_i + |A_ji − A_ci|r_i.
  var crossEntropyBound: Double? {
    let k = center.count
    let rows = (0..<k).map(weights.row)
    // largest[c][j] of f_j − f_c
    var largest = Array(repeating: Array(repeating: 0.0, count: k), count: k)
    for c in 0..<k {
      for j in 0..<c {
        var (middle, spread, size) = (0.0, 0.0, 0.0)
        for i in radii.indices {
          let difference = rows[j][i] - rows[c][i]
          let part = difference * middles[i]
          middle += part
          size += abs(part)
          spread += abs(difference) * radii[i]
        }
        let error =
          Outward.gamma(radii.count + 8)
          * (factor * (size + spread) + abs(bias[j]) + abs(bias[c])) + .leastNormalMagnitude
        let half = factor * spread + error
        let center = factor * middle + (bias[j] - bias[c])
        largest[c][j] = (center + half).nextUp
        largest[j][c] = (half - center).nextUp
      }
    }
    let bounds = largest.map(logSumExpBound)
    return bounds.contains { $0 == nil } ? nil : bounds.compactMap { $0 }.max()
  }
}

/// No less than ‖x‖₂.
func normBound(_ x: [Double]) -> Double {
  let largest = x.reduce(0) { max($0, abs($1)) }
  guard largest > 0, largest.isFinite else { return largest }
  let sum = x.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }
  return Outward.enlarged(sum.squareRoot() * largest, operations: x.count + 6)
}
