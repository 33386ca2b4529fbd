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
  private var words: ExperimentWords { ExperimentWords(results: results) }
  private var means: ExperimentMeans { ExperimentMeans(results: results) }

  private func figure(
    _ kind: String, _ subject: String, panels: [Panel], columns: Int, caption: String
  ) -> Figure {
    Figure(
      name: "\(name)-\(kind)", title: "\(experiment.title): \(subject)", note: experiment.caveat,
      panels: panels, columns: columns, sharesY: true, caption: caption)
  }

  /// Loss, and 0-1 error, of the whole network and of half of it against training time.
  func training(_ quantity: ShownQuantity) -> Figure {
    let shown = results.widths.filter { !$0.finished.isEmpty }.thinned(to: 4)
    let panels = shown.map { width in
      Panel(
        title: "N = \(grouped(width.width))",
        xAxis: Axis("time t, steps × step size", scale: .log10),
        yAxis: Axis(quantity.axisLabel(loss: experiment.loss)),
        series: [
          curve(width, words.halves, .dropout, quantity.dropout),
          curve(width, "all neurons", .full, quantity.whole),
        ])
    }
    let hasBands = shown.contains { $0.finished.count >= Estimate.minimalCount }
    return figure(
      "training-\(quantity.rawValue)", "\(quantity.title) during training", panels: panels,
      columns: max(panels.count, 1),
      caption: """
        \(quantity.title.capitalizedFirst) on held-out data of the whole network and of the \
        network that keeps the first \(words.halves), rescaled. Means over \(words.trials)\
        \(hasBands ? "; bands: ± one standard deviation of a trial" : "").
        """)
  }

  private func curve(
    _ width: WidthResults, _ label: String, _ role: Series.Role, _ quantity: QuantityName
  ) -> Series {
    var (x, estimates): ([Double], [Estimate]) = ([], [])
    for step in experiment.measuredSteps where step > 0 {
      guard let estimate = means.mean(.plain(quantity), at: step, of: width) else { continue }
      x.append(experiment.time(atStep: step))
      estimates.append(estimate)
    }
    let y = estimates.map(\.mean)
    let hasBand = !estimates.isEmpty && estimates.allSatisfy { $0.interval != nil }
    return Series(
      label, role, x: x, y: y,
      band: hasBand ? .init(center: y, halfWidth: estimates.map(\.standardDeviation)) : nil)
  }

  /// Change in loss when half of the neurons go, against width, early and at the end.
  func change() -> Figure {
    let quantities = hasErrors ? ShownQuantity.allCases : [.loss]
    let moments = words.moments
    let panels = quantities.flatMap { quantity in
      moments.map { moment in
        Panel(
          title: moment.title, xAxis: widthAxis,
          yAxis: Axis(
            "change in \(quantity == .loss ? words.lossName : "0-1 error")", scale: .log10),
          series: changeSeries(moment.step, quantity))
      }
    }
    return figure(
      "change", "what halving costs", panels: panels, columns: moments.count,
      caption: """
        Held-out loss\(hasErrors ? " and 0-1 error" : "") with \(words.halves), less that of the \
        whole network. One half: |first half − whole|. Mean of halves: the mean over all \
        combinations of first and last halves, less the whole; the term that is linear in the \
        dropped neurons cancels. \(words.prediction.map { $0.explanation + " " } ?? "")\
        Means over \(words.trials). \(words.bars(results.widths.map(\.finished.count))) Bars that \
        reach the axis go on below it; means that are zero or negative have no place on a \
        logarithmic axis, and a panel that leaves some out says so.
        """)
  }

  /// Ticks at the widths that were trained.
  private var widthAxis: Axis {
    Axis(
      "width N", scale: .log10,
      ticks: results.widths.map { Axis.Tick(Double($0.width), grouped($0.width)) })
  }

  var hasErrors: Bool {
    results.widths.contains { $0.finished.first?.measurements.first?[.error] != nil }
  }

  private func changeSeries(_ step: Int, _ quantity: ShownQuantity) -> [Series] {
    func mean(_ label: String, _ role: Series.Role, _ measured: ExperimentMeans.Measured) -> Series
    {
      againstWidth(label, role) { means.mean(measured, at: step, of: $0) }
    }
    var series = [
      mean("one half", .dropout, .changeOfOneHalf(quantity)),
      mean("mean of halves", .other(0), .changeOfHalves(quantity)),
    ]
    if quantity == .loss, let prediction = words.prediction {
      var line = mean(prediction.label, .prediction, .plain(.expectedChange))
      line.errorBars = nil
      series.insert(line, at: 0)
    }
    return series
  }

  private func againstWidth(
    _ label: String, _ role: Series.Role, _ estimate: (WidthResults) -> Estimate?
  ) -> Series {
    let points = results.widths.compactMap { width in
      estimate(width).map { (Double(width.width), $0) }
    }
    let intervals = points.map(\.1.interval)
    return Series(
      label, role, x: points.map(\.0), y: points.map(\.1.mean),
      errorBars: intervals.contains { $0 != nil }
        ? .init(
          lower: intervals.map { $0?.lowerBound ?? .nan },
          upper: intervals.map { $0?.upperBound ?? .nan }) : nil)
  }

  /// Loss and error along the path between two solutions, smallest and largest width.
  func path() -> Figure? {
    let connected = results.widths.filter { !$0.paths.isEmpty }
    let shown = connected.count > 2 ? [connected[0], connected[connected.count - 1]] : connected
    guard !shown.isEmpty else { return nil }
    let panels = ShownQuantity.allCases.flatMap { quantity in
      shown.compactMap { width in
        pathPanels(width).panel(
          quantity, loss: experiment.loss, title: "N = \(grouped(width.width))")
      }
    }
    return figure(
      "path", "from one solution to another", panels: panels, columns: shown.count,
      caption: """
        Held-out loss and 0-1 error along the dropout path between two independent solutions θ and \
        θ′ (different initialisation, samples and number of steps), segments drawn with equal \
        length, and along the straight line between them. The loss of the dropout path is exact, \
        its largest value that of a knot; points show where errors, and the straight line, were \
        sampled.
        """)
  }

  private func pathPanels(_ width: WidthResults) -> PathPanels {
    let record = width.paths[0]
    return PathPanels(
      ways: PathMethods.all.compactMap { method in
        record[PathMethodName(method)].map {
          PathPanels.Way(method: method, isExact: $0.profile.exact, points: $0.points)
        }
      }, knots: record[.dropout]?.profile.knots.map(\.name) ?? [])
  }

  /// Barrier of both ways against width.
  func barrier() -> Figure? {
    guard results.widths.contains(where: { !$0.paths.isEmpty }) else { return nil }
    return figure(
      "barrier", "barrier against width",
      panels: [
        Panel(
          xAxis: widthAxis, yAxis: Axis("barrier in \(words.lossName)", scale: .log10),
          series: [
            againstWidth(
              "\(LinearPathMethod.title) (sampled)", .way(LinearPathMethod.self)
            ) { means.barrier(.linear, of: $0) },
            againstWidth(
              "\(DropoutPathMethod.title) (exact)", .way(DropoutPathMethod.self)
            ) { means.barrier(.dropout, of: $0) },
          ])
      ], columns: 1,
      caption: """
        Barrier: the largest loss on the way less that of the worse end; of the straight line the \
        largest found. Means over \(words.pairs) of solutions. \
        \(words.bars(results.widths.map(\.paths.count))) Bars that reach the axis go on below it.
        """)
  }
}

extension ShownQuantity {
  var title: String { self == .loss ? "loss" : "0-1 error" }

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
