import Landbridge
import LinearAlgebra
import Testing

/// Cross-entropy is taken of classes and probabilities, of nothing else.
@Suite struct UnfitTargetTests {
  private func samples(_ rows: [[Double]]) -> Samples<Double> {
    Samples(
      inputs: Matrix(rows: rows.count, columns: 1),
      targets: Matrix(rows: rows.count, columns: rows[0].count, rows.flatMap { $0 }),
      isClassification: false)
  }

  @Test func whatIsAdmitted() throws {
    try samples([[1], [-1]]).requireTargets(for: .crossEntropy)
    try samples([[1, 0, 0], [0.2, 0.3, 0.5]]).requireTargets(for: .crossEntropy)
    let floats = Samples<Float>(
      inputs: Matrix(rows: 1, columns: 1), targets: Matrix(rows: 1, columns: 3, [0.1, 0.2, 0.7]),
      isClassification: false)
    try floats.requireTargets(for: .crossEntropy)
    for rows in [[[0.5]], [[-1, -1]], [[2, -1]]] as [[[Double]]] {
      try samples(rows).requireTargets(for: .squared)
    }
  }

  @Test func whatIsRefused() {
    func message(_ rows: [[Double]]) -> String {
      do {
        try samples(rows).requireTargets(for: .crossEntropy)
        return "nothing"
      } catch { return error.description }
    }
    #expect(
      message([[1], [0], [-1]])
        == "target of sample 1 (from 0): found 0.0, expected 1 or -1 for cross-entropy of one output"
    )
    #expect(message([[.nan]]).hasPrefix("target of sample 0 (from 0): found nan"))
    for (bad, sum) in [
      ([-1, -1], "-2.0"), ([2, -1], "1.0"), ([0.5, 0.4], "0.9"), ([0, 0], "0.0"),
    ]
      as [([Double], String)]
    {
      #expect(
        message([[0, 1], bad])
          == "target of sample 1 (from 0): found (\(bad[0]), \(bad[1])), which adds up to \(sum), "
          + "expected a class or probabilities for cross-entropy: entries ≥ 0 that add up to 1")
    }
    #expect(message([[.nan, 1]]).contains("sample 0"))
  }

  /// With targets that add up to less than 0 the loss is concave: a path's maximum would be inside.
  @Test func thereIsNoRiskOnThem() throws {
    let bad = samples([[0, 1], [-1, -1]])
    let unfit = bad.firstUnfit
    #expect(unfit?.sample == 1)
    #expect(throws: unfit!) { _ = try EmpiricalRisk(bad, loss: .crossEntropy) }
    _ = try EmpiricalRisk(bad, loss: .squared)
  }
}

extension Samples<Double> {
  fileprivate var firstUnfit: UnfitTarget? {
    do {
      try requireTargets(for: .crossEntropy)
      return nil
    } catch { return error }
  }
}
