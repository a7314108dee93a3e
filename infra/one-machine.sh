# Sourced by infra/run and infra/local, after cd to the repository's root: brings the whole of Elenco
# up on this machine, in a state folder of the caller's own, and takes it down again.
# shellcheck shell=bash
# shellcheck source=infra/parameters.sh
. infra/parameters.sh

# Variables of `make`, all optional.
: "${MOVIES:=}" "${TMDB_TOKEN:=}" "${TMDB_BASE_URL:=}" "${OUT:=out}" "${EVENT:=}" "${PARAMETERS:=}"

readonly generated_movies=.build/movies.csv

say() { echo "${0##*/}: $*" >&2; }
fail() {
  say "$*"
  exit 1
}

# Takes down on every way out: the end, a failure, Ctrl-C, and kill.
take_down_at_exit() {
  state=$1
  child='' standin='' started=''
  trap take_down EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

take_down() {
  trap '' HUP INT TERM
  [[ -z $child ]] || kill "$child" 2>/dev/null || true
  [[ -z $standin ]] || kill "$standin" 2>/dev/null || true
  [[ -z $started ]] || .venv/bin/python infra/local-cloud stop "$state" 2>/dev/null || true
  rmdir .local 2>/dev/null || true
}

bring_up() {
  # The token goes to Secrets Manager, on standard input, and to no process's environment.
  local token=${TMDB_TOKEN:-none}
  unset TMDB_TOKEN

  infra/setup
  local own=()
  read_parameters
  say "building"
  infra/build
  infra/package

  choose_movies
  say "starting the local cloud"
  started=yes # before it has, because a signal may come meanwhile
  .venv/bin/python infra/local-cloud start "$state"
  # shellcheck source=/dev/null
  . "$state/aws.env"

  local parameters=(ScheduleEvent=none) # MiniStack does not fill in the time that a schedule's event names
  if [[ $token == none && -z $TMDB_BASE_URL ]]; then
    parameters+=(RequestsPerSecond=0) # there is nobody to spare
    start_standin
  fi
  [[ -z $TMDB_BASE_URL ]] || parameters+=("TmdbBaseUrl=$TMDB_BASE_URL")
  [[ $MOVIES != *.gz ]] || parameters+=(SourceKey=Raw/Local/CSV/Movies/movies.csv.gz)

  say "deploying"
  if ! infra/deploy elenco elenco-artifacts "${parameters[@]}" "${own[@]}" >"$state/tmp/deploy.log" 2>&1; then
    cat "$state/tmp/deploy.log" >&2
    fail "the template could not be deployed; the reason is above"
  fi
  say "uploading $MOVIES"
  local outputs
  outputs=$(.venv/bin/python infra/put-inputs elenco "$MOVIES" <<<"$token")
  # shellcheck disable=SC2034 # the callers use them
  dispatcher='' worker='' bucket='' prefix=''
  eval "$outputs"
}

choose_movies() {
  if [[ -z $MOVIES ]]; then
    MOVIES=$generated_movies
    if [[ ! -e $MOVIES || .build/release/standin -nt $MOVIES ]]; then
      .build/release/standin movies --out "$MOVIES.part"
      mv "$MOVIES.part" "$MOVIES"
    fi
  fi
  [[ -r $MOVIES ]] || fail "MOVIES=$MOVIES cannot be read"
}

# Starts the TMDB stand-in on a free port, and sets TMDB_BASE_URL.
start_standin() {
  .build/release/standin --port 0 >"$state/tmp/standin.log" 2>&1 </dev/null &
  standin=$!
  local tries=0
  until TMDB_BASE_URL=$(sed -n 's/^listening on //p' "$state/tmp/standin.log") && [[ -n $TMDB_BASE_URL ]]; do
    if ((tries++ == 200)) || ! kill -0 "$standin" 2>/dev/null; then
      cat "$state/tmp/standin.log" >&2
      fail "the TMDB stand-in did not start"
    fi
    sleep 0.05
  done
}
