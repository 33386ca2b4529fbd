import ArgumentParser
import CSystem
import DataFormats
import Artifacts
import Foundation
import Landbridge
import Reports

/// Exit codes, those of sysexits.h. The help of the tool and docs/exit-codes.md list them.
enum ExitStatus {
  static let failure: Int32 = 1
  static let usage: Int32 = 64
  static let badData: Int32 = 65
  static let noInput: Int32 = 66
  static let noMemory = Int32(lb_exit_memory)
  static let cannotCreate: Int32 = 73
  static let cannotWrite: Int32 = 74
}

/// Why a command ends without success: one line for people, a code for programs.
struct ToolFailure: Error, CustomStringConvertible {
  var code: Int32
  var description: String

  init(_ code: Int32, _ description: String) {
    (self.code, self.description) = (code, description)
  }

  /// `nil` for errors of the command line and clean exits, which are ArgumentParser's.
  init?(_ error: any Error) {
    switch error {
    case let failure as ToolFailure: self = failure
    case let error as FormatError: self.init(error.exitCode, error.description)
    case let error as DataSpecification.Problem:
      self.init(ExitStatus.usage, "--data: \(error.description)")
    case let error as ConnectError: self.init(error.exitCode, error.description)
    case let error as ReportError: self.init(ExitStatus.failure, error.description)
    case let error as CocoaError: self.init(error.exitCode, error.line)
    case is ExitCode, is CleanExit, is ValidationError: return nil
    default:
      if BasicOptions.exitCode(for: error) != .failure { return nil }
      self.init(ExitStatus.failure, "\(error)")
    }
  }
}

extension FormatError {
  fileprivate var exitCode: Int32 {
    switch kind {
    case .noSuchFile, .cannotRead: ExitStatus.noInput
    case .invalidData: ExitStatus.badData
    case .cannotCreate: ExitStatus.cannotCreate
    case .cannotWrite: ExitStatus.cannotWrite
    case .noMemory: ExitStatus.noMemory
    }
  }
}

extension ConnectError {
  fileprivate var exitCode: Int32 {
    switch self {
    case .shapes, .tooNarrow, .samples: ExitStatus.badData
    case .selection: ExitStatus.usage
    case .notFinite: ExitStatus.failure
    }
  }
}

extension CocoaError {
  fileprivate var exitCode: Int32 {
    switch code {
    case .fileNoSuchFile, .fileReadNoSuchFile: ExitStatus.noInput
    case .fileWriteOutOfSpace, .fileWriteUnknown: ExitStatus.cannotWrite
    case .fileWriteNoPermission, .fileWriteVolumeReadOnly, .fileWriteFileExists:
      ExitStatus.cannotCreate
    default: ExitStatus.failure
    }
  }

  fileprivate var line: String {
    let path = filePath.map { $0 + ": " } ?? ""
    return path + systemReason(of: self)
  }
}
