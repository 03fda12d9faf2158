//! Cells that hold other rows, because two quotation marks were lost or one stood where it should not.
//!
//! Such a cell follows CSV's grammar: it begins in one row and ends in the same column of a later one,
//! and customers in between would vanish in a description. Text over several lines is common and taken;
//! what gives a lost row away is a whole row's cells in the right places.

use std::ops::Range;

/// Which columns the cell's neighbours need.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) separator: u8,
    /// Cells of a row.
    pub(super) cells: usize,
    pub(super) external_id: usize,
    pub(super) amount: usize,
}

impl Shape {
    /// Tells whether the text of the cell at `position` looks like the end of one row, perhaps further
    /// rows, and the beginning of another one.
    pub(super) fn has_swallowed(&self, position: usize, text: &[u8]) -> bool {
        let lines =
            text.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| !line.is_empty());
        let (mut is_first, mut has_end) = (true, false);
        for line in lines {
            let cells = self.split(line);
            if !is_first
                && (self.is_row(&cells) || (has_end && self.is_beginning(position, &cells)))
            {
                return true;
            }
            has_end |= self.is_end(position, &cells);
            is_first = false;
        }
        false
    }

    fn is_row(&self, cells: &[&[u8]]) -> bool {
        cells.len() >= self.cells && self.fit(0..self.cells, |column| cells.get(column).copied())
    }

    /// The cells before `position`, and the beginning of that one's text.
    fn is_beginning(&self, position: usize, cells: &[&[u8]]) -> bool {
        cells.len() > position && self.fit(0..position, |column| cells.get(column).copied())
    }

    /// The end of the text of the cell at `position`, and those behind it. They are counted from the
    /// right, since the text may hold separators.
    fn is_end(&self, position: usize, cells: &[&[u8]]) -> bool {
        let from_right = |column: usize| cells.len().checked_sub(self.cells.checked_sub(column)?);
        cells.len() >= self.cells.saturating_sub(position)
            && self.fit(position..self.cells, |column| cells.get(from_right(column)?).copied())
    }

    /// Tells whether there is a name and an amount where they belong, as far as these columns are theirs.
    fn fit<'a>(&self, columns: Range<usize>, cell: impl Fn(usize) -> Option<&'a [u8]>) -> bool {
        let holds = |column, is_so: fn(&[u8]) -> bool| {
            !columns.contains(&column) || cell(column).is_some_and(is_so)
        };
        holds(self.external_id, |cell| !unquoted(cell).is_empty())
            && holds(self.amount, looks_like_amount)
    }

    fn split<'a>(&self, line: &'a [u8]) -> Vec<&'a [u8]> {
        line.split(|byte| *byte == self.separator).collect()
    }
}

fn unquoted(cell: &[u8]) -> Vec<u8> {
    cell.iter().copied().filter(|byte| !matches!(byte, b'"' | b' ' | b'\t')).collect()
}

fn looks_like_amount(cell: &[u8]) -> bool {
    let cell = unquoted(cell);
    cell.iter().any(u8::is_ascii_digit)
        && cell.iter().all(|byte| byte.is_ascii_digit() || b".,=-Rp".contains(byte))
}

#[cfg(test)]
mod tests;
