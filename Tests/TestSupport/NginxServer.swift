import Foundation

/// A real nginx on a free port: HTTP/1.1, or TLS with HTTP/2 and a self-signed certificate.
public final class NginxServer: Sendable {
  public let port: Int
  /// Path of the self-signed certificate that a client has to trust.
  public let certificate: String
  public let url: String
  private let folder: TemporaryFolder
  private let process: ChildProcess

  /// The document root.
  public var root: String { folder.path }

  public static let program = ChildProcess.find("nginx")

  /// - Parameters:
  ///   - locations: configuration directives placed inside `server { … }`.
  ///   - isTLS: use TLS, with HTTP/2 if the client negotiates it.
  ///   - name: the host name in the certificate, in addition to 127.0.0.1.
  ///   - workers: number of worker processes; with 0, the started process serves the requests itself.
  public init(locations: String, isTLS: Bool, name: String = "localhost", workers: Int = 0) throws {
    guard let program = Self.program else { throw ChildProcess.Failed(description: "nginx is not installed") }
    folder = try TemporaryFolder()
    port = try Loopback.freePort()
    certificate = folder.path + "/certificate.pem"
    let key = folder.path + "/key.pem"
    try ChildProcess.run(
      "/usr/bin/openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name),IP:127.0.0.1", "-keyout", key,
        "-out",
        certificate,
      ])
    let listen = isTLS ? "127.0.0.1:\(port) ssl http2" : "127.0.0.1:\(port)"
    let tls = isTLS ? "ssl_certificate \(certificate); ssl_certificate_key \(key);" : ""
    let configuration = try folder.write(
      "nginx.conf",
      """
      daemon off; \(workers == 0 ? "master_process off" : "worker_processes \(workers)"); pid \(folder.path)/pid; error_log \(folder.path)/error.log;
      events { worker_connections 512; }
      http {
        access_log off; default_type text/plain; client_max_body_size 100m; client_body_temp_path \(folder.path)/body;
        proxy_temp_path \(folder.path)/proxy; fastcgi_temp_path \(folder.path)/fastcgi;
        uwsgi_temp_path \(folder.path)/uwsgi; scgi_temp_path \(folder.path)/scgi;
        server { listen \(listen); server_name \(name); \(tls) root \(folder.path); \(locations) }
      }
      """)
    process = try ChildProcess(
      program, ["-c", configuration, "-p", folder.path, "-e", folder.path + "/error.log"],
      output: folder.path + "/nginx.out")
    url = "\(isTLS ? "https" : "http")://\(name):\(port)"
    try Loopback.waitForPort(port)
  }

  public func stop() { process.terminate() }
}
