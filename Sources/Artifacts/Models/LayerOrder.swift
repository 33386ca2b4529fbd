/// In which order linear layers follow each other, as far as their names and sizes tell.
///
/// Numbers in the names come first. Of the orders that they leave open those are possible in which
/// every layer takes as many inputs as the one before has outputs. Words are no evidence: of
/// `fc_one`, `fc_two`, `out` nobody can know which comes first if sizes do not tell.
struct LayerOrder: Equatable {
  /// What an order is found from.
  struct Element {
    var module: [String]
    var inputs: Int
    var outputs: Int
    /// Whether the framework numbers `dense`, `dense_1`, `dense_2`.
    var countsFromBare = false
  }

  /// Indices of the elements in orders that are possible: none, one, or a few of many.
  private(set) var orders: [[Int]] = []
  /// Whether the numbers alone tell.
  private(set) var isNumbered = false
  /// Whether there may be more orders than those.
  private(set) var isIncomplete = false

  /// How many orders are looked for: enough to choose a few for a message.
  static let most = 24

  /// - Parameter elements: in the natural order of their names.
  /// - Complexity: linear where numbers decide; otherwise bounded, however many layers are alike.
  init(_ elements: [Element]) {
    func precedes(_ a: Element, _ b: Element) -> Bool {
      numbersPrecede(
        a.module, b.module, countsFromBare: a.countsFromBare && b.countsFromBare)
    }
    // The relation is transitive, so that neighbours are enough.
    if zip(elements, elements.dropFirst()).allSatisfy(precedes) {
      isNumbered = true
      if zip(elements, elements.dropFirst()).allSatisfy({ $0.outputs == $1.inputs }) {
        orders = [Array(elements.indices)]
      }
      return
    }
    // Beyond this the pairs alone take long. No such network has been seen.
    guard elements.count <= 256,
      elements.allSatisfy({ $0.module.reduce(0) { $0 + $1.utf8.count } <= 1000 })
    else {
      isIncomplete = true
      return
    }
    let waits = elements.indices.map { later in
      elements.indices.filter { precedes(elements[$0], elements[later]) }
    }
    var search = OrderSearch(elements: elements, waits: waits)
    search.run()
    (orders, isIncomplete) = (search.found, search.isExhausted)
  }

  /// The only order that is possible, whatever the names say.
  static func bySizes(_ elements: [Element]) -> [Int]? {
    guard elements.count <= 256 else { return nil }
    var search = OrderSearch(elements: elements, waits: elements.map { _ in [] })
    search.run()
    return search.found.count == 1 && !search.isExhausted ? search.found[0] : nil
  }
}

/// A search for chains that use every layer once, with a bound on its work.
private struct OrderSearch {
  let elements: [LayerOrder.Element]
  /// For each element those that come before it.
  let waits: [[Int]]
  var found: [[Int]] = []
  var isExhausted = false
  private var order: [Int] = []
  private var isUsed: [Bool]
  private var work = 0

  init(elements: [LayerOrder.Element], waits: [[Int]]) {
    (self.elements, self.waits) = (elements, waits)
    isUsed = elements.map { _ in false }
  }

  mutating func run() {
    // A chain leaves every size as often as it comes there, but for its two ends.
    var balance: [Int: Int] = [:]
    for element in elements {
      balance[element.inputs, default: 0] += 1
      balance[element.outputs, default: 0] -= 1
    }
    guard balance.values.reduce(0, { $0 + abs($1) }) <= 2 else { return }
    let starts = balance.filter { $0.value > 0 }.map(\.key)
    extend(from: starts.first)
  }

  /// Depth first; the depth is at most the number of layers.
  private mutating func extend(from size: Int?) {
    if order.count == elements.count {
      found.append(order)
      return
    }
    for index in elements.indices where !isUsed[index] {
      work += 1
      if work > 200_000 { isExhausted = true }
      guard !isExhausted, found.count < LayerOrder.most else { return }
      guard size == nil || elements[index].inputs == size,
        waits[index].allSatisfy({ isUsed[$0] })
      else { continue }
      isUsed[index] = true
      order.append(index)
      extend(from: elements[index].outputs)
      order.removeLast()
      isUsed[index] = false
    }
  }
}
