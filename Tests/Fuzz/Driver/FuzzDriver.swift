/// Connects libFuzzer to the target that ELENCO_FUZZ_TARGET names. infra/fuzz builds it; the tests do not.
import Glibc

private let target: FuzzTarget = {
  let name = getenv("ELENCO_FUZZ_TARGET").map { String(cString: $0) } ?? ""
  guard let target = FuzzTarget.named(name) else {
    fatalError("ELENCO_FUZZ_TARGET must be one of \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
  }
  return target
}()

/// The most seconds of CPU time for an input. libFuzzer's own limit is wall time, which depends on what else the machine
/// does.
private let secondsMax = 1.0

private func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let start = processorSeconds()
  do { try target.run(Array(UnsafeBufferPointer(start: bytes, count: count))) } catch {
    fatalError("\(target.name): \(error)")
  }
  let seconds = processorSeconds() - start
  guard seconds <= secondsMax else { fatalError("\(target.name): the input took \(seconds) s of CPU time") }
  return 0
}
