import Foundation
import LinearAlgebra
import Testing

/// What the tool writes is the same bytes with every kind of kernels and any number of threads:
/// `Fixtures/same-bytes.txt`, written by `same-bytes.sh` beside it.
@Suite struct `The same results on every processor` {
  @Test(
    .enabled(if: hasFusedMultiplyAdd, "a processor without fused multiply-add"),
    arguments: [(kernelLevel, 1), (kernelLevel, 2), ("x86-64-v3", 2)])
  func `training, measuring, connecting and pruning`(level: String, threads: Int) throws {
    let fixtures = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
    let script = fixtures.appending(path: "same-bytes.sh").path(percentEncoded: false)
    let scratch = try Scratch()
    let environment = [
      "LANDBRIDGE_KERNELS": level,
      "threads": String(threads),
    ]
    let run = try Shell.run("bash '\(script)'", environment: environment, in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    let expected = try String(
      contentsOf: fixtures.appending(path: "same-bytes.txt"), encoding: .utf8)
    let (found, recorded) = (run.output.split(separator: "\n"), expected.split(separator: "\n"))
    #expect(recorded.count > 30)
    #expect(found.count == recorded.count)
    for (found, recorded) in zip(found, recorded) {
      #expect(found == recorded, "kernels \(level), \(threads) threads")
    }
  }
}
