//! Records of delimited text (RFC 4180), one at a time. Written out here because rows must be counted as a spreadsheet does
//! (blank lines too), a field must not grow with the file, and a quote that never closes must be told: the `csv` crate skips
//! blank lines, grows, and closes the quote itself.

use std::{
    borrow::Cow,
    io::{self, BufRead},
};

use super::{
    cell::{Cell, MAX_CELL_CHARS, RawRow},
    headers::MAX_COLUMNS,
};

/// The most bytes kept of a field: enough to see that it has more characters than allowed.
const MAX_FIELD_BYTES: usize = MAX_CELL_CHARS * 4 + 1;

/// Why reading stops.
#[derive(Debug)]
pub enum CsvError {
    /// Of the file system.
    Io(io::Error),
    /// Not UTF-8 any more: the file changed while it was read.
    Changed,
    /// A quote without its partner, opened in this row and column (0 is the first).
    UnbalancedQuote { row: u32, column: usize },
    /// Something stands beyond the last column that is read.
    TooManyColumns { row: u32 },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    FieldStart,
    /// Behind blanks at the field's start, which are none of it where a quote follows.
    Blank,
    Plain,
    Quoted,
    /// Behind a quote inside a quoted field: the field's end, or the first of two.
    Quote,
}

/// Reads records.
pub struct CsvReader<R> {
    input: R,
    delimiter: u8,
    /// Bytes of the record's fields, one behind the other.
    data: Vec<u8>,
    /// Where each field ends in `data`.
    ends: Vec<usize>,
    row: u32,
    /// Whether the last byte was a CR, whose LF is still to be skipped.
    after_cr: bool,
}

impl<R: BufRead> CsvReader<R> {
    /// A reader of UTF-8 text; the delimiter is the one that a first line `sep=,` names, which is no row, or else the one of comma, tab,
    /// semicolon and bar by which the first lines part alike into most fields: a title above the header has none, or another.
    ///
    /// # Errors
    /// Of the input.
    pub fn new(mut input: R) -> io::Result<Self> {
        let start = input.fill_buf()?;
        let line_end = |b: &u8| matches!(b, b'\r' | b'\n');
        let first = start.iter().position(|b| !line_end(b)).unwrap_or(0);
        let line = start.get(first..).unwrap_or_default();
        let line = line.split(line_end).next().unwrap_or_default();
        if let Some(delimiter) = named_delimiter(line) {
            let mut used = first + line.len();
            let mut row_ends = start.get(used..).unwrap_or_default().iter();
            used += match (row_ends.next(), row_ends.next()) {
                (Some(b'\r'), Some(b'\n')) => 2,
                (Some(_), _) => 1,
                (None, _) => 0,
            };
            input.consume(used);
            return Ok(Self::with(input, delimiter));
        }
        let delimiter = [b'|', b';', b'\t', b',']
            .into_iter()
            .max_by_key(|delimiter| evidence(start, *delimiter))
            .unwrap_or(b',');
        Ok(Self::with(input, delimiter))
    }

    /// A reader of UTF-8 text whose fields are apart by tabs.
    pub fn tabbed(input: R) -> Self {
        Self::with(input, b'\t')
    }

    fn with(input: R, delimiter: u8) -> Self {
        Self {
            input,
            delimiter,
            data: Vec::new(),
            ends: Vec::new(),
            row: 0,
            after_cr: false,
        }
    }

    /// The input, to ask it how far it is.
    pub fn input(&self) -> &R {
        &self.input
    }

