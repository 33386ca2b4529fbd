import Foundation

/// One Swift file below Sources/.
struct SourceFile {
  /// `Paths/DropoutPath.swift`
  var path: String
  /// The folder of the target that it lies in, empty for the target's own.
  var folder: String
  /// Modules that it imports.
  var imports: Set<String> = []
  /// Types, protocols, functions and values that other files can name as they are: declared at the
  /// top level, not private.
  var declared: Set<String> = []
  /// Names without a point in front, and not those of something of the file's own.
  var used: Set<String> = []

  private static let typeKeywords: Set<String> = [
    "struct", "class", "enum", "protocol", "actor", "typealias", "associatedtype",
  ]
  private static let valueKeywords: Set<String> = ["func", "let", "var", "for", "case", "in"]

  init(_ source: String, path: String) {
    self.path = path
    let parts = path.split(separator: "/")
    folder = parts.count > 1 ? String(parts[0]) : ""
    let text = SourceText(source)
    let (importLine, topLevel) = (Self.importLine, Self.topLevel)
    for line in text.lines {
      if line.contains("import"), let match = line.firstMatch(of: importLine) {
        imports.insert(String(match.1))
      }
      guard let first = line.first, first.isLetter || first == "@", !line.contains("import "),
        let match = line.prefixMatch(of: topLevel), !match.1.contains("private")
      else { continue }
      declared.insert(String(match.2))
    }
    var (own, named): (Set<String>, Set<String>) = ([], [])
    for word in text.words {
      let isType = word.text.first!.isUppercase
      let keywords = isType ? Self.typeKeywords : Self.valueKeywords
      // A label or a parameter is no use of the function that has its name; a type before a colon
      // is that of a key.
      if word.previous.map(keywords.contains) ?? false || !isType && word.after == UInt8(ascii: ":")
      {
        own.insert(word.text)
      } else if word.before != UInt8(ascii: ".") {
        named.insert(word.text)
      }
    }
    used = named.subtracting(own)
  }

  private static var importLine: Regex<(Substring, Substring)> {
    #/^\s*(?:@\w+\s+)*(?:\w+\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let)\s+)?(\w+)/#
  }

  private static var topLevel: Regex<(Substring, Substring, Substring)> {
    #/((?:@?[a-z]\w*(?:\([^)]*\))?\s+)*?)(?:struct|class|enum|protocol|actor|typealias|func|let|var)\s+(\w+)/#
  }
}

/// The Swift files of a target.
struct SourceTree {
  var files: [SourceFile] = []

  init(files: [SourceFile]) { self.files = files }

  /// Reads all files below a directory.
  init(_ directory: URL) throws {
    let root = directory.path(percentEncoded: false)
    for case let path as String in FileManager.default.enumerator(atPath: root) ?? .init()
    where path.hasSuffix(".swift") {
      let source = try String(contentsOf: directory.appending(path: path), encoding: .utf8)
      files.append(SourceFile(source, path: path))
    }
    files.sort { $0.path < $1.path }
  }

  /// That a file of one folder uses what another one declares.
  struct Use: Hashable {
    var from: String
    var to: String
    var file: String
    var name: String
  }

  /// A name that several folders declare tells nothing, and makes no use.
  var uses: [Use] {
    var places: [String: Set<String>] = [:]
    for file in files {
      for name in file.declared { places[name, default: []].insert(file.folder) }
    }
    return files.flatMap { file in
      file.used.sorted().compactMap { name in
        guard let folders = places[name], folders.count == 1, let folder = folders.first,
          folder != file.folder
        else { return nil }
        return Use(from: file.folder, to: folder, file: file.path, name: name)
      }
    }
  }

  /// Folders that use each other, each circle with the uses that make it.
  var circles: [(folders: [String], uses: [Use])] {
    let uses = uses
    var reachable: [String: Set<String>] = [:]
    for use in uses { reachable[use.from, default: []].insert(use.to) }
    // Few folders: paths are closed by going through each of them once.
    for middle in reachable.keys {
      for start in reachable.keys where reachable[start]!.contains(middle) {
        reachable[start]!.formUnion(reachable[middle]!)
      }
    }
    var (circles, seen): ([(folders: [String], uses: [Use])], Set<String>) = ([], [])
    for folder in reachable.keys.sorted()
    where reachable[folder]!.contains(folder) && !seen.contains(folder) {
      let circle = reachable.keys.filter {
        reachable[folder]!.contains($0) && reachable[$0]!.contains(folder)
      }
      seen.formUnion(circle)
      circles.append(
        (circle.sorted(), uses.filter { circle.contains($0.from) && circle.contains($0.to) }))
    }
    return circles
  }
}
