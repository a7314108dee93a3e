// swift-tools-version: 6.1
import PackageDescription

// The system libraries below are Debian packages; `make setup` installs those that are missing.
let settings: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny")]

// infra/package sets STATIC_CURL=1 to link everything into one file. libcurl.a then also needs its dependencies.
let staticCurl: [LinkerSetting] =
  Context.environment["STATIC_CURL"] != "1"
  ? []
  : ["nghttp2", "idn2", "psl", "unistring", "ssl", "crypto", "zstd", "brotlidec", "brotlicommon", "z"]
    .map { .linkedLibrary($0) }

// The loops that Benchmarks/compile.py builds, with BENCH=1. Other builds leave them out, because the signing loop
// compiles only with -enable-testing.
let benchmarkLoops: [Target] =
  Context.environment["BENCH"] != "1"
  ? []
  : ["signing", "response-checks"].map { part in
    .executableTarget(
      name: "\(part)-bench", dependencies: ["Shared"], path: "Benchmarks/\(part)-loop",
      swiftSettings: settings)
  }

let package = Package(
  name: "Elenco",
  products: [
    .executable(name: "Dispatcher", targets: ["Dispatcher"]),
    .executable(name: "Worker", targets: ["Worker"]),
    .executable(name: "elenco", targets: ["Elenco"]),
    .executable(name: "standin", targets: ["StandIn"]),
  ],
  targets: [
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CBytes"),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CMicrohttpd", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),

    .target(
      name: "Shared", dependencies: ["CBytes", "CCurl", "CCrypto", "CExpat", "CLinux", "CZlib"],
      swiftSettings: settings,
      linkerSettings: staticCurl),
    .executableTarget(name: "Dispatcher", dependencies: ["Shared", "CBytes"], swiftSettings: settings),
    .executableTarget(name: "Worker", dependencies: ["Shared"], swiftSettings: settings),
    .target(name: "HTTPServer", dependencies: ["CMicrohttpd"], swiftSettings: settings),
    .executableTarget(name: "Elenco", dependencies: ["Shared", "HTTPServer"], swiftSettings: settings),
    .executableTarget(name: "StandIn", dependencies: ["HTTPServer", "CZlib"], swiftSettings: settings),

    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
    .testTarget(
      name: "SharedTests", dependencies: ["Shared", "StandIn", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "DispatcherTests", dependencies: ["Dispatcher", "StandIn", "TestSupport"], swiftSettings: settings
    ),
    .testTarget(
      name: "WorkerTests", dependencies: ["Worker", "Dispatcher", "StandIn", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "ElencoTests", dependencies: ["Elenco", "HTTPServer", "TestSupport"], swiftSettings: settings),
    .testTarget(name: "EndToEnd", dependencies: ["StandIn", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "FuzzTests", dependencies: ["Dispatcher", "Elenco", "Shared", "Worker"], path: "Tests/Fuzz",
      exclude: ["Corpus", "Driver"], swiftSettings: settings),
    .testTarget(
      name: "SchemaTests", dependencies: ["Dispatcher", "Elenco", "Shared", "TestSupport", "Worker"],
      swiftSettings: settings),
    .testTarget(
      name: "StandInTests", dependencies: ["StandIn", "HTTPServer", "TestSupport"], swiftSettings: settings),
  ] + benchmarkLoops
)
