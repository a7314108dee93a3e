/// Connects libFuzzer to the target that ELENCO_FUZZ_TARGET names. infra/fuzz builds it; the tests do not.
import Glibc

private let target: FuzzTarget = {
  let name = getenv("ELENCO_FUZZ_TARGET").map { String(cString: $0) } ?? ""
  guard let target = FuzzTarget.named(name) else {
    fatalError("ELENCO_FUZZ_TARGET must be one of \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
  }
  return target
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do { try target.run(Array(UnsafeBufferPointer(start: bytes, count: count))) } catch {
    fatalError("\(target.name): \(error)")
  }
  return 0
}
