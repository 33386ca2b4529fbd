import Landbridge
import Reports

extension Series.Role {
  /// The look of a way between two networks, the same in every figure: that of dropout for the dropout
  /// path, its own of the palette for every other method.
  static func way(_ method: any PathMethod.Type) -> Series.Role {
    if method == DropoutPathMethod.self { return .dropout }
    return .other(PathMethods.all.firstIndex { $0 == method } ?? 0)
  }
}
