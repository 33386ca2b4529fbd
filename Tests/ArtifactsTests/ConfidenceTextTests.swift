import Artifacts
import Testing

@Suite struct `Confidence as text` {
  @Test func `is read digit by digit`() {
    for (text, failure) in [
      ("0.95", 0.05), ("0.9999999999999999", 1e-16), (".5", 0.5), ("0.99999999999999999999", 1e-20),
      ("9e-1", 0.1), ("0.1", 0.9),
    ] {
      #expect(Confidence(text)?.failure == failure, "\(text)")
    }
    for text in [
      "", "0", "1", "1.0", "-0.5", "nan", "inf", "0x1p-1", "0,9", "95", "0.9 ", "1e-400",
    ] {
      #expect(Confidence(text) == nil, "\(text)")
    }
    #expect(Confidence(failure: 0.05).description == "0.95")
    #expect(Confidence(failure: 1e-16).description == "0.9999999999999999")
  }
}
