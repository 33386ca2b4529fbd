internal import CKernelDigests
import Foundation
import LinearAlgebra
import Testing

/// The bytes of every kernel, on record in `Fixtures/kernel-digests.txt`. After a change that means to
/// give other bytes: `scripts/arm64-digests.sh > Tests/LinearAlgebraTests/Fixtures/kernel-digests.txt`.
@Suite struct `The same bytes on every processor` {
  private func recorded() throws -> [Substring] {
    let url = try #require(
      Bundle.module.url(
        forResource: "kernel-digests", withExtension: "txt", subdirectory: "Fixtures"))
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
  }

  @Test func `kernels of this processor`() throws {
    var text = [CChar](repeating: 0, count: 1 << 14)
    let needed = unsafe lb_kernel_digests(&text, text.count)
    try #require(needed <= text.count)
    let found = String(
      decoding: text.prefix(needed - 1).map { UInt8(bitPattern: $0) }, as: UTF8.self
    )
    .split(separator: "\n")
    let recorded = try recorded()
    #expect(recorded.count > 40)
    // Without fused multiply-add only random numbers are the same.
    let same: (Substring) -> Bool = { hasFusedMultiplyAdd || $0.hasPrefix("random-") }
    #expect(found.filter(same) == recorded.filter(same), "kernels \(kernelLevel)")
  }

  @Test func `kernels of arm64 under an emulator`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let process = Process()
    process.executableURL = root.appending(path: "scripts/arm64-digests.sh")
    let (output, errors) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, errors)
    try process.run()
    let found = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    if process.terminationStatus == 77 {
      print("arm64 kernels \(said)", terminator: "")
      return
    }
    #expect(process.terminationStatus == 0, "\(said)")
    #expect(try found.split(separator: "\n") == recorded())
  }
}
