import Landbridge
import Testing

@Suite("VGG-16 features: what is wrong with the weights is listed completely")
struct VGG16ErrorTests {
  func error(
    height: Int = 32, width: Int = 32, upTo block: VGG16Block = .pool2, averagePool: Int? = nil,
    names: [String] = [],
    tensor: (String) -> (shape: [Int], values: [Float])? = CounterHash.tensor
  ) -> VGG16Error? {
    do {
      _ = try VGG16Features(
        height: height, width: width, upTo: block, averagePool: averagePool,
        normalization: .caffe, availableNames: names, tensor: tensor)
      return nil
    } catch { return error }
  }

  @Test func namesAndShapesAreTorchvisions() {
    let tensors = VGG16Block.pool5.tensors
    #expect(tensors.count == 26)
    #expect(tensors.reduce(0) { $0 + $1.shape.reduce(1, *) } == 14_714_688)
    #expect(tensors[8] == VGG16Block.pool3.tensors[8])
    #expect(tensors[8].name == "features.10.weight" && tensors[8].shape == [256, 128, 3, 3])
    #expect(tensors[25].name == "features.28.bias" && tensors[25].shape == [512])
    #expect(VGG16Block.allCases.map { $0.tensors.count } == [4, 8, 14, 20, 26])
  }

  @Test(arguments: VGG16Block.allCases)
  func asksOnlyForWhatItNeeds(block: VGG16Block) {
    var asked: [String] = []
    let failure = error(upTo: block) {
      asked.append($0)
      return nil
    }
    #expect(asked == block.tensors.map(\.name))
    guard case .tensors(let problems, _) = failure else {
      Issue.record("expected a list of tensors, got \(String(describing: failure))")
      return
    }
    #expect(problems.map(\.name) == asked)
    #expect(problems.allSatisfy { $0.kind == .missing })
  }

  @Test func listsEveryProblemWithFoundAndExpected() {
    let failure = error(names: ["features.0.weight", "conv1_1.bias", "classifier.0.weight"]) {
      name in
      guard var (shape, values) = CounterHash.tensor(name) else { return nil }
      switch name {
      case "features.0.bias": return nil
      case "features.2.weight": shape = [3, 3, 64, 64]
      case "features.5.bias": values.removeLast()
      case "features.7.weight": values[11] = .nan
      default: break
      }
      return (shape, values)
    }
    let expected: [VGG16Error.TensorProblem] = [
      .init(name: "features.0.bias", expectedShape: [64], kind: .missing),
      .init(
        name: "features.2.weight", expectedShape: [64, 64, 3, 3],
        kind: .shape(found: [3, 3, 64, 64])),
      .init(name: "features.5.bias", expectedShape: [128], kind: .count(found: 127)),
      .init(
        name: "features.7.weight", expectedShape: [128, 128, 3, 3], kind: .notFinite(index: 11)),
    ]
    #expect(
      failure == .tensors(expected, unused: ["classifier.0.weight", "conv1_1.bias"]))
    #expect(
      failure?.description == """
        VGG-16 weights: 4 tensors missing or ill-shaped
          features.0.bias: missing, expected shape [64]
          features.2.weight: found shape [3, 3, 64, 64], expected shape [64, 64, 3, 3]
          features.5.bias: found 127 values, expected 128
          features.7.weight: value 11 is not finite
          present but not used: classifier.0.weight, conv1_1.bias
        """)
  }

  @Test func shapesFromStrangersDoNotCrash() {
    let failure = error(upTo: .pool1) { _ in ([Int.max, -1, 0, Int.max], []) }
    guard case .tensors(let problems, _) = failure else {
      Issue.record("expected a list of tensors")
      return
    }
    #expect(problems.count == 4)
  }

  @Test func sizesThatDoNotSurviveThePoolings() {
    #expect(error(height: 4, width: 4) == nil)
    #expect(
      error(height: 3, width: 32)
        == .imageTooSmall(height: 3, width: 32, minimum: 4, upTo: .pool2))
    #expect(
      error(height: 32, width: 31, upTo: .pool5)
        == .imageTooSmall(height: 32, width: 31, minimum: 32, upTo: .pool5))
    #expect(
      error(height: -1, width: 0, upTo: .pool1)
        == .imageTooSmall(height: -1, width: 0, minimum: 2, upTo: .pool1))
    #expect(error(averagePool: 3) == .gridDoesNotDivide(grid: 3, height: 8, width: 8))
    #expect(error(averagePool: 0) == .gridDoesNotDivide(grid: 0, height: 8, width: 8))
    #expect(error(averagePool: -2) == .gridDoesNotDivide(grid: -2, height: 8, width: 8))
    #expect(error(averagePool: 8) == nil)
  }
}
