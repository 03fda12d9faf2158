//! What became of a read: its answer is passed on, and looked at only as far as the fleet must know.

use antre_core::job_outcome::{ExpiredInvoice, ReadOutcome};
use antre_core::read::{ReadAnswer, ReadKind, ReadRequest};

use super::{Exchange, Failure, Reading, read, reading};
use crate::api::invoice_view::{InvoiceStatus, InvoiceView, parse_invoice, parse_invoice_list};
use crate::api::outcome::ANSWER_MISMATCH;

/// Returns what became of this read; `answer` is what came, if it was read to its end.
pub fn classify_read(
    exchange: Exchange<'_>,
    asked: &ReadRequest,
    answer: Option<ReadAnswer>,
) -> ReadOutcome {
    let failed = |code: &str, answer| ReadOutcome::LookUpFailed { code: code.to_owned(), answer };
    match reading(exchange) {
        Reading::NotSent(not_sent) => {
            ReadOutcome::NotSent { code: not_sent.cause.code().to_owned() }
        }
        Reading::Limited(limited) => ReadOutcome::Limited { limited, answer },
        Reading::KeyRefused(refusal) if refusal.status == 401 => {
            ReadOutcome::KeyRefused { code: refusal.code, answer }
        }
        // The key may not ask this; it may do other things.
        Reading::KeyRefused(refusal) => failed(&refusal.code, answer),
        Reading::Unanswered(cause) | Reading::Unclear(cause, _) => failed(&cause.code(), answer),
        Reading::Refused(refusal) => match answer {
            Some(answer) => ReadOutcome::Answered { answer, expired: None },
            None => failed(&refusal.code, None),
        },
        Reading::Success(_, body) => {
            let shown = match asked.kind {
                ReadKind::List => read(body, parse_invoice_list).map(|_| None),
                ReadKind::Get | ReadKind::Expire => read(body, parse_invoice).map(Some),
            };
            match (shown, answer) {
                (Ok(Some(invoice)), _) if invoice.id != asked.target => {
                    failed(ANSWER_MISMATCH, None)
                }
                (Ok(shown), Some(answer)) => {
                    let expired = shown.and_then(|invoice| expired(asked.kind, invoice));
                    ReadOutcome::Answered { answer, expired }
                }
                (Err(fault), _) => failed(&Failure::from(fault).code, None),
                (Ok(_), None) => failed("unreadable_answer", None),
            }
        }
    }
}

fn expired(kind: ReadKind, invoice: InvoiceView) -> Option<ExpiredInvoice> {
    let is_expired = kind == ReadKind::Expire && invoice.status == InvoiceStatus::Expired;
    let external_id = invoice.external_id.filter(|_| is_expired)?;
    Some(ExpiredInvoice { id: invoice.id, external_id })
}
