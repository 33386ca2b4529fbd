internal import DataFormats

/// What `--data` says: `NAME`, `NAME:DIR`, `FILE`, each with options after a colon.
///
///     gaussians:d=32,delta=0.5      digits      mnist:DIR,limit=1000      file.csv:label=first
///
/// See ``help`` for all of them.
public struct DataSpecification: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable {
    case gaussians
    case teacher
    case digits
    case mnist
    case fashionMNIST = "fashion-mnist"
    case cifar10
    case cifar10VGG = "cifar10-vgg"
    case file

    /// The options that make sense for this kind.
    var options: [String] {
      switch self {
      case .gaussians: ["d", "delta", "mean", "n"]
      case .teacher: ["d", "outputs", "hidden", "activation", "noise", "teacher-seed", "n"]
      case .digits, .mnist, .fashionMNIST, .cifar10, .cifar10VGG:
        ["split", "limit", "heldout", "standardize", "classes", "targets"]
      case .file:
        [
          "split", "limit", "heldout", "standardize", "classes", "targets", "label", "labels",
          "header", "index",
        ]
      }
    }

    var needsDirectory: Bool {
      switch self {
      case .mnist, .fashionMNIST, .cifar10: true
      default: false
      }
    }

    /// How names of files end, in lower case.
    static let endings =
      [".csv", ".tsv", ".txt", ".data"].flatMap { [$0, $0 + ".gz"] }
      + [".npz", ".npy", ".safetensors"]

