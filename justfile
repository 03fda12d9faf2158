# Recipes for people who work on Antre. `just` alone lists them.

set shell := ["bash", "-euo", "pipefail", "-c"]

[private]
default:
    @"{{ just_executable() }}" --list --unsorted

# Install what building and testing need (redis-server, a C compiler)
setup:
    sh deploy/setup.sh

# Send sample invoices to the simulator, on a Redis of its own
demo *options:
    cargo run --release --bin antre -- demo {{ options }}

# Keep the demo's set-up running for your own application
dev *options:
    cargo run --bin antre -- dev {{ options }}

# Run all tests, or those whose name contains a text
test *filter:
    cargo test --workspace {{ filter }}

# The tests of deploy/kustomize: as root, after `sh deploy/setup.sh pods`
test-pods *filter:
    cargo build --bin antre
    cargo test -p antre-tests --test pods {{ filter }}

# All tests, or some, on each of the other servers (Valkey, a newer Redis), after `sh deploy/setup.sh servers`
test-servers *options:
    sh tests/servers.sh {{ options }}

# The tests of the package, the services, the image and compose.yaml: as root, after `sh deploy/setup.sh packages`
test-packages *filter:
    cargo build --bin antre
    cargo test -p antre-tests --test packages {{ filter }}

# Make what is installed without a compiler, in target/packages: package, archive, image. Takes minutes
package:
    sh deploy/package/build.sh

# Build what is committed again, elsewhere, and compare it with target/packages byte for byte, but for debug symbols
package-check:
    sh deploy/package/check.sh

# Everything that must pass before a change is merged
ci:
    .ci/run

# Writes anew: deploy/antre.example.toml and docs/options.md from the options, deploy/debian from the command line
generate:
    UPDATE_PAGES=1 cargo test -p antre-cli --bin antre pages

# The README's commands in a Debian root with nothing but a Rust toolchain: half an hour, needs root and mmdebstrap
fresh *command:
    sh tests/fresh.sh {{ if command == "" { "" } else { quote(command) } }}

# Format all code
fmt:
    cargo fmt --all

# Show what clippy finds, warnings as errors
lint:
    cargo clippy --workspace --all-targets -- -D warnings

# Build the documentation, warnings as errors
doc *options:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps {{ options }}

# Check licences, sources and who may use which library
deny:
    cargo deny --all-features check --hide-inclusion-graph bans licenses sources

# Speed is measured by binaries of tests/ that print a table, never by a test. Each has a recipe of its own name.
[private]
measure name *options:
    cargo run --release -p antre-tests --bin {{ name }} -- {{ options }}

# All tables, one after the other: about eight minutes
bench: table-fleet table-idle table-backlog

# The demo with 1, 4 and 16 workers, and with workers that are stopped and continued
table-fleet: && (measure "table_fleet")
    cargo build --release --bin antre

# What an idle worker asks of Redis, and how soon a submitted job is at Xendit
table-idle: (measure "table_idle")

# One billing application in three variants, and what each makes of a month that goes wrong: 15 minutes. --only outage
table-billing *options: && (measure "table_billing" options)
    cargo build --release --bin antre

# What the gateway adds to a create, what a caller that waits costs, and repeats a second: a minute, on Linux
table-gateway: && (measure "table_gateway")
    cargo build --release --bin antre

# How large what `just package` made is, how soon its worker starts, and the memory of an idle one
table-package: (measure "table_package")

# Twenty fail-overs by Sentinels under load: what became of every bill
fail-overs: && (measure "fail_overs")
    cargo build --release --bin antre

# What a Redis that is 1 to 50 ms away costs: about three minutes
table-distance: && (measure "table_distance")
    cargo build --release --bin antre

# What a backlog of 100,000 jobs costs, with the limit lifted
table-backlog: (measure "table_backlog")

# What a fleet and a thousand accounts cost Redis, and how much of their limits they use: about three minutes, on Linux
table-scale: && (measure "table_scale")
    cargo build --release --bin antre

# What an invoice costs Redis beside BullMQ; it needs Node and: npm install --prefix tests/peers
table-peers *options: && (measure "table_peers" options)
    cargo build --release --bin antre

# Break workers, Redis, Xendit and the network at random, then check and print: just chaos --minutes 5 --seed 1
chaos *options: && (measure "chaos" options)
    cargo build --release --bin antre

# Break the Lua scripts one place at a time and see whether a test notices: just mutate-lua --max 40 --seed 1
mutate-lua *options:
    python3 tests/mutate_lua.py {{ options }}

# One bad neighbour at a time, and what it costs the others, in about 18 minutes: just table-neighbours --only egress-502
table-neighbours *options: && (measure "table_neighbours" options)
    cargo build --release --bin antre
