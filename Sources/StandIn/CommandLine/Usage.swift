/// What `--help` prints.
extension Command {
  static let usage = """
    standin: answers like TMDB, with made-up people, the same for the same id every time.

    standin [flags]
      --port PORT            8080 if not said; 0 takes any free one
      --bind ADDRESS         an IPv4 address; 127.0.0.1 if not said
      --token TOKEN          the bearer token asked for; any that is not empty if not said
      --latency TIME         wait before every answer, as 50ms
      --jitter TIME          up to so much more or less
      --limit COUNT/TIME     429 beyond it, as 50/s or 40/10s
      --limit-per SCOPE      all (if not said), key, address, connection or process
      --retry-after SECONDS  send Retry-After with a 429
      --fail RULE            one rule of a failure script; may be repeated
      --fail-script FILE     a rule a line; # starts a comment
      --log FILE             a line a request: microseconds since the start, milliseconds since 1970,
                             method, path, status (0: no answer), bytes of the body, client's port
      --chunked              no Content-Length, as TMDB mostly does

      It prints "listening on http://ADDRESS:PORT" when it is ready, and stops on SIGTERM or SIGINT.
      GET /_standin/stats counts what was asked; POST /_standin/reset starts counters, limits and scripts anew.

      A rule: conditions, then one failure, with spaces between.
        id=tt0000123 route=find|credits|direct|other every=N after=N times=N
        status=N [retry-after=SECONDS] | cut | hang | close | malformed | wrong-id | huge[=BYTES]
        | slow[=TIME] | html [status=N]
      As in --fail 'id=tt0000123 times=2 status=503' --fail 'every=50 status=502'

    standin movies --out FILE|- [--films N]
      Writes a movies.csv of the real one's shape, the same bytes every time: 244543 films, of which
      59004 are Drama, Romance or both and nothing else. --films scales all of it down.
    """
}
