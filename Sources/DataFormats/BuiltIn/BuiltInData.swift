internal import CBuiltInData
internal import Foundation
public import LinearAlgebra

/// Data that comes with the package.
public enum BuiltInData {
  /// Features of images and their classes.
  public struct Features: Sendable {
    /// n × 512
    public let values: Matrix<Float>
    /// n classes from 0 to 9.
    public let labels: [Int]
  }

  /// Features of CIFAR-10 images by the thirteen convolutions of pretrained VGG-16 (`pool5`), in
  /// half precision: 512 numbers an image, 85 % of them zero.
  ///
  /// `train`: the first 5000 images of each of `data_batch_1` … `4`, 20 000. `test`: the first 5000 of
  /// `data_batch_5`, a held-out part of CIFAR-10's training images, not its official test images.
  /// Weights by K. Simonyan and A. Zisserman (CC BY 4.0), images by A. Krizhevsky (2009).
  ///
  /// - Throws: `FormatError` if the file in the package is damaged.
  public static func cifar10VGG(_ split: DataSplit) throws -> Features {
    let content =
      switch split {
      case .train: unsafe lb_cifar10_vgg_train().data
      case .test: unsafe lb_cifar10_vgg_test().data
      }
    let file = try NpzFile(bytes: content, path: "cifar10-vgg-\(split.rawValue).npz")
    let (x, y) = (try file.tensor("x"), try file.tensor("y"))
    return Features(values: try x.matrix(), labels: try y.integers())
  }

  /// How large the two files of ``cifar10VGG(_:)`` are.
  package static var cifar10VGGBytes: Int {
    unsafe lb_cifar10_vgg_train().count + lb_cifar10_vgg_test().count
  }

  /// Images of handwritten digits and their classes.
  public struct Digits: Sendable {
    /// 1797 × 64 pixels from 0 to 16, each row an 8 × 8 image, row-major.
    public let pixels: Matrix<Double>
    /// 1797 digits from 0 to 9.
    public let labels: [Int]
  }

  /// 1797 images of handwritten digits, 8 × 8 pixels.
  ///
  /// The test part of "Optical Recognition of Handwritten Digits" (E. Alpaydin, C. Kaynak, UCI
  /// Machine Learning Repository, 1998, doi:10.24432/C50P49) as `load_digits` of scikit-learn
  /// (BSD 3-Clause) has it. By class: 178 182 177 183 181 182 181 179 174 180.
  ///
  /// - Throws: `FormatError` if the file in the package is damaged.
  public static func digits() throws -> Digits {
    let name = "digits.csv.gz"
    let table = try readCSV(bytes: unsafe lb_digits().data, path: name, header: .absent)
    let values = table.values
    guard values.columns == 65 else {
      throw FormatError(path: name, found: "\(values.columns) columns", expected: "65")
    }
    var pixels = Matrix<Double>(rows: values.rows, columns: 64)
    var labels: [Int] = []
    for i in 0..<values.rows {
      for j in 0..<64 { pixels[i, j] = values[i, j] }
      guard let label = Int(exactly: values[i, 64]), (0...9).contains(label) else {
        throw FormatError(
          path: name, place: "line \(i + 1), column 65", found: "\(values[i, 64])",
          expected: "a digit")
      }
      labels.append(label)
    }
    return Digits(pixels: pixels, labels: labels)
  }
}

extension lb_bytes {
  /// The bytes where they lie in the program, which nobody changes or frees.
  fileprivate var data: Data {
    unsafe Data(
      bytesNoCopy: UnsafeMutableRawPointer(mutating: start), count: count, deallocator: .none)
  }
}
