internal import LinearAlgebra

/// Reads the rows of a CSV file as numbers.
struct CSVReader {
  private var scanner: CSVScanner
  private let allowsNonFinite: Bool

  init(_ bytes: [UInt8], path: String, allowsNonFinite: Bool) {
    scanner = CSVScanner(bytes, path: path)
    self.allowsNonFinite = allowsNonFinite
  }

  mutating func read(_ mode: CSVHeader) throws -> NumericTable {
    guard scanner.findRow() else { throw noRows() }
    scanner.delimiter = scanner.detectDelimiter()
    let first = try measureRow()
    let hasHeader =
      switch mode {
      case .present: true
      case .absent: false
      case .detect: try first.holdsNames(scanner)
      }
    let header = hasHeader ? try readHeader(first.columns) : nil
    var values: [Double] = []
    let capacity = scanner.fieldLimit(columns: first.columns)
    try requireMemory(capacity * MemoryLayout<Double>.size, path: scanner.path)
    values.reserveCapacity(capacity)
    var rows = 0
    while scanner.findRow() {
      let line = scanner.line
      let mayBeHeader = rows == 0 && mode == .detect && !hasHeader && first.numbers < first.columns
      let columns = try readRow(first.columns, into: &values, mayBeHeader: mayBeHeader)
      guard columns == first.columns else {
        throw scanner.error(
          line: line, column: nil, "\(columns) fields", "\(first.columns) as in the first row")
      }
      rows += 1
    }
    guard rows > 0 else { throw noRows() }
    return NumericTable(
      header: header, values: Matrix(rows: rows, columns: first.columns, values))
  }

  private func noRows() -> FormatError {
    scanner.error(line: scanner.line, column: nil, "no rows", "rows of numbers")
  }

  /// What the first row looks like.
  private struct FirstRow {
    var columns = 0
    /// Fields that are numbers, and those of them in nothing but digits.
    var numbers = 0
    var digits = 0
    /// The first number, and whether the others count up from it one by one.
    var start: Double?
    var countsUp = true

    /// Whether it holds names: no number, or numbers beside names that count up from 0 or 1, or
    /// nothing but 0, 1, …, n − 1, as pandas writes columns without names.
    ///
    /// - Throws: `FormatError` for a row that counts up from elsewhere: years, or a sample.
    func holdsNames(_ scanner: CSVScanner) throws -> Bool {
      guard numbers > 0 else { return true }
      // One number says nothing: it may be a 0/1 label beside a damaged feature.
      guard numbers > 1, countsUp else { return false }
      if numbers < columns { return start == 0 || start == 1 }
      if start == 0 && digits == columns { return true }
      guard columns > 2, digits == columns || start == 0 else { return false }
      throw scanner.error(
        line: scanner.line, column: nil, "a first row that counts up, names or a sample",
        "to be told: header=yes or header=no after the name of the file")
    }
  }

  /// Looks at a row without keeping its fields: there may be a billion of them.
  private func measureRow() throws -> FirstRow {
    var scanner = scanner
    var row = FirstRow()
    var previous: Double?
    while true {
      let (field, isLast) = try scanner.nextField(column: row.columns + 1)
      row.columns += 1
      if let value = number(scanner, field) {
        row.countsUp = row.countsUp && (previous.map { value == $0 + 1 } ?? true)
        if row.start == nil { row.start = value }
        previous = value
        row.numbers += 1
        if scanner.bytes[field.range].allSatisfy(isDigit) { row.digits += 1 }
      }
      if isLast { return row }
    }
  }

  private mutating func readHeader(_ columns: Int) throws -> [String] {
    var names: [String] = []
    names.reserveCapacity(columns)
    while true {
      let line = scanner.line
      let (field, isLast) = try scanner.nextField(column: names.count + 1)
      let name = scanner.text(field)
      guard isStreamSafe(name) else {
        throw scanner.error(
          line: line, column: names.count + 1, streamSafety.found, streamSafety.expected)
      }
      names.append(name)
      if isLast { return names }
    }
  }

  /// Appends the numbers of a row, but not more than `limit`, and returns how many fields it has.
  private mutating func readRow(
    _ limit: Int, into values: inout [Double], mayBeHeader: Bool
  ) throws -> Int {
    var columns = 0
    while true {
      let line = scanner.line
      let (field, isLast) = try scanner.nextField(column: columns + 1)
      columns += 1
      if columns <= limit {
        guard let value = number(scanner, field) else {
          throw scanner.error(
            line: line, column: columns,
            field.range.isEmpty ? "an empty field" : quoted(bytes: scanner.bytes[field.range]),
            advice(scanner, field) + (mayBeHeader ? ", or header=yes" : ""))
        }
        guard value.isFinite || allowsNonFinite else {
          throw scanner.error(
            line: line, column: columns, quoted(bytes: scanner.bytes[field.range]),
            "a finite number")
        }
        values.append(value)
      }
      if isLast { return columns }
    }
  }
}

/// What is wanted in place of a field that is no number.
private func advice(_ scanner: CSVScanner, _ field: CSVScanner.Field) -> String {
  let bytes = scanner.bytes[field.range]
  let isDecimal = bytes.allSatisfy { isDigit($0) || "+-.,eE".utf8.contains($0) }
  if isDecimal, bytes.count(where: { $0 == UInt8(ascii: ",") }) == 1 {
    return "a number with a decimal point"
  }
  let isWord = bytes.first.map { !isDigit($0) && !"+-.,?".utf8.contains($0) } ?? false
  return isWord ? "a number (names of classes are to be numbered: 0, 1, …)" : "a number"
}

/// The number that a field holds, nearest to its decimal digits.
private func number(_ scanner: CSVScanner, _ field: CSVScanner.Field) -> Double? {
  let digits = scanner.bytes[field.range]
  if let value = shortDecimal(digits) { return value }
  // No number that a program wrote is longer, and the general conversion takes its time. Swift
  // reads hexadecimal floats and payloads of NaN too; tables have neither.
  guard digits.count <= 2048, !digits.contains(where: isForeign),
    let text = String(validating: digits, as: UTF8.self)
  else { return nil }
  return Double(text)
}

private func isForeign(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "x"), UInt8(ascii: "X"), UInt8(ascii: "p"), UInt8(ascii: "P"): true
  case UInt8(ascii: "("): true
  default: false
  }
}

/// Plain decimals of at most 15 digits: numerator and power of ten are exact, so one division
/// rounds once (Clinger, "How to read floating point numbers accurately", 1990).
private func shortDecimal(_ text: ArraySlice<UInt8>) -> Double? {
  var i = text.startIndex
  let isNegative = i < text.endIndex && text[i] == UInt8(ascii: "-")
  if isNegative || i < text.endIndex && text[i] == UInt8(ascii: "+") { i += 1 }
  guard text.endIndex - i <= 16 else { return nil }
  var digits = 0
  var count = 0
  var point: Int?
  for j in i..<text.endIndex {
    if isDigit(text[j]) {
      digits = digits * 10 + Int(text[j] - 0x30)
      count += 1
    } else if text[j] == UInt8(ascii: "."), point == nil {
      point = count
    } else {
      return nil
    }
  }
  guard count > 0, count <= 15 else { return nil }
  let magnitude = Double(digits) / powersOfTen[count - (point ?? count)]
  return isNegative ? -magnitude : magnitude
}

private let powersOfTen: [Double] = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
]
