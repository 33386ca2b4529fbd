import Foundation
import Reports

/// Figures of every kind the tool makes, and of kinds that go wrong.
enum Gallery {
  static let all = [
    training, change, path, barrier, kept, six, degenerate, hostile, crowded, joint,
  ]

  private static func noise(_ i: Int) -> Double {
    let x = sin(Double(i) * 12.9898) * 43758.5453
    return x - x.rounded(.down) - 0.5
  }

  /// Training curves: full and dropout loss, a panel per width, bands over trials.
  static let training = Figure(
    name: "training",
    panels: [100, 400, 1600].map { width in
      let t = (0...60).map { pow(10, -2 + Double($0) / 15) }
      let full = t.map { 0.12 + 0.9 / (1 + $0 * $0 / 4) }
      let dropout = t.enumerated().map { i, t in
        0.12 + 0.9 / (1 + t * t / 4) + (18 / Double(width)) * t / (1 + t) * (1 + 0.2 * noise(i))
      }
      return Panel(
        title: "N = \(width)", xAxis: Axis("time  t = kα", scale: .log10),
        yAxis: Axis("squared loss"),
        series: [
          Series(
            "half of the neurons", .dropout, x: t, y: dropout,
            band: .init(lower: dropout.map { $0 * 0.9 }, upper: dropout.map { $0 * 1.12 })),
          Series("all neurons", .full, x: t, y: full),
        ])
    }, sharesY: true,
    caption: "Loss of the full network and of half of its neurons during training.")

  /// The change of the loss against the width, with a fitted slope.
  static let change: Figure = {
    let widths = [100.0, 200, 400, 800, 1600, 3200]
    let exact = widths.map { 1.9 / ($0 - 1) }
    let measured = exact.enumerated().map { $1 * (1 + 0.15 * noise($0 + 3)) }
    return Figure(
      name: "change",
      panels: [
        Panel(
          xAxis: Axis("width N", scale: .log10, ticks: widths.map { .init($0) }),
          yAxis: Axis("|L_N − L_M|", scale: .log10),
          series: [
            Series("exact, V/(N − 1)", .prediction, x: widths, y: exact, directLabel: false),
            Series(
              "measured, slope −0.99 ± 0.02", .dropout, x: widths, y: measured,
              errorBars: .init(
                lower: measured.map { $0 * 0.7 }, upper: measured.map { $0 * 1.35 }),
              line: false, markers: true),
            Series(
              "slope −1/2", .reference, x: widths, y: widths.map { 0.3 / $0.squareRoot() }),
          ])
      ],
      caption: "Change of the loss when half of the neurons are dropped, twenty trials per width.")
  }()

  /// Loss and error along a path with named knots, against the straight line.
  static let path: Figure = {
    let knots = ["θ", "drop", "rewrite", "switch", "rewrite′", "θ′"]
    let x = (0...100).map { Double($0) / 20 }
    func panel(_ name: String, _ level: [Double], _ bump: Double) -> Panel {
      Panel(
        xAxis: Axis("position along the path"), yAxis: Axis(name),
        series: [
          Series(
            "path", .dropout, x: x,
            y: x.map { t in
              let k = min(Int(t), 4)
              let s = t - Double(k)
              return (1 - s) * level[k] + s * level[k + 1]
            }),
          Series(
            "straight line", .other(0), x: x,
            y: x.map { level[0] + bump * sin($0 / 5 * .pi) }),
        ],
        annotations: knots.enumerated().map { .knot(x: Double($0), label: $1) })
    }
    return Figure(
      name: "path", title: "Two solutions of N = 800, tanh",
      panels: [
        panel("squared loss", [0.10, 0.13, 0.13, 0.14, 0.14, 0.11], 0.6),
        panel("0-1 error", [0.021, 0.026, 0.026, 0.029, 0.029, 0.022], 0.3),
      ], caption: "Loss and error along the path; its maximum is at a knot.")
  }()

  static let barrier: Figure = {
    let widths = (5...12).map { pow(2, Double($0)) }
    return Figure(
      name: "barrier",
      panels: [
        Panel(
          note: "median of ten pairs; bars: quartiles",
          xAxis: Axis("width N", scale: .log2), yAxis: Axis("barrier", scale: .log10),
          series: ["dropout path", "straight line", "after weight matching"].enumerated().map {
            i, name in
            let y = widths.map { 3 * pow($0, -1 + 0.45 * Double(i)) }
            return Series(
              name, i == 0 ? .dropout : .other(i - 1), x: widths, y: y,
              errorBars: .init(lower: y.map { $0 * 0.7 }, upper: y.map { $0 * 1.4 }),
              markers: true)
          })
      ], caption: "Barrier against width.")
  }()

