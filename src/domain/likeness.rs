//! What a contract is recognised by among others: its name without what every writer puts differently, its parties, its day, its
//! amount. Pure; `storage::likeness` keeps it for every contract that counts or may come to, so that look-alikes are found
//! without comparing all pairs.
//!
//! Two names are compared in two parts. The *wording* is the name as `domain::text` folds it, letters and digits only, without its
//! numbers; it is alike where few edits lead from one to the other. The *numbers* (`2025`, `第二期`, `B标段`, `（三）`) tell the
//! members of a series apart: contracts that differ in them are different contracts, however alike their wording.

use sha2::{Digest as _, Sha256};

use super::{
    contract::{Content, Party},
    money::Fen,
    text::folded,
    time::Date,
};

/// What separates wording and numbers in [`Name::text`]: neither holds a control character.
const SEPARATOR: char = '\u{1f}';

/// Chinese numerals and their digits; 十 stands for itself.
const NUMERALS: &str = "〇零一二三四五六七八九十两";

/// Characters before which a numeral or letter counts something: phases, lots, batches, numbers, years, quarters, parts, places.
const COUNTED: &str = "期标批号包段阶季年月轮次区组部分师团连队型版项";

/// Bits of a [`Sketch`] that hold its length.
const LENGTH_BITS: u32 = 8;

/// A contract's name, made comparable.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name {
    wording: String,
    numbers: String,
}

impl Name {
    /// Reads a name as people write it.
    pub fn of(name: &str) -> Self {
        let chars: Vec<char> = folded(name).collect();
        let (mut wording, mut numbers) = (String::new(), Vec::new());
        let mut at = 0;
        while let Some(c) = chars.get(at).copied() {
            let run = number_at(&chars, at);
            if run > 0 {
                let token = chars
                    .iter()
                    .skip(at)
                    .take(run)
                    .map(|c| digit_of(*c))
                    .collect::<String>();
                numbers.push(token);
                at += run;
                continue;
            }
            // 第 belongs to the number that follows it.
            if c.is_alphanumeric() && !(c == '第' && number_at(&chars, at + 1) > 0) {
                wording.push(c);
            }
            at += 1;
        }
        Self {
            wording,
            numbers: numbers.join(" "),
        }
    }

    /// As the store keeps it.
    pub fn text(&self) -> String {
        format!("{}{SEPARATOR}{}", self.wording, self.numbers)
    }

    /// Reads what [`Name::text`] wrote.
    pub fn from_text(text: &str) -> Self {
        let (wording, numbers) = text.split_once(SEPARATOR).unwrap_or((text, ""));
        Self {
            wording: wording.to_owned(),
            numbers: numbers.to_owned(),
        }
    }

    /// Whether both are numbered alike: the same contract, or none of a series.
    pub fn same_numbers(&self, other: &Self) -> bool {
        self.numbers == other.numbers
    }

    /// Whether the wordings are at least `percent` alike: 100 × (1 − edits ÷ characters of the longer one), edits being single
    /// characters added, left out or changed (Levenshtein).
    pub fn is_alike(&self, other: &Self, percent: u32) -> bool {
        let (a, b) = (self.wording.chars().count(), other.wording.chars().count());
        let most = most_edits(a.max(b), percent);
        a.abs_diff(b) <= most && strsim::levenshtein(&self.wording, &other.wording) <= most
    }

    /// What tells cheaply that another name cannot be alike.
    pub fn sketch(&self) -> Sketch {
        let mut bits = 0_u64;
        let mut length = 0_u64;
        for c in self.wording.chars() {
            // Fibonacci hashing: the upper bits of the product are well mixed for neighbouring code points.
            let place = (u64::from(u32::from(c)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) % 56;
            bits |= 1 << (u64::from(LENGTH_BITS) + place);
            length += 1;
        }
        Sketch(bits | length.min(255))
    }
}

/// The most edits between names that are `percent` alike, the longer one having `longer` characters.
fn most_edits(longer: usize, percent: u32) -> usize {
    let rest = usize::try_from(100_u32.saturating_sub(percent)).unwrap_or_default();
    longer.saturating_mul(rest) / 100
}

/// Characters of the number that begins at `at`; 0 where none does. Arabic digits always are one; Chinese numerals and short runs
/// of Latin letters (roman numbers, A and B) only where they count something.
fn number_at(chars: &[char], at: usize) -> usize {
    let run = |is: fn(char) -> bool| chars.iter().skip(at).take_while(|c| is(**c)).count();
    let digits = run(|c| c.is_ascii_digit());
    if digits > 0 {
        return digits;
    }
    let before = at.checked_sub(1).and_then(|i| chars.get(i)).copied();
    let numerals = run(|c| NUMERALS.contains(c));
    let letters = run(|c| c.is_ascii_lowercase());
    let length = if numerals > 0 { numerals } else { letters };
    let begins = !before.is_some_and(|c| c.is_ascii_alphanumeric());
    if length == 0 || (numerals == 0 && (letters > 4 || !begins)) {
        return 0;
    }
    let after = chars.get(at + length).copied();
    let bracketed = before.is_some_and(|c| "([【-#第".contains(c)) && after.is_none_or(|c| ")]】".contains(c));
    let counts = before == Some('第') || bracketed || after.is_some_and(|c| COUNTED.contains(c));
    // A roman number or a single letter at the very end counts too: “平台建设II”, “课题A”.
    let last = after.is_none() && (numerals > 0 || letters == 1 || run(|c| "ivx".contains(c)) == letters);
    if counts || last { length } else { 0 }
}

/// One way of writing a digit.
fn digit_of(c: char) -> char {
    match c {
        '〇' | '零' => '0',
        '一' => '1',
        '二' | '两' => '2',
        '三' => '3',
        '四' => '4',
        '五' => '5',
        '六' => '6',
        '七' => '7',
        '八' => '8',
        '九' => '9',
        other => other,
    }
}

/// Which characters a name's wording has, 56 bits, and how many, 8 bits (255 standing for more). One edit changes at most two of
/// the bits, so that names whose sketches are further apart than twice the allowed edits cannot be alike: nothing that is alike
/// is ever passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sketch(u64);

impl Sketch {
    /// As the store keeps it.
    pub const fn to_stored(self) -> i64 {
        self.0.cast_signed()
    }

