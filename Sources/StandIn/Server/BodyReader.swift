/// Delivers a body in parts: cut short, slowly, or chunked without a known length.
import CMicrohttpd

final class BodyReader {
  private static let slowSteps = 10

  private let bytes: [UInt8]
  private let exchange: HTTPExchange
  private unowned let loop: EventLoop
  /// The number of bytes to deliver.
  private let end: Int
  private let step: Int
  private let pause: Duration
  private var nextStep: Duration

  init(_ body: [UInt8], _ delivery: Response.Delivery, _ exchange: HTTPExchange, _ loop: EventLoop) {
    bytes = body
    self.exchange = exchange
    self.loop = loop
    end = delivery == .cut ? bytes.count / 2 : bytes.count
    if case .slow(let time) = delivery {
      step = max(1, bytes.count / BodyReader.slowSteps)
      pause = time / BodyReader.slowSteps
    } else {
      step = .max
      pause = .zero
    }
    nextStep = loop.now + pause
  }

  static let read: MHD_ContentReaderCallback = { reader, position, buffer, room in
    guard let reader, let buffer else { return -2 }
    return Unmanaged<BodyReader>.fromOpaque(reader).takeUnretainedValue()
      .read(from: Int(clamping: position), to: buffer, room: room)
  }

  static let release: MHD_ContentReaderFreeCallback = { reader in
    if let reader { Unmanaged<BodyReader>.fromOpaque(reader).release() }
  }

  /// - Returns: the number of bytes written; 0 for "later", -1 at the end, -2 to close the connection.
  private func read(from position: Int, to buffer: UnsafeMutablePointer<CChar>, room: Int) -> Int {
    if exchange.isAbandoned { return -2 }
    guard position < end else { return end < bytes.count ? -2 : -1 }
    if pause > .zero {
      let now = loop.now
      if now < nextStep {
        loop.suspend(exchange, until: nextStep)
        return 0
      }
      nextStep = now + pause
    }
    let count = min(room, step, end - position)
    for index in 0..<count { buffer[index] = CChar(truncatingIfNeeded: bytes[position + index]) }
    return count
  }
}
