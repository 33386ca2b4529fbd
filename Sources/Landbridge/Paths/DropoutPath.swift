internal import LinearAlgebra

extension PiecewiseLinearPath {
  /// The path between two networks of one shape through their halves that dropout leaves.
  ///
  /// θ loses the neurons outside A_ℓ, from the last hidden layer to the first; what is left of θ′
  /// is written into slots that have become idle; the output weights move over to it; and the
  /// neurons that θ′ had lost come back. Every segment is constant or affine, so the largest loss
  /// is that of a knot: of θ, θ′, or one of them with dropout in layers ℓ … L (2L + 2 numbers).
  ///
  /// 4L + 1 segments (5 for two-layer networks) when the neurons left of θ and θ′ do not overlap,
  /// as in the default: the first and the last ⌊N_ℓ/2⌋. Otherwise θ′'s overlapping neurons are
  /// hosted on idle slots and moved home afterwards: 4L + 3 segments (7).
  ///
  /// Biases of hidden units move with their incoming weights. The output bias moves from that of θ
  /// to that of θ′ while the output weights do; it is left alone by dropout.
  ///
  /// - Parameters:
  ///   - selection: the neurons kept of `start`, at most half in every layer after the first; in
  ///     the first layer both networks together may keep N₁. The first half unless given.
  ///   - endSelection: the same for `end`. The last half unless given.
  /// - Returns: a path whose first knot is `start` and whose last one is `end`, bit by bit.
  /// - Throws: ``ConnectError/shapes(_:)`` or ``ConnectError/selection(_:)``.
  /// - Complexity: each of L weight matrices is copied up to 2L + 1 times, the first one once or
  ///   twice; no forward pass.
  ///
  /// Source: Shevchenko and Mondelli (2020), Theorem 2; docs/theory.md §4.
  public static func dropout(
    from start: Network<Scalar>, to end: Network<Scalar>,
    keeping selection: DropoutSelection<Scalar>? = nil,
    ofEnd endSelection: DropoutSelection<Scalar>? = nil
  ) throws(ConnectError) -> PiecewiseLinearPath {
    try ConnectError.requireSameShape(start, end)
    let (a, b) = (selection ?? .firstHalf(of: start), endSelection ?? .lastHalf(of: end))
    let (startKept, endKept) = try (
      a.checkedKept(of: start, name: "θ"), b.checkedKept(of: end, name: "θ′")
    )
    let (found, width) = (startKept[0].count + endKept[0].count, start.hiddenWidths[0])
    if found > width {
      throw .selection(
        ConnectError.Mismatch(
          place: "hidden layer 1, both networks", found: "\(found) neurons",
          expected: "at most \(width)"))
    }
    let spare = spareSlots(widths: start.hiddenWidths, startKept, endKept)
    let departure = DropoutChain(
      of: start, name: "θ", kept: startKept, spare: spare.map(\.start), readouts: a.readouts)
    let arrival = DropoutChain(
      of: end, name: "θ′", kept: endKept, spare: spare.map(\.end), readouts: b.readouts)
    return joining(departure, arrival)
  }

  /// Slots for the copies that the two chains make of their kept neurons, |A_ℓ| outside A_ℓ and
  /// |A′_ℓ| outside A′_ℓ, disjoint from each other if A_ℓ and A′_ℓ are.
  private static func spareSlots(
    widths: [Int], _ startKept: [[Int]], _ endKept: [[Int]]
  ) -> [(start: [Int], end: [Int])] {
    widths.indices.map { layer in
      // The first layer is never copied and may keep more than half.
      if layer == 0 { return ([], []) }
      let (a, b) = (Set(startKept[layer]), Set(endKept[layer]))
      let free = (0..<widths[layer]).filter { !a.contains($0) && !b.contains($0) }
      let start = (b.subtracting(a).sorted() + free).prefix(a.count)
      let end = (a.subtracting(b).sorted() + free.reversed()).prefix(b.count)
      return (Array(start), Array(end))
    }
  }

  /// θ's chain, the join in its middle, and the chain of θ′ backwards.
  private static func joining(
    _ departure: DropoutChain<Scalar>, _ arrival: DropoutChain<Scalar>
  ) -> PiecewiseLinearPath {
    let homes = arrival.slots
    let occupied = departure.slots.map(Set.init)
    let hosts = zip(homes, zip(departure.knots[0].network.hiddenWidths, occupied)).map {
      hosting($0, width: $1.0, occupied: $1.1)
    }
    var knots = departure.knots
    var current = knots.last!.network
    func append(_ name: String) { knots.append(Knot(name: name, network: current)) }

    // Incoming weights of idle neurons move.
    current.embedHidden(arrival.reduced, rows: hosts, columns: hosts)
    append("write θ′")
    // The output weights and bias move.
    current.embedReadout(arrival.readout, columns: hosts.last!)
    append("switch to θ′")
    if hosts != homes {
      // Again those of idle neurons; then outgoing weights shift between identical neurons.
      current.embedHidden(arrival.reduced, rows: homes, columns: hosts)
      append("copy home")
      current.embedHidden(arrival.reduced, rows: homes, columns: homes, from: 1)
      current.embedReadout(arrival.readout, columns: homes.last!)
      append("move home")
    }
    // The chain of θ′ leaves its own weights where neurons are idle.
    return PiecewiseLinearPath(knots: knots + arrival.knots.reversed())
  }

  /// φ: a slot outside `occupied` for every neuron of θ′; its own wherever that is free.
  ///
  /// No slot is taken that is another neuron's home, so that all can move home at once.
  private static func hosting(_ homes: [Int], width: Int, occupied: Set<Int>) -> [Int] {
    let home = Set(homes)
    var idle = (0..<width).filter { !occupied.contains($0) && !home.contains($0) }[...]
    return homes.map { occupied.contains($0) ? idle.removeFirst() : $0 }
  }
}
