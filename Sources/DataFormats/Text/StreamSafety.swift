/// Whether `text` is in the Stream-Safe Text Format of Unicode: at most 30 combining marks in a
/// row.
///
/// Comparing and hashing strings sorts such runs by insertion, which takes hours for a name made
/// of millions of them.
///
/// - Note: Unicode Standard Annex #15, section 13.
package func isStreamSafe(_ text: String) -> Bool {
  var marks = 0
  for scalar in text.unicodeScalars {
    let isMark = !scalar.isASCII && scalar.properties.canonicalCombiningClass != .notReordered
    marks = isMark ? marks + 1 : 0
    if marks > 30 { return false }
  }
  return true
}

/// What is wrong with text that is not stream-safe.
let streamSafety = (found: "more than 30 combining marks in a row", expected: "at most 30")
