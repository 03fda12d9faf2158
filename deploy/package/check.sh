#!/bin/sh
# Builds what is committed again, in another folder and with nothing left from before, and compares it with
# target/packages: the same bytes in every file but the debug symbols, which name the folder of the build.
#
#   sh deploy/package/build.sh && sh deploy/package/check.sh
set -eu
cd "$(dirname "$0")/../.."

fail() { printf 'package check: %s\n' "$*" >&2; exit 1; }

[ -e target/packages/SHA256SUMS ] || fail "nothing to compare with; run first: sh deploy/package/build.sh"
[ -z "$(git status --porcelain)" ] || fail "something is not committed: commit it and build anew"
place=$(mktemp -d "${TMPDIR:-/var/tmp}/antre-package-check.XXXXXX")
trap 'rm -rf "$place"' EXIT
mkdir "$place/source"
git archive HEAD | tar --extract --directory "$place/source"
# Tools are the same; what is compiled is not.
mkdir -p "$place/source/target"
ln -s "$PWD/target/tools" "$place/source/target/tools"
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) sh "$place/source/deploy/package/build.sh" "$place/again"
grep -v '\.debug\.gz$' target/packages/SHA256SUMS >"$place/expected"
(cd "$place/again" && sha256sum --check "$place/expected")
printf 'package check: both builds are the same, byte for byte, but for the debug symbols\n'
