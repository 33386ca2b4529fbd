import Foundation
import LinearAlgebra

/// Where numbers were measured.
struct Machine: Codable {
  var processor: String
  var cores: Int
  /// GiB
  var memory: Double
  var system: String
  var swift: String
  /// The level of Landbridge's kernels.
  var kernels: String
  /// What they are measured beside.
  var blas: String

  static let current = Machine(
    processor: processorName(), cores: ProcessInfo.processInfo.activeProcessorCount,
    memory: (Double(ProcessInfo.processInfo.physicalMemory) / Double(1 << 30) * 10).rounded() / 10,
    system: systemName(), swift: swiftVersion(), kernels: kernelLevel,
    blas: BLAS.name)

  var lines: [String] {
    [
      "\(processor), \(cores) cores, \(memory) GiB, \(system)",
      "\(swift); kernels \(kernels); \(blas)",
    ]
  }

  private static func processorName() -> String {
    // Virtual machines often hide the name; family and model tell the generation all the same.
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else {
      return firstLine(of: "/usr/sbin/sysctl", ["-n", "machdep.cpu.brand_string"]) ?? "unknown"
    }
    func value(_ key: String) -> String? {
      text.split(separator: "\n").first { $0.hasPrefix(key + "\t") }?
        .split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
    }
    guard let name = value("model name") else { return "unknown" }
    guard let family = value("cpu family"), let model = value("model") else { return name }
    return "\(name) (family \(family), model \(model))"
  }

  private static func systemName() -> String {
    let release = (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)) ?? ""
    let pretty = release.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
    return pretty.map { $0.dropFirst(12).trimmingCharacters(in: ["\""]) }
      ?? ProcessInfo.processInfo.operatingSystemVersionString
  }

  private static func swiftVersion() -> String {
    let line = firstLine(of: "/usr/bin/env", ["swift", "--version"]) ?? "Swift, unknown version"
    return line.components(separatedBy: " (").first ?? line
  }

  private static func firstLine(of program: String, _ arguments: [String]) -> String? {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init)
  }
}

/// Rates of the machine itself, to compare with.
struct Rates: Codable {
  /// Flops per second of the matrix product at a shape where it is at its best, by threads: the
  /// better of the package's own and of BLAS'.
  var sgemm: [Int: Double]
  /// Whose that was, by threads: `own` or `BLAS`.
  var sgemmOf: [Int: String]
  /// Bytes per second of a ← b + s·c on arrays far larger than the caches, by threads; 12 bytes
  /// per element, as STREAM counts them.
  var triad: [Int: Double]

  static func measured(threads: [Int], seconds: Double) throws -> Rates {
    let products = try Dictionary(
      uniqueKeysWithValues: threads.map { ($0, try sgemmRate(threads: $0, seconds: seconds)) })
    return try Rates(
      sgemm: products.mapValues(\.rate), sgemmOf: products.mapValues(\.of),
      triad: rates(threads) { try triadRate(threads: $0, seconds: seconds) })
  }

  private static func rates(
    _ threads: [Int], _ measure: (Int) throws -> Double
  ) rethrows -> [Int: Double] {
    try Dictionary(uniqueKeysWithValues: threads.map { ($0, try measure($0)) })
  }
}

/// Flops per second of the better of two products of 1536² matrices, and whose it was.
func sgemmRate(threads: Int, seconds: Double) throws -> (rate: Double, of: String) {
  let n = 1536
  let stream = RandomStream(seed: 1, purpose: .bootstrap)
  let a = Matrix<Float>.normal(rows: n, columns: n, stream: stream)
  var c = Matrix<Float>(rows: n, columns: n)
  var d = c
  let own = Work { c.addProduct(a, a, scale: 1e-3, threads: threads) }
  let library = Work { BLAS.addProduct(a, a, scale: 1e-3, to: &d, threads: threads) }
  let times = try alternating([own, library], seconds: seconds).map(\.median)
  return (2 * Double(n * n * n) / min(times[0], times[1]), times[0] <= times[1] ? "own" : "BLAS")
}

private func triadRate(threads: Int, seconds: Double) throws -> Double {
  let n = 1 << 24
  let arrays = (0..<3).map { _ in
    let array = UnsafeMutableBufferPointer<Float>.allocate(capacity: n)
    array.initialize(repeating: 1)
    return Shared(array)
  }
  defer { for array in arrays { array.values.deallocate() } }
  let pieces = chunks(of: n, size: n / 64)
  let (a, b, c) = (arrays[0], arrays[1], arrays[2])
  let triad = Work {
    concurrently(pieces.count, threads: threads) { index in
      for i in pieces[index] { a.values[i] = b.values[i] + 0.5 * c.values[i] }
    }
  }
  return try 12 * Double(n) / alternating([triad], seconds: seconds)[0].median
}

private struct Shared: @unchecked Sendable {
  let values: UnsafeMutableBufferPointer<Float>
  init(_ values: UnsafeMutableBufferPointer<Float>) { self.values = values }
}
