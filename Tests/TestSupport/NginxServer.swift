import Foundation

/// A real nginx on a free port: HTTP/1.1, or TLS with HTTP/2 and a certificate made for the test.
public final class NginxServer: Sendable {
  public let port: Int
  /// The certificate, which is its own authority; for a client to trust.
  public let certificate: String
  public let url: String
  private let folder: TemporaryFolder
  private let process: ChildProcess

  /// The folder that it serves.
  public var root: String { folder.path }

  public static let program = ChildProcess.find("nginx")

  /// - Parameters:
  ///   - locations: what stands inside `server { … }`.
  ///   - isTLS: speak TLS, and HTTP/2 where the client asks for it.
  ///   - name: the host that the certificate is for, beside 127.0.0.1.
  ///   - workers: processes that answer; 0 is the one that is started, alone.
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
