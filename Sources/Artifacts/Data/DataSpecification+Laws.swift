internal import DataFormats
internal import Foundation
internal import Landbridge
internal import LinearAlgebra

/// Samples that are drawn anew.
extension DataSpecification {
  /// A law, and samples of it that are the same for every seed of the training.
  func law<Scalar: MatrixScalar>(of type: Scalar.Type = Scalar.self) throws -> Dataset<Scalar> {
    switch kind {
    case .gaussians:
      let d = try integer("d", default: 32, atLeast: 1)
      let delta = try number("delta", default: 0.5, in: 0...0.999)
      let mean = try number("mean", default: 0, in: -1e6...1e6)
      return try stream(.classes(count: 2, oneHot: false)) {
        IsotropicGaussians(dimension: d, delta: delta, mean: mean, stream: $0)
      }
    case .teacher:
      let teacher: Network<Scalar> = try teacherNetwork()
      let noise = try number("noise", default: 0, in: 0...1e6)
      let meaning: TargetMeaning =
        teacher.outputDimension == 1 ? .numbers : .vectors(isClassification: false)
      return try stream(meaning) { TeacherStudent(teacher: teacher, noise: noise, stream: $0) }
    default: preconditionFailure("\(kind.rawValue) is no law")
    }
  }

  private func stream<Scalar: MatrixScalar>(
    _ targets: TargetMeaning,
    _ make: @escaping @Sendable (RandomStream) -> any SampleSource<Scalar>
  ) throws -> Dataset<Scalar> {
    let n = try integer("n", default: 10_000, atLeast: 1)
    let source = make(RandomStream(seed: 0, purpose: .testSamples))
    let bytes =
      Double(n) * Double(source.inputDimension + source.outputDimension)
      * Double(MemoryLayout<Scalar>.size)
    guard bytes < Double(AvailableMemory.now().bytes) / 2 else {
      throw Problem(
        description: "n=\(n): as many samples of dimension \(source.inputDimension) do not fit "
          + "into memory")
    }
    return Dataset(
      training: .stream(make), heldOut: source.samples(n),
      record: SampleRecord(
        data: description, rule: .fresh, part: .fresh, rows: 0, of: 0, targets: targets.kind),
      heldOutRows: SampleRows(part: .fresh, rule: .fresh, count: n), targets: targets)
  }

  private func teacherNetwork<Scalar: MatrixScalar>() throws -> Network<Scalar> {
    let name = options["activation"] ?? "tanh"
    guard let activation = Activation(name) else {
      throw Problem(description: "activation=\(name): unknown")
    }
    let seed = try integer("teacher-seed", default: 0, atLeast: 0)
    return Architecture(
      hidden: [try integer("hidden", default: 8, atLeast: 1)], activation: activation,
      scaling: .standard, firstLaw: .scaledGaussian(1), outputLaw: .scaledGaussian(1)
    ).network(
      inputs: try integer("d", default: 16, atLeast: 1),
      outputs: try integer("outputs", default: 1, atLeast: 1),
      stream: RandomStream(seed: UInt64(seed), purpose: .teacher))
  }
}
