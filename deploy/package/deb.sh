#!/bin/sh
# Makes the Debian package of a program: crates/antre-cli/Cargo.toml says what is in it.
#
#   sh deploy/package/deb.sh PROGRAM FOLDER     # FOLDER/antre_VERSION_amd64.deb
#
# Needs cargo-deb (`sh deploy/setup.sh packages`). What stands behind FOLDER are options of cargo-deb, such as
# --deb-version VERSION.
set -eu
program=$(realpath "$1")
folder=$(mkdir -p "$2" && cd "$2" && pwd)
shift 2
cd "$(dirname "$0")/../.."
PATH=$PWD/target/tools/packages/bin:$PATH

# cargo-deb takes programs from a target folder only.
target=$(mktemp -d)
trap 'rm -r "$target"' EXIT
mkdir "$target/release"
cp "$program" "$target/release/antre"
CARGO_TARGET_DIR=$target cargo deb --quiet --no-build --no-strip --locked -p antre-cli --output "$folder" "$@"
