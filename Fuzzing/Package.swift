// swift-tools-version: 6.3

import PackageDescription

// A package of its own, so that depending on Landbridge does not build it. It links only with
// `--sanitize fuzzer`, which brings the main function: see scripts/fuzz.sh.
let package = Package(
  name: "fuzzing",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "landbridge", path: "..")],
  targets: [
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        .product(name: "DataFormats", package: "landbridge"),
        .product(name: "Artifacts", package: "landbridge"),
        .product(name: "Landbridge", package: "landbridge"),
        .product(name: "LinearAlgebra", package: "landbridge"),
      ],
      swiftSettings: [.unsafeFlags(["-parse-as-library"])])
  ]
)
