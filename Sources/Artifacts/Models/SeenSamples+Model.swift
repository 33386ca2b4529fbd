extension SeenSamples {
  /// What a model file says that it has seen.
  ///
  /// - Throws: `FormatError`: no such file, or a record that Landbridge does not write.
  package init(ofModel path: String) throws {
    try self.init(metadata: ModelTensors(path).metadata, path: path)
  }
}
