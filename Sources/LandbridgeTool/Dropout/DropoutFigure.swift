import Artifacts
import Landbridge
import Reports

/// What `dropout` draws: all that its table shows, against the number of neurons kept.
struct DropoutFigure {
  let report: DropoutReport

  private var points: [DropoutReport.Point] {
    report.points.sorted { $0.point.kept < $1.point.kept }
  }
  private var kept: [Double] { points.map { Double($0.point.kept) } }

  func figure(name: String) -> Figure {
    let whole = report.curve.whole
    let axis = Axis(
      "neurons kept, M", scale: .log2,
      ticks: points.map { Axis.Tick(Double($0.point.kept), grouped($0.point.kept)) })
    let label = "all \(grouped(report.curve.width))"
    var panels = [
      Panel(
        xAxis: axis,
        yAxis: Axis(ShownQuantity.loss.axisLabel(loss: report.lossFunction), scale: .log10),
        series: expected + measured(.loss),
        annotations: [.horizontalLine(y: whole.loss, label: label)])
    ]
    if let error = whole.error {
      panels.append(
        Panel(
          xAxis: axis, yAxis: Axis(ShownQuantity.error.axisLabel(loss: report.lossFunction)),
          series: measured(.error), annotations: [.horizontalLine(y: error, label: label)]))
    }
    return Figure(
      name: name, title: "Keeping M of \(grouped(report.curve.width)) neurons",
      note: report.data.caveat, panels: panels, caption: caption)
  }

  /// The mean over all subsets, where theory knows it.
  private var expected: [Series] {
    guard points.contains(where: { $0.point.expected != nil }) else { return [] }
    let mean = points.map { $0.point.expected?.loss ?? .nan }
    let deviations = points.compactMap(\.point.expected?.standardDeviation)
    return [
      Series(
        report.isBound ? "mean over subsets, at most" : "mean over all subsets", .dropout, x: kept,
        y: mean,
        band: deviations.count == mean.count
          ? .init(center: mean, halfWidth: deviations.map { 2 * $0 }) : nil)
    ]
  }

  private func measured(_ quantity: ShownQuantity) -> [Series] {
    func series(
      _ label: String, _ role: Int, _ value: (DropoutReport.Point) -> Double?
    ) -> Series? {
      let values = points.map(value)
      guard values.contains(where: { $0 != nil }) else { return nil }
      return Series(label, .other(role), x: kept, y: values.map { $0 ?? .nan })
    }
    let isLoss = quantity == .loss
    func sampled(_ point: DropoutReport.Point) -> SampleSummary? {
      isLoss ? point.point.sampledLoss : point.point.sampledError
    }
    func quantile(_ point: DropoutReport.Point, _ level: Double) -> Double? {
      sampled(point)?.quantiles.first { $0.level == level }?.value
    }
    var random = series("random subsets, median", 1) { quantile($0, 0.5) }
    random?.errorBars = .init(
      lower: points.map { quantile($0, 0.05) ?? .nan },
      upper: points.map { quantile($0, 0.95) ?? .nan })
    return [
      series("first M neurons", 0) { isLoss ? $0.point.first.loss : $0.point.first.error }, random,
      series("first M, output layer refitted", 2) { isLoss ? $0.refit?.loss : $0.refit?.error },
    ].compactMap(\.self)
  }

  private var caption: String {
    var sentences = [
      "Loss and error of \(report.model) on \(report.data) when M neurons are kept and rescaled."
    ]
    if points.contains(where: { $0.point.expected?.standardDeviation != nil }) {
      sentences.append("Band: two standard deviations over subsets.")
    }
    if points.contains(where: { $0.point.sampledLoss != nil }) {
      sentences.append("Bars: from the 5 % to the 95 % quantile of random subsets.")
    }
    return sentences.joined(separator: " ")
  }
}
