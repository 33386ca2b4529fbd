import Foundation
import LinearAlgebra
import Testing

private func normals<Scalar: MatrixScalar>(_ stream: RandomStream, _ n: Int, item: UInt64 = 0)
  -> [Scalar]
{
  Matrix<Scalar>.normal(rows: 1, columns: n, stream: stream, item: item).elements
}

private func uniforms<Scalar: MatrixScalar>(_ stream: RandomStream, _ n: Int, item: UInt64 = 0)
  -> [Scalar]
{
  Matrix<Scalar>.uniform(rows: 1, columns: n, in: 0...1, stream: stream, item: item).elements
}

/// The words of an item, computed one block at a time.
private func words(_ s: RandomStream, item: UInt64, blocks: Int) -> [SIMD4<UInt32>] {
  (0..<blocks).map {
    Philox.block(
      counter: SIMD4(
        UInt32($0), UInt32(truncatingIfNeeded: item), UInt32(item >> 32),
        UInt32(s.purpose.rawValue) << 16 | UInt32(s.trial)),
      key: SIMD2(UInt32(truncatingIfNeeded: s.seed), UInt32(s.seed >> 32)))
  }
}

private func uniform(_ a: UInt32, _ b: UInt32) -> Double {
  (Double(a >> 5) * 0x1p26 + Double(b >> 6)) * 0x1p-53
}

@Suite("Bulk random numbers are those of the scalar generator")
struct RandomStreamExactTests {
  let stream = RandomStream(seed: 0x0123_4567_89ab_cdef, purpose: .testSamples, trial: 513)
  let item: UInt64 = 0xfedc_ba98_7654_3210

  @Test func floatUniforms() {
    let blocks = words(stream, item: item, blocks: 24)
    let expected: [Float] = (0..<96).map { i in
      let word = blocks[8 * (i / 32) + i % 8][i % 32 / 8]
      return Float(word >> 8) * 0x1p-24
    }
    #expect(uniforms(stream, 96, item: item) == expected)
  }

  @Test func doubleUniforms() {
    let blocks = words(stream, item: item, blocks: 24)
    let expected: [Double] = (0..<48).map { i in
      let (block, pair) = (blocks[8 * (i / 16) + i % 8], i % 16 / 8)
      return uniform(block[2 * pair], block[2 * pair + 1])
    }
    #expect(uniforms(stream, 48, item: item) == expected)
  }

  @Test func floatNormals() {
    let blocks = words(stream, item: item, blocks: 800)
    let actual: [Float] = normals(stream, 3200, item: item)
    for i in actual.indices {
      let (block, w) = (blocks[8 * (i / 32) + i % 8], i % 32 / 8)
      let u = Double((block[w & ~1] >> 8) + 1) * 0x1p-24
      let angle = 2 * Double.pi * Double(block[w | 1] >> 8) * 0x1p-24
      let z = sqrt(-2 * log(u)) * (w & 1 == 0 ? cos(angle) : sin(angle))
      #expect(abs(Double(actual[i]) - z) <= Tolerance.normal(Float.self))
    }
  }

  @Test func doubleNormals() {
    let blocks = words(stream, item: item, blocks: 800)
    let actual: [Double] = normals(stream, 1600, item: item)
    for i in actual.indices {
      let block = blocks[8 * (i / 16) + i % 8]
      let u = uniform(block[0], block[1]) + 0x1p-53
      let angle = 2 * Double.pi * uniform(block[2], block[3])
      let z = sqrt(-2 * log(u)) * (i % 16 < 8 ? cos(angle) : sin(angle))
      #expect(abs(actual[i] - z) <= Tolerance.normal(Double.self))
    }
  }

  /// Bits taken from the SSE2 kernels; they hold at every level and on every architecture.
  @Test func bitsAreTheSameEverywhere() {
    let stream = RandomStream(seed: 1, purpose: .initialization)
    let float: [Float] = normals(stream, 64)
    let double: [Double] = normals(stream, 64)
    #expect(float[0].bitPattern == 0xbf65_485d)
    #expect(float[33].bitPattern == 0xbf9b_f5b3)
    #expect(float[63].bitPattern == 0xbf85_0b91)
    #expect(double[0].bitPattern == 0xbfe8_6dc3_ca1b_c82a)
    #expect(double[33].bitPattern == 0x3fe6_0783_0c9f_32c2)
    #expect(double[63].bitPattern == 0x3ff4_f87e_555c_6b8f)
  }

  @Test func generatorGivesTheWordsInOrder() {
    var generator = stream.generator(item: item)
    for block in words(stream, item: item, blocks: 5) {
      #expect(generator.next() == UInt64(block[1]) << 32 | UInt64(block[0]))
      #expect(generator.next() == UInt64(block[3]) << 32 | UInt64(block[2]))
    }
  }
}

@Suite("Random streams obey their laws")
struct RandomStreamLawTests {
  let stream = RandomStream(seed: 7, purpose: .trainingSamples)

  @Test(arguments: awkwardSizes) func shorterFillsArePrefixes(n: Int) {
    let (float, double): ([Float], [Double]) = (normals(stream, n), normals(stream, n))
    #expect(float == Array(normals(stream, 5000)[..<n]))
    #expect(double == Array(normals(stream, 5000)[..<n]))
  }

