import Foundation
import Reports
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Whether figures can be drawn here.
let hasGnuplot = (try? Gnuplot()) != nil
let needsGnuplot: Comment = "needs gnuplot (sudo apt-get install gnuplot-nox)"

/// A directory for the time of a test; `LANDBRIDGE_GALLERY` names one to keep instead, to look at
/// the drawings.
func withDirectory<Result>(_ body: (URL) throws -> Result) throws -> Result {
  if let kept = ProcessInfo.processInfo.environment["LANDBRIDGE_GALLERY"] {
    return try body(URL(fileURLWithPath: kept))
  }
  let directory = FileManager.default.temporaryDirectory
    .appendingPathComponent("landbridge-reports-" + UUID().uuidString)
  defer { try? FileManager.default.removeItem(at: directory) }
  return try body(directory)
}

func contents(_ url: URL) throws -> String {
  String(decoding: try Data(contentsOf: url), as: UTF8.self)
}

/// What an XML document holds: how often each element occurs, its text, its identifiers.
final class XMLContents: NSObject, XMLParserDelegate {
  private(set) var elements: [String: Int] = [:]
  private(set) var attributes: [String: [String]] = [:]
  private(set) var text = ""

  /// Fails the test if the document is not well formed.
  init(_ data: Data, sourceLocation: SourceLocation = #_sourceLocation) {
    super.init()
    let parser = XMLParser(data: data)
    parser.delegate = self
    let parsed = parser.parse()
    #expect(parsed, "\(String(describing: parser.parserError))", sourceLocation: sourceLocation)
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    elements[name, default: 0] += 1
    for (key, value) in attributes { self.attributes[key, default: []].append(value) }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}