    /// Reads what [`Sketch::to_stored`] wrote.
    pub const fn from_stored(stored: i64) -> Self {
        Self(stored.cast_unsigned())
    }

    fn length(self) -> usize {
        usize::try_from(self.0 & 0xFF).unwrap_or_default()
    }

    /// Whether the names may be `percent` alike.
    pub fn may_be_alike(self, other: Self, percent: u32) -> bool {
        let (a, b) = (self.length(), other.length());
        // A length of 255 stands for any above, too.
        if a.max(b) >= 255 {
            return true;
        }
        let most = most_edits(a.max(b), percent);
        let apart = ((self.0 ^ other.0) >> LENGTH_BITS).count_ones();
        a.abs_diff(b) <= most && usize::try_from(apart).unwrap_or_default() <= 2 * most
    }
}

/// What a contract is recognised by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: Name,
    /// Key of the seller: see [`party_key`].
    pub seller: i64,
    /// Key of the buyer.
    pub buyer: i64,
    /// Key of both in their places.
    pub pair: i64,
    /// 签订日期.
    pub signed_on: Date,
    /// 合同成交额, in fen.
    pub amount_fen: Fen,
}

impl Profile {
    /// The profile of a content; none where name, a party, the day or the amount is missing.
    pub fn of(content: &Content) -> Option<Self> {
        let (seller, buyer) = (party_key(&content.seller)?, party_key(&content.buyer)?);
        let mut both = seller.to_be_bytes().to_vec();
        both.extend(buyer.to_be_bytes());
        Some(Self {
            name: Name::of(content.project_name.as_deref()?),
            seller,
            buyer,
            pair: key_of(&both),
            signed_on: content.signed_on?,
            amount_fen: content.amount_fen?,
        })
    }
}

/// What a party is known by, as a number: its credit code; its name where it has no code (natural persons, foreign parties).
pub fn party_key(party: &Party) -> Option<i64> {
    match (party.uscc.as_deref(), party.name.as_deref()) {
        (Some(code), _) => Some(key_of(code.as_bytes())),
        (None, Some(name)) => Some(key_of(Name::of(name).text().as_bytes())),
        (None, None) => None,
    }
}

/// The first 64 bits of SHA-256: among a million parties two agree by chance once in some ten million registers.
fn key_of(bytes: &[u8]) -> i64 {
    let mut first = [0; 8];
    for (to, from) in first.iter_mut().zip(Sha256::digest(bytes)) {
        *to = from;
    }
    i64::from_be_bytes(first)
}

/// Whether two amounts differ by at most `per_mille` of the larger one.
pub fn amounts_are_near(a: Fen, b: Fen, per_mille: u32) -> bool {
    let difference = i128::from(a) - i128::from(b);
    difference.abs() * 1000 <= i128::from(a.max(b)) * i128::from(per_mille)
}

