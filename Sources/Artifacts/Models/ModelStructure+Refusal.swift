internal import DataFormats

extension ModelStructure {
  /// - Throws: `FormatError` that names everything that stands in the way, and what can be done.
  package func requireNetwork() throws {
    guard !isNetwork else { return }
    var found = ambiguities.prefix(3) + obstacles.prefix(6).map(\.summary) + mismatches.prefix(6)
    let rest = ambiguities.count + obstacles.count + mismatches.count - found.count
    if rest > 0 { found.append("\(rest) more") }
    var expected = "linear layers alone, weight [out, in] or kernel [in, out] and bias [out]"
    if !ambiguities.isEmpty && obstacles.isEmpty && mismatches.isEmpty {
      expected = "one network, its layers in the order of --layers PREFIX,PREFIX,…"
    } else if layers.count < 2 && mismatches.isEmpty {
      found.append("\(layers.count) linear layer\(layers.count == 1 ? "" : "s")")
      expected = "at least 2 " + expected
    }
    var hints = advice
    if !suggestions.isEmpty {
      hints.append(
        "here: " + suggestions.prefix(4).map { "--layers \($0)" }.joined(separator: " or "))
    }
    throw FormatError(
      path: path, place: "tensors", found: found.joined(separator: "; "),
      expected: ([expected] + hints).joined(separator: "; "))
  }

  /// What can be done about what stands in the way.
  package var advice: [String] {
    let order = Obstacle.Reason.allCases
    let lines = order.flatMap { reason in
      obstacles.filter { $0.reason == reason }.flatMap(\.allAdvice)
    }
    var seen: Set<String> = []
    return lines.filter { seen.insert($0).inserted } + mismatchAdvice
  }

  private var mismatchAdvice: [String] {
    let pairs = zip(layers, layers.dropFirst())
    guard ambiguities.isEmpty, pairs.contains(where: { $0.outputs != $1.inputs }) else { return [] }
    return pairs.allSatisfy { $0.inputs == $1.outputs }
      ? ["the weights look like [in, out]: name them kernel"]
      : ["another order of the layers is given as --layers NAME,NAME,…"]
  }
}
