#!/usr/bin/env bash
# JSON-RPC from a shell, with socat: requests are lines, and so are the replies.
#
#   shell.sh [PROJECT]        (the daemon is at $VOXELD_SOCKET, or on the default socket)
set -euo pipefail
project=${1:-shed}
socket=${VOXELD_SOCKET:-${XDG_RUNTIME_DIR:-/run}/voxeld/voxeld.sock}

# rpc METHOD PARAMS: prints the reply; fails if it is an error.
rpc() {
  local reply
  reply=$(echo '{"jsonrpc":"2.0","id":1,"method":"'"$1"'","params":'"${2//$'\n'/}"'}' | socat -t10 - "UNIX-CONNECT:$socket")
  echo "$reply"
  [[ $reply == '{"jsonrpc":"2.0","id":1,"result":'* ]]
}

rpc project.create '{"project":"'"$project"'"}'
rpc voxel.apply_edits '{"project":"'"$project"'","edits":[
  {"box":{"box":{"min":[0,0,0],"max":[8,8,5]},"color":"#887766","wall":1}},
  {"cone":{"box":{"min":[-1,-1,5],"max":[9,9,10]},"color":"#bb4433"}}]}'
rpc inspect.summarize '{"project":"'"$project"'"}'
# Several requests on one connection: an array is a batch, answered by an array.
socat -t10 - "UNIX-CONNECT:$socket" <<END
[{"jsonrpc":"2.0","id":"a","method":"history.undo","params":{"project":"$project"}},{"jsonrpc":"2.0","id":"b","method":"history.redo","params":{"project":"$project"}}]
END
