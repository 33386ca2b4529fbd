import DataFormats
import Foundation

/// The reader named by the environment variable `LANDBRIDGE_READER`.
private let reader: Reader = {
  let name = ProcessInfo.processInfo.environment["LANDBRIDGE_READER"] ?? ""
  guard let reader = readers[name] else {
    let names = readers.keys.sorted().joined(separator: ", ")
    FileHandle.standardError.write(
      Data("LANDBRIDGE_READER: found “\(name)”, expected one of \(names)\n".utf8))
    exit(64)
  }
  return reader
}()

/// Writes the seeds of the reader to the directory `LANDBRIDGE_SEEDS` and ends, if it is set.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>
) -> CInt {
  guard let directory = ProcessInfo.processInfo.environment["LANDBRIDGE_SEEDS"] else { return 0 }
  do {
    for (i, seed) in try reader.seeds().enumerated() {
      try seed.write(to: URL(filePath: "\(directory)/seed-\(i)"))
    }
  } catch {
    fatalError("\(error)")
  }
  exit(0)
}

/// Reads `count` bytes. Whatever they are, they are accepted, or refused by an error of the
/// reader's type with a message fit to be shown.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Data(UnsafeBufferPointer(start: start, count: count))
  do {
    try reader.read(bytes)
  } catch {
    let message = "\(error)".utf8
    precondition(reader.isExpected(error), "\(type(of: error)): \(error)")
    precondition(message.count <= 4096, "a message of \(message.count) bytes")
    precondition(message.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "\(error)")
  }
  return 0
}
