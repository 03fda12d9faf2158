#!/bin/sh
# Makes the container image of a program that is built already, without a daemon: the last stage of deploy/Containerfile.
#
#   sh deploy/package/image.sh PROGRAM FOLDER     # FOLDER/antre-VERSION-image.tar.gz: docker load, podman load
#
# Needs buildah, and root or user namespaces. SOURCE_DATE_EPOCH is the time that the image carries.
set -eu
program=$(realpath "$1")
folder=$(mkdir -p "$2" && cd "$2" && pwd)
cd "$(dirname "$0")/../.."

version=$(sh deploy/package/version.sh)
place=$(mktemp -d)
store() { buildah --storage-driver vfs --root "$place/store" --runroot "$place/run" "$@"; }
remove() { store rmi --all --force >/dev/null 2>&1 || true; rm -rf "$place"; }
trap remove EXIT

sh deploy/package/root.sh "$program" "$place/build/image"
mkdir "$place/empty"
store build --quiet --isolation chroot --timestamp "${SOURCE_DATE_EPOCH:-0}" --build-context "build=$place/build" \
    --file deploy/Containerfile --tag "localhost/antre:$version" "$place/empty" >/dev/null
archive=antre-$version-image.tar
store push --quiet "localhost/antre:$version" "docker-archive:$place/$archive:antre:$version"
gzip --no-name -9 "$place/$archive"
mv "$place/$archive.gz" "$folder/"
