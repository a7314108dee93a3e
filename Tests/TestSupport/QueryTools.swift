import Foundation

/// The tools that docs/queries.md uses, as `make test` installs them in `.venv`.
public enum QueryTools {
  private static let python = SharedData.package.path + "/.venv/bin/python"

  public static let areInstalled: Bool = {
    let result = try? ChildProcess.result(python, ["-c", "import duckdb, pandas, polars, sqlglot"])
    return result?.code == 0 && ChildProcess.find("jq") != nil
  }()

  /// Runs a query in DuckDB and returns its rows, with every value as a string.
  public static func duckDB(_ sql: String) throws -> [[String]] {
    let script = """
      import duckdb, json, sys
      print(json.dumps([[str(value) for value in row] for row in duckdb.sql(sys.argv[1]).fetchall()]))
      """
    let output = try ChildProcess.run(python, ["-c", script, sql])
    return try JSONDecoder().decode([[String]].self, from: Data(output.utf8))
  }

  /// Runs a script of Tests/Queries and returns its output.
  public static func run(
    _ script: String, _ arguments: [String], environment: [String: String]? = nil, input: String = ""
  ) throws -> String {
    let path = SharedData.package.path + "/Tests/Queries/" + script
    return try ChildProcess.run(python, [path] + arguments, environment: environment, input: input)
  }
}
