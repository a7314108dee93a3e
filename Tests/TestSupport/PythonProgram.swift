import Foundation

/// Runs the Python programs of Tests/Python. They compute what tests expect with Python's own modules and with
/// botocore, independently of the code under test.
public enum PythonProgram {
  private static let python = SharedData.package.path + "/.venv/bin/python"

  public static let isInstalled = FileManager.default.isExecutableFile(atPath: python)

  /// The reason shown when a test is skipped because `.venv` is missing.
  public static let missing = "Python is missing from .venv; `make test` installs it"

  /// Runs a program with JSON on its standard input, and decodes the JSON that it prints.
  public static func run<Output: Decodable>(
    _ program: String, _ arguments: [String] = [], input: some Encodable
  ) throws -> Output {
    let output = try run(
      program, arguments, text: String(decoding: JSONEncoder().encode(input), as: UTF8.self))
    return try JSONDecoder().decode(Output.self, from: Data(output.utf8))
  }

  /// Runs a program with text on its standard input, and returns its output.
  public static func run(_ program: String, _ arguments: [String] = [], text: String) throws -> String {
    let path = SharedData.package.path + "/Tests/Python/" + program
    return try ChildProcess.run(python, [path] + arguments, input: text)
  }
}
