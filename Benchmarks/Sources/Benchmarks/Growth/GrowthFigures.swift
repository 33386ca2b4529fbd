import Foundation
import Reports

extension GrowthResults {
  /// µs per step along every sweep, with the roofline.
  var trainingFigure: Figure {
    Figure(
      name: "cost-training",
      title: "Cost of one step of exact online SGD, two layers",
      panels: Sweep.all.indices.map(panel), columns: 3,
      caption: """
        Microseconds per step, one sample each, measured on one and two threads; the model for one \
        thread; its roofs, flops over the rate of sgemm and bytes over the bandwidth of the memory.
        """)
  }

  private func panel(_ index: Int) -> Panel {
    let sweep = Sweep.all[index]
    let x = sweep.points.map { Double($0.value) }
    let model = model(threads: 1)
    let points = sweep.points.map(\.point)
    let blocks = blockSizes[index]
    func micro(_ seconds: [Double]) -> [Double] { seconds.map { $0 * 1e6 } }
    var series = [
      Series(
        "bytes/bandwidth", .other(4), x: x,
        y: micro(zip(points, blocks).map { model.byteTime($0, blockSize: $1) })),
      Series("flops/peak", .reference, x: x, y: micro(points.map(model.flopTime))),
      Series(
        "model", .prediction, x: x,
        y: micro(zip(points, blocks).map { model.seconds($0, blockSize: $1) })),
    ]
    for (position, t) in threads.enumerated() {
      let measured = times[index].map { $0[t]! }
      series.append(
        Series(
          "\(t) thread\(t == 1 ? "" : "s")", .other(position), x: x,
          y: micro(measured.map(\.median)),
          errorBars: .init(
            lower: micro(measured.map(\.lowerQuartile)),
            upper: micro(measured.map(\.upperQuartile))),
          markers: true))
    }
    let isPowers = sweep.variable == "B"
    return Panel(
      title: sweep.fixed, xAxis: Axis(sweep.axis, scale: isPowers ? .log2 : .log10),
      yAxis: Axis("µs per step", scale: .log10), series: series)
  }

  /// The largest resident set against the parameters.
  var memoryFigure: Figure {
    let mebibyte = Double(1 << 20)
    let panels = [32, 784].map { inputs in
      let points = memory.filter { $0.inputs == inputs }
      let x = points.map { Double($0.neurons) }
      func values(_ bytes: (MemoryPoint) -> Double) -> [Double] {
        points.map { bytes($0) / mebibyte }
      }
      return Panel(
        title: "d = \(inputs), K = 1", xAxis: Axis("neurons N", scale: .log10),
        yAxis: Axis("MiB", scale: .log10),
        series: [
          Series("parameters", .reference, x: x, y: values { Double($0.parameters) }),
          Series(
            "1.5 × parameters + 64 MiB + data", .prediction, x: x,
            y: values { 1.5 * Double($0.parameters) + 64 * mebibyte + Double($0.data) }),
          Series("measured", .other(0), x: x, y: values { Double($0.peak) }, markers: true),
        ])
    }
    return Figure(
      name: "cost-memory", title: "Memory of training, two layers", panels: panels, columns: 2,
      caption: "The largest resident set of a process that trains, against its parameters.")
  }

  /// Every point of every sweep: measured, model, their quotient.
  var tables: String {
    Sweep.all.indices.map { "\(Sweep.all[$0].fixed)\n\(table($0).text(width: 80))" }
      .joined(separator: "\n")
  }

  private func table(_ index: Int) -> Table {
    let sweep = Sweep.all[index]
    var columns: [Table.Column] = [.init(sweep.variable)]
    if sweep.variable != "B" { columns.append(.init("B")) }
    for t in threads {
      columns += [.init("\(t) thr.", unit: "µs"), .init("model"), .init("÷ model")]
    }
    var table = Table(columns: columns)
    for (position, (value, point)) in sweep.points.enumerated() {
      let block = blockSizes[index][position]
      var cells: [Table.Cell] = [.integer(value)]
      if sweep.variable != "B" { cells.append(.integer(block)) }
      for t in threads {
        let time = times[index][position][t]!.median
        let expected = model(threads: t).seconds(point, blockSize: block)
        cells += [
          .number(time * 1e6, digits: 3), .number(expected * 1e6, digits: 3),
          .text(short(time / expected)),
        ]
      }
      table.append(cells)
    }
    return table
  }

  /// Where model and measurement part: quotients outside 0.8 … 1.25 on one thread.
  var partings: [String] {
    Sweep.all.enumerated().map { index, sweep in
      let model = model(threads: 1)
      let quotients = sweep.points.enumerated().map { position, entry in
        times[index][position][1]!.median
          / model.seconds(entry.point, blockSize: blockSizes[index][position])
      }
      let range = "\(short(quotients.min()!)) … \(short(quotients.max()!))"
      let apart = zip(sweep.points, quotients).filter { !(0.8...1.25).contains($0.1) }
        .map { "\(sweep.variable) = \($0.0.value): \(short($0.1))" }
      return "\(sweep.variable) (\(sweep.fixed)), one thread: measured ÷ model \(range)"
        + (apart.isEmpty
          ? "; nowhere apart by more than a quarter."
          : "; apart at " + apart.joined(separator: ", ") + ".")
    }
  }
}
