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
      let (d, delta, mean) = (options.d ?? 32, options.delta ?? 0.5, options.mean ?? 0)
      return try stream(.classes(count: 2, oneHot: false)) {
        IsotropicGaussians(dimension: d, delta: delta, mean: mean, stream: $0)
      }
    case .teacher:
      let teacher: Network<Scalar> = teacherNetwork()
      let noise = options.noise ?? 0
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
    let n = options.n ?? 10_000
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

  private func teacherNetwork<Scalar: MatrixScalar>() -> Network<Scalar> {
    Architecture(
      hidden: [options.hidden ?? 8], activation: options.activation ?? .tanh, scaling: .standard,
      firstLaw: .scaledGaussian(1), outputLaw: .scaledGaussian(1)
    ).network(
      inputs: options.d ?? 16, outputs: options.outputs ?? 1,
      stream: RandomStream(seed: UInt64(options.teacherSeed ?? 0), purpose: .teacher))
  }
}
