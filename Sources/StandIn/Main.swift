/// The StandIn's entry point.
@main
struct StandInMain {
  static func main() {}
}
