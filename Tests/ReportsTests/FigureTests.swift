import Foundation
import Reports
import Testing

@Suite struct FigureTests {
  @Test(arguments: Gallery.all) func drawn(_ figure: Figure) throws {
    let directory = URL(
      fileURLWithPath: ProcessInfo.processInfo.environment["LANDBRIDGE_GALLERY"] ?? "/tmp/gallery")
    try figure.write(into: directory)
  }
}
