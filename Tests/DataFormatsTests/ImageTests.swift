import DataFormats
import Foundation
import Testing

@Suite("IDX and CIFAR-10")
struct ImageTests {
  func readIDX(_ bytes: Data) throws -> Tensor {
    try DataFormats.readIDX(bytes: bytes, path: "images", decompressionLimit: 1 << 20)
  }

  func readCIFAR(_ bytes: Data) throws -> LabelledImages {
    try readCIFAR10(bytes: bytes, path: "batch", decompressionLimit: 1 << 20)
  }

  /// 2 × 3 bytes.
  let small = Data([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6])

  @Test("Every type of IDX, plain and compressed")
  func idx() throws {
    let tensors = [
      Tensor([UInt8](0..<24), shape: [2, 3, 4]), Tensor([Float](repeating: -1.5, count: 3)),
      Tensor([1, -0.0, .infinity, 4, 5, 6], shape: [3, 2]), Tensor([UInt8](), shape: [0, 28, 28]),
      Tensor(shape: [2], dtype: .i16, bytes: Data([1, 2, 3, 4])),
      Tensor(shape: [1], dtype: .i32, bytes: Data([1, 2, 3, 4])),
      Tensor(shape: [1], dtype: .i8, bytes: Data([255])),
    ]
    try withTemporaryDirectory { directory in
      for (i, tensor) in tensors.enumerated() {
        for compressed in [false, true] {
          let path = directory + "/\(i)"
          try writeIDX(tensor, to: path, compressed: compressed)
          #expect(try DataFormats.readIDX(path) == tensor)
        }
      }
      let path = directory + "/x"
      #expect(throws: FormatError.self) { try writeIDX(Tensor([1]), to: path) }
      #expect(throws: FormatError.self) { try writeIDX(Tensor([1.0], shape: []), to: path) }
    }
    // Numbers in the file are big-endian.
    let bytes = Data([0, 0, 0x0C, 1, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFE])
    #expect(try readIDX(bytes).integers() == [-2])
  }

  @Test("IDX files that are refused")
  func idxRefusals() throws {
    func with(_ offset: Int, _ bytes: UInt8...) -> Data {
      var data = small
      data.replaceSubrange(offset..<offset + bytes.count, with: bytes)
      return data
    }
    let cases: [(Data, String)] = [
      (Data(), "empty file"), (Data([0, 0, 8]), "offset 0"), (with(0, 1), "01 00 08 02"),
      (with(2, 0x0A), "type 0a"), (with(3, 0), "0 dimensions"), (with(3, 255), "1024 bytes"),
      (small.dropLast(), "17 bytes"), (small + [0], "19 bytes"), (with(7, 3), "21 bytes"),
      (with(4, 255, 255, 255, 255), "offset 18"), (with(2, 0x0E), "60 bytes"),
      (Data([0, 0, 14, 3] + [UInt8](repeating: 255, count: 12)), "fits memory"),
      (Data([0, 0, 8, 2, 255, 255, 255, 255, 0, 0, 0, 0]), "fits memory"),
    ]
    for (bytes, words) in cases {
      expectRefusal(bytes, "images: ", words, read: readIDX)
      if !bytes.isEmpty, words != "offset 18" { expectRefusal(gzip(bytes), read: readIDX) }
    }
    expectRefusal(gzip(small + [0]), "more than 18 bytes", read: readIDX)
    expectRefusal(gzip(small).dropLast(), "end of the file", read: readIDX)
    // A bomb: the header in it asks for more than the limit, or the content goes on.
    var bomb = with(4, 1, 0, 0, 0)
    bomb.append(Data(count: 10 << 20))
    expectRefusal(gzip(bomb), "at most 1048576", read: readIDX)
    expectRefusal(gzip(small + Data(count: 10 << 20)), "more than 18 bytes", read: readIDX)
  }

