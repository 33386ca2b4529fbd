/// Layers of one file that are networks of their own beside each other: a running average beside
/// the weights, a target beside the policy, the moments of an optimiser, the points of a curve.
///
/// Chained they would be a network that nobody trained, whenever sizes happen to allow it.
struct Alternatives {
  typealias Element = LayerOrder.Element

  /// Which layers belong to each network, by their indices; none where all are one network.
  private(set) var networks: [[Int]] = []

  /// Deeper parts of a name tell nothing of networks, and a stranger's names may be long.
  private static let deepest = 12

  init(_ elements: [Element]) {
    guard elements.count >= 2 else { return }
    var nodes = [(depth: 0, members: Array(elements.indices))]
    while let (depth, members) = nodes.popLast() {
      let children = Alternatives.children(of: members, at: depth, elements)
      if children.count > 1,
        let found = Alternatives.split(children, members, at: depth, elements)
      {
        networks = Alternatives.across(found, at: depth, elements)
        return
      }
      guard depth + 1 < Alternatives.deepest else { continue }
      for child in children.reversed() where child.name != nil && child.members.count > 1 {
        nodes.append((depth + 1, child.members))
      }
    }
  }

  private struct Child {
    /// `nil` for what lies at the node itself.
    var name: String?
    var members: [Int]
  }

  /// The members of a node by the part of their names at `depth`, in natural order.
  private static func children(
    of members: [Int], at depth: Int, _ elements: [Element]
  ) -> [Child] {
    let groups = Dictionary(grouping: members) { index -> String? in
      let module = elements[index].module
      return depth < module.count ? module[depth] : nil
    }
    return groups.map { Child(name: $0.key, members: $0.value) }
      .sorted { $0.members[0] < $1.members[0] }
  }

  /// The networks that the children are, if they are not one.
  private static func split(
    _ children: [Child], _ members: [Int], at depth: Int, _ elements: [Element]
  ) -> [[Int]]? {
    let named = children.filter { $0.name != nil }
    let roles = named.filter { isRole($0.name!) }
    if !roles.isEmpty {
      let rest = children.filter { $0.name.map { !isRole($0) } ?? true }.flatMap(\.members)
      return (rest.isEmpty ? [] : [rest.sorted()]) + roles.map(\.members)
    }
    let classes = Dictionary(
      grouping: named.filter { $0.members.count > 1 },
      by: { structure(of: $0.members, below: depth + 1, elements) })
    for (structure, alike) in classes.sorted(by: { $0.value[0].members[0] < $1.value[0].members[0] }
    ) {
      let inside = Set(alike.flatMap(\.members))
      let rest = members.filter { !inside.contains($0) }
      if rest.count == alike[0].members.count,
        self.structure(of: rest, below: depth, elements) == structure
      {
        return [rest] + alike.map(\.members)
      }
      guard alike.count > 1 else { continue }
      let names = alike.map { $0.name! }
      let isNumbered = zip(names, names.dropFirst()).allSatisfy {
        numbersPrecede([$0], [$1], countsFromBare: true)
      }
      let parent = depth > 0 ? elements[members[0]].module[depth - 1] : ""
      if !isNumbered || isCollection(parent) || names.contains(where: isNetwork) {
        return alike.map(\.members) + (rest.isEmpty ? [] : [rest])
      }
    }
    return nil
  }

  /// What makes two sets of layers the same network: names below `depth`, and sizes.
  private static func structure(
    of members: [Int], below depth: Int, _ elements: [Element]
  ) -> [String] {
    members.map { index in
      let element = elements[index]
      return element.module.dropFirst(depth).joined(separator: "/")
        + " \(element.inputs) \(element.outputs)"
    }.sorted()
  }

  /// Where the names differ at their ends (`fc1.ema`, `fc1.online`, `fc2.ema`, …), the networks are
  /// those of the same end.
  private static func across(
    _ found: [[Int]], at depth: Int, _ elements: [Element]
  ) -> [[Int]] {
    guard depth > 0, found.allSatisfy({ $0.count == 1 }) else { return found }
    let suffixes = Dictionary(grouping: elements.indices) { elements[$0].module.last ?? "" }
    let ends = found.map { elements[$0[0]].module.last ?? "" }
    let networks = ends.compactMap { suffixes[$0] }
    return networks.allSatisfy { $0.count > 1 } ? networks : found
  }
}

extension Alternatives {
  /// Whether a name says that what it names is one of several networks.
  private static func isRole(_ name: String) -> Bool {
    let roles: Set = [
      "ema", "swa", "averaged", "avg", "average", "shadow", "online", "target", "policy", "value",
      "actor", "critic", "pi", "vf", "qf", "student", "teacher", "generator", "discriminator",
      "optimizer", "optim", "opt", "exp", "momentum", "moment", "mu", "nu", "logvar", "sigma",
    ]
    // weight_0: a control point. Else words, of which averages and moments have several.
    return words(of: name).contains(where: roles.contains)
      || name.wholeMatch(of: /weight_[0-9]+/) != nil
  }

  /// Whether a name says that what it names is made from other weights, by averaging them.
  static func isAverage(_ name: String) -> Bool {
    let averages: Set = ["ema", "swa", "averaged", "avg", "average", "shadow"]
    return words(of: name).contains(where: averages.contains)
  }

  /// Whether members of what is so called are networks, not blocks of one.
  private static func isCollection(_ name: String) -> Bool {
    let collections: Set = [
      "models", "nets", "networks", "members", "ensemble", "critics", "actors", "experts", "agents",
      "estimators", "heads", "folds", "policies", "replicas", "particles", "qs", "learners",
    ]
    return words(of: name).contains(where: collections.contains)
  }

  /// Whether numbered ones of that name are networks: `model1`, `q2`.
  private static func isNetwork(_ name: String) -> Bool {
    let networks: Set = [
      "model", "net", "network", "critic", "actor", "q", "qnet", "member", "fold", "expert",
      "agent", "head", "estimator", "replica", "particle", "learner",
    ]
    return words(of: name).contains(where: networks.contains)
  }

  /// `emaModel_2` is ema and model.
  private static func words(of name: String) -> [String] {
    var words = [""]
    var wasLower = false
    for character in name {
      if !character.isLetter {
        words.append("")
      } else {
        if character.isUppercase && wasLower { words.append("") }
        words[words.count - 1] += character.lowercased()
      }
      wasLower = character.isLowercase
    }
    return words.filter { !$0.isEmpty }
  }
}
