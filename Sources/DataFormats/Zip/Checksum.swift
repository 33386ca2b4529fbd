package import Foundation

/// The CRC-32 and the length of `bytes`: tells data apart that differ by accident, not by intent.
package func checksum(_ bytes: Data) -> String {
  "\(crc(bytes))-\(bytes.count)"
}
