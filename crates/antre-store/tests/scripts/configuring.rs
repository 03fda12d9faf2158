//! Settings in force, and the format of the data that they are for.

use antre_store::settings::Configurator;
use antre_testkit::RedisServer;
use antre_testkit::queue::{QueueFixture, quick_settings};

#[tokio::test]
async fn data_of_an_older_or_a_newer_format_is_refused_and_left_as_it_is() {
    for (found, what_to_do) in
        [("1", "use the version that wrote it"), ("3", "upgrade this worker")]
    {
        let fixture = QueueFixture::found_on(RedisServer::start().await.unwrap());
        let mut connection = fixture.server.connect().await.unwrap();
        let format = fixture.queue.keys().named("format");
        redis::cmd("SET").arg(&format).arg(found).exec_async(&mut connection).await.unwrap();
        let by = Configurator { worker: &fixture.worker, has_lost_data: false };
        let error = fixture.queue.configure(&quick_settings(), by).await.unwrap_err();
        assert!(error.to_string().contains(what_to_do), "{error}");
        let keys: Vec<String> =
            redis::cmd("KEYS").arg("*").query_async(&mut connection).await.unwrap();
        assert_eq!(keys, [format]);
    }
}
