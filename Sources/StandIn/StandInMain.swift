/// The stand-in's entry point: parses the arguments, runs the command, and prints errors on stderr.
import Glibc

@main
struct StandInMain {
  static func main() {
    do {
      switch try Command(arguments: Array(CommandLine.arguments.dropFirst())) {
      case .help: print(Command.usage)
      case .serve(let configuration): try ServeCommand.run(configuration)
      case .movies(let films, let path): try MoviesCommand.run(films: films, path: path)
      }
    } catch let error as UsageError {
      printError("\(error); see standin --help")
      exit(2)
    } catch {
      printError("\(error)")
      exit(1)
    }
  }
}

/// Writes one line to stderr.
func printError(_ message: String) {
  let line = Array("standin: \(message)\n".utf8)
  _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
