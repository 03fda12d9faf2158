//! The options of one account.

use std::time::Duration;

use antre_core::{AccountName, Limits, Mode, RetrySchedule};
use antre_store::settings::Settings as StoreSettings;
use antre_worker::AccountOptions;
use antre_xendit::body::{notification, phone};
use antre_xendit::key::default_limits;
use antre_xendit::{Client, ClientError, SecretKey, Settings as ClientSettings};

use super::options;
use super::reader::{Reader, parse_duration};
use super::value::Value;

/// One account, ready to be served.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) name: AccountName,
    pub(crate) base_url: String,
    /// The business id of a sub-account, for which all requests are made.
    pub(crate) for_user_id: Option<String>,
    /// Absent where a command needs none.
    pub(crate) key: Option<SecretKey>,
    pub(crate) settings: StoreSettings,
    pub(crate) concurrency: usize,
    pub(crate) connect_timeout: Duration,
    pub(crate) notification: notification::Settings,
    pub(crate) accept_volatile_redis: bool,
    pub(crate) max_retries: u32,
    /// Whether the key opens the gateway, too.
    pub(crate) accepts_secret_key: bool,
    /// Who may call the gateway, if this process serves it.
    pub(crate) callers: Vec<antre_gateway::Caller>,
}

impl Account {
    /// Returns whether the account moves real money.
    pub(crate) fn mode(&self) -> Mode {
        self.key.as_ref().map_or(Mode::Unknown, SecretKey::mode)
    }

    /// Returns what a worker needs to serve it; nothing without a key.
    pub(crate) fn options(&self) -> Option<AccountOptions> {
        Some(AccountOptions {
            name: self.name.clone(),
            client: self.client(self.key.clone()?),
            settings: self.settings.clone(),
            concurrency: self.concurrency,
            notification: self.notification,
            accept_volatile_redis: self.accept_volatile_redis,
            max_retries: self.max_retries,
        })
    }

    fn client(&self, key: SecretKey) -> ClientSettings {
        ClientSettings {
            base_url: self.base_url.clone(),
            key,
            for_user_id: self.for_user_id.clone(),
            request_timeout: self.settings.request_timeout,
            connect_timeout: self.connect_timeout,
        }
    }
}

/// Reads an account's options; `key` is what was found for it.
pub(crate) fn read(name: AccountName, key: Option<SecretKey>, reader: &mut Reader<'_>) -> Account {
    let mode = key.as_ref().map_or(Mode::Unknown, SecretKey::mode);
    reader.mode = mode;
    let account = Account {
        name,
        base_url: reader.text(&options::BASE_URL),
        for_user_id: Some(reader.text(&options::FOR_USER_ID)).filter(|id| !id.is_empty()),
        key,
        settings: store_settings(mode, reader),
        concurrency: size(reader.number(&options::CONCURRENCY)),
        connect_timeout: reader.duration(&options::CONNECT_TIMEOUT),
        notification: notification::Settings {
            notify: reader.parsed::<notification::Notify>(&options::NOTIFY),
            region: reader.parsed::<phone::Region>(&options::PHONE_REGION),
        },
        accept_volatile_redis: reader.read(&options::ACCEPT_VOLATILE_REDIS, Value::truth),
        max_retries: reader.number(&options::MAX_RETRIES),
        accepts_secret_key: reader.read(&options::GATEWAY_ACCEPT_SECRET_KEY, Value::truth),
        callers: Vec::new(),
    };
    check(&account, reader);
    account
}

fn store_settings(mode: Mode, reader: &mut Reader<'_>) -> StoreSettings {
    let (head_start_high, head_start_normal) = head_starts(reader);
    StoreSettings {
        limits: limits(mode, reader),
        mode,
        jitter_allowance: reader.duration(&options::JITTER_ALLOWANCE),
        send_within: reader.duration(&options::SEND_WITHIN),
        lease: reader.duration(&options::LEASE),
        request_timeout: reader.duration(&options::REQUEST_TIMEOUT),
        trust_absence_answered: reader.duration(&options::TRUST_ABSENCE_ANSWERED),
        trust_absence_unanswered: reader.duration(&options::TRUST_ABSENCE_UNANSWERED),
        retry_delays: reader.read(&options::RETRY_DELAYS, |it| {
            let text = it.texts()?.join(",");
            let schedule: RetrySchedule =
                text.parse().map_err(|error| format!("{text:?} {error}"))?;
            schedule
                .delays()
                .try_for_each(|delay| options::RETRY_DELAYS.check_time(delay, mode).map(drop))?;
            Ok(schedule)
        }),
        head_start_high,
        head_start_normal,
        breaker_probe: reader.duration(&options::BREAKER_PROBE),
        retention_done: reader.duration(&options::RETENTION_DONE),
        read_share: reader.number(&options::GATEWAY_READ_SHARE),
        retention_dead: reader.duration(&options::RETENTION_DEAD),
    }
}

fn limits(mode: Mode, reader: &mut Reader<'_>) -> Limits {
    let written = reader.read_written(&options::LIMITS, |it| {
        let text = it.texts()?.join(",");
        text.parse::<Limits>().map_err(|error| format!("{text:?} {error}"))
    });
    written.unwrap_or_else(|| default_limits(mode))
}

/// Returns the head starts of high and normal jobs.
fn head_starts(reader: &mut Reader<'_>) -> (Duration, Duration) {
    let mode = reader.mode;
    let (high, normal) = reader.read(&options::HEAD_START, |it| {
        let texts = it.texts()?;
        let [high, normal] = texts.as_slice() else {
            return Err("is not two durations; write those of high and normal: 48h,24h".to_owned());
        };
        let read = |text| options::HEAD_START.check_time(parse_duration(text)?, mode);
        Ok((read(high)?, read(normal)?))
    });
    if high < normal {
        reader.fault(&options::HEAD_START, "gives normal jobs more than high ones; write 48h,24h");
    }
    (high, normal)
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Adds what is wrong although each option can be read.
fn check(account: &Account, reader: &mut Reader<'_>) {
    let settings = &account.settings;
    if settings.request_timeout <= account.connect_timeout
        && reader.are_sound(&[&options::REQUEST_TIMEOUT, &options::CONNECT_TIMEOUT])
    {
        let message = "must be longer than connect_timeout; write for example 15s and 5s";
        reader.fault(&options::REQUEST_TIMEOUT, message);
    }
    check_base_url(account, reader);
}

/// The client knows best what an address must be, and that a live key needs encryption.
fn check_base_url(account: &Account, reader: &mut Reader<'_>) {
    let timeouts = [
        &options::REQUEST_TIMEOUT,
        &options::CONNECT_TIMEOUT,
        &options::BASE_URL,
        &options::FOR_USER_ID,
    ];
    let key = account.key.clone().or_else(|| SecretKey::new("any").ok());
    let Some(key) = key.filter(|_| reader.are_sound(&timeouts)) else { return };
    let built = Client::new(account.client(key));
    if matches!(built, Err(ClientError::ForUserId)) {
        let message = "must be the business id of a sub-account: 1 to 128 letters, digits, - or _";
        reader.fault(&options::FOR_USER_ID, message);
    } else if let Err(error) = built {
        let message = format!("cannot be used: {error}; write https://api.xendit.co");
        reader.fault(&options::BASE_URL, message);
    }
}