  @Test("CIFAR-10 records")
  func cifar() throws {
    let pixels = (0..<3 * 3072).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let images = LabelledImages(images: Tensor(pixels, shape: [3, 3, 32, 32]), labels: [9, 0, 4])
    try withTemporaryDirectory { directory in
      for compressed in [false, true] {
        let path = directory + "/test_batch.bin" + (compressed ? ".gz" : "")
        try writeCIFAR10(images, to: path, compressed: compressed)
        for back in [
          try readCIFAR10(path), try readCIFAR10(directory: directory, split: .test),
        ] {
          #expect(back.images == images.images)
          #expect(back.labels == [9, 0, 4])
        }
        try FileManager.default.removeItem(atPath: path)
      }
      #expect {
        try readCIFAR10(directory: directory, split: .train)
      } throws: { error in
        (error as? FormatError)?.kind == .noSuchFile && "\(error)".contains("data_batch_1.bin")
      }
    }
  }

  @Test("CIFAR-10 files that are refused name the record")
  func cifarRefusals() throws {
    let valid = Data(count: 2 * 3073)
    var label = valid
    label[3073] = 10
    let cases = [
      (Data(), "record 0"), (Data(count: 3072), "record 0"), (valid.dropLast(), "record 1"),
      (valid + [0], "record 2, offset 6146: found 1 bytes"), (label, "record 1, offset 3073"),
    ]
    for (bytes, words) in cases {
      expectRefusal(bytes, words, read: readCIFAR)
      expectRefusal(gzip(bytes), words, read: readCIFAR)
    }
  }

  @Test("MNIST directories")
  func directories() throws {
    try withTemporaryDirectory { directory in
      func write(images: Int, labels: [UInt8]) throws {
        let pixels = Tensor([UInt8](repeating: 1, count: images * 4), shape: [images, 2, 2])
        try writeIDX(pixels, to: directory + "/t10k-images-idx3-ubyte.gz", compressed: true)
        try writeIDX(Tensor(labels), to: directory + "/t10k-labels.idx1-ubyte")
      }
      func message() -> String {
        do {
          return "\(try readMNIST(directory: directory, split: .test).count)"
        } catch { return "\(error)" }
      }
      #expect(message().contains("t10k-images-idx3-ubyte or t10k-images-idx3-ubyte.gz"))
      try write(images: 2, labels: [3, 9])
      #expect(message() == "2")
      try write(images: 2, labels: [3, 9, 1])
      #expect(message().contains("found 2 images, expected 3"))
      // EMNIST has more classes.
      try write(images: 2, labels: [3, 61])
      #expect(try readMNIST(directory: directory, split: .test).labels == [3, 61])
      #expect {
        try readMNIST(directory: directory + "/none", split: .train)
      } throws: { ($0 as? FormatError)?.kind == .noSuchFile }
    }
  }

  @Test("MNIST's files where torchvision puts them, and under EMNIST's names")
  func mnistLayouts() throws {
    func write(_ folder: String, _ begin: String, _ test: String, _ label: Int) throws {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for (part, images) in [("train", 3), (test, 2)] {
        try writeIDX(
          Tensor([UInt8](repeating: UInt8(label), count: images * 4), shape: [images, 2, 2]),
          to: "\(folder)/\(begin)\(part)-images-idx3-ubyte", compressed: part == "train")
        try writeIDX(
          Tensor([UInt8](repeating: UInt8(label), count: images)),
          to: "\(folder)/\(begin)\(part)-labels-idx1-ubyte")
      }
    }
    try withTemporaryDirectory { root in
      try write(root + "/MNIST/raw", "", "t10k", 1)
      try write(root + "/FashionMNIST/raw", "", "t10k", 2)
      try write(root + "/EMNIST/raw", "emnist-letters-", "test", 26)
      func label(_ place: String, _ name: String = "MNIST") throws -> [Int] {
        try DataSplit.allCases.map { split in
          let data = try readMNIST(directory: root + place, split: split, name: name)
          #expect(data.count == (split == .train ? 3 : 2))
          #expect(data.images.bytes.allSatisfy { $0 == data.labels[0] })
          return data.labels[0]
        }
      }
      #expect(
        try label("") == [1, 1] && label("/MNIST") == [1, 1] && label("/MNIST/raw") == [1, 1])
      #expect(try label("", "FashionMNIST") == [2, 2] && label("/FashionMNIST") == [2, 2])
      #expect(try label("/EMNIST") == [26, 26] && label("/EMNIST/raw/emnist-letters") == [26, 26])
      try write(root + "/EMNIST/raw", "emnist-digits-", "test", 9)
      #expect(try label("/EMNIST/raw/emnist-digits") == [9, 9])
      #expect {
        try label("/EMNIST")
      } throws: {
        "\($0)".contains("emnist-digits-train") && "\($0)".contains("DIR/emnist-letters")
      }
      // The files of one set are not those of another.
      try FileManager.default.removeItem(atPath: root + "/MNIST")
      #expect {
        try label("")
      } throws: { ($0 as? FormatError)?.kind == .noSuchFile }
    }
  }

  @Test(
    "The original MNIST files",
    .enabled(if: shared("mnist/train-images-idx3-ubyte.gz") != nil, "needs the shared data"))
  func mnist() throws {
    let directory = URL(filePath: shared("mnist/train-images-idx3-ubyte.gz")!)
      .deletingLastPathComponent().path(percentEncoded: false)
    let train = try readMNIST(directory: directory, split: .train)
    #expect(train.images.shape == [60000, 28, 28])
    #expect(train.labels.prefix(6) == [5, 0, 4, 1, 9, 2])
    // Counts of digits as the authors' page has them; the mean is the 0.1307 of every tutorial.
    let mean = train.images.bytes.reduce(0) { $0 + Double($1) } / (255 * 47_040_000)
    #expect(abs(mean - 0.1307) < 5e-5)
    let test = try readMNIST(directory: directory, split: .test)
    #expect(test.images.shape == [10000, 28, 28] && test.labels.prefix(3) == [7, 2, 1])
  }

  @Test(
    "The original CIFAR-10 test records",
    .enabled(
      if: shared("cifar-10/test_batch_first1017.bin.gz") != nil, "needs the shared data"))
  func cifarOriginal() throws {
    let data = try readCIFAR10(shared("cifar-10/test_batch_first1017.bin.gz")!)
    #expect(data.images.shape == [1017, 3, 32, 32])
    let counts = (0..<10).map { label in data.labels.count { $0 == label } }
    #expect(counts == [105, 93, 100, 104, 92, 87, 114, 102, 110, 110])
  }
}
