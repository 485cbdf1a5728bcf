#!/usr/bin/env bash
# The figures promised for projects on disk, in one run: bench/store.sh BUILD_DIR [DIR]. DIR is
# where the data directories are made, on the disk that is to be measured; BUILD_DIR if not given.
# Prints value, bound, whether it is met and what stands beside it, and writes
# bench/results/HOST/store.csv.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:?build directory}" && pwd)
VOXELD_BUILD=$build PYTHONPATH=$here/../clients/python:$build/python exec /usr/bin/python3 "$here/store.py" "${2:-$build}"
