/// The Elenco's entry point.
@main
struct ElencoMain {
  static func main() {}
}
