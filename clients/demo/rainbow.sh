#!/usr/bin/env bash
# The demo's JSON-RPC client, with nothing but socat: a rainbow behind the village. What a killed
# daemon did not answer is sent again: the request ids see to it that it is done once.
#
#   rainbow.sh PROJECT        (the daemon is at $VOXELD_SOCKET)
set -euo pipefail
project=$1

requests() {
  local write='"write":{"actor":"json-rpc","comment":"a rainbow","request_id":"rainbow"}' edits='' major=54 color
  echo '{"jsonrpc":"2.0","id":"layer","method":"layer.create","params":{"project":"'"$project"'",
    "layer":{"layer":"rainbow","title":"rainbow"},"write":{"actor":"json-rpc","comment":"a layer for the rainbow",
      "request_id":"rainbow-layer"}}}' |
    tr -d '\n'
  echo
  for color in e8433f f28c28 f7d038 5dbb46 3c8fd9 4b54b8 8a4fae; do
    edits+="${edits:+,}"'{"layer":"rainbow","clip":{"min":[-70,40,6],"max":[70,60,80]},
      "torus":{"center":[0,48,4],"axis":"y","major":'$major',"minor":1,"color":"#'$color'"}}'
    major=$((major - 2))
  done
  echo '{"jsonrpc":"2.0","id":"rainbow","method":"voxel.apply_edits","params":{"project":"'"$project"'",
    "edits":['"$edits"'],'"$write"'}}' | tr -d '\n'
  echo
}

end=$((SECONDS + 20))
replies=''
until grep -q '"id":"rainbow"' <<<"$replies"; do
  [ $SECONDS -lt $end ] || exit 1
  replies=$(requests | socat -t20 - "UNIX-CONNECT:$VOXELD_SOCKET" || true)
done
echo "$replies"
if grep -q '"error"' <<<"$replies"; then exit 1; fi
