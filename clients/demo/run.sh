#!/usr/bin/env bash
# The demo: one scene, imported, edited by six clients at once, looked at and exported. While they
# edit, the daemon is killed with SIGKILL and started again, and they go on.
#
#   run.sh BUILD_DIR OUT_DIR        BUILD_DIR has bin/voxeld and bin/voxctl
#
# It needs Python with grpcio and numpy, Go with Debian's gRPC packages, protoc and socat; `./dev
# demo` installs them. The daemon is one of its own, on a socket in a temporary folder.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$(cd "${1:?build directory}" && pwd)
mkdir -p "${2:?output directory}"
out=$(cd "$2" && pwd)
voxctl=$build/bin/voxctl
project=village
rm -f "$out"/{before.png,village.png,agent.png,village.vox,village.obj,village.mtl,lamps.json} "$out"/*.log
rm -rf "$out/data" # an earlier run's projects

# ---- what the Python and Go clients need, made once

prepare_python() {
  local stubs=$build/demo/python
  if [ ! -e "$stubs/made" ] || [ -n "$(find "$root/proto" -name '*.proto' -newer "$stubs/made")" ]; then
    mkdir -p "$stubs"
    protoc -I"$root/proto" --python_out="$stubs" "$root"/proto/voxeld/v1/*.proto
    touch "$stubs/made"
  fi
  export PYTHONPATH=$root/clients/python:$stubs PYTHONDONTWRITEBYTECODE=1
}

prepare_go() {
  (
    eval "$("$root/clients/go/prepare.sh" "$build/go")"
    go build -o "$build/demo/windmill" "$here/windmill/main.go"
  )
}

# ---- the daemon

start_daemon() {
  local ready
  "$build/bin/voxeld" --socket="$VOXELD_SOCKET" --data-dir="$out/data" --ready-fd=9 \
    9>"$scratch/ready" 2>>"$out/voxeld.log" &
  daemon=$!
  # The byte comes when the socket serves; the end of the file, if the daemon ended first.
  ready=$(head -c1 "$scratch/ready" | wc -c)
  if [ "$ready" = 0 ]; then
    cat "$out/voxeld.log" >&2
    exit 1
  fi
}

kill_daemon() {
  killed=$(date +%s.%N)
  kill -KILL "$daemon"
  wait "$daemon" 2>/dev/null || true
}

stop_daemon() {
  kill "$daemon" 2>/dev/null || true
  wait "$daemon" 2>/dev/null || true
  rm -rf "$scratch"
}

# ---- the clients, at the same time

declare -A clients=()

client() {
  local name=$1
  shift
  "$@" >"$out/$name.log" 2>&1 &
  clients[$name]=$!
}

wait_for_clients() {
  local name failed=0
  for name in "${!clients[@]}"; do
    if ! wait "${clients[$name]}"; then
      echo "demo: $name failed:" >&2
      sed 's/^/  /' "$out/$name.log" >&2
      failed=1
    fi
  done
  return $failed
}

# Of the lamplighter; one that failed gives none.
wait_for_sign() {
  read -r -t 60 -N1 -u8 && return
  wait_for_clients
  exit 1
}

prepare_python
prepare_go
scratch=$(mktemp -d)
export VOXELD_SOCKET=$scratch/voxeld.sock
mkfifo "$scratch/ready" "$scratch/signs"
exec 8<>"$scratch/signs"
trap stop_daemon EXIT
start_daemon
start=$SECONDS

"$voxctl" import $project "$here/village.vox" --actor demo --comment "village.vox imported" >"$out/import.log"
"$voxctl" render $project "$out/before.png" --views iso --size 480 >/dev/null
"$voxctl" add-layer $project balloon --actor demo --comment "a layer for the agent" >/dev/null

client lamps /usr/bin/python3 "$here/lamps.py" $project "$scratch/signs" "$out/lamps.json"
client python /usr/bin/python3 "$here/castle.py" $project
# A sign when the first lamp shines, and another one some lamps later: then all of them are at work.
wait_for_sign
client go "$build/demo/windmill" $project
client json-rpc "$here/rainbow.sh" $project
client agent /usr/bin/python3 "$here/agent.py" "$voxctl" $project "$out/agent.png"
client voxctl "$here/boat.sh" "$voxctl" $project
wait_for_sign
kill_daemon
start_daemon
served=$(date +%s.%N)
wait_for_clients

# Only the visitor's step is taken back, whatever came after it.
"$voxctl" undo $project --scope actor --actor visitor --comment "the visitor's slab taken back" >"$out/undo.log"

"$voxctl" render $project "$out/village.png" --views orbit:-25/30/1.35,front,right,top --size 640 >/dev/null
"$voxctl" export $project "$out/village.vox" >/dev/null
"$voxctl" export $project "$out/village.obj" >/dev/null

echo
"$voxctl" history.list_revisions --project $project --page_size 1000 -o json |
  /usr/bin/python3 "$here/report.py" "$killed" "$served" "$out/lamps.json"
echo
"$voxctl" show $project -o json | /usr/bin/python3 -c '
import json, sys
shown = json.load(sys.stdin)
voxels, colors, layers = int(shown["voxels"]), shown["distinct_colors"], len(shown["layers"])
print(f"  {voxels:,} voxels in {colors} colours on {layers} layers")'
echo "  edited, rendered and exported in $((SECONDS - start)) s; the files:"
for file in before.png village.png agent.png village.vox village.obj village.mtl; do
  [ -s "$out/$file" ] || { echo "demo: $out/$file is missing" >&2 && exit 1; }
  printf '    %-42s %9d bytes\n' "$out/$file" "$(stat -c %s "$out/$file")"
done
