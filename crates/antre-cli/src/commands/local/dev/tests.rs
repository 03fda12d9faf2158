use super::*;

#[test]
fn the_instructions_can_be_pasted() {
    let places = Places {
        redis_url: "redis://127.0.0.1:6390".to_owned(),
        xendit_url: "http://127.0.0.1:8900".to_owned(),
        http_port: 8080,
        gateway_url: "http://127.0.0.1:8090".to_owned(),
    };
    let text = instructions(&places, "/opt/antre");
    for part in [
        "  export REDIS_URL=redis://127.0.0.1:6390\n",
        "redis-cli -u \"$REDIS_URL\" XADD 'antre:{default}:inbox' NOMKSTREAM '*' job \\\n",
        "'{\"invoice\":{\"external_id\":\"INV-1\",\"amount\":350000}}')",
        "r.xadd(\"antre:{default}:inbox\", {\"job\": json.dumps(bill)}, nomkstream=True)",
        "f\"antre:{{default}}:result:{id}\"",
        "socket_timeout=None",
        "http://127.0.0.1:8090/v2/invoices -H 'content-type: application/json' \\\n",
        "http://127.0.0.1:8080/rate-limiter/status",
        "http://127.0.0.1:8900/_sim/invoices/INVOICE_ID/pay",
        "its host ends in .invalid",
        "\"currency\":\"XXX\"",
        "  /opt/antre dead list --redis-url \"$REDIS_URL\"\n",
        "  /opt/antre status --watch --redis-url \"$REDIS_URL\"\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn a_path_can_be_pasted_whatever_is_in_it() {
    for (path, word) in [
        ("/opt/antre-0.2/bin/antre", "/opt/antre-0.2/bin/antre"),
        ("/opt/my programs/antre", "'/opt/my programs/antre'"),
        ("/opt/o'neil/antre", r"'/opt/o'\''neil/antre'"),
        ("/tmp/$HOME/antre", "'/tmp/$HOME/antre'"),
    ] {
        assert_eq!(pasteable(Path::new(path)), word);
    }
}
