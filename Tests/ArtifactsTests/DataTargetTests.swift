import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

/// What whole numbers are, by the rule that all formats share.
@Suite("Targets: one rule for all formats") struct DataTargetTests {
  private enum Expected: Equatable {
    case targets([Double])
    case refused(String)
  }

  /// Six samples with these targets in every format, dtype never deciding.
  private func forms(_ targets: [Double], in directory: String) throws -> [String] {
    let x = Matrix<Double>(rows: 6, columns: 2, (0..<12).map { Double($0) * 0.25 + 0.1 })
    try writeNpz([("x", Tensor(x)), ("y", Tensor(targets))], to: directory + "/double.npz")
    try writeNpz(
      [("x", Tensor(x)), ("y", Tensor(targets.map { Float($0) }, shape: [6, 1]))],
      to: directory + "/float.npz")
    try writeSafetensors(
      [("x", Tensor(x)), ("y", Tensor(targets))], to: directory + "/double.safetensors")
    let rows = (0..<6).map { x.row($0) + [targets[$0]] }
    try writeNpy(Tensor(rows.flatMap { $0 }, shape: [6, 3]), to: directory + "/table.npy")
    try writeNpy(Tensor(x), to: directory + "/x.npy")
    try writeNpy(Tensor(targets), to: directory + "/y.npy")
    var names = ["double.npz", "float.npz", "double.safetensors", "table.npy"]
    for (name, isPointed) in [("point.csv", true), ("plain.csv", false)] {
      let text = rows.map { row in
        let label = row[2]
        let last =
          isPointed || label != label.rounded() || abs(label) > 1e9 ? "\(label)" : "\(Int(label))"
        return "\(row[0]),\(row[1]),\(last)\n"
      }.joined()
      try Data(text.utf8).write(to: URL(filePath: directory + "/" + name))
      names.append(name)
    }
    if targets.allSatisfy({ $0 == $0.rounded() && abs($0) < 1e9 }) {
      try writeNpz(
        [("x", Tensor(x)), ("y", Tensor(targets.map { Int($0) }))], to: directory + "/int.npz")
      names.append("int.npz")
    }
    return names.map { "\(directory)/\($0)" } + ["\(directory)/x.npy:labels=\(directory)/y.npy"]
  }

  private func check(
    _ targets: [Double], _ loss: Loss?, outputs: Int?, option: String? = nil, _ expected: Expected,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    try withTemporaryDirectory { directory in
      for form in try forms(targets, in: directory) {
        let text = option.map { form + (form.contains(":") ? "," : ":") + $0 } ?? form
        do {
          let samples: Samples<Double> = try DataSpecification(parsing: text)
            .samples(outputs: outputs, loss: loss)
          let isRight = expected == .targets(samples.targets.elements)
          #expect(isRight, "\(text): \(samples.targets.row(0))", sourceLocation: location)
        } catch let error as FormatError {
          guard case .refused(let words) = expected else {
            Issue.record("\(error)", sourceLocation: location)
            continue
          }
          #expect("\(error)".contains(words), "\(error)", sourceLocation: location)
        }
      }
    }
  }

  @Test("0 and 1")
  func zeroOne() throws {
    let y: [Double] = [0, 1, 1, 0, 1, 0]
    let signs: [Double] = [-1, 1, 1, -1, 1, -1]
    let oneHot: [Double] = [1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0]
    try check(y, .crossEntropy, outputs: 1, .targets(signs))
    try check(y, .crossEntropy, outputs: 2, .targets(oneHot))
    try check(y, .crossEntropy, outputs: nil, .targets(signs))
    try check(y, .squared, outputs: 2, .targets(oneHot))
    try check(y, .squared, outputs: nil, .targets(signs))
    try check(y, .squared, outputs: 1, .refused("targets=classes (against −1 and 1)"))
    try check(y, .squared, outputs: 1, .refused("targets=numbers"))
    try check(y, .squared, outputs: 1, option: "targets=numbers", .targets(y))
    try check(y, .squared, outputs: 1, option: "targets=classes", .targets(signs))
    try check(y, .crossEntropy, outputs: 1, option: "targets=numbers", .refused("cross-entropy"))
  }

  @Test("−1 and 1 are the same either way")
  func signs() throws {
    let y: [Double] = [-1, 1, 1, -1, 1, -1]
    for (loss, outputs) in [(Loss.squared, 1), (.crossEntropy, 1), (.squared, nil), (nil, nil)]
      as [(Loss?, Int?)]
    {
      try check(y, loss, outputs: outputs, .targets(y))
    }
    try check(y, .squared, outputs: 2, .targets([1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0]))
    try check([1, 1, 1, 1, 1, 1], .squared, outputs: 1, .targets([1, 1, 1, 1, 1, 1]))
  }

