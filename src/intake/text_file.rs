//! A text file as UTF-8, whatever its encoding: decided by one streaming pass, decoded by a second.

use std::{
    fs::File,
    io::{self, BufRead, Read, Seek, SeekFrom, Take},
    path::Path,
};

use encoding_rs::{CoderResult, Decoder, DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::error::IntakeError;

const CHUNK: usize = 64 * 1024;

/// What a text file turned out to be.
#[derive(Debug, Clone, Copy)]
pub struct Detected {
    /// Its encoding.
    pub encoding: &'static Encoding,
    /// Bytes of its byte order mark.
    pub mark: usize,
    /// Bytes up to the NULs at its end.
    pub end: u64,
}

/// The encoding of the text file at `path`, and how many bytes its byte order mark takes. Reads the file once or twice, holding a
/// chunk of it.
///
/// # Errors
/// [`IntakeError::NotATable`] for binary content, [`IntakeError::Encoding`] where neither UTF-8 nor GB18030 fits.
pub fn detect(path: &Path) -> Result<(&'static Encoding, usize), IntakeError> {
    let bytes = std::fs::metadata(path)?.len();
    detect_within(path, bytes)
}

/// The same of a table, whose end may be filled up with NULs, as some programs and interrupted copies leave it.
///
/// # Errors
/// As [`detect`]; [`IntakeError::Empty`] where there is nothing but NULs.
pub fn detect_padded(path: &Path) -> Result<Detected, IntakeError> {
    let mut file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut end = without_padding(&mut file, bytes)?;
    let mut start = [0; 3];
    file.seek(SeekFrom::Start(0))?;
    let start = read_up_to(&mut file, &mut start)?;
    let wide = Encoding::for_bom(start).is_some_and(|(encoding, _)| encoding != UTF_8) || wide_by_nuls(path)?.is_some();
    if wide {
        // The last character may end in a NUL that is its own.
        end = end.next_multiple_of(2).min(bytes);
    }
    if end == 0 {
        return Err(IntakeError::Empty);
    }
    let (encoding, mark) = detect_within(path, end)?;
    Ok(Detected { encoding, mark, end })
}

/// How many bytes there are before the NULs at the end.
fn without_padding(file: &mut File, bytes: u64) -> io::Result<u64> {
    let mut end = bytes;
    let mut buffer = vec![0; CHUNK];
    while end > 0 {
        let from = end.saturating_sub(CHUNK as u64);
        file.seek(SeekFrom::Start(from))?;
        let wanted = usize::try_from(end - from).unwrap_or(CHUNK);
        let piece = read_up_to(file, buffer.get_mut(..wanted).unwrap_or_default())?;
        match piece.iter().rposition(|b| *b != 0) {
            Some(last) => return Ok(from + last as u64 + 1),
            None => end = from,
        }
    }
    Ok(0)
}

/// UTF-16 without a mark shows by its NULs, as every ASCII character has one. So have some others (U+4E00 一, U+5F00 开) on the other
/// side: what it is, is what reads as a table of Chinese.
fn wide_by_nuls(path: &Path) -> io::Result<Option<&'static Encoding>> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; CHUNK];
    let start = read_up_to(&mut file, &mut buffer)?;
    let start = start
        .get(..start.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1))
        .unwrap_or_default();
    if !start.contains(&0) {
        return Ok(None);
    }
    let (little, big) = (
        legibility(start, u16::from_le_bytes),
        legibility(start, u16::from_be_bytes),
    );
    let likelier = if little >= big { UTF_16LE } else { UTF_16BE };
    Ok((little.max(big) >= LEGIBLE).then_some(likelier))
}

/// Characters of a hundred that must be those of a table.
const LEGIBLE: usize = 90;