  @Test func meanAndScaleAreApplied() {
    var shifted = [Double](repeating: 0, count: 100)
    unsafe shifted.withUnsafeMutableBufferPointer {
      unsafe stream.fillNormal(item: 3, $0, mean: 2, scale: 0.5)
    }
    #expect(shifted == (normals(stream, 100, item: 3) as [Double]).map { $0 * 0.5 + 2 })
    let range = Matrix<Float>.uniform(rows: 10, columns: 100, in: -3 ... -1, stream: stream)
    #expect(range.elements.allSatisfy { $0 >= -3 && $0 <= -1 })
  }

  @Test func namesMatter() {
    let streams = [
      stream, RandomStream(seed: 8, purpose: .trainingSamples),
      RandomStream(seed: 7 | 1 << 40, purpose: .trainingSamples),
      RandomStream(seed: 7, purpose: .shuffle),
      RandomStream(seed: 7, purpose: .trainingSamples, trial: 1),
    ]
    var firsts: Set<[Float]> = []
    for s in streams {
      for item: UInt64 in [0, 1, 1 << 32] { firsts.insert(normals(s, 4, item: item)) }
    }
    #expect(firsts.count == 15)
  }

  @Test(arguments: [0, 1, 2, 100]) func permutationsArePermutations(n: Int) {
    #expect(stream.permutation(of: n).sorted() == Array(0..<n))
  }

  @Test func subsetsAreAscendingAndOfTheirSize() {
    for (count, total) in [(0, 0), (0, 5), (5, 5), (1, 1), (3, 50), (49, 50)] {
      let s = stream.subset(count, of: total)
      #expect(s.count == count && Set(s).count == count && s == s.sorted())
      #expect(s.allSatisfy { (0..<total).contains($0) })
    }
  }
}

@Suite("Random streams have the distributions they claim")
struct RandomStreamStatisticalTests {
  let stream = RandomStream(seed: 2026, purpose: .bootstrap)
  let n = 1 << 20

  func checkMoments(_ z: [Double]) {
    let n = Double(z.count)
    func mean(_ f: (Double) -> Double) -> Double { z.reduce(0) { $0 + f($1) } / n }
    let k = Tolerance.deviations
    #expect(abs(mean { $0 }) < k / sqrt(n))
    #expect(abs(mean { $0 * $0 } - 1) < k * sqrt(2 / n))
    #expect(abs(mean { $0 * $0 * $0 }) < k * sqrt(15 / n))
    #expect(abs(mean { $0 * $0 * $0 * $0 } - 3) < k * sqrt(96 / n))
    // Partners of Box–Muller, neighbours, neighbouring groups.
    for lag in [1, 8, 16, 32] {
      let sum = (lag..<z.count).reduce(0) { $0 + z[$1] * z[$1 - lag] }
      #expect(abs(sum) < k * sqrt(n))
      let squares = (lag..<z.count).reduce(0) {
        $0 + (z[$1] * z[$1] - 1) * (z[$1 - lag] * z[$1 - lag] - 1)
      }
      #expect(abs(squares) < k * 2 * sqrt(n))
    }
  }

  @Test func normalMoments() {
    checkMoments((normals(stream, n) as [Float]).map(Double.init))
    checkMoments(normals(stream, n))
  }

  /// Kolmogorov and Smirnov: √n·D > 2.8 has probability 2e^{−2·2.8²} = 3e-7.
  @Test func distributionFunctions() {
    func distance(_ values: [Double], _ cdf: (Double) -> Double) -> Double {
      let n = Double(values.count)
      return values.sorted().enumerated().reduce(0) {
        let f = cdf($1.element)
        return max($0, f - Double($1.offset) / n, Double($1.offset + 1) / n - f)
      } * sqrt(n)
    }
    func normal(_ z: Double) -> Double { 0.5 * erfc(-z / sqrt(2)) }
    #expect(distance((normals(stream, n) as [Float]).map(Double.init), normal) < 2.8)
    #expect(distance(normals(stream, n), normal) < 2.8)
    #expect(distance((uniforms(stream, n) as [Float]).map(Double.init)) { $0 } < 2.8)
    #expect(distance(uniforms(stream, n)) { $0 } < 2.8)
  }

  /// χ² with f degrees of freedom: mean f, standard deviation √(2f). Its tail is heavier than the
  /// normal's: above f + 8√(2f) with probability < 1e-6 for f = 19 and 23.
  func checkUniform(_ counts: [[Int]: Int], cells: Int, draws: Int) {
    #expect(counts.count == cells)
    let expected = Double(draws) / Double(cells)
    let χ² = counts.values.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) }
    let freedom = Double(cells - 1)
    #expect(χ² / expected < freedom + 8 * sqrt(2 * freedom))
  }

  @Test func permutationsAreUniform() {
    var counts: [[Int]: Int] = [:]
    for item in 0..<24_000 {
      counts[stream.permutation(of: 4, item: UInt64(item)), default: 0] += 1
    }
    checkUniform(counts, cells: 24, draws: 24_000)
  }

  @Test func subsetsAreUniform() {
    var counts: [[Int]: Int] = [:]
    for item in 0..<20_000 { counts[stream.subset(3, of: 6, item: UInt64(item)), default: 0] += 1 }
    checkUniform(counts, cells: 20, draws: 20_000)
  }
}
