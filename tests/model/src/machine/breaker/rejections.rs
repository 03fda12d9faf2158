//! Refusals with one code in a row: something about the account, for a person.

use super::REJECTIONS_TO_PAUSE;

#[derive(Clone, Debug, Default)]
pub(super) struct Rejections {
    code: Option<String>,
    last_job: Option<String>,
    count: u32,
}

impl Rejections {
    /// Counts different jobs only. Returns whether they are enough to hold the account.
    pub(super) fn count(&mut self, id: &str, code: &str, is_held: bool) -> bool {
        if self.code.as_deref() != Some(code) {
            *self = Self { code: Some(code.to_owned()), last_job: None, count: 0 };
        }
        if self.last_job.as_deref() != Some(id) {
            self.count += 1;
            self.last_job = Some(id.to_owned());
        }
        let is_enough = self.count >= REJECTIONS_TO_PAUSE && !is_held;
        if is_enough {
            self.begin_anew();
        }
        is_enough
    }

    pub(super) fn begin_anew(&mut self) {
        self.count = 0;
    }
}