/// How many characters of a hundred are such as tables have, read as UTF-16; none where nothing parts cells or lines.
fn legibility(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> usize {
    let (mut known, mut all, mut parts) = (0, 0, 0);
    for pair in bytes.chunks(2) {
        // The NUL of the last character may have gone with those that fill up the file.
        let pair = [pair.first().copied().unwrap_or(0), pair.get(1).copied().unwrap_or(0)];
        let c = unit(pair);
        all += 1;
        known += usize::from(
            matches!(c, 9 | 10 | 13 | 0x20..=0x7E | 0xA0..=0xFF | 0x2010..=0x2030 | 0x3000..=0x301F
            | 0x4E00..=0x9FFF | 0xFF01..=0xFF5E | 0xFFE5 | 0xFEFF),
        );
        parts += usize::from(matches!(c, 9 | 10 | 13 | 0x2C | 0x3B));
    }
    if parts == 0 { 0 } else { known * 100 / all }
}

fn detect_within(path: &Path, end: u64) -> Result<(&'static Encoding, usize), IntakeError> {
    let mut file = File::open(path)?;
    let mut start = [0; 3];
    let start = read_up_to(&mut file, &mut start)?;
    let told = |encoding: &'static Encoding, mark: usize, wrong: Option<u64>| match wrong {
        None => Ok((encoding, mark)),
        Some(offset) => Err(IntakeError::Encoding {
            encoding: encoding.name(),
            offset,
        }),
    };
    if let Some((encoding, mark)) = Encoding::for_bom(start) {
        let wrong = if encoding == UTF_8 {
            valid_utf8(path, mark, end)?
        } else {
            valid(path, encoding, (mark, end), true)?
        };
        return told(encoding, mark, wrong);
    }
    if let Some(encoding) = wide_by_nuls(path)? {
        return match valid(path, encoding, (0, end), true)? {
            None => Ok((encoding, 0)),
            Some(offset) => Err(IntakeError::Encoding {
                encoding: encoding.name(),
                offset,
            }),
        };
    }
    if valid_utf8(path, 0, end)?.is_none() {
        return Ok((UTF_8, 0));
    }
    match valid(path, GB18030, (0, end), false)? {
        None => Ok((GB18030, 0)),
        Some(offset) => Err(IntakeError::Encoding {
            encoding: "UTF-8 或 GB18030",
            offset,
        }),
    }
}

/// The file's bytes from `skip` up to `end`.
fn within(path: &Path, skip: usize, end: u64) -> io::Result<Take<File>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(skip as u64))?;
    Ok(file.take(end.saturating_sub(skip as u64)))
}

/// The beginning of a text, by which its format shows; decoded, without NULs.
pub fn beginning(path: &Path, detected: Detected, bytes: usize) -> io::Result<String> {
    let mut start = vec![0; bytes];
    let mut file = within(path, detected.mark, detected.end)?;
    let mut filled = 0;
    while let Some(rest) = start.get_mut(filled..).filter(|r| !r.is_empty()) {
        match file.read(rest)? {
            0 => break,
            n => filled += n,
        }
    }
    let start = start.get(..filled).unwrap_or_default();
    Ok(detected.encoding.decode_without_bom_handling(start).0.into_owned())
}

fn read_up_to<'b>(file: &mut File, buffer: &'b mut [u8]) -> io::Result<&'b [u8]> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|r| !r.is_empty()) {
        match file.read(rest)? {
            0 => break,
            n => filled += n,
        }
    }
    Ok(buffer.get(..filled).unwrap_or_default())
}

/// Where (counted from 1) the file stops being UTF-8; `None` where it never does. Quicker than decoding.
fn valid_utf8(path: &Path, skip: usize, end: u64) -> Result<Option<u64>, IntakeError> {
    let mut file = within(path, skip, end)?;
    let mut buffer = vec![0; CHUNK];
    // Bytes at the buffer's start that began a character in the chunk before.
    let mut carried = 0;
    let mut offset = skip as u64;
    let mut row = 1;
    loop {
        let n = file.read(buffer.get_mut(carried..).unwrap_or_default())?;
        let bytes = buffer.get(..carried + n).unwrap_or_default();
        refuse_binary(bytes, &mut row, offset)?;
        let sound = match std::str::from_utf8(bytes) {
            Ok(_) => bytes.len(),
            Err(error) if error.error_len().is_none() && n > 0 => error.valid_up_to(),
            Err(error) => return Ok(Some(offset + error.valid_up_to() as u64 + 1)),
        };
        if n == 0 {
            return Ok(None);
        }
        offset += sound as u64;
        carried = bytes.len() - sound;
        buffer.copy_within(sound..sound + carried, 0);
    }
}

