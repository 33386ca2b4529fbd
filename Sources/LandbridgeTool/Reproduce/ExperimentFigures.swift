import Artifacts
import Experiments
import Foundation
import Landbridge
import Reports

/// The figures of one experiment.
struct ExperimentFigures {
  let results: ExperimentResults

  private var experiment: Experiment { results.experiment }
  private var name: String { experiment.name }
  private var keptWords: String {
    experiment.hiddenLayers == 1
      ? "half of the neurons" : "half of the neurons of every hidden layer"
  }

  private func titled(_ subject: String) -> String {
    "\(experiment.title): \(subject)" + (experiment.data.caveat.map { " (\($0))" } ?? "")
  }

  /// Loss, and 0-1 error, of the whole network and of half of it against training time.
  func training(_ quantity: ShownQuantity) -> Figure {
    let shown = results.widths.filter { !$0.finished.isEmpty }.thinned(to: 4)
    let panels = shown.map { width in
      Panel(
        title: "N = \(width.width)", xAxis: Axis("time t = kα", scale: .log10),
        yAxis: Axis(quantity.axisLabel(loss: experiment.loss)),
        series: [
          band(width, keptWords, .dropout, quantity.dropout),
          band(width, "all neurons", .full, quantity.whole),
        ])
    }
    return Figure(
      name: "\(name)-training-\(quantity.rawValue)",
      title: titled("\(quantity.title) during training"), panels: panels,
      columns: panels.count, sharesY: true,
      caption: """
        \(quantity.title.capitalizedFirst) on held-out data of the whole network and of the \
        network that keeps the first half of its neurons, rescaled. Mean over \
        \(experiment.trials) trials; bands: ± one standard deviation of a trial.
        """)
  }

  private func band(
    _ width: WidthResults, _ label: String, _ role: Series.Role,
    _ quantity: QuantityName
  ) -> Series {
    var (x, y, deviation): ([Double], [Double], [Double]) = ([], [], [])
    for step in experiment.measuredSteps where step > 0 {
      let values = width.values(atStep: step) { $0[quantity] }
      guard !values.isEmpty else { continue }
      let estimate = Estimate(values)
      x.append(width.finished[0].measurements.first { $0.step >= step }!.time)
      y.append(estimate.mean)
      deviation.append(estimate.standardDeviation)
    }
    return Series(
      label, role, x: x, y: y, band: Series.Interval(center: y, halfWidth: deviation))
  }

  /// Change in loss when half of the neurons go, against width, early and at the end.
  func change() -> Figure {
    let moments = [
      (experiment.earlyStep, "early, t = \(short(experiment.earlyTime))"),
      (experiment.steps, "converged, t = \(short(finalTime))"),
    ]
    let quantities = hasErrors ? ShownQuantity.allCases : [.loss]
    let panels = quantities.flatMap { quantity in
      moments.map { step, title in
        Panel(
          title: title, xAxis: Axis("width N", scale: .log10),
          yAxis: Axis(
            "change in \(quantity == .loss ? lossName : "0-1 error")", scale: .log10),
          series: changeSeries(step, quantity))
      }
    }
    return Figure(
      name: "\(name)-change",
      title: titled("change with \(keptWords) gone"), panels: panels,
      columns: 2,
      caption: """
        Held-out loss\(hasErrors ? " and 0-1 error" : "") with \(keptWords), less that of the whole \
        network. One half: |first half − whole|. Mean of halves: the antithetic mean over \
        complementary halves, in which the term that is linear in the dropped neurons cancels; \
        where it is not positive it is left out of a logarithmic axis. \(predictionWords) Means \
        over trials with 95 % confidence intervals; slopes of log–log fits with 95 % bootstrap \
        intervals in the table.
        """)
  }

  var hasErrors: Bool {
    results.widths.first?.finished.first?.measurements.first?[.error] != nil
  }

  private var predictionWords: String {
    switch (experiment.hiddenLayers, experiment.loss) {
    case (1, .squared):
      "The exact mean over all halves, V/(N − 1), is computed from the same networks (E1)."
    case (1, .crossEntropy):
      "V/(4(N − 1)) is an upper bound for the mean over all halves, not a prediction (E6)."
    default:
      """
      The thin line is the \(experiment.loss == .squared ? "exact mean" : "upper bound") for \
      dropout in the last hidden layer alone.
      """
    }
  }

  private var predictionLabel: String {
    switch (experiment.hiddenLayers, experiment.loss) {
    case (1, .squared): "exact V/(N − 1)"
    case (1, .crossEntropy): "bound V/(4(N − 1))"
    case (_, .squared): "exact, last layer"
    case (_, .crossEntropy): "bound, last layer"
    }
  }

