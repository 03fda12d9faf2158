#!/bin/sh
# Compiles the program that people install: without the demo, for any Linux on x86-64 with glibc 2.28 or newer
# (Debian 10, Ubuntu 20.04, RHEL 8).
#
#   sh deploy/package/program.sh FOLDER     # FOLDER/antre, stripped, and FOLDER/antre.debug, its debug symbols
#
# The program holds no path of this machine, and no time. Its debug symbols name the folder of the build: zig's own parts
# were compiled there. Takes several minutes. TARGET chooses another target (`aarch64-unknown-linux-gnu.2.28`, `x86_64-unknown-linux-musl`); no other was
# ever tried. Linker and C compiler are zig's, from PyPI.
set -eu
folder=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/../.."

ZIGBUILD=0.24.1
ZIG=0.15.2
target=${TARGET:-x86_64-unknown-linux-gnu.2.28}
triple=${target%%.*}

fail() { printf 'program: %s\n' "$*" >&2; exit 1; }

tools=${CARGO_TARGET_DIR:-target}/tools/zig-$ZIG-$ZIGBUILD
if [ ! -x "$tools/bin/cargo-zigbuild" ]; then
    python3 -m venv "$tools" || fail "python3 has no venv: install python3-venv"
    "$tools/bin/pip" install --quiet --disable-pip-version-check "cargo-zigbuild==$ZIGBUILD" "ziglang==$ZIG" ||
        fail "pip could not install cargo-zigbuild and ziglang"
fi
command -v objcopy >/dev/null || fail "objcopy is missing: install binutils"
tools=$(cd "$tools" && pwd)
export PATH="$tools/bin:$PATH"

# No path of this machine stands in the program: neither in messages nor in debug symbols.
cargo_home=${CARGO_HOME:-$HOME/.cargo}
sysroot=$(rustc --print sysroot)
export RUSTFLAGS="--remap-path-prefix=$PWD=/antre --remap-path-prefix=$cargo_home=/cargo --remap-path-prefix=$sysroot=/rust"
export CFLAGS="-ffile-prefix-map=$PWD=/antre -ffile-prefix-map=$cargo_home=/cargo"
export CARGO_INCREMENTAL=0
cargo zigbuild --locked --profile dist --target "$target" -p antre-cli --no-default-features

built=${CARGO_TARGET_DIR:-target}/$triple/dist/antre
cp "$built" "$folder/antre"
(
    cd "$folder"
    objcopy --only-keep-debug --compress-debug-sections antre antre.debug
    # Without a link to the symbols: it would hold their checksum, and they name the folder of the build.
    objcopy --strip-all antre
    chmod 755 antre
    chmod 644 antre.debug
)
