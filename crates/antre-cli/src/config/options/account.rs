//! Options of an account; at the top of the file they hold for every account that says nothing else.

use super::{DAY, HOUR, MINUTE, PLAIN, SECOND, Setting, TRUTH, Taken, ms, numbers, times};

pub(crate) const SECRET_KEY_ENV: Setting = Setting {
    name: "secret_key_env",
    variable: "ANTRE_SECRET_KEY_ENV",
    example: "XENDIT_SECRET_KEY",
    doc: "The name of the variable that holds the account's secret key. The mode follows from the key: test or live. Only \
          `default` has such a variable without being told: `XENDIT_SECRET_KEY`.",
    ..PLAIN
};

pub(crate) const SECRET_KEY_FILE: Setting = Setting {
    name: "secret_key_file",
    variable: "ANTRE_SECRET_KEY_FILE",
    example: "/run/secrets/xendit",
    doc: "Or a file that holds the key.",
    ..PLAIN
};

pub(crate) const BASE_URL: Setting = Setting {
    name: "base_url",
    variable: "ANTRE_BASE_URL",
    fallback: Some("XENDIT_BASE_URL"),
    default: "https://api.xendit.co",
    doc: "Where Xendit is. A live key needs `https`.",
    ..PLAIN
};

pub(crate) const FOR_USER_ID: Setting = Setting {
    name: "for_user_id",
    variable: "ANTRE_FOR_USER_ID",
    example: "62c5b1d4e4a3f0001b2c3d4e",
    doc: "The business id of a sub-account (xenPlatform): all of the account's requests carry it in the header `for-user-id`. \
          Two accounts may have one key if they differ in this.",
    ..PLAIN
};

pub(crate) const LIMITS: Setting = Setting {
    name: "limits",
    variable: "ANTRE_LIMITS",
    example: "2/1s,60/1m",
    doc: "At most N requests in any window, for all workers together. One to four limits; the first sets the pace. Without \
          this option: `2/1s`, and what Xendit documents per minute for the key's mode, `60/1m` for a test key and \
          `600/1m` for a live one.",
    ..PLAIN
};

pub(crate) const CONCURRENCY: Setting = Setting {
    name: "concurrency",
    variable: "ANTRE_CONCURRENCY",
    default: "5",
    taken: numbers(1, 1_000, "each running request holds a connection and a job"),
    doc: "Requests of one worker for the account that may run at once. More helps when answers are slow.",
    ..PLAIN
};

pub(crate) const REQUEST_TIMEOUT: Setting = Setting {
    name: "request_timeout",
    variable: "ANTRE_REQUEST_TIMEOUT",
    default: "15s",
    taken: times(
        ms(100, 10 * MINUTE),
        ms(SECOND, 2 * MINUTE),
        "a shorter one gives up on answers that come, a longer one keeps unclear jobs waiting",
    ),
    doc: "From a request's first byte to the end of its answer. Must be longer than `connect_timeout`.",
    ..PLAIN
};

pub(crate) const CONNECT_TIMEOUT: Setting = Setting {
    name: "connect_timeout",
    variable: "ANTRE_CONNECT_TIMEOUT",
    default: "5s",
    taken: times(
        ms(10, MINUTE),
        ms(100, 30 * SECOND),
        "a shorter one fails on a slow network, a longer one notices a dead one late",
    ),
    doc: "For opening a connection, with its encryption.",
    ..PLAIN
};

pub(crate) const LEASE: Setting = Setting {
    name: "lease",
    variable: "ANTRE_LEASE",
    default: "9s",
    taken: times(
        ms(300, HOUR),
        ms(3 * SECOND, 5 * MINUTE),
        "a shorter one runs out under a busy worker, a longer one keeps a killed worker's jobs waiting",
    ),
    doc: "How long a worker may hold a job without a renewal; it renews three times as often. A shorter lease recovers \
          faster from a dead worker, and makes more jobs ambiguous.",
    ..PLAIN
};