    /// The next row, blank ones included; `None` at the end.
    ///
    /// # Errors
    /// [`CsvError`]; nothing can be read behind one.
    pub fn next_row(&mut self) -> Result<Option<RawRow<'_>>, CsvError> {
        if !self.read_record()? {
            return Ok(None);
        }
        let text = std::str::from_utf8(&self.data).ok();
        let mut cells = Vec::with_capacity(self.ends.len());
        let mut from = 0;
        for end in &self.ends {
            let field = match text.and_then(|t| t.get(from..*end)) {
                Some(field) => Cow::Borrowed(field),
                // A field that was cut may end inside a character.
                None => String::from_utf8_lossy(self.data.get(from..*end).unwrap_or_default()),
            };
            from = *end;
            if cells.len() < MAX_COLUMNS {
                cells.push(Cell::typed(field));
            } else if !tidy_is_empty(&field) {
                return Err(CsvError::TooManyColumns { row: self.row });
            }
        }
        if text.is_none() && !cells.iter().any(|c| matches!(c, Cell::TooLong(_))) {
            return Err(CsvError::Changed);
        }
        Ok(Some(RawRow {
            number: self.row,
            cells,
            ..RawRow::default()
        }))
    }

    fn read_record(&mut self) -> Result<bool, CsvError> {
        self.data.clear();
        self.ends.clear();
        self.row = self.row.saturating_add(1);
        let mut at = At::FieldStart;
        let mut field_start = 0;
        let mut anything = false;
        loop {
            let buffer = self.input.fill_buf().map_err(CsvError::Io)?;
            if buffer.is_empty() {
                if at == At::Quoted {
                    return Err(self.unbalanced());
                }
                if anything {
                    self.ends.push(self.data.len());
                }
                return Ok(anything);
            }
            let mut used = 0;
            let mut record_ends = false;
            while let Some(byte) = buffer.get(used).copied() {
                if std::mem::take(&mut self.after_cr) && byte == b'\n' && !anything {
                    used += 1;
                    continue;
                }
                anything = true;
                match at {
                    At::FieldStart | At::Blank | At::Plain => {
                        if at != At::Plain && byte == b'"' {
                            self.data.truncate(field_start);
                            at = At::Quoted;
                            used += 1;
                            continue;
                        }
                        if at != At::Plain && byte == b' ' {
                            append(&mut self.data, field_start, b" ");
                            at = At::Blank;
                            used += 1;
                            continue;
                        }
                        let rest = buffer.get(used..).unwrap_or_default();
                        let delimiter = self.delimiter;
                        let stop = rest.iter().position(|b| *b == delimiter || matches!(b, b'\n' | b'\r'));
                        append(
                            &mut self.data,
                            field_start,
                            rest.get(..stop.unwrap_or(rest.len())).unwrap_or_default(),
                        );
                        used += stop.unwrap_or(rest.len());
                        at = At::Plain;
                        let Some(stop) = stop.and_then(|s| rest.get(s)) else {
                            continue;
                        };
                        used += 1;
                        if *stop == delimiter {
                            // Far beyond the last column fields run together, so that no line of delimiters takes memory.
                            if self.ends.len() <= MAX_COLUMNS {
                                self.ends.push(self.data.len());
                                field_start = self.data.len();
                            }
                            at = At::FieldStart;
                        } else {
                            self.after_cr = *stop == b'\r';
                            record_ends = true;
                            break;
                        }
                    }
                    At::Quoted => {
                        let rest = buffer.get(used..).unwrap_or_default();
                        let stop = rest.iter().position(|b| *b == b'"');
                        append(
                            &mut self.data,
                            field_start,
                            rest.get(..stop.unwrap_or(rest.len())).unwrap_or_default(),
                        );
                        used += stop.unwrap_or(rest.len());
                        if stop.is_some() {
                            used += 1;
                            at = At::Quote;
                        }
                    }
                    At::Quote => {
                        if byte == b'"' {
                            append(&mut self.data, field_start, b"\"");
                            at = At::Quoted;
                            used += 1;
                        } else if byte == self.delimiter || matches!(byte, b'\n' | b'\r' | b' ') {
                            // The field is over; what ends it is read as behind a plain one.
                            at = At::Plain;
                        } else {
                            return Err(self.unbalanced());
                        }
                    }
                }
            }
            crate::domain::steps::tick(used);
            self.input.consume(used);
            if record_ends {
                self.ends.push(self.data.len());
                return Ok(true);
            }
        }
    }

    fn unbalanced(&self) -> CsvError {
        CsvError::UnbalancedQuote {
            row: self.row,
            column: self.ends.len(),
        }
    }
}