  private func changeSeries(_ step: Int, _ quantity: ShownQuantity) -> [Series] {
    let (whole, half) = (quantity.whole, quantity.dropout)
    let oneHalf = estimates("one half", .dropout) {
      $0.values(atStep: step) { m in m[half].flatMap { h in m[whole].map { abs(h - $0) } } }
    }
    let mean = estimates("mean of halves", .other(0)) {
      $0.values(atStep: step) { $0[quantity == .loss ? .antitheticChange : .antitheticErrorChange] }
    }
    guard quantity == .loss else { return [oneHalf, mean] }
    let predicted = estimates(predictionLabel, .prediction, markers: false) {
      $0.values(atStep: step) { $0[.expectedChange] }
    }
    return [predicted, oneHalf, mean]
  }

  private func estimates(
    _ label: String, _ role: Series.Role, markers: Bool = true,
    _ values: (WidthResults) -> [Double]
  ) -> Series {
    let points = results.widths.compactMap { width in
      let values = values(width)
      return values.isEmpty ? nil : (Double(width.width), Estimate(values))
    }
    return Series(
      label, role, x: points.map(\.0), y: points.map(\.1.mean),
      errorBars: markers
        ? Series.Interval(lower: points.map(\.1.lower), upper: points.map(\.1.upper)) : nil,
      markers: markers)
  }

  /// Loss and error along the path between two solutions, smallest and largest width.
  func path() -> Figure? {
    let shown = [results.widths.first, results.widths.last].compactMap { $0 }
      .filter { !$0.paths.isEmpty }
    guard !shown.isEmpty else { return nil }
    let panels = ShownQuantity.allCases.flatMap { quantity in
      shown.compactMap { width in pathPanel(width, quantity) }
    }
    return Figure(
      name: "\(name)-path", title: titled("from one solution to another"),
      panels: panels, columns: shown.count,
      caption: """
        Held-out loss and 0-1 error along the dropout path between two independent solutions θ and \
        θ′ (different initialisation, samples and number of steps), segments drawn with equal \
        length, and along the straight line between them. The dropout path is exact: its largest \
        loss is that of a knot. The straight line is sampled: its barrier is the largest found.
        """)
  }

  private func pathPanel(_ width: WidthResults, _ quantity: ShownQuantity) -> Panel? {
    let value = { (point: PathPoint) in quantity == .loss ? point.loss : point.error }
    guard let path = width.paths[0][.dropout], path.points.allSatisfy({ value($0) != nil }) else {
      return nil
    }
    let segments = Double(path.profile.segments.count)
    let knots = path.profile.knots.enumerated().map { index, knot in
      Annotation.knot(x: Double(index) / segments, label: knot.name)
    }
    let series = PathMethods.all.compactMap { method in
      width.paths[0][PathMethodName(method)].map {
        Series(
          method.title, .way(method), x: $0.points.map(\.position),
          y: $0.points.compactMap(value))
      }
    }
    return Panel(
      title: "N = \(width.width)", xAxis: Axis("", range: 0...1),
      yAxis: Axis(quantity.axisLabel(loss: experiment.loss)), series: series, annotations: knots)
  }

  /// Barrier of both ways against width.
  func barrier() -> Figure? {
    guard results.widths.contains(where: { !$0.paths.isEmpty }) else { return nil }
    return Figure(
      name: "\(name)-barrier", title: titled("barrier against width"),
      panels: [
        Panel(
          xAxis: Axis("width N", scale: .log10),
          yAxis: Axis("barrier in \(lossName)", scale: .log10),
          series: [
            estimates("\(LinearPathMethod.title) (sampled)", .way(LinearPathMethod.self)) {
              $0.barriers(.linear)
            },
            estimates("\(DropoutPathMethod.title) (exact)", .way(DropoutPathMethod.self)) {
              $0.barriers(.dropout)
            },
          ])
      ],
      caption: """
        Barrier: the largest loss on the way less that of the worse end. Means over \
        \(experiment.pairs.count) independent pairs of solutions with 95 % confidence intervals; \
        intervals that reach zero run down to the axis.
        """)
  }

  private var lossName: String { experiment.loss == .squared ? "squared loss" : "cross-entropy" }

  private var finalTime: Double {
    results.widths.flatMap(\.finished).first?.measurements.last?.time ?? 0
  }

  func short(_ value: Double) -> String {
    String(format: "%.4g", value)
  }
}

/// What is drawn on the vertical axis.
enum ShownQuantity: String, CaseIterable {
  case loss
  case error

  var title: String { self == .loss ? "loss" : "0-1 error" }

  func axisLabel(loss: Loss) -> String {
    switch self {
    case .loss: loss == .squared ? "squared loss" : "cross-entropy"
    case .error: "0-1 error"
    }
  }

  /// Of all neurons.
  var whole: QuantityName { self == .loss ? .loss : .error }

  /// Of the first half of the neurons.
  var dropout: QuantityName { self == .loss ? .dropoutLoss : .dropoutError }
}

extension Array {
  /// At most `count` elements: the first, the last, and evenly between.
  func thinned(to count: Int) -> [Element] {
    guard self.count > count, count > 1 else { return self }
    return (0..<count).map { self[($0 * (self.count - 1)) / (count - 1)] }
  }
}

extension String {
  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
