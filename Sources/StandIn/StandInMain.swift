/// The stand-in's entry point: reads the arguments, and says what went wrong in one sentence.
import Glibc

@main
struct StandInMain {
  static func main() {
    do {
      switch try Command(arguments: Array(CommandLine.arguments.dropFirst())) {
      case .help: print(Command.usage)
      case .serve(let configuration): try ServeCommand.run(configuration)
      case .movies(let films, let output): try MoviesCommand.run(films: films, output: output)
      }
    } catch let error as UsageError {
      complain("\(error); standin --help says more")
      exit(2)
    } catch {
      complain("\(error)")
      exit(1)
    }
  }
}
