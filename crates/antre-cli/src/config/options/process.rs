//! Options of the whole process; they stand at the top of the file.

use super::{MINUTE, PLAIN, SECOND, Setting, TRUTH, Taken, ms, numbers, times};

pub(crate) const REDIS_URL: Setting = Setting {
    name: "redis_url",
    variable: "ANTRE_REDIS_URL",
    fallback: Some("REDIS_URL"),
    default: "redis://127.0.0.1:6379",
    doc: "The Redis (7.0 or newer) that holds everything. `rediss://` for TLS, `redis+unix:///path/redis.sock` for a \
          socket, `redis-sentinel://HOST:26379,HOST:26379/0?master=NAME` for a primary that Sentinels know, \
          `redis-cluster://HOST:6379,HOST:6379` for a Redis Cluster. A URL with a password stands in the variable only; \
          write `@ : / # ? %` in a password as `%40 %3A %2F %23 %3F %25`.",
    ..PLAIN
};

pub(crate) const REDIS_CA_FILE: Setting = Setting {
    name: "redis_ca_file",
    variable: "ANTRE_REDIS_CA_FILE",
    example: "/etc/antre/redis-authority.pem",
    doc: "With TLS: a file with the certificate (PEM) of the private authority that issued the Redis server's. \
          No other authority is believed then. Without it, the public ones are.",
    ..PLAIN
};

pub(crate) const REDIS_CLIENT_CERT_FILE: Setting = Setting {
    name: "redis_client_cert_file",
    variable: "ANTRE_REDIS_CLIENT_CERT_FILE",
    example: "/etc/antre/redis-client.pem",
    doc: "With TLS: a file with the certificate (PEM) that the Redis server asks of its clients.",
    ..PLAIN
};

pub(crate) const REDIS_CLIENT_KEY_FILE: Setting = Setting {
    name: "redis_client_key_file",
    variable: "ANTRE_REDIS_CLIENT_KEY_FILE",
    example: "/run/secrets/redis-client.key",
    doc: "A file with the private key (PEM) of `redis_client_cert_file`.",
    ..PLAIN
};

pub(crate) const REDIS_USERNAME: Setting = Setting {
    name: "redis_username",
    variable: "ANTRE_REDIS_USERNAME",
    example: "antre-worker",
    doc: "The Redis user, in place of the URL's.",
    ..PLAIN
};

pub(crate) const REDIS_PASSWORD_FILE: Setting = Setting {
    name: "redis_password_file",
    variable: "ANTRE_REDIS_PASSWORD_FILE",
    example: "/run/secrets/redis-password",
    doc: "A file that holds the Redis password, as it is: no character is encoded. It counts more than the URL's.",
    ..PLAIN
};

pub(crate) const REDIS_SENTINELS: Setting = Setting {
    name: "redis_sentinels",
    variable: "ANTRE_REDIS_SENTINELS",
    example: "sentinel-1:26379, sentinel-2:26379, sentinel-3:26379",
    doc: "The Sentinels that know which Redis server is the primary, in place of `redis_url`. With `redis_ca_file` or \
          `redis_client_cert_file` they and the server are reached over TLS.",
    ..PLAIN
};

pub(crate) const REDIS_SENTINEL_MASTER: Setting = Setting {
    name: "redis_sentinel_master",
    variable: "ANTRE_REDIS_SENTINEL_MASTER",
    example: "mymaster",
    doc: "The name under which the Sentinels know the primary: the word behind `sentinel monitor` in `sentinel.conf`.",
    ..PLAIN
};

pub(crate) const REDIS_CLUSTER: Setting = Setting {
    name: "redis_cluster",
    variable: "ANTRE_REDIS_CLUSTER",
    example: "node-1:6379, node-2:6379, node-3:6379",
    doc: "Some nodes of the Redis Cluster that shares the accounts out among its servers, in place of `redis_url`. They \
          name the others. With `redis_ca_file` or `redis_client_cert_file` all are reached over TLS.",
    ..PLAIN
};

pub(crate) const REDIS_SENTINEL_USERNAME: Setting = Setting {
    name: "redis_sentinel_username",
    variable: "ANTRE_REDIS_SENTINEL_USERNAME",
    example: "antre",
    doc: "The user at the Sentinels, if they ask for one.",
    ..PLAIN
};

pub(crate) const REDIS_SENTINEL_PASSWORD_FILE: Setting = Setting {
    name: "redis_sentinel_password_file",
    variable: "ANTRE_REDIS_SENTINEL_PASSWORD_FILE",
    example: "/run/secrets/sentinel-password",
    doc: "A file that holds the password for the Sentinels, if they ask for one.",
    ..PLAIN
};

pub(crate) const HTTP_LISTEN: Setting = Setting {
    name: "http_listen",
    variable: "ANTRE_HTTP_LISTEN",
    default: "127.0.0.1:8080",
    doc: "Where `antre worker` and `antre serve` answer by HTTP: status, health, probes, metrics. `off` turns it off. \
          An address other than loopback needs a token; everything but probes then asks for it.",
    ..PLAIN
};

pub(crate) const HTTP_TOKEN_FILE: Setting = Setting {
    name: "http_token_file",
    variable: "ANTRE_HTTP_TOKEN_FILE",
    example: "/run/secrets/antre-token",
    doc: "A file that holds the token, at least 16 characters. The token itself may stand in the variable \
          `ANTRE_HTTP_TOKEN` instead. Requests that change something must carry it. On an address other than loopback \
          all requests must, except probes.",
    ..PLAIN
};

