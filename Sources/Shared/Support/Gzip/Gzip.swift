/// Decompresses whole gzip streams.
package enum Gzip {
  /// A gzip stream that cannot be decompressed. The description completes a sentence about the stream.
  package enum Problem: Error, Equatable, CustomStringConvertible {
    case corrupt(String)
    case tooLarge(bytesMax: Int)

    package var description: String {
      switch self {
      case .corrupt(let reason): "is gzip data that cannot be decompressed: \(reason)"
      case .tooLarge(let bytesMax): "has more than \(bytesMax) bytes when it is decompressed"
      }
    }
  }

  /// The decompressed bytes of a gzip stream.
  /// - Parameter bytesMax: the most bytes that are accepted. A short stream can contain a thousand times its own length.
  package static func decompress(_ stream: [UInt8], bytesMax: Int) throws(Problem) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(statedBytes(stream), bytesMax))
    var gzip = try GzipStream(corrupt: Problem.corrupt)
    try stream.withBytes { input throws(Problem) in
      try gzip.consume(input) { output throws(Problem) in
        guard bytes.count + output.count <= bytesMax else { throw .tooLarge(bytesMax: bytesMax) }
        bytes.append(contentsOf: output)
      }
    }
    try gzip.finish()
    return bytes
  }

  /// The length that the last four bytes give (RFC 1952, 2.3.1); 0 if there are too few bytes.
  private static func statedBytes(_ stream: [UInt8]) -> Int {
    stream.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}

extension [UInt8] {
  /// Calls `body` with the bytes. Unlike `withUnsafeBytes`, it keeps the type of the error.
  fileprivate func withBytes<Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    try withUnsafeBufferPointer { buffer throws(Failure) in try body(UnsafeRawBufferPointer(buffer)) }
  }
}
