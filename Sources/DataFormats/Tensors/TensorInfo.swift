/// What a file says of a tensor before any of its elements are read.
package struct TensorInfo: Hashable, Sendable {
  package var name: String
  package var shape: [Int]
  /// The type as the file writes it: `F32`, `F8_E4M3`; of arrays that are read the name that
  /// safetensors have for it, of others NumPy's (`|O`, `<U3`).
  package var type: String
  /// `nil` for types that are not read.
  package var dtype: DType?

  package init(name: String, shape: [Int], type: String, dtype: DType?) {
    (self.name, self.shape, self.type, self.dtype) = (name, shape, type, dtype)
  }

  /// The number of elements; of shapes that fit no memory the largest number there is.
  package var count: Int {
    shape.reduce(1) {
      let (product, overflow) = $0.multipliedReportingOverflow(by: $1)
      return overflow ? .max : product
    }
  }
}

/// What a type that is not read holds, and what can be done about it.
package struct UnreadType: Hashable, Sendable {
  package var what: String
  package var advice: String

  /// - Parameter type: as ``TensorInfo/type``.
  package init(_ type: String) {
    let code = type.drop { "<>|=".contains($0) }
    switch code {
    case "O":
      what = "pickled Python objects"
      advice =
        "pickled Python objects are not read: save labels with y.astype(int), numbers with "
        + ".astype(\"float32\"), and leave the rest out"
    case "V2", "bfloat16":
      what = "two bytes without a name, as bfloat16 is saved by NumPy"
      advice = "of bfloat16 save .astype(\"float32\"), which changes no value"
    case _
    where code == "V1" || ["F8", "F6", "F4"].contains { code.hasPrefix($0) && type.first == "F" }:
      what = "floating-point numbers of at most 8 bits"
      advice = "of 8-bit numbers save .astype(\"float32\") (PyTorch: .to(torch.float32))"
    case _ where code.hasPrefix("U") || code.hasPrefix("S") || code.hasPrefix("T"):
      what = "texts"
      advice =
        "texts are not read: labels are numbers, names and settings do not belong beside them"
    case "C64", "C128", "c8", "c16", "c32":
      what = "complex numbers"
      advice = "complex numbers are not read: save real and imaginary parts, or leave them out"
    case _ where code.hasPrefix("["):
      what = "records of several fields"
      advice = "of records save each field as an array of its own"
    case _ where code.hasPrefix("M8") || code.hasPrefix("m8"):
      what = "dates"
      advice = "of dates save .astype(\"int64\")"
    default:
      what = "a type that is not read"
      advice = "save .astype(\"float32\")"
    }
  }
}
