#!/usr/bin/env bash
# The figures promised for the whole daemon, in one run: bench/targets.sh BUILD_DIR. Prints value,
# bound and whether it is met, and writes bench/results/HOST/targets.csv. The driver and the daemon
# share the machine's processors.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:?build directory}" && pwd)
VOXELD_BUILD=$build PYTHONPATH=$here/../clients/python:$build/python exec /usr/bin/python3 "$here/targets.py"
