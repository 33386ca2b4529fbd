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
      version: "landbridge \(results.version), preset \(results.preset)",
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
      [
        .prose(
          """
          Dropout stability: L_N is the loss of a network of N neurons, L_M that of its first M \
          neurons with the factor 1/N replaced by 1/M. The theorem bounds |L_N − L_M| by a constant \
          times √(log M / M) plus a term in the step size; its constants are unknown, so no bound is \
          drawn here as if it had been measured. What is measured: the change itself, and beside \
          it the mean over all subsets, which is known exactly from one pass over the data.
          """),
        .prose(
          """
          Connectivity: the dropout path moves from θ to θ′ in segments along which the network's \
          output is either constant or affine in t. Along it the loss is convex between knots, so \
          the barrier, the largest loss less that of the worse end, is exact: no grid over t. The \
          straight line is sampled.
          """),
        .prose(assumptions),
      ])
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
      .prose(experiment.experiment.note), .keyNumbers(tables.keyNumbers()),
      .figure(figures.training(.loss)),
    ]
    if figures.hasErrors { blocks.append(.figure(figures.training(.error))) }
    blocks.append(.figure(figures.change()))
    blocks.append(
      .table(tables.slopes(), title: "Fitted slopes", name: "\(experiment.experiment.name)-slopes"))
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
    results.experiments.map { experiment in
      let tables = ExperimentTables(results: experiment)
      return """
        \(experiment.experiment.title)

        \(tables.widths().text())

        \(tables.slopes().text())
        """
    }.joined(separator: "\n\n")
  }

  /// The table of widths of every experiment.
  var csv: String {
    results.experiments.map { ExperimentTables(results: $0).widths().csv }.joined(separator: "\n")
  }
}
