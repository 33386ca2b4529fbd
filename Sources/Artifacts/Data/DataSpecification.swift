internal import DataFormats

/// What `--data` says: `NAME`, `NAME:DIR`, `FILE`, each with options after a colon.
///
///     gaussians:d=32,delta=0.5      digits      mnist:DIR,limit=1000      file.csv:label=first
///
/// See ``help`` for all of them.
public struct DataSpecification: Sendable, Hashable {
  /// Where samples come from.
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
    var options: [DataOptions.Key] {
      switch self {
      case .gaussians: [.d, .delta, .mean, .n]
      case .teacher: [.d, .outputs, .hidden, .activation, .noise, .teacherSeed, .n]
      case .digits, .mnist, .fashionMNIST, .cifar10, .cifar10VGG:
        [.split, .limit, .heldout, .standardize, .classes, .targets]
      case .file:
        [
          .split, .limit, .heldout, .standardize, .classes, .targets, .label, .labels, .header,
          .index,
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

  /// Where samples come from.
  public var kind: Kind
  /// The directory or the file.
  public var location: String?
  /// What stands behind the colon.
  public var options: DataOptions

  /// A problem with the text of a specification: a usage error.
  public struct Problem: Error, CustomStringConvertible, Sendable {
    public var description: String

    /// - Parameter description: may quote the text, whose control characters are escaped here.
    public init(description: String) {
      self.description = printable(description.unicodeScalars)
    }
  }

  /// Data of the given kind, unchecked.
  public init(kind: Kind, location: String? = nil, options: DataOptions = DataOptions()) {
    self.kind = kind
    self.location = location
    self.options = options
  }

  /// Reads what is typed after `--data`.
  ///
  /// - Throws: ``Problem`` for text that says nothing, or options that make no sense.
  public init(parsing text: String) throws(Problem) {
    options = DataOptions()
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
      guard let key = kind.options.first(where: { $0.rawValue == pair[0] }) else {
        let known = kind.options.map(\.rawValue).joined(separator: ", ")
        throw Problem(
          description: "unknown option “\(pair[0])” of \(kind.rawValue) data: expected \(known)")
      }
      guard options.text(key) == nil else {
        throw Problem(description: "option “\(pair[0])” given twice in “\(text)”")
      }
      try options.set(key, pair.count > 1 ? pair[1] : "true")
    }
    if options.targets == .numbers, options.classes != nil {
      throw Problem(description: "targets=numbers and classes=K exclude each other")
    }
    try checkTableOptions()
  }

  /// `label`, `header` and `index` are of tables, `labels` is a file beside an array.
  private func checkTableOptions() throws(Problem) {
    let path = location ?? ""
    let name = path.lowercased()
    func refuse(_ key: DataOptions.Key, _ why: String) throws(Problem) {
      guard let value = options.text(key) else { return }
      throw Problem(description: "\(key.rawValue)=\(value): \(why)")
    }
    let isArrays = name.hasSuffix(".npz") || name.hasSuffix(".safetensors")
    if isArrays { try refuse(.label, "\(path) has its labels in the array y") }
    if isArrays { try refuse(.index, "only for tables") }
    if isArrays || name.hasSuffix(".npy") { try refuse(.header, "only for text") }
    guard options.labels != nil else { return }
    if !name.hasSuffix(".npy") { try refuse(.labels, "only for .npy files") }
    for key in [DataOptions.Key.label, .index] where options.text(key) != nil {
      throw Problem(description: "\(key.rawValue) and labels exclude each other")
    }
  }

  private static func looksLikeOptions(_ text: Substring) -> Bool {
    let items = text.split(separator: ",")
    return !items.isEmpty
      && items.allSatisfy { item in
        Kind.file.options.contains { $0.rawValue == item.prefix { $0 != "=" } }
      }
  }

  /// Which samples of a finite set.
  public enum Split: String, Sendable { case train, test, all }

  /// What must be said wherever results on these data are shown, because their name may promise
  /// more than they are.
  public var caveat: String? {
    kind == .cifar10VGG
      ? "held-out images are training images of CIFAR-10, not its official test images" : nil
  }

  /// `header=`
  var header: CSVHeader { options.header.map { $0 ? .present : .absent } ?? .detect }

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
    let tail = options.description
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
