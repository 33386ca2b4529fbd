internal import DataFormats
package import Foundation

/// Decodes JSON of strangers.
///
/// Foundation's decoder nests without end, lets keys be given twice, and hashes them in time
/// quadratic in their length when they are long runs of combining marks: ``KeyScanner`` comes first.
///
/// - Throws: `FormatError` with the offset, or a `DecodingError` for what has not the type's form.
package func decodeUntrusted<Value: Decodable>(
  _ type: Value.Type = Value.self, from text: Data, path: String
) throws -> Value {
  _ = try KeyScanner(text, path: path)
  return try JSONDecoder().decode(type, from: text)
}
