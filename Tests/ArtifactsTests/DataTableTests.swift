import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

/// Which columns of a table are inputs and label.
@Suite("Columns of tables") struct DataTableTests {
  /// What a file with this text, and these options, is read as.
  private func read(
    _ text: String, _ options: String = "", name: String = "t.csv"
  ) throws -> (x: [[Double]], y: [Double], note: String) {
    try withTemporaryDirectory { directory in
      let path = directory + "/" + name
      try Data(text.utf8).write(to: URL(filePath: path))
      let all = ["targets=numbers", options].filter { !$0.isEmpty }.joined(separator: ",")
      let data: SelectedSamples<Double> = try DataSpecification(parsing: "\(path):\(all)")
        .measured()
      let x = data.samples.inputs
      return (
        (0..<x.rows).map { x.row($0) }, data.samples.targets.elements,
        (data.note ?? "").replacingOccurrences(of: directory + "/", with: "")
      )
    }
  }

  private func refused(
    _ text: String, _ options: String = "", _ words: String...,
    location: SourceLocation = #_sourceLocation
  ) {
    do {
      let found = try read(text, options)
      Issue.record("read as \(found)", sourceLocation: location)
    } catch {
      for word in words { #expect("\(error)".contains(word), "\(error)", sourceLocation: location) }
    }
  }

  @Test("a first row 0, 1, …, n − 1 is a header, one that counts otherwise is asked about")
  func numberedHeader() throws {
    for text in [
      "0,1,2\n5,6,7\n8,9,3\n", "\"0\",\"1\",\"2\"\n5,6,7\n8,9,3\n", "0;1;2\n5;6;7\n8;9;3",
    ] {
      let table = try read(text)
      #expect(table.x == [[5, 6], [8, 9]] && table.y == [7, 3])
    }
    #expect(try read("0,1\n5,6\n").y == [6])
    let sample = try read("0,1,2\n5,6,7\n8,9,3\n", "header=no")
    #expect(sample.y == [2, 7, 3])
    for row in ["1,2,3", "2019,2020,2021", "0.0,1.0,2.0"] {
      refused("\(row)\n5,6,7\n", "", "counts up", "header=yes or header=no")
      #expect(try read("\(row)\n5,6,7\n", "header=yes").y == [7])
      #expect(try read("\(row)\n5,6,7\n", "header=no").y.count == 2)
    }
    // Samples: no whole numbers that count up.
    for row in ["0,1,1", "1,2,4", "0,0,0", "0.5,1.5,2.5", "3,2,1"] {
      #expect(try read("\(row)\n5,6,7\n").y.count == 2, "\(row)")
    }
  }

  @Test("a column called label, class, target or y is the label wherever it stands")
  func labelByName() throws {
    for name in ["label", "Class", "TARGET", "y", " Y "] {
      let first = try read("\(name),a,b\n1,2,3\n4,5,6\n")
      #expect(first.x == [[2, 3], [5, 6]] && first.y == [1, 4])
      #expect(first.note.contains("label column 1") && !first.note.contains("the last"))
      let middle = try read("a,\(name),b\n1,2,3\n4,5,6\n")
      #expect(middle.x == [[1, 3], [4, 6]] && middle.y == [2, 5])
    }
    let other = try read("label,a,b\n1,2,3\n4,5,6\n", "label=b")
    #expect(other.y == [3, 6] && other.x == [[1, 2], [4, 5]])
    let last = try read("a,b,species\n1,2,3\n4,5,6\n")
    #expect(
      last.y == [3, 6] && last.note == "t.csv: label column 3, “species”, the last, 2 inputs")
    refused("label,a,y\n1,2,3\n", "", "ambiguous", "label=column:1 or label=column:3")
    refused("class,class,a\n1,2,3\n", "", "ambiguous")
    refused("label,a,y\n1,2,3\n", "label=name:nothing", "columns label, a, y")
    #expect(try read("label,a,y\n1,2,3\n", "label=y").y == [3])
  }

