import Landbridge
import Reports

/// The panels of ways between two networks: what `connect` and `reproduce` draw of them.
struct PathPanels {
  /// What is drawn of one way.
  struct Way {
    var method: any PathMethod.Type
    /// Whether the loss is known between the points.
    var isExact: Bool
    var points: [PathPoint]
  }

  /// The first one names the axis with its knots.
  var ways: [Way]
  var knots: [String]

  /// - Returns: `nil` where a value is missing.
  func panel(
    _ quantity: ShownQuantity, loss: Loss, title: String? = nil
  ) -> Panel? {
    let value = { (point: PathPoint) in quantity == .loss ? point.loss : point.error }
    guard ways.allSatisfy({ $0.points.allSatisfy { value($0) != nil } }) else { return nil }
    let segments = Double(max(knots.count - 1, 1))
    return Panel(
      title: title, xAxis: Axis("along the path", range: 0...1),
      yAxis: Axis(quantity.axisLabel(loss: loss)),
      series: ways.map { way in
        // Errors jump between points, wherever the loss is known.
        Series(
          way.method.title, .way(way.method), x: way.points.map(\.position),
          y: way.points.compactMap(value), markers: quantity == .error || !way.isExact)
      },
      annotations: knots.enumerated().map {
        .knot(x: Double($0.offset) / segments, label: $0.element)
      })
  }
}