/// Where (counted from 1) the file stops being text of the encoding; `None` where it never does.
fn valid(
    path: &Path,
    encoding: &'static Encoding,
    (skip, end): (usize, u64),
    nul_allowed: bool,
) -> Result<Option<u64>, IntakeError> {
    let mut file = within(path, skip, end)?;
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut raw = vec![0; CHUNK];
    let mut text = vec![0; CHUNK * 4];
    let mut row = 1;
    let mut offset = skip as u64;
    loop {
        let n = file.read(&mut raw)?;
        let mut bytes = raw.get(..n).unwrap_or_default();
        if !nul_allowed {
            refuse_binary(bytes, &mut row, offset)?;
        }
        loop {
            let (result, read, _) = decoder.decode_to_utf8_without_replacement(bytes, &mut text, n == 0);
            bytes = bytes.get(read..).unwrap_or_default();
            offset += read as u64;
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => return Ok(Some(offset)),
            }
        }
        if n == 0 {
            return Ok(None);
        }
    }
}

/// Refuses bytes that no text holds, with their place; `offset` bytes and the lines before `row` come before. Counts the lines.
fn refuse_binary(bytes: &[u8], row: &mut u32, offset: u64) -> Result<(), IntakeError> {
    let binary = bytes.iter().position(|b| is_binary(*b));
    let before = bytes.get(..binary.unwrap_or(bytes.len())).unwrap_or_default();
    let lines = before.iter().filter(|b| **b == b'\n').count();
    *row = row.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
    match binary {
        None => Ok(()),
        Some(at) => Err(IntakeError::NotATable {
            row: *row,
            offset: offset + at as u64 + 1,
        }),
    }
}

/// Control characters that no text file holds (GB18030's second bytes are 0x30 and above).
fn is_binary(byte: u8) -> bool {
    matches!(byte, 0..=6 | 0x0E..=0x19 | 0x1C..=0x1F)
}

/// The file at `path`, decoded to UTF-8 chunk by chunk.
pub struct TextFile {
    file: Take<File>,
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    raw_at: usize,
    text: Vec<u8>,
    text_at: usize,
    at_end: bool,
    bytes_read: u64,
}

impl TextFile {
    /// Opens the file behind its byte order mark.
    ///
    /// # Errors
    /// Of the file system.
    pub fn open(path: &Path, detected: Detected) -> io::Result<Self> {
        let (encoding, skip) = (detected.encoding, detected.mark);
        Ok(Self {
            file: within(path, skip, detected.end)?,
            decoder: (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling()),
            raw: Vec::new(),
            raw_at: 0,
            text: Vec::new(),
            text_at: 0,
            at_end: false,
            bytes_read: skip as u64,
        })
    }

    /// How many bytes of the file were read.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    fn read_raw(&mut self) -> io::Result<()> {
        self.raw.resize(CHUNK, 0);
        let n = self.file.read(&mut self.raw)?;
        self.raw.truncate(n);
        self.raw_at = 0;
        self.at_end = n == 0;
        self.bytes_read += n as u64;
        Ok(())
    }
}

