use super::*;

#[test]
fn a_path_without_room_for_a_socket_is_refused_before_anything_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let deep = directory.path().join("d".repeat(SOCKET_PATH_BYTES_MAX));
    let error = ServerConfig::default().write(&deep).unwrap_err();
    assert!(matches!(error, Error::SocketPathTooLong { .. }), "{error}");
    assert!(error.to_string().contains("set TMPDIR"), "{error}");
}

#[test]
fn a_line_of_the_caller_stands_last() {
    let config = ServerConfig::default()
        .line("maxmemory-policy allkeys-lru")
        .append_only(AppendFsync::EverySecond)
        .port(Some(6390));
    let text = config.text();
    assert!(text.starts_with("port 6390\n"), "{text}");
    assert!(text.contains("appendonly yes\nappendfsync everysec\n"), "{text}");
    assert!(text.ends_with("\nmaxmemory-policy allkeys-lru\n"), "{text}");
}

#[test]
fn nothing_is_kept_unless_it_is_asked_for() {
    let text = ServerConfig::default().text();
    assert!(text.contains("save \"\"\n") && !text.contains("appendonly"), "{text}");
    assert!(text.starts_with("port 0\n"), "{text}");
}
