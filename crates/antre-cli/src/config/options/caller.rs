//! Options of a caller, which stand under `[accounts.NAME.callers.CALLER]`. They have no variables.

use super::{PLAIN, Setting, Taken};

pub(crate) const KEY_FILE: Setting = Setting {
    name: "key_file",
    example: "/run/secrets/antre-shop",
    doc: "A file that holds the caller's key, at least 32 characters, as of `openssl rand -hex 32`. It is a key of Antre's, \
          not of Xendit's.",
    ..PLAIN
};

pub(crate) const KEY_ENV: Setting = Setting {
    name: "key_env",
    example: "SHOP_GATEWAY_KEY",
    doc: "Or the name of the variable that holds it.",
    ..PLAIN
};

pub(crate) const KEY_SHA256: Setting = Setting {
    name: "key_sha256",
    example: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    doc: "Or its SHA-256 in hexadecimal digits, as of `printf %s KEY | sha256sum`. So the gateway knows no key. It may be the \
          digest of a Xendit key.",
    ..PLAIN
};

pub(crate) const PRIORITY: Setting = Setting {
    name: "priority",
    default: "high",
    taken: Taken::Words(&["high", "normal", "low"]),
    doc: "The highest priority that this caller's bills get.",
    ..PLAIN
};

/// All of them, in the order of the pages.
pub(crate) const CALLER: [&Setting; 4] = [&KEY_FILE, &KEY_ENV, &KEY_SHA256, &PRIORITY];
