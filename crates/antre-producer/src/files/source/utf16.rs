//! UTF-16, as some programs write "Unicode text", read as UTF-8.

use std::io::{self, BufRead};

/// In which order a unit's two bytes stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The low one first, as Windows writes it.
    Little,
    Big,
}

/// What stands for half a character. UTF-8 has no such byte, so whoever reads it refuses it where it is.
const BROKEN: &[u8] = b"\xFF";
/// A unit that is half a character when no other one follows.
const HIGH_SURROGATE: u16 = 0xD800;

impl Order {
    /// Returns the order that the byte order mark at the beginning says, if there is one.
    pub(super) fn of_mark(start: &[u8]) -> Option<Self> {
        match start {
            // The mark of UTF-32.
            [0xFF, 0xFE, 0, 0, ..] => None,
            [0xFF, 0xFE, ..] => Some(Self::Little),
            [0xFE, 0xFF, ..] => Some(Self::Big),
            _ => None,
        }
    }

    const fn unit(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }
}

/// A reader's UTF-16 as UTF-8, one character at a time.
#[derive(Debug)]
pub(super) struct Utf16<R> {
    reader: R,
    order: Order,
    /// Read ahead: no second half of the character before it.
    held: Option<u16>,
    character: [u8; 4],
    /// How many bytes of `character` are still to be taken, and how many there are.
    left: usize,
    length: usize,
}

impl<R: BufRead> Utf16<R> {
    pub(super) fn new(reader: R, order: Order) -> Self {
        Self { reader, order, held: None, character: [0; 4], left: 0, length: 0 }
    }

    /// Returns the bytes of the character of which some are left; none at the end.
    pub(super) fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            self.length = self.read_character()?;
            self.left = self.length;
        }
        let taken = self.length - self.left;
        Ok(self.character.get(taken..self.length).unwrap_or_default())
    }

    pub(super) fn consume(&mut self, bytes: usize) {
        self.left = self.left.saturating_sub(bytes);
    }

    /// Returns all that is left.
    pub(super) fn read_all(mut self) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            let bytes = self.fill_buf()?;
            if bytes.is_empty() {
                return Ok(all);
            }
            all.extend_from_slice(bytes);
            self.left = 0;
        }
    }

    /// Reads the next character, and returns how many bytes it has.
    fn read_character(&mut self) -> io::Result<usize> {
        let first = match self.held.take() {
            Some(unit) => Some(unit),
            None => self.read_unit()?,
        };
        let Some(first) = first else { return Ok(0) };
        let mut decoded = char::decode_utf16([first]).next();
        if matches!(decoded, Some(Err(_)))
            && let Some(second) = self.read_unit()?
        {
            decoded = char::decode_utf16([first, second]).next();
            self.held = Some(second).filter(|_| !matches!(decoded, Some(Ok(_))));
        }
        let Some(Ok(character)) = decoded else { return Ok(self.put(BROKEN)) };
        Ok(character.encode_utf8(&mut self.character).len())
    }

    fn put(&mut self, bytes: &[u8]) -> usize {
        self.character.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
        bytes.len()
    }

    fn read_unit(&mut self) -> io::Result<Option<u16>> {
        let Some(first) = self.read_byte()? else { return Ok(None) };
        // A file that was cut off in the middle of a unit ends with half a character.
        let second = self.read_byte()?;
        Ok(Some(second.map_or(HIGH_SURROGATE, |second| self.order.unit([first, second]))))
    }

    fn read_byte(&mut self) -> io::Result<Option<u8>> {
        let byte = super::first_byte(&mut self.reader)?;
        self.reader.consume(usize::from(byte.is_some()));
        Ok(byte)
    }
}
