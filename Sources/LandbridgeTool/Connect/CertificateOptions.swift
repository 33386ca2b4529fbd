import ArgumentParser
import Artifacts

/// What the certificate of a path is to say of the population.
struct CertificateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Samples for the certificate. Default: those of --data.", valueName: "spec"),
    transform: { try DataSpecification(parsing: $0) })
  var certifyData: DataSpecification?

  @Option(
    help: "Of all population intervals together, between 0 and 1.", transform: parseConfidence)
  var confidence = Confidence(failure: 0.05)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Where every input lies, for a bound of the loss. Default: 0,1 for pixels.",
      valueName: "low,high"),
    transform: parseRange)
  var inputRange: ClosedRange<Double>?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Where every target lies, if targets are numbers.", valueName: "low,high"),
    transform: parseRange)
  var targetRange: ClosedRange<Double>?

  @Option(
    help: ArgumentHelp(
      "Speak of the loss clipped here as well, which needs no bound; chosen without the samples.",
      valueName: "loss"))
  var clip: Double?

  @Flag(
    help: """
      Samples that repeat another one count as draws of their own: the population is discrete by \
      nature.
      """)
  var repeatsAreDraws = false

  func validate() throws {
    if let clip, !(clip > 0 && clip.isFinite) {
      throw ValidationError("--clip \(clip): expected a number above 0")
    }
  }
}

@Sendable private func parseRange(_ text: String) throws -> ClosedRange<Double> {
  let ends = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
  guard ends.count == 2, let low = ends[0], let high = ends[1], low.isFinite, high.isFinite,
    low <= high
  else { throw ValidationError("expected two numbers in order, for instance -1,1") }
  return low...high
}
