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
    same("population.statements", a.statements, b.statements)
  }
}
