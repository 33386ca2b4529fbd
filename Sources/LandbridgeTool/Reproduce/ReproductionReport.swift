import DataFormats
import Artifacts
import Experiments
import Foundation
import Landbridge
import LinearAlgebra
import Reports

/// The report of a reproduction: figures, tables and the page that shows them.
struct ReproductionReport {
  let results: ReproductionResults

  /// Writes `report.html`, `figures/` and `tables/`, all of them or nothing; drawings only where
  /// there is a gnuplot.
  ///
  /// - Returns: the page.
  func write(into directory: URL, drawnBy gnuplot: Gnuplot?) throws -> URL {
    let configuration = try encodeStably(results.experiments.map(\.experiment))
    let files = try Report(
      title: "Dropout stability and landscape connectivity", summary: summary,
      version: "\(results.version), preset \(results.preset)"
        + (results.variation == nil ? "" : ", varied"),
      sections: [introduction] + results.experiments.map(section),
      configuration: String(decoding: configuration, as: UTF8.self)
    ).files(drawnBy: gnuplot)
    for folder in ["figures", "tables"] {
      try createDirectory(directory.appending(path: folder))
    }
    func path(_ name: String) -> String {
      directory.appending(path: name).path(percentEncoded: false)
    }
    try writeAtomically(files.map { (path($0.name), $0.content) })
    // Drawings of earlier data would not fit what is there now.
    if gnuplot == nil {
      for file in files where file.name.hasSuffix(".gp") {
        unsafe unlink(path(file.name.dropLast("gp".count) + "svg"))
      }
    }
    return directory.appending(path: "report.html")
  }

  private var summary: String {
    """
    Wide networks trained by online SGD lose little when half of their neurons are removed and the \
    rest rescaled, and two such networks are joined by a path along which the loss hardly rises: \
    the experiments of Shevchenko and Mondelli (ICML 2020), run anew.
    """
  }

  private var introduction: ReportSection {
    ReportSection(
      "How to read this",
      (variedWords.map { [.prose($0)] } ?? []) + [
        .prose(
          """
          Dropout stability: what a network of N neurons loses when only its first M neurons are \
          kept and the factor 1/N in front of their sum becomes 1/M; here M = N/2. The theorem bounds \
          the change of the loss by a constant times √(log M / M) plus a term in the step size; its \
          constants are unknown, so no bound is drawn here as if it had been measured. What is \
          measured: the change itself, and its mean over halves, which for two layers and squared \
          loss theory gives exactly from one pass over the data.
          """),
        .prose(
          """
          Connectivity: the dropout path moves from one solution θ to another θ′ in segments along which the network's \
          output is either constant or affine in t. Along it the loss is convex between knots, so \
          the barrier, the largest loss less that of the worse end, is exact: no grid over t. The \
          straight line is sampled.
          """),
        .prose(assumptions),
      ])
  }

  /// How this run differs from its preset; `nil` where it does not.
  private var variedWords: String? {
    guard let variation = results.variation else { return nil }
    let changes = [
      variation.widths.map { "widths " + $0.map(grouped).joined(separator: ", ") },
      variation.trials.map { counted($0, "trial") + " of each" },
      variation.steps.map { counted($0, "step") },
      variation.precision.map { "\($0.rawValue) precision" },
    ].compactMap(\.self)
    return "This run is not the preset \(results.preset) but a variation of it: "
      + changes.joined(separator: "; ") + "."
  }

  private var assumptions: String {
    let names = Set(results.experiments.map(\.experiment.activation))
    let outside = names.filter { !$0.satisfiesTheoremAssumptions }.map(\.description).sorted()
    return outside.isEmpty
      ? "All activations here are bounded with bounded Lipschitz derivative, as the theorems ask."
      : "The theorems ask for a bounded activation with bounded Lipschitz derivative; "
        + "\(outside.joined(separator: ", ")) is outside of them."
  }

  private func section(_ experiment: ExperimentResults) -> ReportSection {
    let (figures, tables) = (
      ExperimentFigures(results: experiment), ExperimentTables(results: experiment)
    )
    var blocks: [ReportSection.Block] = [
      .prose(experiment.experiment.note),
      .prose(ExperimentWords(results: experiment).setting), .keyNumbers(tables.keyNumbers()),
      .figure(figures.training(.loss)),
    ]
    if figures.hasErrors { blocks.append(.figure(figures.training(.error))) }
    blocks.append(.figure(figures.change()))
    blocks.append(
      .table(
        tables.slopes(),
        title: "Slopes of log mean against log N, with bootstrap intervals",
        name: "\(experiment.experiment.name)-slopes"))
    blocks += [figures.path(), figures.barrier()].compactMap { $0.map { .figure($0) } }
    blocks.append(
      .table(
        tables.widths(), title: "At the end of training, means over trials",
        name: "\(experiment.experiment.name)-widths"))
    let diverged = experiment.widths.flatMap(\.trials).filter { $0.outcome != .finished }
    if !diverged.isEmpty {
      blocks.append(.prose("\(diverged.count) trials diverged and are left out of every mean."))
    }
    return ReportSection(experiment.experiment.title, blocks)
  }

  /// What the terminal shows.
  var text: String {
    let experiments = results.experiments.map { experiment in
      let tables = ExperimentTables(results: experiment)
      return """
        \(experiment.experiment.title)

        \(tables.widths().text())

        \(tables.slopes().text())
        """
    }
    return ((variedWords.map { [wrap($0)] } ?? []) + experiments).joined(separator: "\n\n")
  }

  var csv: String { ReproductionTable(results: results).table.csv }
}
