//! Pictures of pages for the manual: a part of what a browser shows, in few colours, so that the files are small.

use std::io::{Cursor, Read as _, Write as _};

use resvg::tiny_skia::{IntRect, Pixmap};
use serde_json::json;
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::browser::Browser;

/// Room left around what is shown.
const MARGIN: f64 = 12.0;

/// Most colours of a picture with a palette.
const MOST_COLOURS: usize = 256;

/// A part of a page: from the top of one element to the bottom of another, as wide as the window.
pub struct Part {
    pub width: u32,
    pub height: u32,
    /// The words from the one element to the end of the other; those of menus to choose from and of drawings are left out.
    pub words: String,
    top: u32,
}

impl Browser<'_> {
    /// Looks at a part of the page that is open, at most so high.
    #[track_caller]
    pub fn part(&self, from: &str, to: &str, most: u32) -> Part {
        self.find(from);
        self.find(to);
        self.grow();
        let script = "const [from, to] = [arguments[0], arguments[1]].map(css => document.querySelector(css)); \
            const range = document.createRange(); range.setStartBefore(from); range.setEndAfter(to); \
            const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); const words = []; \
            while (walk.nextNode()) { const node = walk.currentNode, above = node.parentElement; const text = node.data.replace(/\\s+/g, ' ').trim(); \
              if (text && range.intersectsNode(node) && !above.closest('option, datalist, svg, script') && above.checkVisibility()) words.push(text); } \
            const edge = e => e.getBoundingClientRect(); \
            return [edge(from).top + scrollY, edge(to).bottom + scrollY, document.documentElement.clientWidth, words.join(' / ')];";
        let found = self.ask(script, vec![json!(from), json!(to)]);
        let number = |n: usize| found[n].as_f64().unwrap();
        let top = (number(0) - MARGIN).max(0.0).floor();
        let height = (number(1) + MARGIN - top).ceil().min(f64::from(most));
        assert!(height > 50.0, "{}: nothing from {from} to {to}: {found}", self.path());
        Part {
            width: number(2) as u32,
            height: height as u32,
            words: found[3].as_str().unwrap().to_owned(),
            top: top as u32,
        }
    }

    /// Makes the window as high as the page.
    fn grow(&self) {
        let size = "scrollTo(0, 0); return [innerWidth, document.documentElement.scrollHeight]";
        let size = self.ask(size, vec![]);
        let number = |n: usize| u32::try_from(size[n].as_u64().unwrap()).unwrap();
        self.resize(number(0), (number(1) + 150).clamp(900, 6_000));
    }

    /// The part as a PNG.
    pub fn cut(&self, part: &Part) -> Vec<u8> {
        let window = self.app().block_on(self.client.screenshot()).unwrap();
        let window = Pixmap::decode_png(&window).unwrap();
        let height = part.height.min(window.height() - part.top);
        let place = IntRect::from_xywh(0, i32::try_from(part.top).unwrap(), part.width, height);
        png(&window.clone_rect(place.unwrap()).unwrap())
    }
}

/// A picture as a PNG with a palette: each shade rounded to as many levels as the palette has room for.
fn png(pixels: &Pixmap) -> Vec<u8> {
    let (palette, rows) = [15_u32, 17, 51]
        .into_iter()
        .find_map(|step| indexed(pixels, step))
        .expect("six levels of three colours are 216");
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut head = [pixels.width().to_be_bytes(), pixels.height().to_be_bytes()].concat();
    head.extend([8, 3, 0, 0, 0]);
    chunk(&mut file, b"IHDR", &head);
    chunk(&mut file, b"PLTE", &palette.concat());
    chunk(&mut file, b"IDAT", &zlib(&rows));
    chunk(&mut file, b"IEND", &[]);
    file
}

/// The colours, and the rows as numbers of colours, each begun by a 0 for "as it is".
fn indexed(pixels: &Pixmap, step: u32) -> Option<(Vec<[u8; 3]>, Vec<u8>)> {
    let level = |shade: u8| u8::try_from((u32::from(shade) + step / 2) / step * step).unwrap_or(u8::MAX);
    let mut palette: Vec<[u8; 3]> = Vec::new();
    let mut rows = Vec::with_capacity(pixels.pixels().len());
    for (n, pixel) in pixels.pixels().iter().enumerate() {
        if n % pixels.width() as usize == 0 {
            rows.push(0);
        }
        let colour = [level(pixel.red()), level(pixel.green()), level(pixel.blue())];
        let place = palette.iter().position(|c| *c == colour).unwrap_or_else(|| {
            palette.push(colour);
            palette.len() - 1
        });
        rows.push(u8::try_from(place).ok()?);
    }
    (palette.len() <= MOST_COLOURS).then_some((palette, rows))
}

fn chunk(file: &mut Vec<u8>, name: &[u8; 4], content: &[u8]) {
    file.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
    let named = [name.as_slice(), content].concat();
    file.extend_from_slice(&named);
    file.extend(crc32(&named).to_be_bytes());
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| {
        if crc & 1 == 1 {
            (crc >> 1) ^ 0xEDB8_8320
        } else {
            crc >> 1
        }
    };
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc))
    })
}

/// A zlib stream: what an archive's entry is compressed to, between zlib's own head and sum.
fn zlib(bytes: &[u8]) -> Vec<u8> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9));
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("x", options).unwrap();
    archive.write_all(bytes).unwrap();
    let mut archive = ZipArchive::new(archive.finish().unwrap()).unwrap();
    let mut stream = vec![0x78, 0xDA];
    archive.by_index_raw(0).unwrap().read_to_end(&mut stream).unwrap();
    let (low, high) = bytes.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    stream.extend((high << 16 | low).to_be_bytes());
    stream
}

#[test]
fn a_picture_is_what_was_drawn() {
    let mut pixels = Pixmap::new(3, 2).unwrap();
    pixels.fill(resvg::tiny_skia::Color::from_rgba8(255, 0, 30, 255));
    let file = png(&pixels);
    let read = Pixmap::decode_png(&file).unwrap();
    assert_eq!((read.width(), read.height()), (3, 2));
    assert_eq!(read.data(), pixels.data());
}
