/// The arrays of a file that are inputs and targets, by their names.
package enum SampleArrays: Sendable {
  /// One set of samples.
  case whole(x: String, y: String)
  /// A training and a test part.
  case parts(train: (x: String, y: String), test: (x: String, y: String))

  /// The names of inputs and those of targets; `_` stands before or after `train` and `test`.
  private static let inputs = ["x", "images", "data", "features"]
  private static let targets = ["y", "labels", "label", "target", "targets"]

  /// - Returns: `nil` where the names are not those of samples.
  package init?(_ names: [String]) {
    func find(_ part: String?, _ words: [String]) -> [String] {
      names.filter { name in
        let plain = name.lowercased()
        return words.contains { word in
          part.map { plain == "\(word)_\($0)" || plain == "\($0)_\(word)" } ?? (plain == word)
        }
      }
    }
    func pair(_ part: String?) -> (x: String, y: String)? {
      let (x, y) = (find(part, SampleArrays.inputs), find(part, SampleArrays.targets))
      return x.count == 1 && y.count == 1 ? (x[0], y[0]) : nil
    }
    let (whole, train, test) = (pair(nil), pair("train"), pair("test"))
    switch (whole, train, test) {
    case (let whole?, nil, nil): self = .whole(x: whole.x, y: whole.y)
    case (nil, let train?, let test?):
      self = .parts(train: train, test: test)
    default: return nil
    }
  }
}
