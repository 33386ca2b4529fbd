import Landbridge
import LinearAlgebra

/// The risk over samples whose targets are known to fit.
func empirical<Scalar: MatrixScalar>(
  _ samples: Samples<Scalar>, _ loss: Loss, threads: Int = 1
) -> EmpiricalRisk<Scalar> {
  try! EmpiricalRisk(samples, loss: loss, threads: threads)
}