pub(crate) const TRUST_ABSENCE_ANSWERED: Setting = Setting {
    name: "trust_absence_answered",
    variable: "ANTRE_TRUST_ABSENCE_ANSWERED",
    default: "5s",
    taken: times(
        ms(0, HOUR),
        ms(SECOND, HOUR),
        "a shorter one can make a second invoice, a longer one keeps unclear jobs waiting",
    ),
    doc: "After a create whose answer leaves open whether there is an invoice: how long a look-up that finds nothing is not \
          yet believed. Xendit's list may show an invoice that much later. Nothing is created again before that.",
    ..PLAIN
};

pub(crate) const TRUST_ABSENCE_UNANSWERED: Setting = Setting {
    name: "trust_absence_unanswered",
    variable: "ANTRE_TRUST_ABSENCE_UNANSWERED",
    default: "45s",
    taken: times(
        ms(0, HOUR),
        ms(10 * SECOND, HOUR),
        "a shorter one can make a second invoice, a longer one keeps unclear jobs waiting",
    ),
    doc: "The same after a create without a readable answer, or with a 504, counted from the end of its time-out.",
    ..PLAIN
};

pub(crate) const JITTER_ALLOWANCE: Setting = Setting {
    name: "jitter_allowance",
    variable: "ANTRE_JITTER_ALLOWANCE",
    default: "5ms",
    taken: times(
        ms(0, SECOND),
        ms(1, 250),
        "a shorter one breaks the limit at Xendit, a longer one slows the pace",
    ),
    doc: "How much one-way delays to Xendit may differ without breaking a window at the receiver. It is part of the distance \
          between requests.",
    ..PLAIN
};

pub(crate) const SEND_WITHIN: Setting = Setting {
    name: "send_within",
    variable: "ANTRE_SEND_WITHIN",
    default: "5ms",
    taken: times(
        ms(1, SECOND),
        ms(1, 250),
        "with a shorter one nothing leaves in time, with a longer one requests leave too close together",
    ),
    doc: "How long after its claim a request's first byte may leave. `antre check` shows whether Redis is near enough for it.",
    ..PLAIN
};

pub(crate) const RETRY_DELAYS: Setting = Setting {
    name: "retry_delays",
    variable: "ANTRE_RETRY_DELAYS",
    default: "1s,2s,4s",
    taken: times(
        ms(10, DAY),
        ms(500, DAY),
        "shorter ones use up a job's retries within one short fault, longer ones keep it waiting",
    ),
    doc: "The waits before the first, second, … retry; the last one repeats.",
    ..PLAIN
};

pub(crate) const MAX_RETRIES: Setting = Setting {
    name: "max_retries",
    variable: "ANTRE_MAX_RETRIES",
    default: "3",
    taken: numbers(0, 25, "a job may ask for no more either"),
    doc: "Retries of a job that does not say.",
    ..PLAIN
};

pub(crate) const HEAD_START: Setting = Setting {
    name: "head_start",
    variable: "ANTRE_HEAD_START",
    default: "48h,24h",
    taken: times(
        ms(0, 30 * DAY),
        ms(0, 30 * DAY),
        "a low job may wait as long as that behind others",
    ),
    doc: "Aging: a high and a normal job are treated as that much older than a low one. Nobody waits longer behind them \
          than that.",
    ..PLAIN
};

pub(crate) const BREAKER_PROBE: Setting = Setting {
    name: "breaker_probe",
    variable: "ANTRE_BREAKER_PROBE",
    default: "5s",
    taken: times(
        ms(50, 10 * MINUTE),
        ms(SECOND, 10 * MINUTE),
        "a shorter one presses a Xendit that does not work, a longer one notices late that it works again",
    ),
    doc: "How often Xendit is tried while it does not work.",
    ..PLAIN
};