pub(crate) const HTTP_HOSTS: Setting = Setting {
    name: "http_hosts",
    variable: "ANTRE_HTTP_HOSTS",
    example: "antre.internal",
    doc: "Names and addresses under which the HTTP server is reached, beside loopback's and its own. A request under \
          another name is refused (421), except probes and requests that carry the token and only read.",
    ..PLAIN
};

pub(crate) const HTTP_METRICS: Setting = Setting {
    name: "http_metrics",
    variable: "ANTRE_HTTP_METRICS",
    default: "token",
    taken: Taken::Words(&["token", "open"]),
    doc: "Who may read `/metrics` and `/metrics/fleet` where other machines can ask. `open`: everybody, without a token and under any name.",
    ..PLAIN
};

pub(crate) const GATEWAY_LISTEN: Setting = Setting {
    name: "gateway_listen",
    variable: "ANTRE_GATEWAY_LISTEN",
    default: "off",
    doc: "Where `antre worker` and `antre gateway` answer Xendit's own invoice calls, such as `127.0.0.1:8090`. It is never \
          the port of `http_listen`. `off` turns it off. Each request carries a key, so an address other than loopback \
          needs `gateway_behind_tls`.",
    ..PLAIN
};

pub(crate) const GATEWAY_BEHIND_TLS: Setting = Setting {
    name: "gateway_behind_tls",
    variable: "ANTRE_GATEWAY_BEHIND_TLS",
    default: "false",
    taken: TRUTH,
    doc: "Says that a proxy with TLS stands in front of the gateway, so that it may listen on an address other than \
          loopback.",
    ..PLAIN
};

pub(crate) const GATEWAY_WAIT: Setting = Setting {
    name: "gateway_wait",
    variable: "ANTRE_GATEWAY_WAIT",
    default: "25s",
    taken: times(
        ms(0, 2 * MINUTE),
        ms(0, 2 * MINUTE),
        "most HTTP clients give up after 30 to 60 seconds",
    ),
    doc: "How long the gateway holds a caller whose invoice is not there yet, unless the caller says otherwise by \
          `Prefer: wait=N`. It should be shorter than the time-out of callers and proxies.",
    ..PLAIN
};

pub(crate) const GATEWAY_WAITING_MAX: Setting = Setting {
    name: "gateway_waiting_max",
    variable: "ANTRE_GATEWAY_WAITING_MAX",
    default: "1000",
    taken: numbers(1, 100_000, "each waiting caller needs a connection and some memory"),
    doc: "How many callers may wait in this process. Others get 503 `ANTRE_BUSY` at once. Twice as many connections are \
          taken.",
    ..PLAIN
};

pub(crate) const GATEWAY_PRIORITY: Setting = Setting {
    name: "gateway_priority",
    variable: "ANTRE_GATEWAY_PRIORITY",
    default: "high",
    taken: Taken::Words(&["high", "normal", "low"]),
    doc: "The priority of bills that come through the gateway without `X-Antre-Priority`. Somebody waits for them.",
    ..PLAIN
};

pub(crate) const GATEWAY_CHECK_FIRST: Setting = Setting {
    name: "gateway_check_first",
    variable: "ANTRE_GATEWAY_CHECK_FIRST",
    default: "false",
    taken: TRUTH,
    doc: "Begin the first job of every bill that comes through the gateway with a look-up. For the time of the move: the \
          program may have made the invoice at Xendit itself. It costs one more request for each bill.",
    ..PLAIN
};

pub(crate) const DURABILITY: Setting = Setting {
    name: "durability",
    variable: "ANTRE_DURABILITY",
    default: "auto",
    taken: Taken::Words(&["auto", "local", "replicated"]),
    doc: "When a claim counts as kept. `local`: when Redis has it. `replicated`: when one replica has it as well. `auto`: \
          `replicated` once a replica was seen, else `local`.",
    ..PLAIN
};

pub(crate) const GRACE: Setting = Setting {
    name: "grace",
    variable: "ANTRE_GRACE",
    default: "20s",
    taken: times(
        ms(0, 10 * MINUTE),
        ms(SECOND, 10 * MINUTE),
        "a shorter one leaves requests unfinished at each stop, with a longer one a worker does not end",
    ),
    doc: "How long running requests may take after the order to stop. It should be longer than `request_timeout`.",
    ..PLAIN
};

pub(crate) const LOG_FORMAT: Setting = Setting {
    name: "log_format",
    variable: "ANTRE_LOG_FORMAT",
    default: "text",
    taken: Taken::Words(&["text", "json"]),
    doc: "How lines of the log look on standard error. `json`: one object a line. How much is logged stands in the \
          variable `ANTRE_LOG`, else `RUST_LOG`: `info`, or `antre_worker=debug,warn`.",
    ..PLAIN
};

/// All of them, in the order of the pages.
pub(crate) const PROCESS: [&Setting; 24] = [
    &REDIS_URL,
    &REDIS_CA_FILE,
    &REDIS_CLIENT_CERT_FILE,
    &REDIS_CLIENT_KEY_FILE,
    &REDIS_USERNAME,
    &REDIS_PASSWORD_FILE,
    &REDIS_SENTINELS,
    &REDIS_SENTINEL_MASTER,
    &REDIS_CLUSTER,
    &REDIS_SENTINEL_USERNAME,
    &REDIS_SENTINEL_PASSWORD_FILE,
    &HTTP_LISTEN,
    &HTTP_TOKEN_FILE,
    &HTTP_HOSTS,
    &HTTP_METRICS,
    &GATEWAY_LISTEN,
    &GATEWAY_BEHIND_TLS,
    &GATEWAY_WAIT,
    &GATEWAY_WAITING_MAX,
    &GATEWAY_PRIORITY,
    &GATEWAY_CHECK_FIRST,
    &DURABILITY,
    &GRACE,
    &LOG_FORMAT,
];
