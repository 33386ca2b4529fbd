import Foundation

/// Why an operation on files failed, in the words of the operating system where there are any.
func systemReason(of error: any Error) -> String {
  let error = error as NSError
  let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError
  for candidate in [error, underlying].compactMap({ $0 })
  where candidate.domain == NSPOSIXErrorDomain {
    return unsafe String(cString: strerror(Int32(candidate.code)))
  }
  // Foundation has no words for a file that grows beyond a limit.
  if error.domain == NSCocoaErrorDomain, error.code == CocoaError.fileWriteUnknown.rawValue {
    return "it cannot be written"
  }
  return error.localizedDescription
}
