/// The five blocks of VGG-16's feature extractor, named for the max-pooling that ends them.
///
/// A block is two or three convolutions 3×3 (padding 1, ReLU) and a 2×2 max-pooling.
/// Source: K. Simonyan, A. Zisserman, *Very Deep Convolutional Networks for Large-Scale Image
/// Recognition*, ICLR 2015, configuration D.
public enum VGG16Block: String, Sendable, CaseIterable, Comparable {
  case pool1, pool2, pool3, pool4, pool5

  /// 1 … 5, the number of poolings up to the end of this block.
  public var number: Int { Self.allCases.firstIndex(of: self)! + 1 }

  /// Channels of every convolution of the block: 64, 128, 256, 512, 512.
  public var channels: Int { [64, 128, 256, 512, 512][number - 1] }

  /// The numbers of the block's convolutions in torchvision's `features`.
  public var convolutions: [Int] {
    [[0, 2], [5, 7], [10, 12, 14], [17, 19, 21], [24, 26, 28]][number - 1]
  }

  /// In the order of the network.
  public static func < (a: VGG16Block, b: VGG16Block) -> Bool { a.number < b.number }

  /// The blocks from the first to this one.
  var blocks: ArraySlice<VGG16Block> { Self.allCases.prefix(number) }
}

/// What keeps a VGG-16 feature extractor from being built.
public enum VGG16Error: Error, Equatable, Sendable {
  /// Tensors that are absent or not as they must be: all of them. `unused` are the names that were
  /// available but belong to no layer asked for: when names are wrong, the right ones are there.
  case tensors([TensorProblem], unused: [String])
  /// The image would be pooled away: each side must be at least `minimum` pixels.
  case imageTooSmall(height: Int, width: Int, minimum: Int, upTo: VGG16Block)
  /// The map after the last pooling cannot be cut into `grid` × `grid` equal cells.
  case gridDoesNotDivide(grid: Int, height: Int, width: Int)

  /// One tensor that is absent or not as it must be.
  public struct TensorProblem: Equatable, Sendable {
    /// Of torchvision.
    public let name: String
    /// outputs × inputs × 3 × 3 for a weight, outputs for a bias.
    public let expectedShape: [Int]
    /// What is wrong with it.
    public let kind: Kind

    /// A tensor with what its shape ought to be, and what is wrong with it.
    public init(name: String, expectedShape: [Int], kind: Kind) {
      (self.name, self.expectedShape, self.kind) = (name, expectedShape, kind)
    }

    /// What can be wrong with it.
    public enum Kind: Equatable, Sendable {
      /// There is no such tensor.
      case missing
      /// It has another shape.
      case shape(found: [Int])
      /// The shape is right but comes with another number of values.
      case count(found: Int)
      /// The value at `index` is NaN or infinite.
      case notFinite(index: Int)
    }
  }
}

extension VGG16Error.TensorProblem: CustomStringConvertible {
  /// One line: name, what was found, what was expected.
  public var description: String {
    let expected = "expected shape \(expectedShape)"
    return switch kind {
    case .missing: "\(name): missing, \(expected)"
    case .shape(let found): "\(name): found shape \(found), \(expected)"
    case .count(let found):
      "\(name): found \(found) values, expected \(expectedShape.reduce(1, *))"
    case .notFinite(let index): "\(name): value \(index) is not finite"
    }
  }
}

extension VGG16Error: CustomStringConvertible {
  /// What was found and expected; a line for every tensor.
  public var description: String {
    switch self {
    case .tensors(let problems, let unused):
      var lines = ["VGG-16 weights: \(problems.count) tensors missing or ill-shaped"]
      lines += problems.map { "  \($0)" }
      if !unused.isEmpty && problems.contains(where: { $0.kind == .missing }) {
        let more = unused.count > 8 ? ", … (\(unused.count) in all)" : ""
        lines.append("  present but not used: \(unused.prefix(8).joined(separator: ", "))\(more)")
      }
      return lines.joined(separator: "\n")
    case .imageTooSmall(let height, let width, let minimum, let block):
      return "images of \(height) × \(width) pixels: "
        + "\(block.rawValue) needs at least \(minimum) × \(minimum)"
    case .gridDoesNotDivide(let grid, let height, let width):
      return "average pooling to \(grid) × \(grid): "
        + "the map of \(height) × \(width) cannot be cut into equal cells"
    }
  }
}

/// The name and the shape (outputs × inputs × 3 × 3, or outputs) of a tensor.
public struct VGG16TensorDescription: Hashable, Sendable {
  /// `features.N.weight` or `features.N.bias`
  public let name: String
  /// outputs × inputs × 3 × 3, or outputs
  public let shape: [Int]
}

extension VGG16Block {
  /// The tensors of all convolutions from the first to the end of this block, under torchvision's
  /// names `features.N.weight` and `features.N.bias`.
  public var tensors: [VGG16TensorDescription] {
    var result: [VGG16TensorDescription] = []
    var inputs = 3
    for block in blocks {
      for number in block.convolutions {
        result.append(
          .init(name: "features.\(number).weight", shape: [block.channels, inputs, 3, 3]))
        result.append(.init(name: "features.\(number).bias", shape: [block.channels]))
        inputs = block.channels
      }
    }
    return result
  }
}
