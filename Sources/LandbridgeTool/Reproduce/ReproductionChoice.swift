import ArgumentParser
import Artifacts
import DataFormats
import Experiments
import Foundation

/// Which experiments a run of `reproduce` has in its report: those asked for, and those of the same
/// configuration that earlier runs left in the directory.
struct ReproductionChoice {
  var preset: Reproduction.Preset
  var seed: UInt64
  /// Names of experiments; `nil` for all.
  var only: [String]?
  var variation: Variation
  var dataDirectory: String?
  /// The directory of results.
  var output: String
  var quiet: Bool

  /// - Returns: with the features that experiments need to be there.
  /// - Throws: `ValidationError` for names that are none, `FormatError` where the directory has a
  ///   report with experiments that this one could not have.
  func resolved(
    in store: some TrialStore
  ) throws -> (reproduction: Reproduction, features: OriginalFeatures?) {
    let features = try originalFeatures()
    let originals = OriginalData(mnist: try directoryOfMNIST(), features: features?.data)
    var reproduction = Reproduction(preset: preset, originals: originals, seed: seed)
    reproduction.vary(variation)
    let asked = try names(in: reproduction)
    let former = try formerResults()
    var kept: [String] = []
    reproduction.experiments.removeAll { experiment in
      if asked.contains(experiment.name) { return false }
      guard Reproduction.isDone(experiment, in: store) else { return true }
      kept.append(experiment.name)
      return false
    }
    // MNIST's, from a run that was told where its files are.
    if let former, former.preset == preset.rawValue, former.variation == reproduction.variation {
      let present = reproduction.experiments.map(\.name)
      for experiment in former.experiments.map(\.experiment)
      where experiment.name == "mnist" && !present.contains("mnist") && experiment.seed == seed
        && Reproduction.isDone(experiment, in: store)
      {
        reproduction.experiments.append(experiment)
        kept.append(experiment.name)
      }
    }
    try requireNoLoss(of: former, in: reproduction, asked: asked)
    if !kept.isEmpty, !quiet {
      Messages.write("in the report too, from an earlier run: \(kept.joined(separator: ", "))")
    }
    let needed = reproduction.experiments.contains { $0.data == features?.data }
    return (reproduction, needed ? features : nil)
  }

  private func names(in reproduction: Reproduction) throws -> Set<String> {
    let known = reproduction.experiments.map(\.name)
    guard let only else { return Set(known) }
    if only.contains("mnist"), !known.contains("mnist") {
      throw ValidationError(
        "--only mnist: needs --data-dir DIR, a directory that has the original files in mnist/")
    }
    if let unknown = only.first(where: { !known.contains($0) }) {
      throw ValidationError("--only \(unknown): expected \(known.joined(separator: ", "))")
    }
    return Set(only)
  }

  /// A report of an earlier run keeps its experiments, or is left alone.
  private func requireNoLoss(
    of former: ReproductionResults?, in reproduction: Reproduction, asked: Set<String>
  ) throws {
    let others = (former?.experiments ?? []).map(\.experiment).filter { !asked.contains($0.name) }
    let lost = others.filter { !reproduction.experiments.contains($0) }.map(\.name)
    guard !lost.isEmpty else { return }
    throw FormatError(
      .cannotCreate, path: output,
      found: "a report with \(lost.joined(separator: ", ")) of another configuration or from files "
        + "that are not given now, which this run would not have in its own",
      expected:
        "another directory, the same options as then, or this directory without results.json")
  }

  /// What is in the directory; `nil` where nothing is, or nothing that can be read by a run that makes
  /// everything it has in its report anew.
  private func formerResults() throws -> ReproductionResults? {
    let path = output + "/results.json"
    guard FileKind(path) == .other else { return nil }
    do {
      return try decodeUntrusted(
        ReproductionResults.self, from: Data(contentsOf: URL(filePath: path)), path: path)
    } catch {
      if only == nil { return nil }
      throw error
    }
  }

  private func directoryOfMNIST() throws -> String? {
    guard let dataDirectory else { return nil }
    guard FileKind(dataDirectory) == .directory else {
      throw FormatError(.noSuchFile, path: dataDirectory, found: "no such directory")
    }
    if FileKind(dataDirectory + "/mnist") == .directory { return dataDirectory + "/mnist" }
    if !quiet {
      Messages.write("\(dataDirectory) has no mnist/: the experiment on MNIST is left out")
    }
    return nil
  }

  private func originalFeatures() throws -> OriginalFeatures? {
    guard preset == .full, let dataDirectory else { return nil }
    if let features = try OriginalFeatures(in: dataDirectory, into: output + "/features") {
      return features
    }
    if !quiet {
      Messages.write(
        "\(dataDirectory) has not all of data_batch_1 … 5 in \(OriginalFeatures.imageFolders[0])/ and "
          + "\(OriginalFeatures.weightFiles[0]): CIFAR-10's features are those that are built in")
    }
    return nil
  }
}