/// Adds to the field that starts at `start`, up to the most that is kept of it.
fn append(data: &mut Vec<u8>, start: usize, bytes: &[u8]) {
    let room = MAX_FIELD_BYTES.saturating_sub(data.len() - start).min(bytes.len());
    data.extend_from_slice(bytes.get(..room).unwrap_or_default());
}

fn tidy_is_empty(field: &str) -> bool {
    crate::domain::interchange::tidy(field).is_empty()
}

/// Lines that are looked at for the delimiter.
const LOOKED_AT: usize = 20;

/// How much speaks for a delimiter: in how many of the first records it parts as many fields, times how many it parts.
fn evidence(text: &[u8], delimiter: u8) -> usize {
    let mut counts: Vec<usize> = Vec::new();
    let (mut parted, mut at_start, mut quoted) = (0, true, false);
    for byte in text {
        if at_start && *byte == b' ' {
            continue;
        }
        if std::mem::take(&mut at_start) && *byte == b'"' {
            quoted = true;
        } else if quoted {
            // The second of two quotes opens the field again.
            quoted = *byte != b'"';
            at_start = !quoted;
        } else if *byte == delimiter {
            parted += 1;
            at_start = true;
        } else if matches!(byte, b'\r' | b'\n') {
            if parted > 0 {
                counts.push(std::mem::take(&mut parted));
            }
            at_start = true;
            if counts.len() == LOOKED_AT {
                break;
            }
        }
    }
    if parted > 0 {
        counts.push(parted);
    }
    let alike = |count: usize| counts.iter().filter(|other| **other == count).count() * count;
    counts.iter().map(|count| alike(*count)).max().unwrap_or(0)
}

