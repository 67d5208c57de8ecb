//! The one rule for text that comes in, whichever way: over REST, by pages, in files, on the command line. What the eye does not see
//! is dropped or refused, what cannot be known any more is refused; and [`key`] says when two texts are the same to a reader.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

/// What keeps a text from being taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// A control character.
    Control(char),
    /// A mark that turns the direction of what follows (Unicode: `Bidi_Control`), so that a text reads as what it is not.
    Direction(char),
    /// U+FFFD, a character of private use, or no character at all: what stood there is lost.
    Lost(char),
}

impl Unfit {
    /// Stable id of the rule, snake_case.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Control(_) | Self::Direction(_) => "control_character",
            Self::Lost(_) => "lost_character",
        }
    }

    /// The rule, and how to mend it, in Chinese, without a full stop.
    pub fn detail(self) -> String {
        match self {
            Self::Control(c) => format!("含有不允许的控制字符 U+{:04X}", u32::from(c)),
            Self::Direction(c) => format!("含有改变文字方向的不可见字符 U+{:04X}，请重新输入", u32::from(c)),
            Self::Lost(c) => format!(
                "含有无法辨认的字符 U+{:04X}（原字可能在另存或转换时丢失），请按原件重新填写",
                u32::from(c)
            ),
        }
    }
}

/// The first character that a text may not hold. `lines`: whether line ends and tabulators may stand in it.
pub fn unfit(text: &str, lines: bool) -> Option<Unfit> {
    text.chars().find_map(|c| match c {
        '\n' | '\r' | '\t' if lines => None,
        c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => Some(Unfit::Control(c)),
        c if turns_direction(c) => Some(Unfit::Direction(c)),
        c if is_lost(c) => Some(Unfit::Lost(c)),
        _ => None,
    })
}

/// The text without what is not seen and means nothing: zero-width characters, byte order marks, tags, soft hyphens, fillers,
/// selectors of variants where there is nothing to select. What [`unfit`] refuses stays, to be refused.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.chars().any(|c| is_unseen(c) || selects_variant(c)) {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    // Whether a selector may follow: it belongs to one character that is seen.
    let mut selectable = false;
    for c in text.chars() {
        if is_unseen(c) || (selects_variant(c) && !selectable) {
            continue;
        }
        selectable = !selects_variant(c) && !c.is_whitespace() && !c.is_control();
        kept.push(c);
    }
    Cow::Owned(kept)
}

/// Whether a character is not seen, whatever the rule makes of it: for names of files and words, which take none of them.
pub const fn is_hidden(c: char) -> bool {
    is_unseen(c) || turns_direction(c) || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Unicode: `Bidi_Control`.
const fn turns_direction(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Unicode: `Default_Ignorable_Code_Point` and the format characters (Cf) of annotations, without those that turn the direction and
/// the selectors of variants.
const fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200d}'
            | '\u{2060}'..='\u{2065}'
            | '\u{206a}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e00ff}'
            | '\u{e01f0}'..='\u{e0fff}'
    )
}

/// Selectors of variants of the character before them; names may have them, as some surnames are written in two ways.
pub const fn selects_variant(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// The replacement character, private use, and what is no character.
const fn is_lost(c: char) -> bool {
    matches!(
        c,
        '\u{fffd}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' | '\u{fdd0}'..='\u{fdef}'
    ) || (c as u32) & 0xFFFE == 0xFFFE
}

/// The characters of a text as comparisons see them: NFKC (which makes full-width letters half-width and Kangxi radicals
/// ideographs), without case (ß as ss), radicals of Unicode's supplement as ideographs, one dot for all that stand in names, one dash, one
/// kind of quotes and brackets, one blank; nothing that is not seen.
pub fn folded(text: &str) -> impl Iterator<Item = char> + '_ {
    text.nfkc()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .filter(|c| !is_hidden(*c) && !selects_variant(*c))
        .map(|c| match c {
            '·' | '•' | '・' | '‧' | '∙' | '⋅' | '●' | '᛫' | '⸱' | 'ꞏ' | '◦' => '·',
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2e3a}' | '\u{2e3b}' => '-',
            '“' | '”' | '„' | '‟' | '〝' | '〞' | '「' | '」' | '『' | '』' => '"',
            '‘' | '’' | '‚' | '‛' | '`' | '´' => '\'',
            '、' => ',',
            '。' => '.',
            '【' | '〔' | '［' | '〖' => '[',
            '】' | '〕' | '］' | '〗' => ']',
            c if c.is_whitespace() => ' ',
            c => ideograph_of(c),
        })
}

