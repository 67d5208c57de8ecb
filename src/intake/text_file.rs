//! A text file as UTF-8, whatever its encoding: decided by one streaming pass, decoded by a second.

use std::{
    fs::File,
    io::{self, BufRead, Read, Seek, SeekFrom},
    path::Path,
};

use encoding_rs::{CoderResult, Decoder, DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::error::IntakeError;

const CHUNK: usize = 64 * 1024;

/// The encoding of the text file at `path`, and how many bytes its byte order mark takes. Reads the file once, holding a
/// chunk of it.
///
/// # Errors
/// [`IntakeError::NotATable`] for binary content, [`IntakeError::Encoding`] where neither UTF-8 nor GB18030 fits.
pub fn detect(path: &Path) -> Result<(&'static Encoding, usize), IntakeError> {
    let mut file = File::open(path)?;
    let mut start = [0; 3];
    let start = read_up_to(&mut file, &mut start)?;
    if let Some((encoding, mark)) = Encoding::for_bom(start) {
        let wrong = if encoding == UTF_8 {
            valid_utf8(path, mark)?
        } else {
            valid(path, encoding, mark, true)?
        };
        return match wrong {
            None => Ok((encoding, mark)),
            Some(offset) => Err(IntakeError::Encoding {
                encoding: encoding.name(),
                offset,
            }),
        };
    }
    if valid_utf8(path, 0)?.is_none() {
        return Ok((UTF_8, 0));
    }
    match valid(path, GB18030, 0, false)? {
        None => Ok((GB18030, 0)),
        Some(offset) => Err(IntakeError::Encoding {
            encoding: "UTF-8 或 GB18030",
            offset,
        }),
    }
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
fn valid_utf8(path: &Path, skip: usize) -> Result<Option<u64>, IntakeError> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(skip as u64))?;
    let mut buffer = vec![0; CHUNK];
    // Bytes at the buffer's start that began a character in the chunk before.
    let mut carried = 0;
    let mut offset = skip as u64;
    loop {
        let n = file.read(buffer.get_mut(carried..).unwrap_or_default())?;
        let bytes = buffer.get(..carried + n).unwrap_or_default();
        if bytes.iter().any(|b| is_binary(*b)) {
            return Err(IntakeError::NotATable);
        }
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
fn valid(path: &Path, encoding: &'static Encoding, skip: usize, nul_allowed: bool) -> Result<Option<u64>, IntakeError> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(skip as u64))?;
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut raw = vec![0; CHUNK];
    let mut text = vec![0; CHUNK * 4];
    let mut offset = skip as u64;
    loop {
        let n = file.read(&mut raw)?;
        let mut bytes = raw.get(..n).unwrap_or_default();
        if !nul_allowed && bytes.iter().any(|b| is_binary(*b)) {
            return Err(IntakeError::NotATable);
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

/// Control characters that no text file holds (GB18030's second bytes are 0x30 and above).
fn is_binary(byte: u8) -> bool {
    matches!(byte, 0..=6 | 0x0E..=0x19 | 0x1C..=0x1F)
}

/// The file at `path`, decoded to UTF-8 chunk by chunk.
pub struct TextFile {
    file: File,
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    raw_at: usize,
    text: Vec<u8>,
    text_at: usize,
    at_end: bool,
    bytes_read: u64,
}

impl TextFile {
    /// Opens the file behind its byte order mark of `skip` bytes; the encoding is that of [`detect`].
    ///
    /// # Errors
    /// Of the file system.
    pub fn open(path: &Path, encoding: &'static Encoding, skip: usize) -> io::Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(skip as u64))?;
        Ok(Self {
            file,
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
            let (encoding, mark) = detect(file.path()).unwrap();
            assert_eq!((encoding_name(encoding), mark), (name, skip));
            let mut read = String::new();
            let mut decoded = TextFile::open(file.path(), encoding, mark).unwrap();
            decoded.read_to_string(&mut read).unwrap();
            assert!(read == text, "{name}");
            assert_eq!(decoded.bytes_read(), bytes.len() as u64);
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert!(matches!(detect(file(b"a\0b").path()), Err(IntakeError::NotATable)));
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
