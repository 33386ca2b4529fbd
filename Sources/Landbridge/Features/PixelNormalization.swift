/// How the bytes 0 … 255 of an RGB image become the numbers that a network was trained on.
///
/// The wrong convention gives features that look plausible and are poor; the file of weights
/// decides which one is right.
public enum PixelNormalization: String, Sendable, CaseIterable {
  /// (p/255 − mean)/standard deviation, means 0.485, 0.456, 0.406, standard deviations 0.229,
  /// 0.224, 0.225: weights of torchvision.
  case torchvision
  /// p − mean, means R 123.68, G 116.779, B 103.939, no division: the original weights of Oxford
  /// (Caffe, Keras), with the input channels put into the order RGB.
  case caffe

  /// The normalised value of byte `p` in channel 0 (red), 1 (green) or 2 (blue).
  public func value(ofByte p: Int, channel: Int) -> Double {
    switch self {
    case .torchvision:
      (Double(p) / 255 - [0.485, 0.456, 0.406][channel]) / [0.229, 0.224, 0.225][channel]
    case .caffe:
      Double(p) - [123.68, 116.779, 103.939][channel]
    }
  }
}

/// The order of the bytes of an RGB image.
public enum PixelLayout: String, Sendable, CaseIterable {
  /// 3 × height × width: all red, all green, all blue, as in CIFAR-10.
  case planar
  /// height × width × 3: the three bytes of a pixel together.
  case interleaved
}
