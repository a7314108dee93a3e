/// The text that `--help` prints.
extension Command {
  static let usage = """
    standin: a local server that responds like TMDB, with generated people. The same id always gets the same bytes.

    standin [options]
      --port PORT            the port on 127.0.0.1 (default 8080; 0 lets the system choose)
      --latency TIME         delay of every response, such as 50ms
      --limit COUNT/TIME     rate limit; further requests get a 429, such as 50/s or 40/10s
      --limit-per SCOPE      what the limit counts by: all (default), key, address, connection or process
      --retry-after SECONDS  send Retry-After with a 429
      --fail RULE            a fault rule, see below; repeat the option for several rules
      --edit RULE            an edit rule, see below; repeat the option for several rules
      --edits FILE           a file of edit rules, one per line; lines that start with # are skipped
      --today DATE           the day that the server takes for today (default: the day on which it starts, in UTC)
      --log FILE             write a line per request: microseconds since the start, milliseconds since 1970,
                             method, path, status (0: no response), bytes of the body, the client's port
      --chunked              send chunked bodies without Content-Length, as TMDB mostly does

      The server prints "listening on http://ADDRESS:PORT" when it is ready, and stops on SIGTERM or SIGINT.
      Any bearer token is accepted. GET /_standin/stats returns counts of requests and responses.

      A fault rule has optional conditions and one fault, separated by spaces:
        id=tt0000123 route=find|credits|direct|changes|other every=N times=N
        status=N [retry-after=SECONDS] | cut | hang | close | malformed | wrong-id | huge[=BYTES]
        | slow[=TIME] | html
      Examples: --fail 'id=tt0000123 times=2 status=503' --fail 'every=50 status=502'

      GET /3/movie/changes returns the ids of the films that were edited, as TMDB does. An edit rule has a day and one
      edit, which takes effect when --today is that day or a later one:
        on=2026-11-21 id=tt0000123 change | vanish | appear | merge=tt0000456 [unlisted]
        on=2026-11-21 null | others=N
      change adds a person to the film's credits. Until a film appears, TMDB does not have it; a merged one becomes the
      other film. unlisted leaves the edit out of the list of changes; null adds an entry without an id to it, and
      others=N adds N films that have no IMDb id.
      Example: --today 2026-11-28 --edit 'on=2026-11-21 id=tt0000123 change' --edit 'on=2026-11-22 others=4600'

    standin movies --out FILE [--films N]
      Generates a movies.csv with the shape of the real file, the same bytes every time: 244543 films, 59004 of
      which have only the genres Drama and Romance. --films generates N films in the same proportions.
    """
}
