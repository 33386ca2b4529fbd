/// The counter-based generator Philox4x32-10 as a `RandomNumberGenerator`.
///
/// Block number b of the sequence is the Philox function of the counter with b added to its first
/// word; there is no other state, so copies continue alike and any block can be had on its own.
///
/// - SeeAlso: Salmon, Moraes, Dror and Shaw, *Parallel random numbers: as easy as 1, 2, 3*, SC 2011,
///   doi:10.1145/2063384.2063405.
public struct Philox: RandomNumberGenerator, Sendable, Hashable {
  private var counter: SIMD4<UInt32>
  private let key: SIMD2<UInt32>
  private var block: SIMD4<UInt32> = .zero
  private var used = 4

  /// The generator whose first block has the given counter.
  public init(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) {
    self.counter = counter
    self.key = key
  }

  /// The four random words of one counter under one key.
  public static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var (c, k) = (counter, key)
    for _ in 0..<10 {
      let first = c[0].multipliedFullWidth(by: 0xD251_1F53)
      let second = c[2].multipliedFullWidth(by: 0xCD9E_8D57)
      c = SIMD4(second.high ^ c[1] ^ k[0], second.low, first.high ^ c[3] ^ k[1], first.low)
      k &+= SIMD2(0x9E37_79B9, 0xBB67_AE85)
    }
    return c
  }

  private mutating func nextWord() -> UInt32 {
    if used == 4 {
      block = Philox.block(counter: counter, key: key)
      counter[0] &+= 1
      used = 0
    }
    defer { used += 1 }
    return block[used]
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    let low = nextWord()
    return UInt64(nextWord()) << 32 | UInt64(low)
  }

  /// A uniformly random integer in `0 ..< bound`.
  ///
  /// Unlike `Int.random(in:using:)`, whose algorithm may change with the standard library, this
  /// gives the same results for ever: Lemire's multiplication with rejection
  /// (doi:10.1145/3230636), exactly uniform.
  public mutating func next(below bound: Int) -> Int {
    precondition(bound > 0, "no integer below \(bound)")
    let bound = UInt64(bound)
    let rejected = (0 &- bound) % bound
    while true {
      let product = next().multipliedFullWidth(by: bound)
      if product.low >= rejected { return Int(product.high) }
    }
  }
}