  static let kept: Figure = {
    let kept = stride(from: 20.0, through: 800, by: 20).map { $0 }
    let mean = kept.map { 0.08 + 0.9 * (800 - $0) / ($0 * 799) * 20 }
    return Figure(
      name: "kept",
      panels: [
        Panel(
          xAxis: Axis("neurons kept M"), yAxis: Axis("expected loss"),
          series: [
            Series(
              "random subsets", .dropout, x: kept, y: mean,
              band: .init(
                center: mean, halfWidth: kept.map { 2 / $0 })),
            Series("greedy", .other(0), x: kept, y: kept.map { 0.08 + 0.4 / $0 }),
          ],
          annotations: [
            .horizontalLine(y: 0.08, label: "L_N"), .verticalLine(x: 400, label: "M = N/2"),
          ])
      ])
  }()

  static let six = Figure(
    name: "six", title: "Layers and data",
    panels: (0..<6).map { p in
      Panel(
        title: "layer \(p % 3 + 1), \(p < 3 ? "CIFAR-10" : "MNIST")", xAxis: Axis("kept share"),
        yAxis: Axis("error"),
        series: [
          Series("all", .full, x: [0, 0.5, 1], y: [0.3, 0.2, 0.1]),
          Series("dropped", .dropout, x: [0, 0.5, 1], y: [0.6, 0.25 + Double(p) / 50, 0.1]),
        ])
    }, caption: "Six panels.")

  /// Nothing, one point, equal values, and values without a logarithm.
  static let degenerate = Figure(
    name: "degenerate",
    panels: [
      Panel(title: "empty", xAxis: Axis("x"), yAxis: Axis("y"), series: []),
      Panel(
        title: "one point", xAxis: Axis("x"), yAxis: Axis("y"),
        series: [Series("point", .full, x: [3], y: [2])]),
      Panel(
        title: "equal", xAxis: Axis("x"), yAxis: Axis("y"),
        series: [Series("constant", .dropout, x: [1, 2, 3], y: [5, 5, 5])]),
      Panel(
        title: "nonpositive on log axes", xAxis: Axis("x", scale: .log10),
        yAxis: Axis("y", scale: .log10),
        series: [
          Series(
            "mixed", .other(1), x: [-1, 0, 1, 10, 100, 1000], y: [1, 1, 0, -2, 0.01, 100],
            band: .init(lower: [0, 0, 0, -3, 0, -1], upper: [2, 2, 1, 1, 1, 1000])),
          Series("none", .full, x: [0, -1], y: [1, 1]),
        ]),
      Panel(
        title: "not finite", xAxis: Axis("x"), yAxis: Axis("y", scale: .log2),
        series: [
          Series(
            "holes", .full, x: [1, 2, 3, 4, 5, 6], y: [1, 2, .nan, .infinity, 3, 1e308],
            markers: true)
        ]),
      Panel(
        title: "all nonpositive", xAxis: Axis("x"), yAxis: Axis("y", scale: .log10),
        series: [Series("zero", .full, x: [1, 2], y: [0, -1])]),
    ])

  static let hostileText =
    "a'b`touch PWNED`\"$(touch PWNED)\" @x \\ <script>alert(1)</script>]]>&\n\u{1b}[31m\n!x"

  static let hostile = Figure(
    name: "hostile", title: hostileText,
    panels: [
      Panel(
        title: hostileText, note: hostileText,
        xAxis: Axis(hostileText, ticks: [.init(1, hostileText), .init(2, "'\u{301}`x`")]),
        yAxis: Axis(hostileText),
        series: [
          Series(hostileText, .full, x: [1, 2, 3], y: [1, 2, 3]),
          Series("θ′ L_N x^2 {a} \\", .dropout, x: [1, 2, 3], y: [1, 1, 3], directLabel: false),
        ],
        annotations: [
          .verticalLine(x: 2, label: hostileText), .horizontalLine(y: 2, label: hostileText),
          .text(x: 1.5, y: 1.5, label: hostileText),
        ])
    ], caption: hostileText)

  /// Labels that do not fit at the curves' ends, and no empty corner.
  static let crowded = Figure(
    name: "crowded",
    panels: [
      Panel(
        title: "A title that is a good deal longer than a telephone is wide, as titles can be",
        xAxis: Axis("samples seen", scale: .log10), yAxis: Axis("loss change", scale: .log10),
        series: (0..<6).map { i in
          Series(
            "method \(i) with a long description of what it does", .other(i),
            x: (0...20).map { pow(10, Double($0) / 4) },
            y: (0...20).map { pow(10, 3 * sin(Double($0 * (i + 1)) / 5) - Double(i)) })
        })
    ])

  /// A multilayer path: many knots with long names.
  static let joint = Figure(
    name: "joint",
    panels: [
      Panel(
        xAxis: Axis("position along the path"), yAxis: Axis("cross-entropy"),
        series: [
          Series(
            "path", .dropout, x: (0...13).map(Double.init),
            y: (0...13).map { 1e-5 * (1 + 0.1 * noise($0)) }, markers: true)
        ],
        annotations: (0...13).map { .knot(x: Double($0), label: "copy layer \($0)") })
    ])
}
