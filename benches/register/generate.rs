//! A register of any size, the same at every run: the rows of the sample over and over, each copy with a number, name, credit
//! codes and amounts of its own, so that no two rows are equal and no text compresses away.

use std::{collections::HashMap, fs, path::Path};

use crate::Failure;

/// Characters of a credit code (GB 32100-2015); the place is the value.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// SplitMix64: random enough for names, and the same everywhere.
pub struct Random(pub u64);

impl Random {
    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// Places of the columns that are changed.
struct Columns {
    number: usize,
    name: usize,
    parties: [usize; 2],
    codes: [usize; 2],
    total: usize,
    technology: usize,
    other: usize,
}

impl Columns {
    fn of(header: &csv::StringRecord) -> Result<Self, Failure> {
        let place = |title: &str| {
            header
                .iter()
                .position(|h| h == title)
                .ok_or_else(|| format!("the sample has no column {title}"))
        };
        Ok(Self {
            number: place("登记编号")?,
            name: place("合同名称")?,
            parties: [place("卖方名称")?, place("买方名称")?],
            codes: [place("卖方统一社会信用代码")?, place("买方统一社会信用代码")?],
            total: place("合同成交额（元）")?,
            technology: place("技术交易额（元）")?,
            other: place("非技术性费用（元）")?,
        })
    }
}

/// Writes `rows` rows as a CSV file.
pub fn register(path: &Path, rows: usize) -> Result<(), Failure> {
    let (header, samples) = samples()?;
    let columns = Columns::of(&header)?;
    let mut random = Random(2025);
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut writer = csv::Writer::from_path(path)?;
    writer.write_record(&header)?;
    for (count, sample) in samples.iter().cycle().take(rows).enumerate() {
        let mut row: Vec<String> = sample.iter().map(str::to_owned).collect();
        vary(&mut row, &columns, count, &mut random, &mut numbers);
        writer.write_record(&row)?;
    }
    writer.flush()?;
    Ok(())
}

/// Header and rows of the sample of all years.
fn samples() -> Result<(csv::StringRecord, Vec<csv::StringRecord>), Failure> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/demo");
    let mut header = csv::StringRecord::new();
    let mut rows = Vec::new();
    for year in 2021..=2025 {
        let text = fs::read_to_string(folder.join(format!("contracts-{year}.csv")))?;
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
        header = reader.headers()?.clone();
        for row in reader.records() {
            rows.push(row?);
        }
    }
    Ok((header, rows))
}

fn vary(row: &mut [String], columns: &Columns, count: usize, random: &mut Random, numbers: &mut HashMap<String, u32>) {
    let mut change = |place: usize, f: &mut dyn FnMut(&str) -> String| {
        if let Some(cell) = row.get_mut(place).filter(|cell| !cell.is_empty()) {
            *cell = f(cell);
        }
    };
    change(columns.number, &mut |number| {
        let prefix: String = number.chars().take(10).collect();
        let last = numbers.entry(prefix.clone()).or_default();
        *last += 1;
        format!("{prefix}{last:06}")
    });
    change(columns.name, &mut |name| format!("{name}第{count}号"));
    for place in columns.parties {
        let party = random.below(20_000);
        change(place, &mut |name| format!("{name}{party:05}"));
    }
    for place in columns.codes {
        let body = random.next();
        change(place, &mut |code| credit_code(code, body));
    }
    // The parts keep their proportion to the total.
    let factor = 50 + random.below(150);
    let scaled = |yuan: &str| fen(yuan) * i64::try_from(factor).unwrap_or(100) / 100;
    let mut total = None;
    change(columns.total, &mut |yuan| {
        let fen = scaled(yuan).max(1);
        total = Some(fen);
        yuan_text(fen)
    });
    let mut technology = None;
    change(columns.technology, &mut |yuan| {
        let fen = scaled(yuan);
        technology = Some(fen);
        yuan_text(fen)
    });
    change(columns.other, &mut |yuan| match (total, technology) {
        (Some(total), Some(technology)) => yuan_text(total - technology),
        _ => yuan.to_owned(),
    });
}

/// Another valid code of the same kind and place.
pub fn credit_code(code: &str, body: u64) -> String {
    let mut body = body;
    let mut letters: Vec<u8> = code.bytes().take(8).collect();
    while letters.len() < 17 {
        let at = usize::try_from(body % 31).unwrap_or_default();
        letters.extend(ALPHABET.get(at));
        body /= 31;
    }
    let (mut weight, mut sum) = (1, 0);
    for letter in &letters {
        let value = ALPHABET.iter().position(|a| a == letter).unwrap_or_default();
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    letters.extend(ALPHABET.get((31 - sum % 31) % 31));
    String::from_utf8_lossy(&letters).into_owned()
}

/// `4900.00` in fen; the sample's amounts all have two places.
fn fen(yuan: &str) -> i64 {
    yuan.replace('.', "").parse().unwrap_or_default()
}

fn yuan_text(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}