  @Test("grades, gaps, negative and huge ones")
  func others() throws {
    let grades: [Double] = [0, 2, 1, 2, 0, 1]
    let three: [Double] = [1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0]
    try check(grades, .squared, outputs: 3, .targets(three))
    try check(grades, .crossEntropy, outputs: 3, .targets(three))
    try check(grades, .squared, outputs: nil, .targets(three))
    try check(grades, .squared, outputs: 1, .refused("targets=numbers"))
    try check(grades, .squared, outputs: 1, option: "targets=numbers", .targets(grades))
    // Ages are no classes 0 … 61 because they are whole.
    let ages: [Double] = [22, 38, 26, 35, 54, 61]
    try check(ages, .squared, outputs: nil, .refused("targets=numbers"))
    try check(ages, .squared, outputs: 1, option: "targets=numbers", .targets(ages))
    try check(ages, .crossEntropy, outputs: 10, .refused("label 5: found class 61"))
    let negative: [Double] = [-3, 0, 2, 2, 1, 0]
    try check(negative, .squared, outputs: 1, .refused("targets=numbers"))
    try check(negative, .squared, outputs: nil, .refused("-3"))
    try check(negative, .crossEntropy, outputs: 3, .refused("label 0: found -3"))
    try check(negative, .squared, outputs: 1, option: "targets=numbers", .targets(negative))
    let fractions: [Double] = [0, 1, 0.5, 1, 0, 1]
    try check(fractions, .squared, outputs: 1, .targets(fractions))
    try check(fractions, .crossEntropy, outputs: 1, .refused("label 2: found 0.5"))
    try check(fractions, .squared, outputs: 1, option: "targets=classes", .refused("label 2"))
    try check([0, 1, 1, 0, 1, 1e30], .crossEntropy, outputs: 2, .refused("label 5"))
    try check(
      [0, 1, 1, 0, 1, 500], .squared, outputs: 1, option: "classes=10", .refused("label 5"))
  }

  @Test("what a model's own record says decides where the rule would ask")
  func record() throws {
    try withTemporaryDirectory { directory in
      let form = try DataSpecification(
        parsing: try forms([0, 1, 1, 0, 1, 0], in: directory)[0])
      for kind in TargetKind.allCases {
        let record = SampleRecord(
          data: "x", rule: .fresh, part: .fresh, rows: 0, of: 0, targets: kind)
        let use = DataUse(loss: .squared, outputs: 1, models: [SeenSamples([record])])
        let read: SelectedSamples<Double> = try form.measured(for: use)
        #expect(read.targets.kind == kind)
        #expect(read.samples.targets[0, 0] == (kind == .classes ? -1 : 0))
      }
    }
  }

  @Test("NaN, infinities and values beyond float are named with sample and column")
  func notFinite() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/d.npz"
      let x = [Double](repeating: 0.5, count: 24)
      for (bad, shown) in [(Double.nan, "nan"), (.infinity, "inf")] {
        var y = [Double](repeating: 0.25, count: 24)
        y[15] = bad
        try writeNpz(
          [("x", Tensor(x, shape: [12, 2])), ("y", Tensor(y, shape: [12, 2]))], to: path)
        // Wherever the row is, in the training part or held out.
        for text in [path, path + ":split=train", path + ":split=test"] {
          expectError("d.npz", "sample 7, target 1: found \(shown)") {
            let _: Samples<Double> = try DataSpecification(parsing: text).samples(loss: .squared)
          }
        }
        expectError("sample 7, target 1") {
          let _: Dataset<Float> = try DataSpecification(parsing: path).dataset(loss: .squared)
        }
      }
      var large = x
      large[5] = 1e300
      for (inputs, targets, place) in [
        (large, x, "sample 2, input 1"), (x, large, "sample 5, target 0"),
      ] {
        try writeNpz(
          [("x", Tensor(inputs, shape: [12, 2])), ("y", Tensor(Array(targets.prefix(12))))],
          to: path)
        let specification = try DataSpecification(parsing: path)
        expectError(place, "1e+300", "--precision double") {
          let _: Samples<Float> = try specification.samples(loss: .squared)
        }
        let _: Samples<Double> = try specification.samples(loss: .squared)
      }
    }
  }
}
