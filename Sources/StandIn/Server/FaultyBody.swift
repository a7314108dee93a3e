/// Delivers a body in parts: cut short, slowly, or chunked without a known length.
import HTTPServer

final class FaultyBody: BodySource {
  private static let slowSteps = 10

  private let bytes: [UInt8]
  /// The number of bytes to deliver.
  private let end: Int
  private let step: Int
  private let pause: Duration
  private var nextStep: Duration

  init(_ body: [UInt8], _ delivery: Response.Delivery, at now: Duration) {
    bytes = body
    end = delivery == .cut ? bytes.count / 2 : bytes.count
    if case .slow(let time) = delivery {
      step = max(1, bytes.count / FaultyBody.slowSteps)
      pause = time / FaultyBody.slowSteps
    } else {
      step = .max
      pause = .zero
    }
    nextStep = now + pause
  }

  func read(from position: Int, into buffer: UnsafeMutableRawBufferPointer, at now: Duration) -> BodyPart {
    guard position < end else { return end < bytes.count ? .abort : .end }
    if pause > .zero {
      if now < nextStep { return .wait(until: nextStep) }
      nextStep = now + pause
    }
    let count = min(buffer.count, step, end - position)
    buffer.copyBytes(from: bytes[position..<position + count])
    return .bytes(count)
  }
}