/// What two texts have in common that are the same to a reader: [`folded`], without blanks and dots; without a full stop, too, where no
/// Latin letter and no digit is beside it, since it is typed for the dot in names. Search, look-up of parties and agencies, labels and
/// headers compare by it.
pub fn key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    let mut stops = 0;
    let mut before = false;
    for c in folded(text).filter(|c| !matches!(c, ' ' | '·')) {
        if c == '.' {
            stops += 1;
            continue;
        }
        let beside = c.is_ascii_alphanumeric();
        if stops > 0 && (before || beside) {
            key.extend(std::iter::repeat_n('.', stops));
        }
        (stops, before) = (0, beside);
        key.push(c);
    }
    if before {
        key.extend(std::iter::repeat_n('.', stops));
    }
    key
}

/// Whether the texts are the same to a reader.
pub fn same(a: &str, b: &str) -> bool {
    a == b || key(a) == key(b)
}

/// The ideograph that a radical of Unicode's supplement (U+2E80–U+2EF3) looks like: texts out of PDF files hold them. Source: Unicode,
/// `EquivalentUnifiedIdeograph.txt`; NFKC knows two of them only.
const fn ideograph_of(c: char) -> char {
    match c {
        '⺁' => '厂',
        '⺄' => '乙',
        '⺅' => '亻',
        '⺆' => '冂',
        '⺈' => '刀',
        '⺉' => '刂',
        '⺊' => '卜',
        '⺌' | '⺍' => '小',
        '⺎' => '兀',
        '⺏' => '尣',
        '⺐' => '尢',
        '⺒' => '巳',
        '⺓' => '幺',
        '⺔' => '彑',
        '⺖' => '忄',
        '⺘' => '扌',
        '⺙' => '攵',
        '⺛' => '旡',
        '⺜' => '日',
        '⺝' => '月',
        '⺞' => '歺',
        '⺠' => '民',
        '⺡' => '氵',
        '⺢' => '氺',
        '⺣' => '灬',
        '⺤' | '⺥' => '爫',
        '⺦' => '丬',
        '⺧' => '牛',
        '⺨' => '犭',
        '⺩' => '王',
        '⺪' => '疋',
        '⺫' => '目',
        '⺬' => '示',
        '⺭' => '礻',
        '⺮' => '竹',
        '⺯' => '糹',
        '⺰' => '纟',
        '⺱' => '罓',
        '⺲' => '罒',
        '⺶' => '羊',
        '⺹' => '耂',
        '⺺' => '肀',
        '⺻' => '聿',
        '⺼' => '肉',
        '⺾' | '⺿' | '⻀' => '艹',
        '⻁' => '虎',
        '⻂' => '衤',
        '⻃' => '覀',
        '⻄' => '西',
        '⻅' => '见',
        '⻆' => '角',
        '⻈' => '讠',
        '⻉' => '贝',
        '⻋' => '车',
        '⻌' | '⻍' | '⻎' => '辶',
        '⻏' => '邑',
        '⻐' => '钅',
        '⻑' => '長',
        '⻒' => '镸',
        '⻓' => '长',
        '⻔' => '门',
        '⻖' => '阝',
        '⻗' => '雨',
        '⻘' => '青',
        '⻙' => '韦',
        '⻚' => '页',
        '⻛' => '风',
        '⻜' => '飞',
        '⻝' => '食',
        '⻟' => '飠',
        '⻠' => '饣',
        '⻢' => '马',
        '⻣' => '骨',
        '⻤' => '鬼',
        '⻥' => '鱼',
        '⻦' => '鸟',
        '⻧' => '卤',
        '⻨' => '麦',
        '⻩' => '黄',
        '⻪' => '黾',
        '⻫' => '斉',
        '⻬' => '齐',
        '⻭' => '歯',
        '⻮' => '齿',
        '⻯' => '竜',
        '⻰' => '龙',
        '⻱' => '龜',
        '⻲' => '亀',
        '⻳' => '龟',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_seen_goes_and_what_lies_is_refused() {
        for (text, cleaned) in [
            ("石\u{200b}河\u{feff}子", "石河子"),
            ("甲\u{e0041}\u{e007f}公司\u{ad}", "甲公司"),
            ("\u{fe00}葛\u{e0100}\u{e0101}城", "葛\u{e0100}城"),
            ("古丽·艾比", "古丽·艾比"),
        ] {
            assert_eq!(clean(text), cleaned, "{text:?}");
            assert_eq!(unfit(&clean(text), false), None, "{text:?}");
        }
        for (text, found) in [
            ("甲\u{202e}乙", Unfit::Direction('\u{202e}')),
            ("甲\u{2067}乙", Unfit::Direction('\u{2067}')),
            ("甲\u{200f}", Unfit::Direction('\u{200f}')),
            ("甲\u{7}", Unfit::Control('\u{7}')),
            ("甲\n乙", Unfit::Control('\n')),
            ("甲\u{2028}乙", Unfit::Control('\u{2028}')),
            ("\u{fffd}野", Unfit::Lost('\u{fffd}')),
            ("\u{e78d}新", Unfit::Lost('\u{e78d}')),
            ("\u{100000}", Unfit::Lost('\u{100000}')),
            ("\u{1fffe}", Unfit::Lost('\u{1fffe}')),
        ] {
            assert_eq!(unfit(&clean(text), false), Some(found), "{text:?}");
        }
        assert_eq!(unfit("甲\r\n乙\t丙", true), None);
        assert_eq!(unfit("𠮷野㐂𬭊", false), None);
    }

    #[test]
    fn what_reads_the_same_has_one_key() {
        for (a, b) in [
            ("样例(北疆)", "样例（北疆）"),
            ("古丽米热·艾比布力", "古丽米热•艾比布力"),
            ("古丽米热・艾比", "古丽米热‧艾比"),
            ("N2型", "Ｎ２型"),
            ("⽯河⼦", "石河子"),
            ("⻄部⻘年", "西部青年"),
            ("石\u{200b}河子", "石河子"),
            ("葛\u{e0100}城", "葛城"),
            ("八师 技术合同登记站（本部）", "八师技术合同登记站(本部)"),
            ("一—二", "一－二"),
            ("“智慧”、农业", "\"智慧\",农业"),
            ("ﬁ", "FI"),
            ("Straße", "STRASSE"),
            ("「水」", "“水”"),
            ("古丽米热．艾比布力", "古丽米热•艾比布力"),
            ("古丽米热.艾比布力", "古丽米热ꞏ艾比布力"),
            ("古丽﹒艾比", "古丽․艾比"),
            ("古丽◦艾比", "古丽·艾比"),
        ] {
            assert!(same(a, b), "{a} {b}: {} {}", key(a), key(b));
        }
        for (a, b) in [
            ("一师", "二师"),
            ("甲-乙", "甲乙"),
            ("己", "已"),
            ("1.0版", "10版"),
            ("N.2", "N2"),
            ("第2.型", "第2型"),
        ] {
            assert!(!same(a, b), "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn cleaning_and_keys_are_done_once(text in any::<String>()) {
            let cleaned = clean(&text).into_owned();
            prop_assert_eq!(clean(&cleaned), cleaned.as_str());
            prop_assert!(!cleaned.chars().any(is_unseen));
            let key = key(&text);
            prop_assert!(!key.chars().any(is_hidden));
        }

        /// A part of a text is found in it, however the text is folded.
        #[test]
        fn a_part_is_found_in_its_whole(before in "[一-龥a-zA-Z０-９（）·.]{0,8}", part in "[一-龥Ａ-Ｚ0-9()•.ß]{1,8}", after in "[一-龥a-c. ]{0,8}") {
            let whole = format!("{before}{part}{after}");
            prop_assert!(key(&whole).contains(&key(&part)));
        }
    }
}
