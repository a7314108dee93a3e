# Reads the variable PARAMETERS. Sourced by infra/one-machine.sh and infra/deploy-to-account, which define `fail`.
# shellcheck shell=bash

# Splits PARAMETERS into the array `user_parameters`, one NAME=VALUE per element. Quotes around a value that
# contains spaces or quotes work as in a shell.
read_parameters() {
  local words word
  words=$(xargs -r -n 1 printf '%s\n' <<<"$PARAMETERS" 2>/dev/null) ||
    fail "cannot parse PARAMETERS. Is a closing quote missing? Example: PARAMETERS='A=1 B=\"two words\"'"
  user_parameters=()
  [[ -z $words ]] || mapfile -t user_parameters <<<"$words"
  for word in "${user_parameters[@]}"; do
    [[ $word == [A-Za-z]*=* ]] || fail "PARAMETERS must contain only NAME=VALUE pairs, but contains \"$word\""
    [[ $word != ScheduleEvent=* || $word == ScheduleEvent=none ]] || check_json "${word#*=}"
  done
}

# CloudFormation does not parse the event, so without this check the schedule would send malformed JSON.
check_json() {
  .venv/bin/python -c 'import json, sys; assert isinstance(json.loads(sys.argv[1]), dict)' "$1" 2>/dev/null ||
    fail "ScheduleEvent must be a JSON object, but is: $1. Put single quotes around it, for example:" \
      "PARAMETERS=\"ScheduleEvent='{\\\"workers\\\":4}'\""
}
