/// The Worker's entry point.
@main
struct WorkerMain {
  static func main() {}
}
