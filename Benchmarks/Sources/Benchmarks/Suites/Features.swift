import Landbridge
import LinearAlgebra

/// VGG-16 up to its last pooling with weights as He et al. (2015) draw them: the values do not
/// change what the convolutions cost.
func randomVGG16(stream: RandomStream) throws -> VGG16Features {
  try VGG16Features(height: 32, width: 32, upTo: .pool5, normalization: .torchvision) { name in
    let parts = name.split(separator: ".")
    guard parts.count == 3, let number = Int(parts[1]) else { return nil }
    let outputs = channels(ofConvolution: number)
    if parts[2] == "bias" { return ([outputs], Array(repeating: 0.01, count: outputs)) }
    let inputs = number == 0 ? 3 : channels(before: number)
    let weights = Matrix<Float>.normal(
      rows: outputs, columns: 9 * inputs, scale: (2 / Float(9 * inputs)).squareRoot(),
      stream: stream, item: UInt64(number))
    return ([outputs, inputs, 3, 3], weights.elements)
  }
}

private func channels(ofConvolution number: Int) -> Int {
  VGG16Block.allCases.first { $0.convolutions.contains(number) }!.channels
}

private func channels(before number: Int) -> Int {
  let all = VGG16Block.allCases.flatMap(\.convolutions)
  return channels(ofConvolution: all[all.firstIndex(of: number)! - 1])
}

func featureRows(_ settings: Settings) throws -> [Row] {
  let (name, images) = ("VGG-16 to pool5, 32×32, per image", 256)
  guard settings.wants("features", name) else { return [] }
  let stream = RandomStream(seed: 1, purpose: .initialization)
  let network = try randomVGG16(stream: stream)
  var generator = stream.generator(item: 1000)
  let pixels = (0..<images * 3 * 32 * 32).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
  let works = settings.threads.map { threads in
    Work(units: images) {
      blackHole(Double(network.features(images: pixels.span, threads: threads)[0, 0]))
    }
  }
  let times = try alternating(works, seconds: settings.seconds)
  return zip(settings.threads, times).map { threads, time in
    Row(
      suite: "features", work: name, threads: threads, unit: .milliseconds,
      value: time.scaled(by: 1e3),
      ratios: [Ratio(name: "images/s", value: 1 / time.median)]
        + (threads > 1
          ? [Ratio(name: "× one thread", value: times[0].median / time.median)] : []))
  }
}
