internal import LinearAlgebra

/// Sums losses, errors and distances of many sets of kept neurons over blocks of samples.
struct SubsetAccumulator<Scalar: MatrixScalar> {
  private let network: Network<Scalar>
  private let kept: [KeptNeurons]
  private let loss: Loss
  /// Sets that touch the last hidden layer alone, and the others with the first layer they drop from.
  private var readouts: [Int] = []
  private var deeper: [(set: Int, layer: Int)] = []
  private var sums: [OutputSums]
  private var count = 0
  private var isClassification = true

  /// Hidden layers whose activations are needed.
  let layers: Set<Int>

  init(of network: Network<Scalar>, kept: [KeptNeurons], loss: Loss) {
    self.network = network
    self.kept = kept
    self.loss = loss
    sums = Array(repeating: OutputSums(), count: kept.count)
    for (set, neurons) in kept.enumerated() {
      network.checkKept(neurons)
      let first = neurons.layers.firstIndex { $0 != nil } ?? network.hiddenLayerCount - 1
      if first == network.hiddenLayerCount - 1 {
        readouts.append(set)
      } else {
        deeper.append((set, first + 1))
      }
    }
    layers = Set(deeper.map(\.layer))
  }

  mutating func add(_ blocks: [HiddenBlock<Scalar>], threads: Int) {
    let perProduct = max(1, 1024 / network.outputDimension)
    for group in chunks(of: readouts.count, size: perProduct) {
      let sets = Array(readouts[group])
      let masked = MaskedReadout(network, sets.map { kept[$0].layers.last! })
      let loss = loss
      fold(
        concurrentMap(blocks.count, threads: threads) { masked.sums(on: blocks[$0], loss: loss) },
        into: sets)
    }
    for (set, layer) in deeper {
      let (tail, loss) = (network.keeping(kept[set]), loss)
      let indices = kept[set].layers[layer - 1]!
      fold(
        concurrentMap(blocks.count, threads: threads) { index in
          let block = blocks[index]
          var h = block.hidden[layer - 1]!.columns(indices)
          for above in layer..<tail.layers.count { h = tail.forward(h, throughLayer: above) }
          return outputSums(of: h, sets: 1, block: block, loss: loss)
        }, into: [set])
    }
    for block in blocks {
      count += block.samples.count
      isClassification = isClassification && block.samples.isClassification
    }
  }

  private mutating func fold(_ parts: [[OutputSums]], into sets: [Int]) {
    for part in parts {
      for (set, sum) in zip(sets, part) { sums[set] += sum }
    }
  }

  var result: [DropoutEvaluation] {
    let n = Double(count)
    return sums.map {
      DropoutEvaluation(
        loss: $0.loss / n, error: isClassification ? Double($0.wrong) / n : nil,
        outputDistance: $0.distance / n)
    }
  }
}

private struct OutputSums: Sendable {
  var loss = 0.0
  var wrong = 0
  var distance = 0.0

  static func += (sum: inout OutputSums, part: OutputSums) {
    sum.loss += part.loss
    sum.wrong += part.wrong
    sum.distance += part.distance
  }
}

/// The output layer after dropout, for many subsets side by side.
private struct MaskedReadout<Scalar: MatrixScalar>: Sendable {
  private let sets: Int
  /// (sets·K) × N
  private let weights: Matrix<Scalar>
  private let bias: [Scalar]?

  init(_ network: Network<Scalar>, _ subsets: [[Int]?]) {
    let readout = network.layers.last!
    sets = subsets.count
    weights = mask(readout.weights, λ: network.contributionScale, subsets)
    bias = readout.bias.map { bias in subsets.flatMap { _ in bias } }
  }

  func sums(on block: HiddenBlock<Scalar>, loss: Loss) -> [OutputSums] {
    let outputs = Matrix.sumOverNeurons(block.last, weights: weights, bias: bias)
    return outputSums(of: outputs, sets: sets, block: block, loss: loss)
  }
}

/// λ/|S|·W on the columns in S and zero elsewhere, for one subset after the other.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func mask<Scalar: MatrixScalar>(
  _ weights: Matrix<Scalar>, λ: Double, _ subsets: [[Int]?]
) -> Matrix<Scalar> {
  let (outputs, width) = (weights.rows, weights.columns)
  var masked = Matrix<Scalar>(rows: subsets.count * outputs, columns: width)
  unsafe masked.withUnsafeMutableBufferPointer { masked in
    unsafe weights.withUnsafeBufferPointer { weights in
      for (set, subset) in subsets.enumerated() {
        let kept = subset ?? Array(0..<width)
        let factor = λ / Double(kept.count)
        for k in 0..<outputs {
          for i in kept {
            unsafe masked[(set * outputs + k) * width + i] = unsafe Scalar(
              factor * Double(weights[k * width + i]))
          }
        }
      }
    }
  }
  return masked
}

/// Sums over a block, given its outputs (n × sets·K).
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func outputSums<Scalar: MatrixScalar>(
  of outputs: Matrix<Scalar>, sets: Int, block: HiddenBlock<Scalar>, loss: Loss
) -> [OutputSums] {
  let classes = block.samples.outputDimension
  let isClassification = block.samples.isClassification
  var sums = [OutputSums](repeating: OutputSums(), count: sets)
  unsafe outputs.withUnsafeBufferPointer { outputs in
    unsafe block.outputs.withUnsafeBufferPointer { whole in
      unsafe block.samples.targets.withUnsafeBufferPointer { targets in
        for s in 0..<block.samples.count {
          let y = unsafe targets.baseAddress! + s * classes
          let f = unsafe whole.baseAddress! + s * classes
          for set in 0..<sets {
            let ŷ = unsafe outputs.baseAddress! + (s * sets + set) * classes
            sums[set].loss += unsafe loss.value(count: classes, output: ŷ, target: y)
            if isClassification, unsafe isMisclassified(count: classes, output: ŷ, target: y) {
              sums[set].wrong += 1
            }
            for k in 0..<classes {
              let difference = unsafe Double(ŷ[k]) - Double(f[k])
              sums[set].distance += difference * difference
            }
          }
        }
      }
    }
  }
  return sums
}
