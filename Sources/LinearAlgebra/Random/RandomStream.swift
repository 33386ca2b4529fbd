/// A family of independent random sequences named by a seed, a purpose and a trial.
///
/// Each *item* of a stream (a sample, a matrix, a shuffle) has a sequence of its own that can be
/// drawn without drawing the others first, on any thread: results depend on the names alone, never
/// on the number of threads or the order of the calls.
///
/// The numbers are those of Philox4x32-10 with key `seed` and counter
/// (block, item mod 2³², ⌊item/2³²⌋, purpose·2¹⁶ + trial). Integers, uniforms and normals are the
/// same bits on every processor and every ``kernelLevel``. Different kinds of draws from one item
/// share its blocks, so use an item for one kind only.
public struct RandomStream: Sendable, Hashable {
  /// Names a whole run.
  public let seed: UInt64
  /// What the numbers are for.
  public let purpose: Purpose
  /// Which repetition of the run.
  public let trial: Int

  /// What a stream is drawn for. Streams of different purposes are independent.
  public struct Purpose: RawRepresentable, Sendable, Hashable {
    /// Its number in the key of the generator.
    public let rawValue: UInt16
    /// The purpose of that number.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The parameters at the start of training.
    public static let initialization = Purpose(rawValue: 1)
    /// The samples that are trained on.
    public static let trainingSamples = Purpose(rawValue: 2)
    /// The samples that are tested on.
    public static let testSamples = Purpose(rawValue: 3)
    /// The order in which a finite set is passed over.
    public static let shuffle = Purpose(rawValue: 4)
    /// The neurons that are kept.
    public static let subsets = Purpose(rawValue: 5)
    /// The parameters of a network that labels samples.
    public static let teacher = Purpose(rawValue: 6)
    /// Resampling for confidence intervals.
    public static let bootstrap = Purpose(rawValue: 7)
  }

  /// - Parameter trial: 0 … 65535.
  public init(seed: UInt64, purpose: Purpose, trial: Int = 0) {
    precondition(trial >= 0 && trial < 1 << 16, "trial \(trial) is not in 0 ... 65535")
    self.seed = seed
    self.purpose = purpose
    self.trial = trial
  }

  var tag: UInt32 { UInt32(purpose.rawValue) << 16 | UInt32(trial) }

  /// A generator of the sequence of an item, for use with the standard library.
  public func generator(item: UInt64 = 0) -> Philox {
    Philox(
      counter: SIMD4(0, UInt32(truncatingIfNeeded: item), UInt32(item >> 32), tag),
      key: SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(seed >> 32)))
  }

  /// Fills `out` with independent normal numbers.
  ///
  /// Box–Muller on uniforms of 24 bits (`Float`: |z| ≤ 5.77) or 53 bits (`Double`: |z| ≤ 8.58); the
  /// first k numbers do not depend on how many are asked for.
  ///
  /// - Parameters:
  ///   - item: which of the stream's sequences.
  ///   - out: at most 2³³ elements.
  @unsafe public func fillNormal<Scalar: MatrixScalar>(
    item: UInt64, _ out: UnsafeMutableBufferPointer<Scalar>, mean: Scalar = 0, scale: Scalar = 1
  ) {
    precondition(out.count <= 1 << 33, "\(out.count) numbers from one item")
    guard let base = out.baseAddress else { return }
    unsafe Scalar.fillNormal(self, item: item, out.count, mean: mean, scale: scale, base)
  }

  /// Fills `out[range]` with independent normal numbers, as ``fillNormal(item:_:mean:scale:)``.
  public func fillNormal<Scalar: MatrixScalar>(
    item: UInt64, _ out: inout MutableSpan<Scalar>, in range: Range<Int>, mean: Scalar = 0,
    scale: Scalar = 1
  ) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= out.count, "\(range) of \(out.count) elements")
    unsafe out.withUnsafeMutableBufferPointer {
      unsafe fillNormal(item: item, .init(rebasing: $0[range]), mean: mean, scale: scale)
    }
  }

  /// Fills `out` with independent numbers `lower + width·u`, u uniform on the multiples of
  /// 2⁻²⁴ (`Float`) or 2⁻⁵³ (`Double`) in [0, 1).
  ///
  /// - Parameters:
  ///   - item: which of the stream's sequences.
  ///   - out: at most 2³³ elements.
  @unsafe public func fillUniform<Scalar: MatrixScalar>(
    item: UInt64, _ out: UnsafeMutableBufferPointer<Scalar>, lower: Scalar = 0, width: Scalar = 1
  ) {
    precondition(out.count <= 1 << 33, "\(out.count) numbers from one item")
    guard let base = out.baseAddress else { return }
    unsafe Scalar.fillUniform(self, item: item, out.count, lower: lower, width: width, base)
  }

  /// A uniformly random order of `0 ..< count`; Fisher–Yates.
  public func permutation(of count: Int, item: UInt64 = 0) -> [Int] {
    precondition(count >= 0, "permutation of \(count)")
    var generator = generator(item: item)
    var order = Array(0..<count)
    for i in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(i, generator.next(below: i + 1))
    }
    return order
  }

  /// `count` members of `0 ..< total`, ascending; every subset of that size is equally likely.
  ///
  /// - Complexity: O(`total`) (selection sampling, Knuth 3.4.2 S).
  public func subset(_ count: Int, of total: Int, item: UInt64 = 0) -> [Int] {
    precondition(count >= 0 && count <= total, "subset of \(count) of \(total)")
    var generator = generator(item: item)
    var chosen: [Int] = []
    chosen.reserveCapacity(count)
    for i in 0..<total where chosen.count < count {
      if generator.next(below: total - i) < count - chosen.count { chosen.append(i) }
    }
    return chosen
  }
}