/// The least and the greatest amount that are near `amount`: see [`amounts_are_near`].
pub fn near_amounts(amount: Fen, per_mille: u32) -> (Fen, Fen) {
    let rest = i128::from(1000_u32.saturating_sub(per_mille)).max(1);
    let amount = i128::from(amount);
    let least = (amount * rest + 999) / 1000;
    let most = amount * 1000 / rest;
    (
        Fen::try_from(least).unwrap_or(Fen::MIN),
        Fen::try_from(most).unwrap_or(Fen::MAX),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn alike(a: &str, b: &str) -> (bool, bool) {
        let (a, b) = (Name::of(a), Name::of(b));
        (a.is_alike(&b, 90), a.same_numbers(&b))
    }

    #[test]
    fn names_are_compared_by_wording_and_numbers() {
        for (a, b, expected) in [
            ("棉田残膜回收装备研制", "棉田 残膜回收装备研制。", (true, true)),
            ("棉田残膜回收装备的研制", "棉田残膜回收装备研制", (true, true)),
            ("ＧＩＳ平台建设", "gis平台建设", (true, true)),
            ("棉田残膜回收装备研制（1）", "棉田残膜回收装备研制（2）", (true, false)),
            ("滴灌技术服务一期", "滴灌技术服务二期", (true, false)),
            ("滴灌技术服务一期", "滴灌技术服务第1期", (true, true)),
            ("滴灌技术服务（三）", "滴灌技术服务（四）", (true, false)),
            ("水利勘测A标段", "水利勘测B标段", (true, false)),
            ("平台建设II", "平台建设III", (true, false)),
            ("2024年度农情监测", "2025年度农情监测", (true, false)),
            ("一体化泵站设计咨询", "一体化泵站设计咨询", (true, true)),
            ("三维建模服务", "二维建模服务", (false, true)),
            ("棉田残膜回收装备研制", "葡萄埋藤机械研制", (false, true)),
        ] {
            assert_eq!(alike(a, b), expected, "{a} {b}");
        }
        assert!(Name::of("一种节水装置").same_numbers(&Name::of("节水装置")));
    }

    #[test]
    fn the_edge_of_likeness() {
        // Ten characters: one edit is 90 percent, two are 80.
        assert!(Name::of("甲乙丙丁戊己庚辛壬癸").is_alike(&Name::of("甲乙丙丁戊己庚辛壬子"), 90));
        assert!(!Name::of("甲乙丙丁戊己庚辛壬癸").is_alike(&Name::of("甲乙丙丁戊己庚辛丑子"), 90));
        assert!(!Name::of("甲乙丙丁戊己庚辛壬").is_alike(&Name::of("甲乙丙丁戊己庚辛子"), 90));
    }

    #[test]
    fn near_amounts_are_those_within_the_bounds() {
        for amount in [0, 1, 99, 100, 101, 12_345, 10_000_000, 99_999_999, i64::MAX / 2] {
            let (least, most) = near_amounts(amount, 10);
            for (other, near) in [
                (least - 1, false),
                (least, true),
                (amount, true),
                (most, true),
                (most + 1, false),
            ] {
                assert_eq!(
                    amounts_are_near(amount, other, 10),
                    near || other < 0 && amount == 0 && other == 0,
                    "{amount} {other}"
                );
            }
        }
    }

    #[test]
    fn a_party_is_its_code_or_else_its_name() {
        let party = |uscc: Option<&str>, name: &str| Party {
            uscc: uscc.map(str::to_owned),
            name: Some(name.to_owned()),
            ..Party::default()
        };
        let code = Some("91659001MA00000152");
        assert_eq!(party_key(&party(code, "甲公司")), party_key(&party(code, "乙公司")));
        assert_eq!(party_key(&party(None, "甲 公司")), party_key(&party(None, "甲公司")));
        assert_ne!(party_key(&party(None, "甲公司")), party_key(&party(None, "乙公司")));
        assert_eq!(party_key(&Party::default()), None);
    }

    proptest! {
        #[test]
        fn names_survive_the_store(name in "\\PC{0,60}") {
            let name = Name::of(&name);
            prop_assert_eq!(Name::from_text(&name.text()), name.clone());
            prop_assert_eq!(Sketch::from_stored(name.sketch().to_stored()), name.sketch());
        }

        /// Whatever is alike has sketches that say it may be.
        #[test]
        fn a_sketch_never_hides_what_is_alike(
            wording in "[棉田残膜回收装备研制节水灌溉智能监测平台建设]{1,60}",
            edits in prop::collection::vec((0_usize..60, 0_u8..3, prop::sample::select(vec!['新', '疆', 'x', '田'])), 0..7),
            percent in 50_u32..=100,
        ) {
            let mut changed: Vec<char> = wording.chars().collect();
            for (at, kind, c) in edits {
                let at = at % (changed.len() + 1);
                match kind {
                    0 => changed.insert(at, c),
                    1 if at < changed.len() => { changed.remove(at); }
                    _ if at < changed.len() => changed[at] = c,
                    _ => {}
                }
            }
            let (a, b) = (Name::of(&wording), Name::of(&changed.into_iter().collect::<String>()));
            if a.is_alike(&b, percent) {
                prop_assert!(a.sketch().may_be_alike(b.sketch(), percent));
                prop_assert!(b.sketch().may_be_alike(a.sketch(), percent));
            }
        }

        /// What is near lies within the bounds that the store is asked for, and nothing else does.
        #[test]
        fn bounds_hold_what_is_near(a in 0_i64..1_000_000_000, b in 0_i64..1_000_000_000, per_mille in 0_u32..500) {
            let (least, most) = near_amounts(a, per_mille);
            prop_assert_eq!((least..=most).contains(&b), amounts_are_near(a, b, per_mille));
        }
    }
}