    /// True when every sample is drawn anew.
    public var isStream: Bool { self == .gaussians || self == .teacher }
  }

  public var kind: Kind
  /// The directory or the file.
  public var location: String?
  public var options: [String: String]

  /// A problem with the text of a specification: a usage error.
  public struct Problem: Error, CustomStringConvertible, Sendable {
    public var description: String

    /// - Parameter description: may quote the text, whose control characters are escaped here.
    public init(description: String) {
      self.description = printable(description.unicodeScalars)
    }
  }

  public init(kind: Kind, location: String? = nil, options: [String: String] = [:]) {
    self.kind = kind
    self.location = location
    self.options = options
  }

  public init(parsing text: String) throws(Problem) {
    options = [:]
    location = nil
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    var rest: Substring?
    if let kind = Kind(rawValue: String(parts[0])), kind != .file {
      self.kind = kind
      rest = parts.count > 1 ? parts[1] : nil
      if kind.needsDirectory {
        guard let text = rest, !text.isEmpty else {
          throw Problem(
            description: "\(kind.rawValue) needs the directory of its files: \(kind.rawValue):DIR")
        }
        let pieces = text.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
        location = String(pieces[0])
        rest = pieces.count > 1 ? pieces[1] : nil
      }
    } else {
      kind = .file
      // The first colon that is followed by nothing but options: others belong to the name.
      let colon = text.indices.first { index in
        text[index] == ":"
          && DataSpecification.looksLikeOptions(text[text.index(after: index)...])
      }
      rest = colon.map { text[text.index(after: $0)...] }
      let path = String(colon.map { text[..<$0] } ?? text[...])
      location = path
      let known = Kind.endings
      guard known.contains(where: { path.lowercased().hasSuffix($0) }) else {
        let names = Kind.allCases.filter { $0 != .file }.map(\.rawValue).joined(separator: ", ")
        throw Problem(
          description:
            "unknown data “\(text)”: expected one of \(names), or a file ending in \(known.joined(separator: ", "))"
        )
      }
    }
    for item in (rest ?? "").split(separator: ",") {
      let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map(String.init)
      guard kind.options.contains(pair[0]) else {
        throw Problem(
          description:
            "unknown option “\(pair[0])” of \(kind.rawValue) data: expected \(kind.options.joined(separator: ", "))"
        )
      }
      guard options[pair[0]] == nil else {
        throw Problem(description: "option “\(pair[0])” given twice in “\(text)”")
      }
      options[pair[0]] = pair.count > 1 ? pair[1] : "true"
    }
    _ = try number("delta", default: 0, in: 0...0.999)
    _ = try integer("limit", default: 1, atLeast: 1)
    _ = try integer("heldout", default: 1, atLeast: 1)
    guard try integer("classes", default: 2, atLeast: 2) <= TargetRule.maximumClasses else {
      throw Problem(
        description: "classes=\(options["classes"]!): at most \(TargetRule.maximumClasses)")
    }
    if try targets == .numbers, options["classes"] != nil {
      throw Problem(description: "targets=numbers and classes=K exclude each other")
    }
    _ = try flag("standardize")
    try checkTableOptions()
    if let split = options["split"], Split(rawValue: split) == nil {
      throw Problem(description: "split=\(split): expected train, test or all")
    }
  }

  /// `label`, `header` and `index` are of tables, `labels` is a file beside an array.
  private func checkTableOptions() throws(Problem) {
    let path = location ?? ""
    let name = path.lowercased()
    func refuse(_ key: String, _ why: String) throws(Problem) {
      guard let value = options[key] else { return }
      throw Problem(description: "\(key)=\(value): \(why)")
    }
    let isArrays = name.hasSuffix(".npz") || name.hasSuffix(".safetensors")
    if isArrays { try refuse("label", "\(path) has its labels in the array y") }
    if isArrays { try refuse("index", "only for tables") }
    if isArrays || name.hasSuffix(".npy") { try refuse("header", "only for text") }
    for key in ["header", "index"] { _ = try choice(key) }
    guard options["labels"] != nil else { return }
    if !name.hasSuffix(".npy") { try refuse("labels", "only for .npy files") }
    for key in ["label", "index"] where options[key] != nil {
      throw Problem(description: "\(key) and labels exclude each other")
    }
  }

  private static func looksLikeOptions(_ text: Substring) -> Bool {
    let items = text.split(separator: ",")
    return !items.isEmpty
      && items.allSatisfy { Kind.file.options.contains(String($0.prefix { $0 != "=" })) }
  }

  /// Which samples of a finite set.
  public enum Split: String, Sendable { case train, test, all }

  /// What must be said wherever results on these data are shown, because their name may promise
  /// more than they are.
  public var caveat: String? {
    kind == .cifar10VGG
      ? "cifar10-vgg: training images of CIFAR-10 only, not its official test images" : nil
  }

  /// `targets=`
  var targets: TargetKind? {
    get throws(Problem) {
      guard let text = options["targets"] else { return nil }
      guard let kind = TargetKind(rawValue: text) else {
        throw Problem(description: "targets=\(text): expected classes or numbers")
      }
      return kind
    }
  }

  /// `header=`
  var header: CSVHeader {
    get throws(Problem) { try choice("header").map { $0 ? .present : .absent } ?? .detect }
  }

  public var split: Split? { options["split"].flatMap { Split(rawValue: $0) } }

  func number(_ key: String, default value: Double, in range: ClosedRange<Double>) throws(Problem)
    -> Double
  {
    guard let text = options[key] else { return value }
    guard let number = Double(text), range.contains(number) else {
      throw Problem(
        description:
          "\(key)=\(text): expected a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func integer(_ key: String, default value: Int, atLeast minimum: Int) throws(Problem) -> Int {
    guard let text = options[key] else { return value }
    guard let number = Int(text), number >= minimum, number <= 1 << 32 else {
      throw Problem(description: "\(key)=\(text): expected a whole number ≥ \(minimum)")
    }
    return number
  }

  func flag(_ key: String) throws(Problem) -> Bool { try choice(key) ?? false }

  /// Yes or no, or `nil` where nothing is said.
  func choice(_ key: String) throws(Problem) -> Bool? {
    switch options[key] {
    case nil: return nil
    case "false", "no": return false
    case "true", "yes": return true
    case .some(let text): throw Problem(description: "\(key)=\(text): expected yes or no")
    }
  }

  /// What can be written after `--data`, for help texts.
  public static let help = """
    gaussians:d=32,delta=0.5[,mean=0][,n=10000]  fresh samples, y = ±1, x ~ N(y·mean·e₁, (1 + y·delta)² I)
    teacher:d=16[,outputs=1][,hidden=8][,activation=tanh][,noise=0][,n=10000]  fresh samples of a random network
    digits  UCI digits, 8 × 8, built in
    cifar10-vgg  512 features of CIFAR-10 images by pretrained VGG-16 (pool5), built in
    mnist:DIR, fashion-mnist:DIR, cifar10:DIR  the original files, .gz or not
    FILE.csv, .tsv, .txt, .data  label in the column called label, class, target or y, else in the last
      (label=first, label=column:NUMBER from 1, label=name:NAME, header=yes|no, index=yes|no)
    FILE.npy  label in the last column, or labels=FILE.npy for a file of labels or n × K targets
    FILE.npz, FILE.safetensors  arrays x (n × d) and y (n labels or n × K targets), or x_train, y_train, x_test, y_test
    Options after a colon, separated by commas: split=train|test|all, limit=N,
    heldout=N (for training: as limit, of the part held out), standardize, classes=K,
    targets=classes|numbers (what whole numbers are).
    """
}

extension DataSpecification: CustomStringConvertible, Codable {
  public var description: String {
    let list = options.sorted { $0.key < $1.key }.map {
      $0.value == "true" ? $0.key : "\($0.key)=\($0.value)"
    }
    let tail = list.joined(separator: ",")
    switch (kind, location) {
    case (.file, let path): return (path ?? "") + (tail.isEmpty ? "" : ":" + tail)
    case (_, nil): return kind.rawValue + (tail.isEmpty ? "" : ":" + tail)
    case (_, let directory?):
      return kind.rawValue + ":" + directory + (tail.isEmpty ? "" : "," + tail)
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    try self.init(parsing: container.decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
