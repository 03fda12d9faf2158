#!/bin/sh
# Runs tests on the servers of `sh deploy/setup.sh servers`, one after the other. A test starts the `redis-server` that it
# finds on its PATH, and that is the only thing that is changed here: nothing is compiled anew.
#
#   sh tests/servers.sh                  # all tests of the workspace
#   sh tests/servers.sh --bounded        # those that a server may fail, in a few minutes
#   sh tests/servers.sh --test fault     # or any options of `cargo test`
set -eu
cd "$(dirname "$0")/.."
servers=$PWD/target/tools/servers
system_path=$PATH

# Scripts and functions, blocking reads, pub/sub, rights, persistence, restart, replicas, and the model's random courses.
bounded() {
    cargo test --workspace --locked --test scripts --test server
    cargo test --workspace --locked --test integration -- \
        after_outages:: apalis_reading:: idling:: leases:: notifying:: ordering:: roles::
    cargo test --workspace --locked --test model -- --skip exhaustive
    cargo test --workspace --locked --test fault -- cut_primary:: full_redis:: redis_outages:: replicas:: server_changes::
    cargo test --workspace --locked --test command -- managed:: rights::
}

# The package's Valkey is built without TLS.
all() {
    case $1 in
    valkey-*)
        cargo test --workspace --locked -- --skip a_server_with_the_certificate_of_ \
            --skip a_server_that_asks_for_a_certificate_ --skip what_speaks_another_protocol_than_
        ;;
    *) cargo test --workspace --locked ;;
    esac
}

# Some tests start the program itself.
cargo test --workspace --locked --no-run --quiet
found=""
for program in "$servers"/*/redis-server; do
    [ -x "$program" ] || continue
    server=$(basename "$(dirname "$program")")
    PATH=$(dirname "$program"):$system_path
    export PATH
    redis-server --version | grep -q " v=${server#*-} " || { echo "servers: $program is not $server" >&2; exit 1; }
    found="$found $server"
    printf '\n== on %s\n' "$server"
    case ${1:-} in
    --bounded) bounded ;;
    '') all "$server" ;;
    *) cargo test --workspace --locked "$@" ;;
    esac
done
[ -n "$found" ] || { echo "servers: none is there; run: sh deploy/setup.sh servers" >&2; exit 1; }
printf '\nservers: all passed on%s\n' "$found"