  @Test("label= by name and by number: refused where they differ")
  func labelOption() throws {
    let text = "b,3,a\n5,6,7\n8,9,3\n"
    refused("2019,2021,a\n5,6,7\n", "", "line 1, column 3", "header=yes")
    let counted = "0,1,2,3\n5,6,7,8\n9,8,7,6\n"
    refused(text, "header=yes,label=3", "ambiguous", "label=column:3 or label=name:3")
    #expect(try read(text, "header=yes,label=column:3").y == [7, 3])
    #expect(try read(text, "header=yes,label=name:3").y == [6, 9])
    #expect(try read(text, "header=yes,label=1").y == [5, 8])
    #expect(try read(text, "header=yes,label=2").y == [6, 9])
    refused(counted, "label=3", "ambiguous")
    #expect(try read(counted, "label=4").y == [8, 6])
    #expect(try read(counted, "label=name:3").y == [8, 6])
    refused("last,a,b\n1,2,3\n", "label=last", "ambiguous")
    #expect(try read("last,a,b\n1,2,3\n", "label=name:last").y == [1])
    #expect(try read("a,b,last\n1,2,3\n", "label=last").y == [3])
    refused("a,b,a\n1,2,3\n", "label=a", "ambiguous")
    for bad in ["label=0", "label=4", "label=column:4", "label=name:z", "label=column:b"] {
      refused("a,b,c\n1,2,3\n", bad, bad)
    }
  }

  @Test("a nameless column that counts up numbers the rows; others are asked about")
  func indexColumn() throws {
    for name in ["", "\"\"", "Unnamed: 0"] {
      for start in [0, 1] {
        let rows = (0..<4).map { "\($0 + start),\($0 * $0).5,7,\($0)\n" }.joined()
        let table = try read("\(name),a,b,c\n" + rows)
        #expect(table.x.allSatisfy { $0.count == 2 } && table.x[3] == [9.5, 7])
        #expect(table.note.contains("column 1") && table.note.contains("numbers the rows"))
        let kept = try read("\(name),a,b,c\n" + rows, "index=no")
        #expect(kept.x[3] == [Double(3 + start), 9.5, 7])
      }
    }
    // pandas' own numbers of columns beside its numbers of rows.
    let numbered = try read(",0,1,2\n0,5,6,7\n1,8,9,3\n")
    #expect(numbered.x == [[5, 6], [8, 9]] && numbered.y == [7, 3])
    // Shuffled rows keep their numbers: they are not guessed to be an index.
    refused(",a,b\n3,1,2\n0,4,5\n", "", "column 1", "index=yes or index=no")
    #expect(try read(",a,b\n3,1,2\n0,4,5\n", "index=yes").x == [[1], [4]])
    for name in ["id", "Index"] {
      let text = "\(name),a,b\n0,1,2\n1,4,5\n2,0,1\n"
      refused(text, "", "counts up", "index=yes or index=no")
      #expect(try read(text, "index=no").x[1] == [1, 4])
    }
    #expect(try read("time,a,b\n0,1,2\n1,4,5\n").x == [[0, 1], [1, 4]])
    let plain = (0..<9).map { "\($0),\($0 % 2).5,1\n" }.joined()
    refused(plain, "", "counts up from 0")
    #expect(try read(plain, "index=yes").x[1] == [1.5])
    // The only input may count up.
    #expect(try read((0..<9).map { "\($0),\($0 % 2)\n" }.joined()).x.count == 9)
  }

  @Test("endings in any case; UCI's .data; decimal commas, UTF-16 and names of classes")
  func endings() throws {
    for name in ["T.CSV", "t.Data", "t.tsv", "t.TXT", "t.data"] {
      for separator in [",", "\t", " ", ";"] {
        let table = try read(
          "1.5\(separator)2\(separator)0\n3\(separator)4\(separator)1\n", name: name)
        #expect(table.x == [[1.5, 2], [3, 4]] && table.y == [0, 1])
      }
    }
    refused("1,5;2,5;1\n3,5;1,5;0\n", "", "decimal point")
    refused("5.1,3.5,Iris-setosa\n4.9,3.0,Iris-setosa\n", "", "line 1, column 3", "numbered")
    refused("a,b\n1,?\n", "", "line 2, column 2")
    try withTemporaryDirectory { directory in
      let path = directory + "/wide.csv"
      try "1,2\n3,4\n".data(using: .utf16)!.write(to: URL(filePath: path))
      expectError("UTF-16", "UTF-8") {
        try DataSpecification(parsing: path).samples(of: Float.self)
      }
    }
  }

  @Test("what does not exist is no option")
  func options() throws {
    for text in [
      "a.csv:header=maybe", "a.npz:header=yes", "a.npz:index=yes", "a.npy:header=no",
      "a.csv:targets=labels", "a.csv:targets=numbers,classes=3", "a.xlsx",
    ] {
      #expect(throws: DataSpecification.Problem.self, "\(text)") {
        try DataSpecification(parsing: text)
      }
    }
  }
}
