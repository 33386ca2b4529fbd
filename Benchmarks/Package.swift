// swift-tools-version: 6.3

import PackageDescription

// A package of its own, so that depending on Landbridge does not build its benchmarks.
let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "landbridge", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
  ],
  targets: [
    // Measured beside the package's own products; part of nothing else.
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        .target(name: "COpenBLAS", condition: .when(platforms: [.linux])),
        .product(name: "Landbridge", package: "landbridge"),
        .product(name: "LinearAlgebra", package: "landbridge"),
        .product(name: "DataFormats", package: "landbridge"),
        .product(name: "Artifacts", package: "landbridge"),
        .product(name: "Experiments", package: "landbridge"),
        .product(name: "Reports", package: "landbridge"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
  ]
)
