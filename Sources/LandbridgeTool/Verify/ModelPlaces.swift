import DataFormats
import Artifacts
import Foundation

/// Where `verify` looks for the models that a certificate names.
struct ModelPlaces {
  /// The directory of the certificate.
  var home: String
  /// The only place, if the user named one.
  var directory: String?

  /// The model of that name.
  ///
  /// - Parameters:
  ///   - explicit: the file named on the command line, which is taken as it is.
  ///   - option: how to name it there.
  /// - Throws: ``ToolFailure`` if there is none, or if files of that name have different contents:
  ///   which one is meant is not the certificate's to say.
  func model(_ name: String, explicit: String?, option: String) throws -> String {
    if let explicit { return explicit }
    let places = directory.map { [$0] } ?? [home, parentDirectory(of: home, or: ".."), "."]
    let paths = places.map { $0 == "." ? name : $0 + "/" + name }
    let found = paths.filter { FileKind($0) == .other }
    guard let first = found.first else {
      throw ToolFailure(
        ExitStatus.noInput,
        "\(name): not found in \(places.joined(separator: ", ")); name it with \(option)")
    }
    let digest = try sha256(ofModel: first)
    for other in found.dropFirst() {
      let otherDigest = try sha256(ofModel: other)
      guard otherDigest != digest else { continue }
      throw ToolFailure(
        ExitStatus.badData,
        "\(name): \(first) (SHA-256 \(digest.prefix(16))…) and \(other) "
          + "(\(otherDigest.prefix(16))…) differ; say which is meant with \(option) or --directory")
    }
    // The same contents everywhere: as the user would name it.
    return found.last!
  }

  private func parentDirectory(of directory: String, or above: String) -> String {
    directory == "." ? above : directory + "/" + above
  }
}
