// swift-tools-version: 6.3

import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "landbridge",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "landbridge", targets: ["LandbridgeTool"]),
    .library(name: "Landbridge", targets: ["Landbridge"]),
    .library(name: "LinearAlgebra", targets: ["LinearAlgebra"]),
    .library(name: "DataFormats", targets: ["DataFormats"]),
    .library(name: "Artifacts", targets: ["Artifacts"]),
    // For Benchmarks/, a package of its own.
    .library(name: "Experiments", targets: ["Experiments"]),
    .library(name: "Reports", targets: ["Reports"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(
      name: "CKernels"),
    .target(name: "CSystem"),
    .target(
      name: "CBuiltInData", exclude: ["Files"]),
    .target(
      name: "LinearAlgebra", dependencies: ["CKernels"],
      swiftSettings: swiftSettings,
      linkerSettings: [
        .linkedLibrary("m", .when(platforms: [.linux]))
      ]),
    .target(name: "Landbridge", dependencies: ["LinearAlgebra"], swiftSettings: swiftSettings),
    .target(
      name: "DataFormats", dependencies: ["LinearAlgebra", "CZlib", "CBuiltInData"],
      swiftSettings: swiftSettings),
    .target(
      name: "Artifacts",
      dependencies: [
        "Landbridge", "DataFormats", .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "Experiments", dependencies: ["Artifacts", "Landbridge", "LinearAlgebra"],
      swiftSettings: swiftSettings),
    .target(
      name: "Reports", dependencies: [.product(name: "Mustache", package: "swift-mustache")],
      // In the program, not in a bundle beside it: an installed or copied tool writes reports too.
      resources: [
        .embedInCode("Resources/report.css"), .embedInCode("Resources/report.mustache"),
      ], swiftSettings: swiftSettings),
    .executableTarget(
      name: "LandbridgeTool",
      dependencies: [
        "CSystem", "LinearAlgebra", "Landbridge", "DataFormats", "Artifacts", "Experiments",
        "Reports",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftSettings),
    // Reads the sources as text.
    .testTarget(name: "ArchitectureTests", swiftSettings: swiftSettings),
    // Digests of all kernels, here and on other architectures (scripts/arm64-digests.sh).
    .target(name: "CKernelDigests", dependencies: ["CKernels"], path: "Tests/CKernelDigests"),
    .testTarget(
      name: "LinearAlgebraTests", dependencies: ["LinearAlgebra", "CKernelDigests"],
      resources: [.copy("Fixtures")],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "LandbridgeTests", dependencies: ["Landbridge"], resources: [.copy("Fixtures")],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "DataFormatsTests", dependencies: ["DataFormats"], resources: [.copy("Fixtures")],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ArtifactsTests", dependencies: ["Artifacts"], swiftSettings: swiftSettings),
    .testTarget(
      name: "ExperimentsTests", dependencies: ["Experiments"], swiftSettings: swiftSettings),
    .testTarget(
      name: "SlowTests", dependencies: ["Artifacts", "Experiments"], swiftSettings: swiftSettings),
    .testTarget(
      name: "ReportsTests", dependencies: ["Reports"], swiftSettings: swiftSettings),
    .testTarget(
      name: "ToolTests",
      dependencies: [
        "LandbridgeTool", "Experiments", "Artifacts", "Landbridge", "LinearAlgebra",
        "DataFormats",
      ],
      resources: [.copy("Fixtures")], swiftSettings: swiftSettings),
  ],
  cLanguageStandard: .c17
)
