/// Times of one piece of work, in seconds.
struct Measurement: Codable {
  var median: Double
  var fastest: Double
  var slowest: Double
  var repetitions: Int

  /// Runs `body` once to warm up, then until `seconds` have gone by, at least `minimum` times.
  ///
  /// - Parameter units: how many units of work one call does; times are per unit.
  static func of(
    units: Int = 1, seconds: Double = 1, minimum: Int = 5, _ body: () -> Void
  ) -> Measurement {
    body()
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    var times: [Double] = []
    while times.count < minimum || clock.now < end {
      let time = clock.measure(body)
      times.append(
        (Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18)
          / Double(units))
    }
    times.sort()
    return Measurement(
      median: times[times.count / 2], fastest: times[0], slowest: times[times.count - 1],
      repetitions: times.count)
  }
}
