#!/usr/bin/env bash
# The demo's command line: a boat on the pond, and a mistake for the demo to take back.
#
#   boat.sh VOXCTL PROJECT        (the daemon is at $VOXELD_SOCKET)
set -euo pipefail
project=$2
voxctl=$1
# Each command waits for a daemon that is started again, and is done once however often it was sent.
run() { "$voxctl" --wait 20 "$@"; }
draw() { run "$@" --layer boat --actor voxctl; }

run add-layer "$project" boat --actor voxctl --comment "a layer for the boat"
draw ball "$project" -37,-29,3 -17,-19,11 --color '#8a5a33' --clip=-37,-29,4:-17,-19,8 --comment hull
draw clear "$project" -33,-26,6 -21,-22,8 --comment "room inside"
draw line "$project" -27,-24,5,-27,-24,24 --color '#4a3626' --comment mast
draw cone "$project" -27,-24,9 -15,-23,24 --color '#fdf6e3' --comment sail
run box "$project" -20,-20,40 30,20,44 --color '#ff00ff' --layer boat --actor visitor \
  --comment "a mistake: a magenta slab over the village"
