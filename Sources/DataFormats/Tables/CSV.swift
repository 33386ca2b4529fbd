public import LinearAlgebra

public import Foundation

/// A table of numbers with, perhaps, names of its columns.
public struct NumericTable: Sendable, Equatable {
  /// The names of the columns, if the file has them.
  public let header: [String]?
  public let values: Matrix<Double>

  /// - Precondition: a header has a name for each column.
  public init(header: [String]? = nil, values: Matrix<Double>) {
    precondition(header.map { $0.count == values.columns } ?? true, "a name for each column")
    self.header = header
    self.values = values
  }
}

/// Whether the first row of a CSV file holds names.
public enum CSVHeader: Sendable {
  /// It does if none of its fields is a number, if those that are count up from 0 or 1 beside names,
  /// or if it is exactly 0, 1, …, n − 1, as pandas numbers columns that have no names. A row of
  /// three or more numbers that counts up from elsewhere, or in decimals, is refused: it may be a
  /// sample.
  case detect
  case present
  case absent
}

/// Reads a CSV file of numbers, compressed or not.
///
/// Fields are separated by tabs, semicolons, commas or runs of spaces, whichever comes first in
/// this list and occurs in the first row. They may be in double quotes. Blank lines and lines that
/// begin with `#` are skipped; lines end in LF, CR LF or CR.
///
/// - Parameters:
///   - path: The file; gzip is recognised by its content.
///   - header: Whether the first row holds names.
///   - allowsNonFinite: Whether NaN and infinities are values; they are errors otherwise.
///   - decompressionLimit: The most bytes that a compressed file may unpack to;
///     ``defaultDecompressionLimit(forCompressed:)`` if nil.
/// - Throws: `FormatError` with line and column (the number of the field, from 1) if a field is no
///   number, a row has another number of fields than the first, or there are no rows.
/// - Complexity: O(length); memory at most ten times the length, reached by one-digit fields.
public func readCSV(
  _ path: String, header: CSVHeader = .detect, allowsNonFinite: Bool = false,
  decompressionLimit: Int? = nil
) throws -> NumericTable {
  try readCSV(
    bytes: fileContents(path).bytes, path: path, header: header, allowsNonFinite: allowsNonFinite,
    decompressionLimit: decompressionLimit)
}

/// Reads a CSV file that is in memory already, as the function above; `path` is for messages only.
public func readCSV(
  bytes: Data, path: String, header: CSVHeader = .detect, allowsNonFinite: Bool = false,
  decompressionLimit: Int? = nil
) throws -> NumericTable {
  let content = try decompressed(bytes, path: path, limit: decompressionLimit)
  if let error = FileSignature.error(for: content, path: path, wanted: "rows of numbers") {
    throw error
  }
  try requireMemory(content.count, path: path)
  if content.starts(with: [0xFF, 0xFE]) || content.starts(with: [0xFE, 0xFF]) {
    throw FormatError(
      path: path, found: "text in UTF-16", expected: "UTF-8: iconv -f UTF-16 -t UTF-8")
  }
  var reader = CSVReader([UInt8](content), path: path, allowsNonFinite: allowsNonFinite)
  return try reader.read(header)
}

/// Writes a table with commas and LF; numbers in the shortest form that reads back the same.
///
/// - Throws: `FormatError` if the file cannot be written.
public func writeCSV(_ table: NumericTable, to path: String) throws {
  try writeAtomically(to: path) { output in
    if let header = table.header {
      try output.write(header.map(csvField).joined(separator: ",") + "\n")
    }
    for i in 0..<table.values.rows {
      try output.write(table.values.row(i).map { "\($0)" }.joined(separator: ",") + "\n")
    }
  }
}

private func csvField(_ text: String) -> String {
  // A name must not look like the start of a comment, a space that is trimmed or a number.
  let special = text.isEmpty || text.contains { ",;\"\t\n\r# ".contains($0) || $0.isNewline }
  return special ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
}
