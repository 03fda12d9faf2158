use super::*;

#[test]
fn the_instructions_can_be_pasted() {
    let text = instructions("redis://127.0.0.1:6390", 6390, "http://127.0.0.1:8900", 8080);
    for part in [
        "redis-cli -p 6390 XADD 'antre:{default}:inbox' NOMKSTREAM '*' job",
        "r.xadd(\"antre:{default}:inbox\", {\"job\": json.dumps(bill)}, nomkstream=True)",
        "f\"antre:{{default}}:result:{job}\"",
        "http://127.0.0.1:8080/rate-limiter/status",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}
