//! How results are written: like the file that they belong to.

use std::path::{Path, PathBuf};

use antre_producer::JobResult;
use antre_producer::files::Form;

const COLUMNS: [&str; 11] = [
    "external_id",
    "state",
    "invoice_url",
    "invoice_id",
    "amount",
    "expiry_date",
    "error_code",
    "error_message",
    "job",
    "reference",
    "warnings",
];
/// Used when the jobs came from standard input, without its extension.
const NAME_DEFAULT: &str = "antre.results";
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Returns `december.results.csv` for `december.csv`.
pub(super) fn beside(input: &Path, form: Form) -> PathBuf {
    let extension = match (input.extension(), form) {
        (_, Form::JsonLines) => "jsonl",
        (Some(extension), Form::Csv { .. }) if extension.eq_ignore_ascii_case("tsv") => "tsv",
        (_, Form::Csv { .. }) => "csv",
    };
    if input.as_os_str() == "-" {
        return PathBuf::from(format!("{NAME_DEFAULT}.{extension}"));
    }
    input.with_extension(format!("results.{extension}"))
}

/// Returns the form of a results file of this name: a table like the input's, if that is one. What is
/// called `.tsv` has tabs.
pub(super) fn of_results(path: &Path, input: Form) -> Form {
    let has = |wanted: &str| path.extension().is_some_and(|it| it.eq_ignore_ascii_case(wanted));
    let (separator, has_byte_order_mark) = match input {
        Form::Csv { separator, has_byte_order_mark } => (separator, has_byte_order_mark),
        Form::JsonLines => (b',', false),
    };
    if has("csv") {
        Form::Csv { separator, has_byte_order_mark }
    } else if has("tsv") {
        Form::Csv { separator: b'\t', has_byte_order_mark }
    } else {
        Form::JsonLines
    }
}

/// Returns what the file begins with.
pub(super) fn heading(form: Form) -> anyhow::Result<Vec<u8>> {
    let Form::Csv { separator, has_byte_order_mark } = form else { return Ok(Vec::new()) };
    let mark = if has_byte_order_mark { BYTE_ORDER_MARK } else { b"" };
    Ok([mark, &row(separator, COLUMNS)?].concat())
}

/// Returns a result's line.
pub(super) fn line(form: Form, result: &JobResult) -> anyhow::Result<Vec<u8>> {
    match form {
        Form::Csv { separator, .. } => row(separator, cells(result)),
        Form::JsonLines => {
            let mut line = serde_json::to_vec(result)?;
            line.push(b'\n');
            Ok(line)
        }
    }
}

fn row<T: AsRef<[u8]>>(separator: u8, cells: [T; COLUMNS.len()]) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
    writer.write_record(cells)?;
    Ok(writer.into_inner()?)
}

fn cells(result: &JobResult) -> [String; COLUMNS.len()] {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let error = result.error.as_ref();
    let warnings: Vec<String> = result.warnings.iter().map(ToString::to_string).collect();
    [
        text(&result.external_id),
        result.state.to_string(),
        text(&result.invoice_url),
        text(&result.invoice_id),
        result.amount.as_ref().map(ToString::to_string).unwrap_or_default(),
        text(&result.expiry_date),
        error.map(|error| error.code.clone()).unwrap_or_default(),
        error.map(|error| error.message.clone()).unwrap_or_default(),
        result.job.to_string(),
        text(&result.reference),
        warnings.join("; "),
    ]
}
