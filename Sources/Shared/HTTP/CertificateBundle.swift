import Glibc

/// The file of certificate authorities that server certificates are verified against.
enum CertificateBundle {
  /// `SSL_CERT_FILE` if it is set; otherwise the first readable one of the default files of Amazon Linux and Debian.
  /// If neither is readable, Amazon Linux's: connections then fail with an error that names this file.
  static let path: String = {
    let amazonLinux = "/etc/pki/tls/certs/ca-bundle.crt"
    let debian = "/etc/ssl/certs/ca-certificates.crt"
    if let chosen = getenv("SSL_CERT_FILE"), chosen.pointee != 0 { return String(cString: chosen) }
    return [amazonLinux, debian].first { access($0, R_OK) == 0 } ?? amazonLinux
  }()
}
