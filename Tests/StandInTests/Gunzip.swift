/// Decompresses gzip with zlib, which checks the checksum and the length.
import CZlib
import TestSupport

func gunzip(_ bytes: [UInt8]) throws -> [UInt8] {
  var stream = z_stream()
  guard inflateInit2_(&stream, 16 + 15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
    throw ClientError(description: "inflateInit2 failed")
  }
  defer { inflateEnd(&stream) }
  var input = bytes
  var output = [UInt8](repeating: 0, count: 1 << 20)
  let result = input.withUnsafeMutableBufferPointer { input in
    output.withUnsafeMutableBufferPointer { output in
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(input.count)
      stream.next_out = output.baseAddress
      stream.avail_out = UInt32(output.count)
      return inflate(&stream, Z_FINISH)
    }
  }
  guard result == Z_STREAM_END, stream.avail_in == 0 else {
    throw ClientError(description: "inflate returned \(result) with \(stream.avail_in) bytes of input left")
  }
  return Array(output.prefix(output.count - Int(stream.avail_out)))
}
