# Sourced by infra/run and infra/local after they cd to the repository's root: starts Elenco and its local
# cloud on this machine, with their state in the caller's folder, and stops them again.
# shellcheck shell=bash
# shellcheck source=infra/parameters.sh
. infra/parameters.sh

# Variables of `make`, all optional.
: "${MOVIES:=}" "${TMDB_TOKEN:=}" "${TMDB_BASE_URL:=}" "${OUT:=out}" "${EVENT:=}" "${PARAMETERS:=}"
: "${FORMAT:=}" "${COMPRESSION:=}"

readonly generated_movies=.build/movies.csv

say() { echo "${0##*/}: $*" >&2; }
fail() {
  say "$*"
  exit 1
}

# Arranges that `tear_down` runs on every exit: normal end, failure, Ctrl-C or kill.
tear_down_at_exit() {
  state=$1
  child='' standin='' console='' cloud_started=''
  trap tear_down EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

tear_down() {
  trap '' HUP INT TERM
  [[ -z $child ]] || kill "$child" 2>/dev/null || true
  [[ -z $standin ]] || kill "$standin" 2>/dev/null || true
  [[ -z $console ]] || kill "$console" 2>/dev/null || true
  [[ -z $cloud_started ]] || .venv/bin/python infra/local-cloud stop "$state" 2>/dev/null || true
  rmdir .local 2>/dev/null || true
}

bring_up() {
  # The token goes to Secrets Manager through standard input, so that no child process has it in its environment.
  local token=${TMDB_TOKEN:-none}
  unset TMDB_TOKEN

  infra/setup
  local user_parameters=()
  read_parameters
  say "building"
  infra/build
  infra/package

  choose_movies
  say "starting the local cloud"
  cloud_started=yes # set before the start, because a signal can interrupt it
  .venv/bin/python infra/local-cloud start "$state"
  # shellcheck source=/dev/null
  . "$state/aws.env"

  local parameters=(ScheduleEvent=none) # MiniStack does not substitute <aws.scheduler.scheduled-time>
  if [[ $token == none && -z $TMDB_BASE_URL ]]; then
    parameters+=(RequestsPerSecond=0) # the stand-in needs no rate ceiling
    start_standin 0
  fi
  [[ -z $TMDB_BASE_URL ]] || parameters+=("TmdbBaseUrl=$TMDB_BASE_URL")
  [[ -z $FORMAT ]] || parameters+=("Format=$FORMAT")
  [[ -z $COMPRESSION ]] || parameters+=("Compression=$COMPRESSION")
  [[ $MOVIES != *.gz ]] || parameters+=(SourceKey=Raw/Local/CSV/Movies/movies.csv.gz)

  say "deploying"
  if ! infra/deploy elenco elenco-artifacts "${parameters[@]}" "${user_parameters[@]}" \
    >"$state/tmp/deploy.log" 2>&1; then
    cat "$state/tmp/deploy.log" >&2
    fail "cannot deploy infra/template.yaml; the reason is above"
  fi
  say "uploading $MOVIES"
  local outputs
  outputs=$(.venv/bin/python infra/put-inputs elenco "$MOVIES" <<<"$token")
  # shellcheck disable=SC2034 # the callers use these variables
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
  [[ -r $MOVIES ]] || fail "cannot read MOVIES=$MOVIES; set MOVIES to the path of a movies.csv or movies.csv.gz"
}

# Starts the TMDB stand-in on a port, 0 for a free one, and sets TMDB_BASE_URL. Further options are standin's.
start_standin() {
  .build/release/standin --port "$@" >"$state/tmp/standin.log" 2>&1 </dev/null &
  standin=$!
  local attempts=0
  until TMDB_BASE_URL=$(sed -n 's/^listening on //p' "$state/tmp/standin.log") && [[ -n $TMDB_BASE_URL ]]; do
    if ((attempts++ == 200)) || ! kill -0 "$standin" 2>/dev/null; then
      cat "$state/tmp/standin.log" >&2
      fail "the TMDB stand-in did not start; its output is above"
    fi
    sleep 0.05
  done
}

# Starts the stand-in again, at the same address, with other options.
restart_standin() {
  kill "$standin"
  wait "$standin" 2>/dev/null || true
  start_standin "${TMDB_BASE_URL##*:}" "$@"
}

# Starts the console, and sets console_address. elenco's variables must be set.
start_console() {
  .build/release/elenco console >"$state/tmp/console" 2>"$state/tmp/console.log" </dev/null &
  console=$!
  local attempts=0
  until console_address=$(cat "$state/tmp/console") && [[ -n $console_address ]]; do
    if ((attempts++ == 200)) || ! kill -0 "$console" 2>/dev/null; then
      cat "$state/tmp/console.log" >&2
      fail "the console did not start; its output is above"
    fi
    sleep 0.05
  done
}