/// The delimiter that a line `sep=;` names, as Excel writes and reads it; what a program added behind it when it saved the file again
/// does not count.
fn named_delimiter(line: &[u8]) -> Option<u8> {
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let (name, rest) = line.split_at_checked(4)?;
    if !name.eq_ignore_ascii_case(b"sep=") {
        return None;
    }
    let (delimiter, rest) = rest.split_first()?;
    let known = matches!(delimiter, b',' | b';' | b'\t' | b'|');
    let only_separators = rest.iter().all(|b| matches!(b, b',' | b';' | b'\t' | b' ' | b'"'));
    (known && only_separators).then_some(*delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u32, Vec<String>)> {
        // A tiny buffer, so that every state meets a chunk's end.
        let mut reader = CsvReader::new(io::BufReader::with_capacity(64, text.as_bytes())).unwrap();
        let mut rows = Vec::new();
        while let Some(row) = reader.next_row().unwrap() {
            rows.push((row.number, row.cells.iter().map(|c| c.display().into_owned()).collect()));
        }
        rows
    }

    fn row(number: u32, cells: &[&str]) -> (u32, Vec<String>) {
        (number, cells.iter().map(|c| (*c).to_owned()).collect())
    }

    #[test]
    fn records_are_counted_as_a_spreadsheet_does() {
        for (text, expected) in [
            ("a,b\r\n1,2\r\n", vec![row(1, &["a", "b"]), row(2, &["1", "2"])]),
            (
                "a\n\n\"x\ny\"\n3",
                vec![row(1, &["a"]), row(2, &[""]), row(3, &["x\ny"]), row(4, &["3"])],
            ),
            ("a,b\r1,\r", vec![row(1, &["a", "b"]), row(2, &["1", ""])]),
            ("a;b\n\"1;\"\"2\";,", vec![row(1, &["a", "b"]), row(2, &["1;\"2", ","])]),
            (
                "a\tb\n5\"管\t \"x\"",
                vec![row(1, &["a", "b"]), row(2, &["5\"管", "x"])],
            ),
            ("\"a\" ,b\n", vec![row(1, &["a", "b"])]),
            ("a, \"b, c\",  d\n", vec![row(1, &["a", "b, c", "d"])]),
            (" \"a\" ,  \"x\ny\"\"\"\n", vec![row(1, &["a", "x\ny\""])]),
            ("a,   ,\n", vec![row(1, &["a", "", ""])]),
            ("", vec![]),
        ] {
            assert_eq!(rows(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_mark_against_formulas_is_taken_off() {
        for (field, text) in [
            ("'=1+1", "=1+1"),
            ("''x", "'x"),
            ("'x", "x"),
            ("`x", "x"),
            ("'智慧'农业", "'智慧'农业"),
            ("''=x", "'=x"),
            ("'＝x", "＝x"),
            ("'", ""),
            ("'=\"x\"", "=\"x\""),
            ("=\"x\"", "x"),
            ("\"=\"\"2025\"\"\"", "2025"),
        ] {
            assert_eq!(rows(field), vec![row(1, &[text])], "{field}");
        }
    }

    #[test]
    fn a_first_line_may_name_the_delimiter() {
        for text in [
            "sep=;\r\na,b;2\n",
            "SEP=;\na,b;2\n",
            "sep=;;;\ra,b;2\n",
            "\"sep=;\"\na,b;2",
            "sep=;,\na,b;2",
        ] {
            assert_eq!(rows(text), vec![row(1, &["a,b", "2"])], "{text:?}");
        }
        assert_eq!(rows("sep=x\n1"), vec![row(1, &["sep=x"]), row(2, &["1"])]);
    }

    #[test]
    fn the_delimiter_shows_by_several_lines() {
        for (text, cells) in [
            ("登记台账\na;b;c\n1;2;3\n", ["1", "2", "3"]),
            ("2025年,登记台账,八师\na\tb\tc\td\n1\t2\t3\t4\n", ["1", "2", "3"]),
            ("\"a\nx\";b;c\n1;2;3\n", ["1", "2", "3"]),
            ("a|b|c\n1|2|3\n", ["1", "2", "3"]),
            ("a,b,c\n1,2;3;4;5;6|7,3\n", ["1", "2;3;4;5;6|7", "3"]),
        ] {
            let read = rows(text);
            let last = &read.last().unwrap().1;
            assert_eq!(last[..3], cells, "{text:?}");
        }
    }

    #[test]
    fn a_quote_without_partner_is_told_where_it_opened() {
        for (text, place) in [("a,b\n1,\"2\n3,4\n", (2, 1)), ("a\n\"1\"2,3", (2, 0))] {
            let mut reader = CsvReader::new(text.as_bytes()).unwrap();
            let error = loop {
                match reader.next_row() {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("accepted {text:?}"),
                    Err(error) => break error,
                }
            };
            assert!(
                matches!(error, CsvError::UnbalancedQuote { row, column } if (row, column) == place),
                "{error:?}"
            );
        }
    }

    #[test]
    fn neither_long_fields_nor_many_fields_are_held() {
        let text = format!("a,b\n{},2\n3,4{}\n", "长".repeat(4_000_000), ",".repeat(1_000_000));
        let mut reader = CsvReader::new(io::BufReader::new(text.as_bytes())).unwrap();
        reader.next_row().unwrap();
        let row = reader.next_row().unwrap().unwrap();
        assert!(matches!(row.cells.first(), Some(Cell::TooLong(_))));
        assert_eq!(row.cells.get(1), Some(&Cell::Text(Cow::Borrowed("2"))));
        let row = reader.next_row().unwrap().unwrap();
        assert_eq!(row.cells.len(), MAX_COLUMNS);
        assert!(reader.data.capacity() < 4 * MAX_FIELD_BYTES);

        let text = format!("a{}b", ",".repeat(500));
        let error = CsvReader::new(text.as_bytes()).unwrap().next_row().unwrap_err();
        assert!(matches!(error, CsvError::TooManyColumns { row: 1 }));
    }
}
