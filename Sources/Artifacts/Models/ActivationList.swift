public import LinearAlgebra

/// `tanh`, or `relu,tanh` for one per layer. Commas within parentheses do not separate.
///
/// - Throws: `UnknownActivation` for the first that is none.
public func parseActivations(_ text: String) throws -> [Activation] {
  var (parts, depth) = ([""], 0)
  for character in text {
    if character == "," && depth == 0 {
      parts.append("")
      continue
    }
    if character == "(" { depth += 1 } else if character == ")" { depth -= 1 }
    parts[parts.count - 1].append(character)
  }
  return try parts.map { try Activation(name: $0) }
}

/// The inverse of ``parseActivations(_:)``: one name if all layers agree.
public func describe(_ activations: [Activation]) -> String {
  Set(activations).count == 1
    ? activations[0].description : activations.map(\.description).joined(separator: ",")
}
