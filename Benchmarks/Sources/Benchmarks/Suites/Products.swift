import LinearAlgebra

/// The update of a block, W ← W + CᵀP, beside BLAS.
func productRows(_ settings: Settings) throws -> [Row] {
  let shapes = [(100, 32, 32), (800, 32, 32), (400, 64, 64), (3200, 784, 128), (1536, 1536, 1536)]
  var rows: [Row] = []
  for (neurons, inputs, samples) in shapes {
    let name = "\(neurons) × \(inputs), \(samples) samples"
    guard settings.wants("products", name) else { continue }
    let stream = RandomStream(seed: 1, purpose: .bootstrap)
    let c = Matrix<Float>.normal(rows: samples, columns: neurons, stream: stream)
    let p = Matrix<Float>.normal(rows: samples, columns: inputs, stream: stream, item: 1)
    for t in settings.threads where t == 1 || neurons > 256 {
      var own = Matrix<Float>(rows: neurons, columns: inputs)
      var library = own
      let calls = max(1, 20_000_000 / (neurons * inputs * samples))
      let times = try alternating(
        [
          Work(units: calls) {
            for _ in 0..<calls {
              own.addProduct(c, p, transposingFirst: true, scale: 1e-3, threads: t)
            }
          },
          Work(units: calls) {
            for _ in 0..<calls {
              BLAS.addProduct(c, p, transposingFirst: true, scale: 1e-3, to: &library, threads: t)
            }
          },
        ], seconds: settings.seconds)
      let flops = 2 * Double(neurons * inputs * samples)
      rows.append(
        Row(
          suite: "products", work: name, threads: t, unit: .milliseconds,
          value: times[0].scaled(by: 1e3),
          ratios: [
            Ratio(
              name: "× BLAS' speed", value: times[1].median / times[0].median,
              target: .atLeast(1)),
            Ratio(name: "of sgemm", value: flops / times[0].median / settings.rates.sgemm[t]!),
          ]))
    }
  }
  return rows
}
