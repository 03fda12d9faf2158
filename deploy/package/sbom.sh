#!/bin/sh
# Prints what the program is built from: every crate with its version, licence and checksum, as CycloneDX.
#
#   sh deploy/package/sbom.sh >antre.cdx.json
set -eu
cd "$(dirname "$0")/../.."

CYCLONEDX=0.5.9
PATH=$PWD/target/tools/packages/bin:$PATH
command -v cargo-cyclonedx >/dev/null ||
    cargo install --quiet cargo-cyclonedx --version "$CYCLONEDX" --locked --debug --root target/tools/packages >&2

# It writes a file beside every manifest, so it gets manifests of its own.
place=$(mktemp -d)
trap 'rm -r "$place"' EXIT
tar --create --exclude=./target --exclude=./.git . | tar --extract --directory "$place"
cd "$place"
cargo cyclonedx --quiet --manifest-path crates/antre-cli/Cargo.toml --no-default-features --format json \
    --target x86_64-unknown-linux-gnu --override-filename antre.cdx
sed "s|$place|/antre|g" crates/antre-cli/antre.cdx.json
