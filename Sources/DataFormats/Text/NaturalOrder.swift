/// Whether `a` comes before `b` when runs of digits compare as numbers: `layers.2` before
/// `layers.10`.
///
/// A total order on the bytes of the names, the same on every platform and in every locale, which
/// the numeric comparison of Foundation does not promise. Linear in the length of the names.
public func naturallyPrecedes(_ a: String, _ b: String) -> Bool {
  let x = Array(a.utf8)
  let y = Array(b.utf8)
  var i = 0
  var j = 0
  while i < x.count && j < y.count {
    if isDigit(x[i]) && isDigit(y[j]) {
      let first = digits(of: x, from: &i)
      let second = digits(of: y, from: &j)
      if first.count != second.count { return first.count < second.count }
      for (p, q) in zip(first, second) where p != q { return p < q }
    } else {
      if x[i] != y[j] { return x[i] < y[j] }
      i += 1
      j += 1
    }
  }
  if i < x.count || j < y.count { return j < y.count }
  // Equal up to leading zeros.
  return x.lexicographicallyPrecedes(y)
}

/// The run of digits at `i` without its leading zeros; `i` moves behind it.
private func digits(of bytes: [UInt8], from i: inout Int) -> ArraySlice<UInt8> {
  while i < bytes.count && bytes[i] == UInt8(ascii: "0") { i += 1 }
  let start = i
  while i < bytes.count && isDigit(bytes[i]) { i += 1 }
  return bytes[start..<i]
}
