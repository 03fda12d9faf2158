#!/bin/sh
# Makes everything that is installed without a compiler, in target/packages or FOLDER:
#
#   sh deploy/package/build.sh [FOLDER]
#
#   antre_VERSION-1_amd64.deb              Debian, Ubuntu
#   antre-VERSION-x86_64-linux.tar.gz      any other Linux: program, units, man pages, completions
#   antre-VERSION-image.tar.gz             the container image
#   antre-VERSION-x86_64-linux.debug.gz    debug symbols of the program in all three
#   antre-VERSION.cdx.json                 what it was built from (CycloneDX)
#   SHA256SUMS
#
# It is the working tree that is built. `sh deploy/package/check.sh` builds the same again elsewhere and compares.
set -eu
cd "$(dirname "$0")/../.."
folder=${1:-target/packages}

say() { printf 'package: %s\n' "$*"; }

if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) ||
        { say "no commit here to take the time from: set SOURCE_DATE_EPOCH, in Unix seconds" >&2; exit 1; }
    export SOURCE_DATE_EPOCH
fi
version=$(sh deploy/package/version.sh)
name=antre-$version-x86_64-linux
rm -rf "$folder"
mkdir -p "$folder"
place=$(mktemp -d)
trap 'rm -r "$place"' EXIT

say "the program, which takes minutes"
sh deploy/package/program.sh "$place"

say "antre_$version-1_amd64.deb"
sh deploy/package/deb.sh "$place/antre" "$folder"

say "$name.tar.gz"
mkdir "$place/$name"
cp -r "$place/antre" LICENSE CHANGELOG.md PROTOCOL.md deploy/antre.example.toml deploy/systemd deploy/debian/antre.toml \
    deploy/debian/man deploy/debian/completions "$place/$name"
tar --create --directory "$place" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    --mode=u=rwX,go=rX "$name" | gzip --no-name -9 >"$folder/$name.tar.gz"
gzip --no-name -9 <"$place/antre.debug" >"$folder/$name.debug.gz"

say "antre-$version-image.tar.gz"
sh deploy/package/image.sh "$place/antre" "$folder"

say "antre-$version.cdx.json"
sh deploy/package/sbom.sh >"$folder/antre-$version.cdx.json"

(cd "$folder" && sha256sum -- * >SHA256SUMS.new && mv SHA256SUMS.new SHA256SUMS)
ls -l "$folder"
