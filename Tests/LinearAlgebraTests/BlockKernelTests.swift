import LinearAlgebra
import Testing

@Suite("Kernels of several rows agree with naive loops")
struct BlockKernelTests {
  @Test(arguments: [0, 1, 4, 5, 12, 13, 33, 100]) func affine(outputs: Int) {
    for depth in [0, 1, 32, 77] {
      for count in [1, 7, 16, 31, 33, 64] {
        for bias in [false, true] {
          checkAffine(count, outputs, depth, bias: bias, Float.self)
          checkAffine(count, outputs, depth, bias: bias, Double.self)
        }
      }
    }
  }

  /// Rows of z are longer than the outputs: what lies between them stays as it was.
  func checkAffine<Scalar: MatrixScalar>(
    _ count: Int, _ outputs: Int, _ depth: Int, bias hasBias: Bool, _: Scalar.Type
  ) {
    let (x, w): ([Scalar], [Scalar]) = (scrambled(count * depth, 1), scrambled(outputs * depth, 2))
    let (bias, scale): ([Scalar], Scalar) = (scrambled(outputs, 3), 0.75)
    let (stride, width) = (outputs + 3, Scalar.panelWidth)
    #expect(width > 0 && width <= 32)
    let panelCount = (count + width - 1) / width
    var panels = [Scalar](repeating: .nan, count: panelCount * width * depth)
    for panel in 0..<panelCount {
      let first = panel * width
      unsafe x.withUnsafeBufferPointer { x in
        unsafe panels.withUnsafeMutableBufferPointer { panels in
          guard depth > 0 else { return }
          unsafe Scalar.packPanel(
            min(width, count - first), columns: depth, scale: scale,
            x.baseAddress! + first * depth, stride: depth,
            into: panels.baseAddress! + first * depth)
        }
      }
    }
    var z = [Scalar](repeating: -7, count: count * stride)
    unsafe bias.withUnsafeBufferPointer { bias in
      unsafe Scalar.affine(
        count, outputs: outputs, depth: depth, panels: panels, weights: w,
        bias: hasBias ? bias.baseAddress : nil, into: &z, stride: stride)
    }
    for k in 0..<count {
      for i in 0..<stride {
        guard i < outputs else {
          #expect(z[k * stride + i] == -7)
          continue
        }
        var (sum, size) = (hasBias ? Double(bias[i]) : 0, hasBias ? Double(abs(bias[i])) : 0)
        for j in 0..<depth {
          let term = Double(scale) * Double(x[k * depth + j]) * Double(w[i * depth + j])
          sum += term
          size += abs(term)
        }
        #expect(
          abs(Double(z[k * stride + i]) - sum) <= Tolerance.rounding(Scalar.self) * size,
          "\(count) samples, \(outputs) × \(depth), bias \(hasBias), at \(k), \(i)")
      }
    }
  }

  @Test(arguments: [0, 1, 7, 31, 33, 64, 100, 1025]) func accumulateBlock(n: Int) {
    for outputs in [0, 1, 3, 4, 6, 12, 16, 29] {
      for rows in [0, 1, 16, 45] {
        checkAccumulateBlock(n, outputs, rows, Float.self)
        checkAccumulateBlock(n, outputs, rows, Double.self)
      }
    }
  }

  /// The same as one row after the other.
  func checkAccumulateBlock<Scalar: MatrixScalar>(
    _ n: Int, _ outputs: Int, _ rows: Int, _: Scalar.Type
  ) {
    let (gStride, stride) = (rows + 2, n + 5)
    let (g, c): ([Scalar], [Scalar]) = (
      scrambled(outputs * gStride, 1), scrambled(rows * stride, 2)
    )
    var z: [Scalar] = scrambled(outputs * stride, 3)
    var plain = z
    unsafe Scalar.accumulateBlock(
      n, outputs: outputs, rows: rows, g, gStride: gStride, c, &z, stride: stride)
    for k in 0..<outputs {
      for i in 0..<n {
        for l in 0..<rows { plain[k * stride + i] += g[k * gStride + l] * c[l * stride + i] }
      }
    }
    let tolerance = Scalar(Tolerance.rounding(Scalar.self)) * Scalar(rows + 1)
    #expect(zip(z, plain).allSatisfy { abs($0 - $1) <= tolerance })
  }

  @Test(arguments: awkwardSizes) func scaleAndAdd(n: Int) {
    let (a, b): ([Float], [Float]) = (scrambled(n, 1), scrambled(n, 2))
    var (scaled, sum) = (a, b)
    unsafe Float.scale(n, 3, &scaled)
    unsafe Float.add(n, a, &sum)
    #expect(scaled == a.map { 3 * $0 })
    #expect(sum == zip(a, b).map { $0 + $1 })
  }
}

@Suite("Threads that work together") struct ThreadTeamTests {
  /// Every member adds what the others wrote before the barrier: the sums tell whether it saw all.
  @Test(arguments: [1, 2, 3, 8]) func barriers(members: Int) {
    let team = ThreadTeam(count: members)
    let rounds = 200
    let values = Buffer<Double>(count: 2 * members)
    let sums = Buffer<Double>(count: members)
    for repetition in 0..<3 {
      team.run { member in
        for round in 0..<rounds {
          let row = round % 2 * members
          unsafe values.base[row + member] = Double(round * (member + 1))
          team.barrier()
          for other in 0..<members { unsafe sums.base[member] += values.base[row + other] }
        }
      }
      let once = Double(rounds * (rounds - 1) / 2 * members * (members + 1) / 2)
      #expect(sums.elements == Array(repeating: once * Double(repetition + 1), count: members))
    }
  }

  @Test func shares() {
    let team = ThreadTeam(count: 3)
    for count in 0...10 {
      let items = Array(0..<count)
      let parts = (0..<3).map { Array(team.share(of: items, member: $0)) }
      #expect(parts.flatMap { $0 } == items)
      #expect(parts.map(\.count).max()! - parts.map(\.count).min()! <= 1)
    }
  }
}
