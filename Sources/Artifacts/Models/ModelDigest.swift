internal import Crypto
internal import DataFormats
internal import Foundation

/// SHA-256 of a model, in hexadecimal: that of its file. Of an index of shards that of the bytes of
/// the index followed by `HEX  NAME\n` for every shard in the order of the names, as `sha256sum`
/// prints it, so that no shard can change unnoticed.
///
/// - Throws: `FormatError`: no such file, or a shard is missing.
package func sha256(ofModel path: String) throws -> String {
  guard ModelTensors.isIndex(path) else { return try sha256(ofFile: path) }
  var hash = SHA256()
  for (index, file) in try ModelTensors.files(of: path).enumerated() {
    hash.update(
      data: index == 0
        ? try fileContents(file).bytes
        : Data("\(try sha256(ofFile: file))  \(lastComponent(file))\n".utf8))
  }
  return hexadecimal(hash.finalize())
}
