import ArgumentParser
import Foundation

/// Replaces what stands between `<!-- name:begin -->` and `<!-- name:end -->`.
func replaceSection(_ name: String, of path: String, with text: String) throws {
  let (begin, end) = ("<!-- \(name):begin -->", "<!-- \(name):end -->")
  let whole = try String(contentsOfFile: path, encoding: .utf8)
  guard let start = whole.range(of: begin), let stop = whole.range(of: end),
    start.upperBound <= stop.lowerBound
  else { throw ValidationError("\(path): no \(begin) … \(end)") }
  let new = whole[..<start.upperBound] + "\n" + text + whole[stop.lowerBound...]
  try String(new).write(toFile: path, atomically: true, encoding: .utf8)
}
