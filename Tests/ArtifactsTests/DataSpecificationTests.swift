import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

@Suite("Data specifications: exact") struct DataSpecificationTests {
  @Test(
    "what is written is read back",
    arguments: [
      "digits", "digits:limit=10,standardize", "gaussians:d=8,delta=0.5", "mnist:some/dir,limit=5",
      "file.csv", "a:b/file.csv:label=first", "teacher:d=3,hidden=4",
    ])
  func roundTrip(text: String) throws {
    let specification = try DataSpecification(parsing: text)
    #expect(specification.description == text)
    let json = try JSONEncoder().encode([specification])
    #expect(try JSONDecoder().decode([DataSpecification].self, from: json) == [specification])
  }

  @Test(
    "refusals name what is wrong",
    arguments: [
      ("nonsense", "unknown data"), ("mnist", "directory"), ("digits:colour=1", "colour"),
      ("digits:split=middle", "split=middle"), ("digits:limit=0", "limit=0"),
      ("gaussians:delta=2", "delta=2"), ("digits:limit=1,limit=2", "twice"),
    ])
  func refusals(text: String, words: String) {
    #expect {
      try DataSpecification(parsing: text)
    } throws: { error in
      "\(error)".contains(words)
    }
  }

  @Test("digits: ten classes one-hot, a fixed fifth held out, nothing twice")
  func digits() throws {
    let data: Dataset<Double> = try DataSpecification(parsing: "digits").dataset()
    #expect(data.heldOut.count == 359)
    #expect(data.trainingCount == 1438)
    #expect(data.outputDimension == 10 && data.inputDimension == 64)
    guard case .finite(let train) = data.training else {
      Issue.record("digits are a finite set")
      return
    }
    let all = Set((0..<359).map { data.heldOut.inputs.row($0) })
      .union((0..<1438).map { train.inputs.row($0) })
    #expect(all.count == 1797)
    #expect(data.heldOut.inputs.elements.allSatisfy { (0...1).contains($0) })
  }

  @Test("standardised inputs have mean 0 and variance 1 over the training part")
  func standardize() throws {
    let data: Dataset<Double> = try DataSpecification(parsing: "digits:standardize").dataset()
    guard case .finite(let train) = data.training else { return }
    for j in 0..<64 {
      let column = train.inputs.column(j)
      let mean = column.reduce(0, +) / Double(column.count)
      let variance = column.reduce(0) { $0 + $1 * $1 } / Double(column.count) - mean * mean
      #expect(abs(mean) < 1e-12)
      #expect(abs(variance - 1) < 1e-9 || variance == 0)
    }
  }

  @Test("CSV: labels first, last, by number and by name; ±1 and one-hot for two classes")
  func csv() throws {
    let url = URL.temporaryDirectory.appending(path: "landbridge-\(UUID().uuidString).csv")
    defer { try? FileManager.default.removeItem(at: url) }
    try "class,a,b\n0,1.5,2\n1,3,4\n1,5,6\n".write(to: url, atomically: true, encoding: .utf8)
    let path = url.path(percentEncoded: false)
    for label in ["first", "1", "class"] {
      let samples: Samples<Double> = try DataSpecification(parsing: "\(path):label=\(label)")
        .samples()
      #expect(samples.inputs.elements == [1.5, 2, 3, 4, 5, 6])
      #expect(samples.targets.elements == [-1, 1, 1])
    }
    let oneHot: Samples<Double> = try DataSpecification(parsing: "\(path):label=first")
      .samples(outputs: 2)
    #expect(oneHot.targets.elements == [1, 0, 0, 1, 0, 1])
    #expect(throws: FormatError.self) {
      let _: Samples<Double> = try DataSpecification(parsing: "\(path):label=nine").samples()
    }
  }

  @Test("labels out of range and values that are no numbers are refused with their place")
  func badLabels() throws {
    let url = URL.temporaryDirectory.appending(path: "landbridge-\(UUID().uuidString).csv")
    defer { try? FileManager.default.removeItem(at: url) }
    let path = url.path(percentEncoded: false)
    for (content, words) in [
      ("1,2,0\n3,4,-3\n", "label 1"), ("1,2,0\n3,nan,1\n", "line 2"),
      ("1,2,0\n3,4,7\n", "class 7"),
    ] {
      try content.write(to: url, atomically: true, encoding: .utf8)
      #expect {
        let _: Samples<Double> = try DataSpecification(parsing: "\(path):classes=3").samples()
      } throws: { error in
        "\(error)".contains(words) && "\(error)".contains(path)
      }
    }
  }
}
