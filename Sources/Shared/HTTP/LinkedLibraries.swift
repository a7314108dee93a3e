import CCrypto
import CCurl
import CExpat
import CZlib

/// The versions of the libraries that this program is linked with, as the libraries themselves report them.
///
/// These are the versions of the projects. Debian's own revisions, such as 7.88.1-10+deb12u14, are in the component list
/// that infra/package writes.
package enum LinkedLibraries {
  /// One line, such as `libcurl 7.88.1, OpenSSL 3.0.17, zlib 1.2.13, nghttp2 1.52.0, expat 2.5.0, Swift 6.3`.
  package static let versions: String = {
    let curl = curl_linked_version_info()?.pointee
    let expat = XML_ExpatVersionInfo()
    let named: [(name: String, version: String)] = [
      ("libcurl", text(curl?.version)),
      ("OpenSSL", text(OpenSSL_version(OPENSSL_VERSION_STRING))),
      ("zlib", text(zlibVersion())),
      ("nghttp2", text(curl?.nghttp2_version)),
      ("expat", "\(expat.major).\(expat.minor).\(expat.micro)"),
      ("Swift", swift),
    ]
    return named.map { "\($0.name) \($0.version)" }.joined(separator: ", ")
  }()

  /// Major and minor version of the standard library, which are bytes 2 and 1 of the number. It does not know its patch
  /// version: byte 0 is 0 in Swift 6.3.1, too.
  private static let swift: String = {
    let number = _SwiftStdlibVersion.current._value
    return "\(number >> 16).\(number >> 8 & 0xFF)"
  }()

  private static func text(_ version: UnsafePointer<CChar>?) -> String {
    version.map { String(cString: $0) } ?? "unknown"
  }
}
