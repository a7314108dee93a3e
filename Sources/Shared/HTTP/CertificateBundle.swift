import Glibc

/// The file of certificate authorities that servers are checked against.
enum CertificateBundle {
  /// `SSL_CERT_FILE` where it is set; else the first of the places where Amazon Linux and Debian keep theirs.
  /// Where none is there, Amazon Linux's: a connection then fails and names it.
  static let path: String = {
    let amazonLinux = "/etc/pki/tls/certs/ca-bundle.crt"
    let debian = "/etc/ssl/certs/ca-certificates.crt"
    if let chosen = getenv("SSL_CERT_FILE"), chosen.pointee != 0 { return String(cString: chosen) }
    return [amazonLinux, debian].first { access($0, R_OK) == 0 } ?? amazonLinux
  }()
}
