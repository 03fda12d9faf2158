//! Random tables, written as programs write them and damaged as people and programs damage them: what
//! comes back is the table, or a fault.

use antre_xendit::body::phone::{Region, to_e164};
use proptest::{prelude::*, sample::Index};
use serde_json::Value;

use super::super::{FileError, Format, cell::is_no_value, read_all};
use crate::CheckedJob;

const COLUMNS: [&str; 5] =
    ["external_id", "customer.given_names", "amount", "customer.mobile_number", "description"];

#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    external_id: String,
    names: String,
    amount: u64,
    mobile: String,
    description: String,
}

/// How a program writes a table.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a habit of its own")]
struct Style {
    separator: char,
    quotes_all: bool,
    line_end: &'static str,
    ends_last_line: bool,
    has_mark: bool,
    names_separator: bool,
    blank_rows: usize,
    phones: Phones,
}

/// How telephone numbers were kept from being numbers, or were not.
#[derive(Debug, Clone, Copy)]
enum Phones {
    Plain,
    Formula,
    QuotedFormula,
    Apostrophe,
    Number,
    Float,
    Thousands,
    International,
}

fn text() -> impl Strategy<Value = String> {
    // With digits, or over several lines: both together may rightly be taken for other rows.
    prop_oneof![
        Just(String::new()),
        "[A-Za-z][A-Za-z0-9é\"',;|\t .()=&+-]{0,18}[A-Za-z.\"]",
        "[A-Za-zé][A-Za-zé\"',;|\n\r .]{0,18}[a-z]",
    ]
    .prop_filter("a word for an empty cell", |text| !is_no_value(text))
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (
        "[A-Z0-9/]{0,6}",
        text(),
        1_u64..1_000_000_000,
        81_100_000_000_u64..89_999_999_999,
        text(),
    );
    prop::collection::vec(row, 1..7).prop_map(|rows| {
        let row = |(number, (tail, names, amount, mobile, description))| Row {
            external_id: format!("INV/{number}/{tail}"),
            names,
            amount,
            mobile: format!("+62{mobile}"),
            description,
        };
        rows.into_iter().enumerate().map(row).collect()
    })
}

fn style() -> impl Strategy<Value = Style> {
    use Phones::{
        Apostrophe, Float, Formula, International, Number, Plain, QuotedFormula, Thousands,
    };
    let phones =
        [Plain, Formula, QuotedFormula, Apostrophe, Number, Float, Thousands, International];
    (
        prop::sample::select(vec![',', ';', '\t', '|']),
        any::<[bool; 4]>(),
        prop::sample::select(vec!["\n", "\r\n", "\r"]),
        0..3_usize,
        prop::sample::select(phones.to_vec()),
    )
        .prop_map(
            |(
                separator,
                [quotes_all, ends_last_line, has_mark, names_separator],
                line_end,
                blank_rows,
                phones,
            )| Style {
                separator,
                quotes_all,
                line_end,
                ends_last_line,
                has_mark,
                names_separator,
                blank_rows,
                phones,
            },
        )
}

impl Style {
    fn write(&self, rows: &[Row]) -> String {
        let mut lines = Vec::new();
        if self.names_separator {
            lines.push(format!("sep={}", self.separator));
        }
        lines.push(self.line(&COLUMNS.map(str::to_owned)));
        for row in rows {
            let mobile = self.phones.write(&row.mobile);
            let cells =
                [&row.external_id, &row.names, &row.amount.to_string(), &mobile, &row.description];
            lines.push(self.line(&cells.map(String::clone)));
        }
        let blank = self.separator.to_string().repeat(COLUMNS.len() - 1);
        lines.extend(std::iter::repeat_n(blank, self.blank_rows));
        let end = if self.ends_last_line { self.line_end } else { "" };
        let mark = if self.has_mark { "\u{FEFF}" } else { "" };
        format!("{mark}{}{end}", lines.join(self.line_end))
    }

    fn line(&self, cells: &[String]) -> String {
        let cells: Vec<String> = cells.iter().map(|cell| self.cell(cell)).collect();
        cells.join(&self.separator.to_string())
    }

    fn cell(&self, text: &str) -> String {
        let is_raw_formula = matches!(self.phones, Phones::Formula) && text.starts_with("=\"");
        let is_special = text.contains([self.separator, '"', '\n', '\r']);
        if !is_raw_formula && (self.quotes_all || is_special) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.to_owned()
        }
    }
}

impl Phones {
    fn write(self, e164: &str) -> String {
        let digits = e164.trim_start_matches('+');
        let national = format!("0{}", digits.strip_prefix("62").unwrap());
        match self {
            Self::Plain => national,
            Self::Formula | Self::QuotedFormula => format!("=\"{national}\""),
            Self::Apostrophe => format!("'{national}"),
            Self::Number => national.trim_start_matches('0').to_owned(),
            Self::Float => format!("{digits}.0"),
            Self::International => e164.to_owned(),
            Self::Thousands => {
                let reversed: Vec<char> = digits.chars().rev().collect();
                let groups = reversed.chunks(3).map(|group| group.iter().rev().collect::<String>());
                groups.collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(",")
            }
        }
    }
}

