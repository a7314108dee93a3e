import Glibc

/// Reads the environment variables of the process. Read them once, in `main`, and pass them as a parameter.
package enum ProcessEnvironment {
  package static func all() -> [String: String] {
    var variables: [String: String] = [:]
    var entry = environ
    while let pair = entry.pointee {
      let text = String(cString: pair)
      if let equals = text.firstIndex(of: "=") {
        variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
      }
      entry += 1
    }
    return variables
  }
}
