import TestSupport
import Testing

@testable import Shared

@Suite("The versions of linked libraries")
struct LinkedLibrariesTests {
  @Test("are on one line, and are those that pkg-config and the compiler tell")
  func versions() throws {
    #expect(LinkedLibraries.versions == (try InstalledVersions.line()))
  }
}