fn read(bytes: &[u8]) -> Result<Vec<Row>, String> {
    match read_all(bytes, Some(Format::Csv)) {
        Ok(jobs) => Ok(jobs.iter().map(row).collect()),
        Err(FileError::Rows(faults)) => {
            assert!(faults.count > 0 && faults.first.iter().all(|fault| fault.line > 0));
            Err(faults.to_string())
        }
        Err(error) => panic!("{error}"),
    }
}

fn row(job: &CheckedJob) -> Row {
    let job: Value = serde_json::from_slice(job.json()).unwrap();
    let invoice = &job["invoice"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mobile = text(&invoice["customer"]["mobile_number"]);
    Row {
        external_id: text(&invoice["external_id"]),
        names: text(&invoice["customer"]["given_names"]),
        amount: invoice["amount"].as_u64().unwrap_or_default(),
        mobile: to_e164(&mobile, Region::Id).unwrap_or(mobile),
        description: text(&invoice["description"]),
    }
}

/// Tells whether these are the same customers. A character too many inside a text is no matter, nor
/// inside a name that stands in quotation marks; a number that is none is left out with a warning.
fn are_same_customers(found: &[Row], written: &[Row]) -> bool {
    let name = |row: &Row| -> String {
        row.external_id.chars().filter(|it| it.is_alphanumeric() || *it == '/').collect()
    };
    let is_same = |(found, written): (&Row, &Row)| {
        name(found) == name(written)
            && found.amount == written.amount
            && (found.mobile == written.mobile || to_e164(&found.mobile, Region::Id).is_err())
    };
    found.len() == written.len() && found.iter().zip(written).all(is_same)
}

proptest! {
    #[test]
    fn a_table_comes_back_as_it_was_however_it_was_written(rows in rows(), style in style()) {
        let file = style.write(&rows);
        prop_assert_eq!(read(file.as_bytes()), Ok(rows), "{}", file);
    }

    #[test]
    fn a_table_in_another_encoding_comes_back_or_is_a_fault(rows in rows(), style in style()) {
        let file = style.write(&rows);
        let windows: Vec<u8> =
            file.chars().filter_map(|character| u8::try_from(u32::from(character)).ok()).collect();
        if let Ok(found) = read(&windows) {
            prop_assert_eq!(&found, &rows);
        }
        let units = || file.encode_utf16();
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        for utf_16 in [little, big] {
            match read(&utf_16) {
                Ok(found) => prop_assert!(style.has_mark && found == rows, "{:?}", found),
                Err(fault) => prop_assert!(!style.has_mark && fault.contains("UTF-16"), "{}", fault),
            }
        }
    }

    #[test]
    fn one_character_too_many_or_too_few_changes_no_customer(
        rows in rows(), style in style(), place in any::<Index>(), kind in 0..6_usize, is_added in any::<bool>(),
    ) {
        let mut file: Vec<char> = style.write(&rows).chars().collect();
        let character = ['"', style.separator, '\n', '\r', '\0', '\''][kind];
        if is_added {
            file.insert(place.index(file.len() + 1), character);
        } else {
            let places: Vec<usize> =
                file.iter().enumerate().filter(|(_, it)| **it == character).map(|(place, _)| place).collect();
            prop_assume!(!places.is_empty());
            file.remove(places[place.index(places.len())]);
        }
        let file: String = file.into_iter().collect();
        if let Ok(found) = read(file.as_bytes()) {
            prop_assert!(are_same_customers(&found, &rows), "{}\n{:?}", file, found);
        }
    }

    #[test]
    fn quotation_marks_in_two_wrong_places_swallow_no_customer(
        rows in rows(), style in style(), places in any::<[Index; 2]>(), are_added in any::<[bool; 2]>(),
    ) {
        let mut file: Vec<char> = style.write(&rows).chars().collect();
        for (place, is_added) in places.iter().zip(are_added) {
            let marks: Vec<usize> =
                file.iter().enumerate().filter(|(_, it)| **it == '"').map(|(place, _)| place).collect();
            if is_added || marks.is_empty() {
                file.insert(place.index(file.len() + 1), '"');
            } else {
                file.remove(marks[place.index(marks.len())]);
            }
        }
        let file: String = file.into_iter().collect();
        if let Ok(found) = read(file.as_bytes()) {
            prop_assert!(are_same_customers(&found, &rows), "{}\n{:?}", file, found);
        }
    }

    #[test]
    fn a_file_that_ends_early_loses_whole_rows_only(rows in rows(), style in style(), end in any::<Index>()) {
        let file: Vec<char> = style.write(&rows).chars().collect();
        let file: String = file.iter().take(end.index(file.len())).collect();
        if let Ok(found) = read(file.as_bytes()) {
            prop_assert!(are_same_customers(&found, &rows[..found.len()]), "{}\n{:?}", file, found);
        }
    }

    #[test]
    fn any_bytes_are_jobs_or_faults(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for format in [None, Some(Format::Csv), Some(Format::JsonLines)] {
            let with_header = [b"external_id,amount\n".as_slice(), &bytes].concat();
            prop_assert!(read_all(&bytes[..], format).is_err());
            if let Err(FileError::Rows(faults)) = read_all(&with_header[..], format) {
                prop_assert!(faults.count > 0 && faults.to_string().len() < 20_000);
            }
        }
    }
}
