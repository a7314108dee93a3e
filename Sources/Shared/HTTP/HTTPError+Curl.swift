import CCurl

/// Maps libcurl's error codes to reasons.
extension HTTPError.Reason {
  /// The reason for a libcurl error code (https://curl.se/libcurl/c/libcurl-errors.html).
  init(_ code: CURLcode) {
    self =
      switch code {
      case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .couldNotResolve
      // A failed TLS handshake does not mean that the certificate was rejected.
      case CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR: .couldNotConnect
      case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE: .tlsRefused
      case CURLE_OPERATION_TIMEDOUT: .timedOut
      case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_HTTP2,
        CURLE_HTTP2_STREAM:
        .cutShort
      case CURLE_BAD_CONTENT_ENCODING: .undecodable
      case CURLE_ABORTED_BY_CALLBACK: .cancelled
      case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .badURL
      default: .other(code: code.rawValue)
      }
  }
}
