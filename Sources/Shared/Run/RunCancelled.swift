/// The run was cancelled: its workers stop, and no new ones start until it is resumed.
package struct RunCancelled: TypedError, Equatable {
  package let run: RunName
  /// When it was cancelled, as in `FolderOwner`. The event field `resume` repeats it.
  package let at: String

  package init(run: RunName, at: String) {
    self.run = run
    self.at = at
  }

  package var errorType: String { "RunCancelled" }

  package var description: String {
    "Run \(run) was cancelled at \(at). Everything that it has written is kept. To continue it, run: elenco replay "
      + "\(run) --incomplete; or invoke the worker once per shard with {\"run\":\"\(run)\",\"shard\":0,"
      + "\"resume\":\"\(at)\"}."
  }
}
