#!/bin/sh
# Runs the README's commands where nothing is installed but a Rust toolchain: in a Debian root of its own
# (mmdebstrap, minbase), on a copy of what is committed. So a step that deploy/setup.sh forgets is found, and
# a test that needs a program which only a developer's machine has.
#
#   sh tests/fresh.sh                   both commands of README.md, "Try it" and "Develop"
#   sh tests/fresh.sh 'COMMAND'         another one, in the checkout
#
# Needs root, mmdebstrap, and the network for Debian's packages and crates. Takes half an hour and 8 GB; the
# root is removed afterwards, or kept with KEEP=1. SUITE chooses the release of Debian.
set -eu
cd "$(dirname "$0")/.."

say() { printf 'fresh: %s\n' "$*"; }
fail() { printf 'fresh: %s\n' "$*" >&2; exit 1; }

[ "$(id -u)" -eq 0 ] || fail "run as root: the commands run in a root of their own"
command -v mmdebstrap >/dev/null || fail "mmdebstrap is missing: apt-get install mmdebstrap"

# The commands as the README has them, so that they cannot drift apart.
readme_commands() { sed -n 's/^\(sh deploy\/setup\.sh && .*\)$/\1/p' README.md; }

root=$(mktemp -d "${TMPDIR:-/var/tmp}/antre-fresh.XXXXXX")
remove() {
    if [ "${KEEP:-}" = 1 ]; then say "kept: $root"; else rm -rf --one-file-system "$root"; fi
}
trap remove EXIT

say "a Debian root in $root"
mmdebstrap --quiet --variant=minbase --include=ca-certificates "${SUITE:-bookworm}" "$root"

say "the Rust toolchain and the checkout"
mkdir -p "$root/opt/rust" "$root/srv/antre" "$root/srv/cargo"
cp -a "$(rustc --print sysroot)/." "$root/opt/rust/"
git archive HEAD | tar -x -C "$root/srv/antre"
cp /etc/resolv.conf "$root/etc/resolv.conf"
# Every installed machine has it; a bare root has not.
printf '127.0.0.1 localhost\n' >"$root/etc/hosts"
# Behind a company's proxy only this machine's authorities are believed.
authorities=/etc/ssl/certs/ca-certificates.crt
if [ -e "$authorities" ]; then cp "$authorities" "$root$authorities"; fi

# In namespaces of their own: what a command leaves running ends with it, and mounts go by themselves.
inside() {
    unshare --mount --pid --fork --kill-child sh -euc '
        mount -t proc proc "$1/proc"
        mount --rbind /dev "$1/dev"
        exec chroot "$1" /usr/bin/env -i HOME=/srv CARGO_HOME=/srv/cargo LANG=C.UTF-8 \
            PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
            PATH=/opt/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            sh -euc "cd /srv/antre && $2"
    ' inside "$root" "$1"
}

if [ $# -gt 0 ]; then
    say "$1"
    inside "$1"
else
    count=0
    while IFS= read -r command; do
        say "$command"
        inside "$command" </dev/null
        count=$((count + 1))
    done <<COMMANDS
$(readme_commands)
COMMANDS
    [ "$count" -eq 2 ] || fail "README.md has $count commands that begin with sh deploy/setup.sh, not 2"
fi
say "all passed"
