/// Names for a message, at most 12 of them.
func listed(_ names: [String]) -> String {
  let rest = names.count > 12 ? ", … (\(names.count) in all)" : ""
  return names.prefix(12).map { quoted($0) }.joined(separator: ", ") + rest
}
