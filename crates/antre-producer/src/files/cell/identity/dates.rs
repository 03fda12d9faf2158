//! Dates that a spreadsheet has made of something else: of `12-1`, of `2026-12` and of `001/12/2026`.

/// What Excel calls the months, in English and Indonesian.
const MONTHS: [&str; 18] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Mei", "Jun", "Jul", "Aug", "Agu", "Agt", "Sep", "Oct",
    "Okt", "Nov", "Nop", "Dec", "Des",
];

/// Tells whether the text is a date as spreadsheets show and save what they took for one. A date that
/// programs write, `2026-12-01`, may be a name; with the time that they add to it, it is none.
pub(super) fn is_of_a_spreadsheet(text: &str) -> bool {
    let (date, time) = text.split_once(' ').unwrap_or((text, ""));
    let is_shown = is_numeric(date) || is_with_month(date);
    (is_shown && is_time(time)) || (is_iso(date) && time == "00:00:00")
}

/// Nothing, or a time as spreadsheets of all languages show it.
fn is_time(text: &str) -> bool {
    let half = [" AM", " PM"].iter().find_map(|half| text.strip_suffix(half));
    half.unwrap_or(text).chars().all(|it| it.is_ascii_digit() || it == ':' || it == '.')
}

fn is_iso(date: &str) -> bool {
    three_parts(date, '-').is_some_and(|[year, month, day]| {
        year.len() == 4 && is_number(year, 9999) && is_number(month, 12) && is_number(day, 31)
    })
}

/// `01/12/2026`, `12/1/26`, `1-12-2026`, `01.12.2026`. Without the century, other separators than the
/// slash stand in names of other kinds, too: `10-11-12`.
fn is_numeric(date: &str) -> bool {
    ['/', '-', '.'].into_iter().any(|separator| {
        three_parts(date, separator).is_some_and(|[one, other, year]| {
            let has_century = year.len() == 4 && ["19", "20"].iter().any(|it| year.starts_with(it));
            is_day_and_month(one, other)
                && is_number(year, 9999)
                && (has_century || (separator == '/' && year.len() == 2))
        })
    })
}

fn is_day_and_month(one: &str, other: &str) -> bool {
    (is_number(one, 31) && is_number(other, 12)) || (is_number(one, 12) && is_number(other, 31))
}

/// `Des-26`, `1-Des`, `01-Dec-26`.
fn is_with_month(date: &str) -> bool {
    let is_month = |text: &str| MONTHS.contains(&text);
    let is_year = |text: &str| [2, 4].contains(&text.len()) && is_number(text, 9999);
    match date.split('-').collect::<Vec<_>>().as_slice() {
        [one, other] => {
            (is_month(one) && is_year(other)) || (is_number(one, 31) && is_month(other))
        }
        [day, month, year] => is_number(day, 31) && is_month(month) && is_year(year),
        _ => false,
    }
}

fn three_parts(date: &str, separator: char) -> Option<[&str; 3]> {
    let parts: Vec<&str> = date.split(separator).collect();
    parts.try_into().ok()
}

/// Tells whether the text is a number up to `most`, with at most as many digits.
fn is_number(text: &str, most: u16) -> bool {
    let is_short = text.len() <= most.to_string().len();
    is_short && super::are_digits(text) && text.parse().is_ok_and(|number: u16| number <= most)
}

#[cfg(test)]
mod tests;
