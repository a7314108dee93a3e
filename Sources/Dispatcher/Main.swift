/// The Dispatcher's entry point.
@main
struct DispatcherMain {
  static func main() {}
}
