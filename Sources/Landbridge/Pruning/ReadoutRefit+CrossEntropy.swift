internal import LinearAlgebra

/// Logistic and softmax regression by a truncated Newton method.
extension ReadoutProblem {
  /// Newton steps from the rescaled coefficients until √⟨g, (ΦᵀΦ/n)⁻¹g⟩ ≤ `tolerance`.
  func newton(
    _ gram: Cholesky, tolerance: Double, maximumIterations: Int, threads: Int
  ) -> ReadoutFit {
    var β = start
    var ŷ = outputs(β, threads: threads)
    // From here on with the penalty, which begins at zero.
    var (loss, descents) = lossAndDescents(ŷ, threads: threads)
    var fit = ReadoutFit(
      coefficients: β, gradientNorm: .infinity, iterations: 0, converged: false)
    while loss.isFinite {
      let descent = pullBack(descents, threads: threads).adding(1, pull(of: β))
      var preconditioned = descent
      gram.solve(&preconditioned)
      let norm = max(descent.dot(preconditioned), 0).squareRoot()
      fit.coefficients = β
      fit.gradientNorm = norm
      fit.converged = norm <= tolerance
      if fit.converged || fit.iterations == maximumIterations { break }
      let direction = conjugateGradients(
        descent, outputs: ŷ, gram: gram, tolerance: min(0.25, norm.squareRoot()),
        threads: threads)
      guard
        let step = lineSearch(
          from: (β, ŷ), along: (direction, outputs(direction, threads: threads)), loss: loss,
          slope: descent.dot(direction), threads: threads)
      else { break }
      (β, ŷ) = (step.coefficients, step.outputs)
      (loss, descents) = (step.loss, step.descents)
      fit.iterations += 1
    }
    return fit
  }

  private struct Step {
    var coefficients: Matrix<Double>
    var outputs: [Matrix<Double>]
    var loss: Double
    var descents: [Matrix<Double>]
  }

  /// Halves the step until the loss falls by a ten-thousandth of what the slope promises (Armijo).
  /// Outputs are affine in the step, so no features are read.
  private func lineSearch(
    from point: (β: Matrix<Double>, ŷ: [Matrix<Double>]),
    along direction: (β: Matrix<Double>, ŷ: [Matrix<Double>]), loss: Double, slope: Double,
    threads: Int
  ) -> Step? {
    guard slope > 0 else { return nil }
    var length = 1.0
    for _ in 0..<40 {
      let moved = zip(point.ŷ, direction.ŷ).map { $0.adding(length, $1) }
      let coefficients = point.β.adding(length, direction.β)
      let (dataLoss, descents) = lossAndDescents(moved, threads: threads)
      let newLoss = dataLoss + penalty(coefficients)
      // The last steps are below the rounding of the loss; they may raise it by as much.
      if newLoss <= loss - 1e-4 * length * slope + 4 * loss.ulp {
        return Step(
          coefficients: coefficients, outputs: moved, loss: newLoss, descents: descents)
      }
      length /= 2
    }
    return nil
  }

  /// H⁻¹·descent to a relative residual of `tolerance` in the norm of the preconditioner.
  private func conjugateGradients(
    _ descent: Matrix<Double>, outputs ŷ: [Matrix<Double>], gram: Cholesky, tolerance: Double,
    threads: Int
  ) -> Matrix<Double> {
    var solution = Matrix<Double>(rows: descent.rows, columns: descent.columns)
    var residual = descent
    var preconditioned = residual
    gram.solve(&preconditioned)
    var direction = preconditioned
    var square = residual.dot(preconditioned)
    let goal = tolerance * tolerance * square
    for iteration in 0..<250 {
      let image = hessianProduct(direction, outputs: ŷ, threads: threads)
      let curvature = direction.dot(image)
      // Flat to rounding (saturated outputs): go no further along it.
      if !(curvature > 1e-14 * square) {
        return iteration == 0 ? direction : solution
      }
      let length = square / curvature
      solution.add(length, direction)
      residual.add(-length, image)
      preconditioned = residual
      gram.solve(&preconditioned)
      let next = residual.dot(preconditioned)
      if !(next > goal) { break }
      let ratio = next / square
      var turned = preconditioned
      turned.add(ratio, direction)
      (direction, square) = (turned, next)
    }
    return solution
  }

  /// Σ (∂²ℓ/∂ŷ²·Φv)ᵀΦ/n, and 2p_i v_i of the penalty.
  private func hessianProduct(
    _ v: Matrix<Double>, outputs ŷ: [Matrix<Double>], threads: Int
  ) -> Matrix<Double> {
    let images = concurrentMap(blocks.count, threads: threads) { index in
      curve(
        .product(blocks[index].features, v, transposingSecond: true), outputs: ŷ[index],
        targets: blocks[index].targets)
    }
    var product = v
    product.scaleColumns(by: penalties.map { 2 * $0 })
    return pullBack(images, threads: threads).adding(1, product)
  }
}

/// ∂²ℓ/∂ŷ²·u for every row u: y²p(1−p)u for one output, (Σy)·(diag p − ppᵀ)u for several.
private func curve(
  _ u: Matrix<Double>, outputs ŷ: Matrix<Double>, targets y: Matrix<Double>
) -> Matrix<Double> {
  var image = u
  let (rows, classes) = (u.rows, u.columns)
  var p = [Double](repeating: 0, count: classes)
  unsafe image.withUnsafeMutableBufferPointer { image in
    unsafe ŷ.withUnsafeBufferPointer { ŷ in
      unsafe y.withUnsafeBufferPointer { y in
        for s in stride(from: 0, to: rows * classes, by: classes) {
          if classes == 1 {
            let p = unsafe logistic(ŷ[s] * y[s])
            unsafe image[s] *= unsafe y[s] * y[s] * p * (1 - p)
            continue
          }
          let normalizer = unsafe logSumExp(classes, ŷ.baseAddress! + s)
          var (mean, weight) = (0.0, 0.0)
          for k in 0..<classes {
            p[k] = unsafe exponential(ŷ[s + k] - normalizer)
            mean += unsafe p[k] * image[s + k]
            weight += unsafe y[s + k]
          }
          for k in 0..<classes {
            unsafe image[s + k] = unsafe weight * p[k] * (image[s + k] - mean)
          }
        }
      }
    }
  }
  return image
}
