import Foundation
import TestSupport
import Testing

/// The lists that `make package` writes beside the zips. PackageTests compares those of two builds.
@Suite(
  "The lists of components",
  .enabled(if: LocalCloud.isReady, "these tests need the zips and the .venv that `make test` creates"))
struct ComponentTests {
  private static let functions = ["dispatcher", "worker"]
  private let folder = SharedData.package.path + "/.build/package"

  private struct List: Decodable {
    struct Hash: Decodable { let alg, content: String }
    struct Property: Decodable { let name, value: String }
    struct Component: Decodable {
      let name, version: String
      let purl: String?
      let hashes: [Hash]?
      let properties: [Property]?

      var linkedFiles: [String] {
        (properties ?? []).filter { $0.name == "elenco:linked-file" }.map(\.value)
      }
    }
    struct Metadata: Decodable { let component: Component }

    let metadata: Metadata
    let components: [Component]
  }

  private func list(_ function: String) throws -> List {
    try JSONDecoder().decode(
      List.self, from: Data(contentsOf: URL(filePath: "\(folder)/\(function).cdx.json")))
  }

  @Test("follow the schema of CycloneDX 1.6", arguments: functions)
  func schema(function: String) throws {
    let script = """
      import sys
      from cyclonedx.schema import SchemaVersion
      from cyclonedx.validation.json import JsonStrictValidator
      error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())
      sys.exit(str(error) if error else 0)
      """
    let result = try ChildProcess.result(
      SharedData.package.path + "/.venv/bin/python", ["-c", script, "\(folder)/\(function).cdx.json"])
    #expect(result.code == 0, "\(result.errors)")
  }

  @Test("name the function, and its zip by SHA-256", arguments: functions)
  func zip(function: String) throws {
    let component = try list(function).metadata.component
    #expect(component.name == function)
    let sum = try ChildProcess.run("/usr/bin/env", ["sha256sum", "\(folder)/\(function).zip"]).prefix(64)
    #expect(component.hashes?.map { "\($0.alg) \($0.content)" } == ["SHA-256 \(sum)"])
    let version = try ChildProcess.run(LocalCloud.elenco(), ["--version"])
    #expect(version.hasPrefix("elenco \(component.version) "))
  }

  @Test(
    "contain libcurl and all that it needs for HTTPS, expat and the C library, in the versions of dpkg",
    arguments: functions)
  func debian(function: String) throws {
    let components = try list(function).components
    for library in ["curl", "nghttp2", "idn2", "psl", "unistring", "ssl", "crypto", "zstd", "brotlidec", "z"]
      + ["expat", "c"]
    {
      let archive = "lib\(library).a"
      let holder = try #require(
        components.first { $0.linkedFiles.contains(archive) }, "\(archive) is missing")
      // dpkg's own files say which package has the archive, and the package's control data its version.
      let versions = try ChildProcess.run(
        "/bin/sh",
        [
          "-c",
          "grep -l \"/$0$\" /var/lib/dpkg/info/*.list | sed 's|.*/||; s|:.*||; s|[.]list$||' | "
            + "while read -r p; do awk -v p=\"$p\" '$1==\"Package:\"{n=$2} $1==\"Version:\" && n==p {print n, $2}' "
            + "/var/lib/dpkg/status; done", archive,
        ])
      #expect(
        versions.split(separator: "\n").contains("\(holder.name) \(holder.version)"),
        "\(archive): \(versions)")
      #expect(holder.purl?.hasPrefix("pkg:deb/debian/\(holder.name)@") == true)
    }
  }

  @Test(
    "contain the Swift runtime and FoundationEssentials, in the toolchain's version", arguments: functions)
  func swift(function: String) throws {
    let components = try list(function).components
    let version = try ChildProcess.run("/usr/bin/env", ["swift", "--version"])
    for name in ["swiftCore", "swift_Concurrency", "FoundationEssentials"] {
      let component = try #require(components.first { $0.name == name }, "\(name) is missing")
      #expect(version.contains("Swift version \(component.version) "))
    }
  }

  @Test("contain nothing that is only a stub or is not linked", arguments: functions)
  func absent(function: String) throws {
    let names = try list(function).components.map(\.name)
    for word in ["ssh", "ldap", "rtmp", "krb5", "microhttpd", "xml2", "icu"] {
      #expect(!names.contains { $0.lowercased().contains(word) }, "\(word): \(names)")
    }
  }
}
