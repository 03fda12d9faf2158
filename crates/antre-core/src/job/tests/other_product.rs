//! A product of any provider: its own field of a job, its own fields and words.

use super::{FIELDS, product};
use crate::job::{FaultCode, parse_with};
use crate::schema::Shape;

#[test]
fn a_body_stands_in_the_field_of_its_product() {
    let session = product("session");
    let raw = br#"{"session":{"external_id":"S-1","amount":5,"nama":"Sari"},"batch":"b"}"#;
    let job = parse_with(raw, &session).unwrap();
    assert_eq!((job.bill.external_id.as_str(), job.batch.as_deref()), ("S-1", Some("b")));
    assert_eq!(job.body().get("amount"), Some("5"));
    let [unknown] = job.remarks() else { unreachable!("{:?}", job.remarks()) };
    assert_eq!(
        unknown.to_string(),
        "session.nama means nothing to the provider; did you mean session.customer.full_name?"
    );
    let invalid = parse_with(br#"{"invoice":{"external_id":"S-1","amount":5}}"#, &session);
    let faults: Vec<_> = invalid.unwrap_err().faults().cloned().collect();
    assert_eq!(
        faults.iter().map(|fault| (fault.code, fault.field.as_str())).collect::<Vec<_>>(),
        [(FaultCode::MissingField, "session"), (FaultCode::UnknownField, "invoice")]
    );
    assert_eq!(faults[0].message, "session is missing; put the body there");
}

#[test]
fn names_are_told_by_the_lists_of_the_product() {
    let session = product("session");
    assert_eq!(session.nearest(FIELDS, "", "jumlah").as_deref(), Some("amount"));
    assert_eq!(session.nearest(FIELDS, "", "e-mail").as_deref(), Some("customer.email"));
    assert_eq!(session.nearest(FIELDS, "", "payer_email"), Some("customer.email".to_owned()));
    assert_eq!(session.meant_job_field("prioritas"), Some("priority"));
    assert_eq!(session.unknown_job_field("batch"), None);
    let advice = |name| session.unknown_job_field(name).unwrap();
    assert_eq!(advice("ammount"), "is not a field of a job; put amount inside session");
    assert!(advice("zzz").contains("it has session, priority, customer"), "{}", advice("zzz"));
    assert_eq!(session.shape_at(&["session", "amount"]), Some(Shape::Number));
    assert_eq!(session.shape_at(&["invoice", "amount"]), None);
}

#[test]
fn a_refused_job_is_glimpsed_by_the_names_of_the_product() {
    let session = product("session");
    let seen = session.glimpse(br#"{"session":{"externalId":"S-1","amount":"a lot"}}"#);
    assert_eq!(seen.external_id.as_deref(), Some("S-1"));
}
