import Glibc

/// Writes a file whole: to a temporary name first, so that the final name never has a part of it.
enum OutputFile {
  /// - Throws: `CopyError` if the file or its folder cannot be written.
  static func write(_ text: String, to path: String) throws(CopyError) {
    try makeFolders(path)
    let partial = path + ".partial"
    let file = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw CopyError(path: path) }
    let code = Terminal.write(text, to: file)
    guard close(file) == 0, code == 0 else {
      if code != 0 { errno = code }
      let error = CopyError(path: path)
      unlink(partial)
      throw error
    }
    guard rename(partial, path) == 0 else {
      let error = CopyError(path: path)
      unlink(partial)
      throw error
    }
  }

  /// Creates the parent folders of a path.
  static func makeFolders(_ path: String) throws(CopyError) {
    var end = path.startIndex
    while let slash = path[end...].dropFirst().firstIndex(of: "/") {
      let folder = String(path[..<slash])
      guard mkdir(folder, 0o755) == 0 || errno == EEXIST else { throw CopyError(path: folder) }
      end = slash
    }
  }
}
