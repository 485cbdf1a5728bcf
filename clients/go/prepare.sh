#!/usr/bin/env bash
# Makes a GOPATH with this package, the stubs generated from proto/, and Debian's Go libraries, so
# that everything builds without a network. Prints the settings for the shell:
#   eval "$(clients/go/prepare.sh DIR)" && go test github.com/voxeld/voxeld/clients/go
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
proto=$(cd "$here/../../proto" && pwd)
mkdir -p "${1:?directory}"
dir=$(cd "$1" && pwd)
package=github.com/voxeld/voxeld/clients/go
target=$dir/src/$package

mkdir -p "$target/voxeldv1"
cp "$here"/*.go "$target/"
options=()
for file in "$proto"/voxeld/v1/*.proto; do
  options+=("--go_opt=M${file#"$proto"/}=$package/voxeldv1" "--go-grpc_opt=M${file#"$proto"/}=$package/voxeldv1")
done
if [ ! -e "$target/voxeldv1/made" ] || [ -n "$(find "$proto" -name '*.proto' -newer "$target/voxeldv1/made")" ]; then
  protoc -I"$proto" --go_out="$dir/src" --go-grpc_out="$dir/src" "${options[@]}" "$proto"/voxeld/v1/*.proto
  touch "$target/voxeldv1/made"
fi
echo "export GO111MODULE=off GOFLAGS= GOPATH='$dir:/usr/share/gocode' GOCACHE='$dir/cache'"
