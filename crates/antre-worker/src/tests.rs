//! An account as unit tests serve it.

use std::{sync::Arc, time::Duration};

use antre_store::Redis;
use antre_testkit::queue::quick_settings;
use antre_xendit::{SecretKey, body::notification};
use tokio_util::sync::CancellationToken;

use crate::{AccountOptions, Durability, WorkerOptions, account::Account};

/// Where nobody listens, for tests that send nothing there.
pub(crate) const NOWHERE: &str = "http://127.0.0.1:1";
pub(crate) const TEST_KEY: &str = "xnd_development_abc";

/// Returns account `default` with room for one request, served with `key` by a worker called `tester`.
pub(crate) fn account(redis_url: &str, xendit_url: &str, key: &str) -> Account {
    account_with_room(1, redis_url, xendit_url, key)
}

/// The same with room for `concurrency` requests.
pub(crate) fn account_with_room(
    concurrency: usize,
    redis_url: &str,
    xendit_url: &str,
    key: &str,
) -> Account {
    let options = AccountOptions {
        name: "default".parse().unwrap(),
        client: antre_xendit::Settings {
            base_url: xendit_url.to_owned(),
            key: SecretKey::new(key).unwrap(),
            request_timeout: Duration::from_secs(1),
            for_user_id: None,
            connect_timeout: Duration::from_secs(5),
        },
        settings: quick_settings(),
        concurrency,
        notification: notification::Settings::default(),
        accept_volatile_redis: false,
        max_retries: 3,
    };
    let worker = WorkerOptions {
        name: "tester".to_owned(),
        accounts: Vec::new(),
        grace: Duration::ZERO,
        durability: Durability::Local,
        has_http: false,
    };
    let redis = Redis::open(redis_url).unwrap();
    Account::new(&redis, options, &worker, CancellationToken::new(), Arc::default()).unwrap()
}
