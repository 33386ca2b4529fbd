internal import LinearAlgebra

extension Network {
  public func evaluate(
    on samples: Samples<Scalar>, loss: Loss, threads: Int = 1
  ) -> EmpiricalEvaluation {
    try! EmpiricalRisk(samples, loss: loss, threads: threads).empiricalEvaluation(of: self)
  }

  public func outputDistance(
    to other: Network, on samples: Samples<Scalar>, threads: Int = 1
  ) -> Double {
    try! EmpiricalRisk(samples, loss: .squared, threads: threads).outputDistance(self, other)
  }
}

extension SampleLosses {
  package init<Scalar: Real>(
    of network: Network<Scalar>, on samples: Samples<Scalar>, loss: Loss, threads: Int
  ) {
    self = try! EmpiricalRisk(samples, loss: loss, threads: threads).sampleLosses(of: network)
  }
}
