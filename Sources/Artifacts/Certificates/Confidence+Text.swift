internal import Foundation
package import Landbridge

extension Confidence: CustomStringConvertible {
  /// Reads 1 − δ as it is written, digit by digit: `0.95` has δ = 0.05, `0.9999999999999999` has
  /// 1e-16. Up to 38 digits.
  ///
  /// - Returns: `nil` for what is no number, or not strictly between 0 and 1.
  package init?(_ text: String) {
    let isPlain =
      text.utf8.count <= 60 && text.utf8.allSatisfy { "0123456789.eE+-".utf8.contains($0) }
    guard isPlain, Double(text) != nil,
      let written = Decimal(string: text, locale: Locale(identifier: "en_US_POSIX"))
    else { return nil }
    guard !written.isNaN, written > 0, written < 1,
      let δ = Double("\(Decimal(1) - written)"), δ > 0, δ < 1
    else { return nil }
    self.init(failure: δ)
  }

  /// 1 − δ in decimal digits, as many as δ needs.
  package var description: String {
    guard let δ = Decimal(string: "\(failure)", locale: Locale(identifier: "en_US_POSIX")),
      failure > 1e-30
    else { return "1 − \(failure)" }
    return "\(Decimal(1) - δ)"
  }
}
