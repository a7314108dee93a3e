/// Runs the server until SIGTERM or SIGINT.
import Glibc

enum ServeCommand {
  static func run(_ configuration: Configuration) throws(StandInError) {
    // The signals are blocked before the server's thread starts, so that only `sigwait` receives them.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGTERM)
    sigaddset(&signals, SIGINT)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let server = try StandInServer(configuration)
    print("listening on \(server.baseURL)")
    fflush(nil)
    var signal: Int32 = 0
    while sigwait(&signals, &signal) == EINTR {}
    server.stop()
  }
}