pub(crate) const GATEWAY_READ_SHARE: Setting = Setting {
    name: "gateway_read_share",
    variable: "ANTRE_GATEWAY_READ_SHARE",
    default: "4",
    taken: numbers(1, 1_000, "the smaller it is, the longer jobs wait for programs that only look"),
    doc: "While jobs wait, one request in so many may be a read of a program through the gateway.",
    ..PLAIN
};

pub(crate) const RETENTION_DONE: Setting = Setting {
    name: "retention_done",
    variable: "ANTRE_RETENTION_DONE",
    default: "7d",
    taken: times(
        ms(MINUTE, 3_650 * DAY),
        ms(HOUR, 3_650 * DAY),
        "with a shorter one a job's record is gone before anybody looks, and below 30m the second audit of its bill is \
         dropped",
    ),
    doc: "How long records of done and cancelled jobs are kept. Their bills are remembered for 400 days. Below 30m the \
          second audit of a bill is dropped.",
    ..PLAIN
};

pub(crate) const RETENTION_DEAD: Setting = Setting {
    name: "retention_dead",
    variable: "ANTRE_RETENTION_DEAD",
    default: "90d",
    taken: times(
        ms(MINUTE, 3_650 * DAY),
        ms(DAY, 3_650 * DAY),
        "a dead job that is gone before anybody looks is a bill that nobody sends",
    ),
    doc: "How long dead jobs are kept.",
    ..PLAIN
};

pub(crate) const NOTIFY: Setting = Setting {
    name: "notify",
    variable: "ANTRE_NOTIFY",
    default: "available",
    taken: Taken::Words(&["available", "dashboard"]),
    doc: "How customers hear of an invoice that names no channels itself. `available` asks Xendit to use every address that \
          is there. `dashboard` leaves it to the settings in Xendit's dashboard.",
    ..PLAIN
};

pub(crate) const PHONE_REGION: Setting = Setting {
    name: "phone_region",
    variable: "ANTRE_PHONE_REGION",
    default: "ID",
    taken: Taken::Words(&["ID", "MY", "PH", "TH", "VN", "SG"]),
    doc: "The country whose national telephone numbers (`0812…`) are understood.",
    ..PLAIN
};

pub(crate) const ACCEPT_VOLATILE_REDIS: Setting = Setting {
    name: "accept_volatile_redis",
    variable: "ANTRE_ACCEPT_VOLATILE_REDIS",
    default: "false",
    taken: TRUTH,
    doc: "Serve a live key from a Redis that may lose what it has acknowledged: append-only file off, or an eviction policy \
          other than `noeviction`.",
    ..PLAIN
};

pub(crate) const GATEWAY_ACCEPT_SECRET_KEY: Setting = Setting {
    name: "gateway_accept_secret_key",
    variable: "ANTRE_GATEWAY_ACCEPT_SECRET_KEY",
    default: "true",
    taken: TRUTH,
    doc: "Whether the account's own Xendit key opens the gateway of a worker, so that programs move without another key. \
          `antre gateway` has no Xendit key: it takes those of callers only.",
    ..PLAIN
};

/// All of them, in the order of the pages.
pub(crate) const ACCOUNT: [&Setting; 24] = [
    &SECRET_KEY_ENV,
    &SECRET_KEY_FILE,
    &BASE_URL,
    &FOR_USER_ID,
    &LIMITS,
    &CONCURRENCY,
    &REQUEST_TIMEOUT,
    &CONNECT_TIMEOUT,
    &LEASE,
    &TRUST_ABSENCE_ANSWERED,
    &TRUST_ABSENCE_UNANSWERED,
    &JITTER_ALLOWANCE,
    &SEND_WITHIN,
    &RETRY_DELAYS,
    &MAX_RETRIES,
    &HEAD_START,
    &BREAKER_PROBE,
    &GATEWAY_READ_SHARE,
    &RETENTION_DONE,
    &RETENTION_DEAD,
    &NOTIFY,
    &PHONE_REGION,
    &ACCEPT_VOLATILE_REDIS,
    &GATEWAY_ACCEPT_SECRET_KEY,
];
