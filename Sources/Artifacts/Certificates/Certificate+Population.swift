internal import DataFormats

extension PopulationStatements {
  /// - Throws: `FormatError` for what no samples could make true, or no computation can use.
  func checkForm(_ form: Form) throws {
    try form.require(
      (1e-40..<1).contains(delta), "population.delta", "\(delta)", "from 1e-40 to below 1")
    try form.require(statements >= 0, "population.statements", "\(statements)", "at least 0")
    for (key, range) in [("inputRange", inputRange), ("targetRange", targetRange)] {
      guard let range else { continue }
      try form.require(
        range.count == 2 && range.allSatisfy(\.isFinite) && range[0] <= range[1],
        "population.\(key)", "\(range.prefix(3))", "[lower, upper]")
    }
    if let clipped {
      try form.require(
        clipped.clip > 0 && clipped.clip.isFinite, "population.clipped.clip", "\(clipped.clip)",
        "a number above 0")
    }
  }
}

extension PopulationTerms {
  /// What a certificate's population statements rely on; where it has none, what makes as many
  /// reasons for that as possible go away.
  package init(_ stated: PopulationStatements?) {
    func range(_ ends: [Double]?) -> ClosedRange<Double>? { ends.map { $0[0]...$0[1] } }
    self.init(
      confidence: Confidence(failure: stated?.delta ?? 0.05),
      inputRange: range(stated?.inputRange), targetRange: range(stated?.targetRange),
      clip: stated?.clipped?.clip, repeatsAreDraws: stated?.repeatsAreDraws ?? false)
  }
}

extension Certificate {
  /// What has to be believed, since no file can show it.
  package var assumptions: [String] {
    var list = population?.assumptions ?? []
    guard population != nil else { return list }
    list.append("the number of neurons kept was not chosen by looking at the samples")
    if let fitting = selection.fitting {
      list.append(
        "output weights were fitted on other samples, \(fitting.samples) with SHA-256 "
          + fitting.sha256)
    }
    return list
  }
}
