/// What a server accepts from its clients.
package struct ServerLimits: Sendable {
  /// Maximum number of open connections. Further clients wait until one is closed.
  package var connections: Int
  /// Memory for one request's head and its response's headers. Response bodies are not copied into it. A longer head
  /// gets a 431 or 414.
  package var headBytes: Int
  /// Maximum size of a request's body, which is read and dropped; nil for any size. A larger one gets a 413, or, if its
  /// head gives no length, its connection is closed.
  package var bodyBytes: Int?
  /// The idle time in seconds after which a connection is closed.
  package var idleSeconds: Int

  package init(connections: Int, headBytes: Int, bodyBytes: Int?, idleSeconds: Int) {
    self.connections = connections
    self.headBytes = headBytes
    self.bodyBytes = bodyBytes
    self.idleSeconds = idleSeconds
  }
}
