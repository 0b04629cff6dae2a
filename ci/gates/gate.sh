#!/usr/bin/env bash
# What all gates run: `wsgauntlet run server` with the arguments that these variables hold, each of which may be empty.
#   TARGET    a URL, or a target of wsgauntlet.toml
#   LAUNCH    the command that launches the server
#   BASELINE  the file of accepted deviations
#   PROFILE   which cases
#   PARTITION a shard, such as hash:1/4
#   OUT       where reports are written
#   ARGS      further arguments, one a line
# Its exit status is that of the gate. On GitHub the summary goes to the job's page.
set -euo pipefail

args=(run server)
if [ -n "${TARGET:-}" ]; then args+=("$TARGET"); fi
if [ -n "${LAUNCH:-}" ]; then args+=(--launch "$LAUNCH"); fi
if [ -n "${BASELINE:-}" ]; then args+=(--baseline "$BASELINE"); fi
if [ -n "${PROFILE:-}" ]; then args+=(--profile "$PROFILE"); fi
if [ -n "${PARTITION:-}" ]; then args+=(--partition "$PARTITION"); fi
out=${OUT:-wsgauntlet-report}
args+=(--out "$out" --report sarif --report badge)
while IFS= read -r arg; do
  if [ -n "$arg" ]; then args+=("$arg"); fi
done <<<"${ARGS:-}"

status=0
"${WSGAUNTLET:-wsgauntlet}" "${args[@]}" || status=$?
if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f "$out/summary.md" ]; then cat "$out/summary.md" >>"$GITHUB_STEP_SUMMARY"; fi
if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "status=$status" >>"$GITHUB_OUTPUT"; fi
exit "$status"
