# Sourced by infra/one-machine.sh and infra/deploy-to-account, which have `fail`.
# shellcheck shell=bash

# Sets `own` to the words of PARAMETERS: NAME=VALUE, with quotes as in a shell around what has spaces or quotes.
read_parameters() {
  local words word
  words=$(xargs -r -n 1 printf '%s\n' <<<"$PARAMETERS" 2>/dev/null) ||
    fail "PARAMETERS cannot be read: is a quote left open? It is like PARAMETERS='A=1 B=\"two words\"'"
  own=()
  [[ -z $words ]] || mapfile -t own <<<"$words"
  for word in "${own[@]}"; do
    [[ $word == [A-Za-z]*=* ]] || fail "PARAMETERS is a list of NAME=VALUE; \"$word\" is none"
    [[ $word != ScheduleEvent=* || $word == ScheduleEvent=none ]] || check_json "${word#*=}"
  done
}

# CloudFormation cannot see it, and the schedule would send it.
check_json() {
  .venv/bin/python -c 'import json, sys; assert isinstance(json.loads(sys.argv[1]), dict)' "$1" 2>/dev/null ||
    fail "ScheduleEvent is no JSON object: $1. Its quotes need others around them: PARAMETERS=\"ScheduleEvent='{\\\"workers\\\":4}'\""
}