impl Read for TextFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(buffer)?;
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for TextFile {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.decoder.is_none() {
            if self.raw_at >= self.raw.len() && !self.at_end {
                self.read_raw()?;
            }
            return Ok(self.raw.get(self.raw_at..).unwrap_or_default());
        }
        while self.text_at >= self.text.len() {
            if self.raw_at >= self.raw.len() {
                if self.at_end {
                    break;
                }
                self.read_raw()?;
            }
            let Some(decoder) = self.decoder.as_mut() else { break };
            self.text.resize(CHUNK * 4, 0);
            let bytes = self.raw.get(self.raw_at..).unwrap_or_default();
            let (_, read, written, _): (CoderResult, _, _, _) =
                decoder.decode_to_utf8(bytes, &mut self.text, self.at_end);
            self.raw_at += read;
            self.text.truncate(written);
            self.text_at = 0;
        }
        Ok(self.text.get(self.text_at..).unwrap_or_default())
    }

    fn consume(&mut self, n: usize) {
        match self.decoder {
            None => self.raw_at += n,
            Some(_) => self.text_at += n,
        }
    }
}

/// What a user calls the encoding.
pub fn encoding_name(encoding: &'static Encoding) -> &'static str {
    if encoding == UTF_16LE || encoding == UTF_16BE {
        "UTF-16"
    } else if encoding == GB18030 {
        "GB18030"
    } else {
        "UTF-8"
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    #[test]
    fn encodings_are_told_apart_and_decoded() {
        let text = "登记编号,名称\r\n1,𠮷野㐂\r\n".repeat(9000);
        let utf16: Vec<u8> = std::iter::once(0xFEFF)
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        for (bytes, name, skip) in [
            (text.as_bytes().to_vec(), "UTF-8", 0),
            ([b"\xEF\xBB\xBF", text.as_bytes()].concat(), "UTF-8", 3),
            (GB18030.encode(&text).0.into_owned(), "GB18030", 0),
            (utf16, "UTF-16", 2),
        ] {
            let file = file(&bytes);
            let detected = detect_padded(file.path()).unwrap();
            assert_eq!((encoding_name(detected.encoding), detected.mark), (name, skip));
            let mut read = String::new();
            let mut decoded = TextFile::open(file.path(), detected).unwrap();
            decoded.read_to_string(&mut read).unwrap();
            assert!(read == text, "{name}");
            assert_eq!(decoded.bytes_read(), bytes.len() as u64);
        }
    }

    #[test]
    fn nuls_at_the_end_are_no_text_and_those_of_utf_16_are() {
        let text = "a,b\r\n1,甲\r\n";
        let wide = |le: bool| -> Vec<u8> {
            let bytes = |c: u16| if le { c.to_le_bytes() } else { c.to_be_bytes() };
            text.encode_utf16().flat_map(bytes).collect()
        };
        let padded = |bytes: Vec<u8>| [bytes, vec![0; 70_000]].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            GB18030.encode(text).0.into_owned(),
            wide(true),
            wide(false),
        ] {
            for bytes in [bytes.clone(), padded(bytes)] {
                let file = file(&bytes);
                let detected = detect_padded(file.path()).unwrap();
                let mut read = String::new();
                TextFile::open(file.path(), detected)
                    .unwrap()
                    .read_to_string(&mut read)
                    .unwrap();
                assert_eq!(read, text, "{}", encoding_name(detected.encoding));
                assert_eq!(beginning(file.path(), detected, 6).unwrap().chars().next(), Some('a'));
            }
        }
        assert!(matches!(detect_padded(file(&[0; 9]).path()), Err(IntakeError::Empty)));
        assert!(matches!(
            detect_padded(file(b"a\0b\0\0c").path()),
            Err(IntakeError::NotATable { row: 1, offset: 2 })
        ));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert!(matches!(
            detect(file(b"a\nc\0b").path()),
            Err(IntakeError::NotATable { row: 2, offset: 4 })
        ));
        assert!(matches!(
            detect(file(b"\xEF\xBB\xBFabc\xFF").path()),
            Err(IntakeError::Encoding {
                encoding: "UTF-8",
                offset: 7
            })
        ));
        assert!(matches!(
            detect(file(b"abc\xFF\xFF").path()),
            Err(IntakeError::Encoding { .. })
        ));
    }
}
