internal import DataFormats
internal import Landbridge

extension Certificate {
  /// What must hold whatever the files are.
  ///
  /// - Throws: `FormatError` that names the key.
  func checkStructure(_ path: String) throws {
    let form = Form(path: path)
    try form.require(
      !toolVersion.isEmpty && toolVersion.utf8.count <= 32
        && toolVersion.utf8.allSatisfy { isPlain($0) }, "toolVersion", quoted(toolVersion),
      "a version, for instance 0.2.0")
    try checkFiles(form)
    try checkData(form)
    try checkKnots(form)
    try checkNumbers(form)
    try form.require(
      (population == nil) != (noPopulation == nil), "population",
      population == nil ? "nothing" : "and noPopulation",
      "either population or noPopulation")
    try population?.checkForm(form)
  }

  private func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "-"),
      UInt8(ascii: "+"):
      true
    default: false
    }
  }

  private func checkFiles(_ form: Form) throws {
    try form.require(models.count == 2, "models", "\(models.count)", "2")
    for (index, model) in models.enumerated() {
      try form.require(
        isInside(model.file) && !model.file.contains("/"), "models.\(index).file",
        quoted(model.file), "the name of a file, without a directory")
      try form.require(
        model.layers == models[0].layers, "models.\(index).layers", "other ones",
        "those of models.0")
    }
    try form.require(
      models[0].layers?.isEmpty != true, "models.0.layers", "none", "the layers' names, or no key")
    for (index, knot) in knots.enumerated() {
      try form.require(
        isInside(knot.file), "knots.\(index).file", quoted(knot.file),
        "a relative name below the certificate, without “..”")
    }
  }

  private func checkData(_ form: Form) throws {
    try form.require(
      ["F32", "F64"].contains(data.dtype), "data.dtype", quoted(data.dtype), "F32 or F64")
    try form.require(data.samples >= 1, "data.samples", "\(data.samples)", "at least 1")
    try form.require(
      (1...data.samples).contains(data.distinct), "data.distinct", "\(data.distinct)",
      "1 to \(data.samples)")
    try form.require(
      convexity == Convexity(loss), "convexity", "that of another loss",
      Convexity(loss).rawValue)
    try form.require(
      (selection.fitting != nil) == (selection.outputWeights == .refitted), "selection.fitting",
      selection.fitting == nil ? "nothing" : "samples", "samples if output weights are refitted")
    guard let fitting = selection.fitting else {
      return try form.require(
        noPopulation != .fitted, "noPopulation", "fitted output weights",
        "another reason: they are rescaled")
    }
    try form.require(
      fitting.samples >= 1 && (0...data.samples).contains(fitting.shared), "selection.fitting",
      "\(fitting.samples), \(fitting.shared) of them shared", "at most all samples shared")
    let isFitted = fitting.shared > 0 || fitting.sha256 == data.sha256
    try form.require(
      population == nil || !isFitted, "population", "statements from samples that chose the path",
      "noPopulation")
  }

  private func checkKnots(_ form: Form) throws {
    try form.require(knots.count >= 2, "knots", "\(knots.count)", "at least 2")
    try form.require(
      segments.count == knots.count - 1, "segments", "\(segments.count)",
      "\(knots.count - 1), one fewer than knots")
    for (index, segment) in segments.enumerated() {
      try form.require(
        segment.from == index && segment.to == index + 1, "segments.\(index)",
        "from \(segment.from) to \(segment.to)", "from \(index) to \(index + 1)")
      try form.require(
        segment.kind == .affine || segment.outputDistance == 0, "segments.\(index).outputDistance",
        "\(segment.outputDistance)", "0, outputs stay on constant segments")
    }
    for (index, knot) in knots.enumerated() {
      let errors = knot.errors ?? [0, 0]
      try form.require(
        errors.count == 2 && 0 <= errors[0] && errors[0] <= errors[1]
          && errors[1] <= data.samples, "knots.\(index).errors", "\(errors.prefix(3))",
        "[at least, at most] of \(data.samples)")
    }
  }

  /// Losses, distances, barriers and errors of all numbers are nowhere negative.
  private func checkNumbers(_ form: Form) throws {
    try form.require(
      endpointLosses.count == 2 && endpointLossErrors.count == 2, "endpointLosses",
      "\(endpointLosses.count), \(endpointLossErrors.count) errors", "2 of each")
    let numbers: [(String, [Double?])] =
      [
        ("endpointLosses", endpointLosses + endpointLossErrors),
        ("maximumLoss", [maximumLoss, maximumLossError]), ("barrier", [barrier, barrierError]),
        ("errorBound", [errorBound]),
        (
          "barrierBound",
          [
            barrierBound?.value, barrierBound?.spread, barrierBound?.spreadError,
            barrierBound?.endSpread, barrierBound?.endSpreadError,
          ]
        ),
      ] + knots.enumerated().map { ("knots.\($0).loss", [$1.loss, $1.lossError]) }
      + segments.enumerated().map {
        (
          "segments.\($0).outputDistance",
          [$1.outputDistance, $1.outputDistanceError, $1.errorBound]
        )
      }
    for (key, values) in numbers {
      for value in values.compactMap(\.self) {
        try form.require(
          value.isFinite && value >= 0, key, "\(value)", "a finite number of at least 0")
      }
    }
  }
}

/// Refuses what is no certificate, with the key.
struct Form {
  var path: String

  func require(_ condition: Bool, _ key: String, _ found: String, _ expected: String) throws {
    if !condition {
      throw FormatError(path: path, place: "key \(key)", found: found, expected: expected)
    }
  }
}
