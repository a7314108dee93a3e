import Shared

/// A whole page of the console: a part that changes, and around it what stays.
enum ConsolePage {
  /// - Parameters:
  ///   - subject: nil for a page that follows nothing.
  ///   - version: of the part; nil makes the script fetch it at once.
  static func html(_ subject: ConsoleSubject?, _ part: HTML, version: String? = nil) -> HTML {
    let title =
      switch subject {
      case nil: "Elenco console"
      case .runs: "Elenco runs"
      case .run(let run): "Elenco run \(run)"
      }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title)</title>
      <link rel="icon" href="data:,">
      <style>\(PageStyle.html)</style>
      <link rel="stylesheet" href="/console.css">
      </head>
      <body>
      \(subject == nil ? part : live(part, version))
      </body>
      </html>

      """
  }

  /// The part, with what console.js needs.
  private static func live(_ part: HTML, _ version: String?) -> HTML {
    let attribute: HTML = version.map { " data-version=\"\($0)\"" } ?? ""
    return """
      <p id="connection" role="status">The page shows what was read when it was opened.</p>
      <noscript><p>Without JavaScript, the page does not follow the run, and its buttons do nothing. Reload it to see \
      the present state.</p></noscript>
      <div id="part"\(attribute)>\(part)</div>
      <dialog id="confirmation" aria-labelledby="question"><p id="question"></p>
      <p class="buttons"><button type="button" id="confirm"></button>
      <button type="button" id="decline" autofocus>Do nothing</button></p></dialog>
      <div id="result" role="status"></div>
      <script src="/console.js"></script>
      """
  }

  /// A page that says why there is no other one.
  static func error(_ sentence: String) -> HTML {
    """
    <nav aria-label="Console"><a href="\(ConsoleSubject.runs.path)">All runs</a></nav>
    <main><h1>The page cannot be shown</h1><p>\(sentence.shortened(to: 2000))</p></main>
    """
  }

  static let style = """
    #connection{margin:0;font-size:.85rem;color:var(--muted)}
    #connection.lost{color:var(--text);border-left:.35rem solid var(--refused);background:var(--panel);\
    padding:.6rem .8rem;position:sticky;top:0;z-index:1;max-width:none}
    #note,#result:not(:empty){border-left:.35rem solid var(--link);background:var(--panel);padding:.6rem .8rem;max-width:none}
    #result:not(:empty){position:sticky;bottom:0;margin-top:1rem}
    #result p{margin:0}
    button{font:inherit;font-size:.9rem;color:var(--text);background:var(--panel);border:1px solid var(--muted);\
    border-radius:.3rem;padding:.3rem .75rem;min-height:1.9rem;cursor:pointer}
    button:hover{border-color:var(--text)}
    button:focus-visible{outline:3px solid var(--link);outline-offset:2px}
    button:disabled{color:var(--muted);cursor:default}
    .buttons{display:flex;flex-wrap:wrap;gap:.5rem}
    td button{margin-bottom:.3rem;white-space:nowrap}
    dialog{color:var(--text);background:var(--back);border:1px solid var(--muted);border-radius:.4rem;max-width:32rem}
    dialog::backdrop{background:rgb(0 0 0/.5)}
    .word{text-align:left}
    .sign{display:inline-block;min-width:1.3em;font-weight:700}.sign.good{color:var(--good)}.sign.bad{color:var(--refused)}
    @media print{#connection,#actions,#result,td button{display:none}}
    """
}
