internal import LinearAlgebra

/// Which layers SGD moves; a bias goes with its layer.
public enum TrainedLayers: String, Codable, Sendable, CaseIterable {
  /// Every layer.
  case all
  /// W₂ … W_L: the first and the last layer keep their random initial values, as in the paper's
  /// multilayer theorem. Needs L ≥ 2.
  case middle
}

/// How the iterates of online SGD are computed. Both give the same ones up to rounding.
public enum SGDMethod: String, Codable, Sendable, CaseIterable {
  /// Blocks of samples with matrix products (docs/theory.md §2.1), the default.
  case blocked
  /// One sample at a time, as the definition says.
  case stepByStep = "step-by-step"
}

/// What takes consecutive steps of online SGD on a network it owns.
protocol SGDKernel<Scalar>: AnyObject {
  associatedtype Scalar: MatrixScalar

  var network: Network<Scalar> { get }

  /// The most samples one call of ``train(inputs:targets:stepSizes:shouldGiveUp:)`` takes.
  var blockSize: Int { get }

  /// One step on every sample in turn.
  ///
  /// - Parameters:
  ///   - inputs: `stepSizes.count` × d.
  ///   - targets: `stepSizes.count` × K.
  ///   - stepSizes: α of every step; at most ``blockSize``.
  ///   - shouldGiveUp: asked now and then, from any thread.
  /// - Returns: how many steps were taken, and the sum of their losses, each before its step.
  ///   Fewer steps than asked for: the output at the next sample is not finite, or beyond
  ///   ``divergenceLimit``; the network is as it was before that sample. `nil`: given up; the network
  ///   is as it was before the first.
  @unsafe func train(
    inputs: UnsafePointer<Scalar>, targets: UnsafePointer<Scalar>, stepSizes: [Double],
    shouldGiveUp: @Sendable () -> Bool
  ) -> (steps: Int, lossSum: Double)?
}

/// The loss of a single sample from which on training counts as diverged.
let divergenceLimit = 1e12

extension Network {
  /// The factor of W_ℓᵀ D_ℓ in D_{ℓ−1} for layer `index` below the output: 1/N_ℓ with mean-field
  /// scaling, N_ℓ the fan-in of the layer above. Then D_ℓ = N_ℓ ∂ℓ/∂u_ℓ, and every entry of W_ℓ moves
  /// by O(α) whatever the widths (docs/theory.md §2). The forward pass divides by the layer's own
  /// fan-in instead.
  func backwardScale(ofLayer index: Int) -> Scalar { scale(ofLayer: index + 1) }

  /// The first and the last trained weight matrix for a choice of layers.
  func trainedRange(_ trained: TrainedLayers) -> ClosedRange<Int> {
    switch trained {
    case .all: return 0...hiddenLayerCount
    case .middle:
      precondition(hiddenLayerCount >= 2, "no middle layer in a network of one hidden layer")
      return 1...hiddenLayerCount - 1
    }
  }
}
