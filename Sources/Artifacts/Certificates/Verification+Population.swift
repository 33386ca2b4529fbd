internal import Landbridge
internal import LinearAlgebra

extension Verification {
  mutating func checkPopulation(
    _ stated: Certificate, _ found: Certificate, _ samples: Samples<Double>
  ) {
    same("noPopulation", stated.noPopulation?.rawValue, found.noPopulation?.rawValue)
    guard let a = stated.population, let b = found.population else {
      return same("population", stated.population != nil, found.population != nil)
    }
    same("population.delta", a.delta, b.delta)
    same("population.statements", a.statements, b.statements)
    same("population.assumptions", a.assumptions, b.assumptions)
    same("population.repeatsAreDraws", a.repeatsAreDraws, b.repeatsAreDraws)
    same("population.noLoss", a.noLoss, b.noLoss)
    inRange("population.inputRange", a.inputRange, samples.inputs)
    inRange("population.targetRange", a.targetRange, samples.targets)
    same("population.plateaus", a.plateaus.map(\.knots), b.plateaus.map(\.knots))
    for (index, (a, b)) in zip(a.plateaus, b.plateaus).enumerated() {
      let key = "population.plateaus.\(index)"
      bound("\(key).lossBound", a.lossBound, b.lossBound)
      numbers("\(key).lossInterval", a.lossInterval, b.lossInterval)
      numbers("\(key).errorInterval", a.errorInterval, b.errorInterval)
      numbers("\(key).overStart", a.overStart, b.overStart)
      numbers("\(key).overEnd", a.overEnd, b.overEnd)
    }
    same("population.segments", a.segments.map(\.segment), b.segments.map(\.segment))
    for (index, (a, b)) in zip(a.segments, b.segments).enumerated() {
      numbers("population.segments.\(index).errorInterval", a.errorInterval, b.errorInterval)
    }
    numbers("population.maximumLoss", a.maximumLoss, b.maximumLoss)
    numbers("population.barrier", a.barrier, b.barrier)
    numbers("population.barrierAlone", a.barrierAlone, b.barrierAlone)
    bound("population.errorBound", a.errorBound, b.errorBound)
    checkClipped(a.clipped, b.clipped)
  }

  private mutating func checkClipped(
    _ stated: PopulationStatements.ClippedLoss?, _ found: PopulationStatements.ClippedLoss?
  ) {
    guard stated != nil || found != nil else { return }
    let key = "population.clipped"
    same("\(key).clip", stated?.clip, found?.clip)
    same("\(key).segments", stated?.segments.map(\.segment), found?.segments.map(\.segment))
    for (index, (a, b)) in zip(stated?.segments ?? [], found?.segments ?? []).enumerated() {
      numbers(
        "\(key).segments.\(index)", [a.lossBound, a.overStart, a.overEnd],
        [b.lossBound, b.overStart, b.overEnd])
    }
    bound("\(key).maximumLoss", stated?.maximumLoss, found?.maximumLoss)
    bound("\(key).barrier", stated?.barrier, found?.barrier)
  }

  /// Ranges of the population that the samples themselves leave are none.
  private mutating func inRange(_ claim: String, _ stated: [Double]?, _ values: Matrix<Double>) {
    guard let stated else { return }
    let elements = values.elements
    let found = [elements.min() ?? stated[0], elements.max() ?? stated[1]]
    add(
      claim, "\(stated[0]) … \(stated[1])", "samples from \(found[0]) to \(found[1])",
      found[0] >= stated[0] && found[1] <= stated[1])
  }
}
