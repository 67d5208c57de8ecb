//! Which passwords are accepted, by the policy in force. `nist` (NIST SP 800-63B-4, 3.1.1.2): long enough, not among the common ones,
//! not guessable from the context; no rule about kinds of characters, no expiry. `djbh` (等保, GB/T 22239-2019 8.1.4.1): shorter ones
//! too, but of several kinds of characters, beside what `nist` refuses; age and reuse are looked at where passwords are changed
//! ([`super::PasswordStanding`], `refuse_earlier`). Normalised to NFKC before anything else under either.

use std::{collections::HashSet, sync::OnceLock};

use unicode_normalization::UnicodeNormalization as _;

use crate::{
    config::{PasswordPolicy, PasswordSettings},
    domain::error::FieldError,
    usecases::{Error, seam},
};

/// Greatest length, code points after NFKC; the standard wants 64 or more.
pub const MAX_CHARS: usize = 256;
/// What is longer is not even normalised, bytes: no password of [`MAX_CHARS`] is typed that way.
const MAX_BYTES: usize = 8192;
/// A user name shorter than this may stand in a password.
const MIN_NAME_CHARS: usize = 4;
/// A repeated unit up to this length makes a password weak, code points.
const MAX_UNIT: usize = 4;
/// Runs (`abcd`, `9876`, `qwer`) count from this length on, code points.
const MIN_RUN: usize = 4;
/// Code points beside runs up to which a password is nothing but runs.
const MAX_BESIDE_RUNS: usize = 3;

/// Passwords that many people use, one a line, `#` starts a comment.
const COMMON: &str = include_str!("../../../config/passwords/common.txt");
/// The same for passwords that are shorter and of several kinds of characters.
const COMMON_MIXED: &str = include_str!("../../../config/passwords/common-mixed.txt");

/// Passwords that became known in breaches, in the form that is compared, one a line; `#` starts a comment. Its head names the source.
const BREACHED: &str = include_str!("../../../config/passwords/breached.txt");

/// Rows and columns of the keyboard, along which fingers walk.
const WALKS: [&str; 14] = [
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "1234567890-=",
    "!@#$%^&*()_+",
    "1qaz",
    "2wsx",
    "3edc",
    "4rfv",
    "5tgb",
    "6yhn",
    "7ujm",
    "8ik,",
    "9ol.",
];

/// The name of the product, in letters only.
const PRODUCT: [&str; 2] = ["dengji", "登记"];

/// The password as it is hashed: NFKC. None where it is so long that it cannot be anybody's.
pub(super) fn normalised(password: &str) -> Option<String> {
    (password.len() <= MAX_BYTES).then(|| password.nfkc().collect())
}

/// Least length, code points after NFKC.
const fn min_chars(settings: &PasswordSettings) -> usize {
    match settings.policy {
        PasswordPolicy::Nist => settings.nist.min_chars,
        PasswordPolicy::Djbh => settings.djbh.min_chars,
    }
}

/// The policy in a few Chinese words, for whoever is asked for a password.
pub fn describe(settings: &PasswordSettings) -> String {
    let chars = min_chars(settings);
    match settings.policy {
        PasswordPolicy::Nist => format!("至少 {chars} 个字符"),
        PasswordPolicy::Djbh => format!(
            "至少 {chars} 个字符，含大写字母、小写字母、数字、其他字符中的 {} 种",
            settings.djbh.kinds
        ),
    }
}

/// A random password that the policy accepts: groups of five characters that are not mistaken for one another, 116 bits or more.
///
/// # Errors
/// Where the system has no randomness.
pub(in crate::usecases) fn random(settings: &PasswordSettings, username: &str) -> Result<String, Error> {
    const ALPHABET: &[u8; 56] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
    // Bytes beyond the last whole multiple are passed over, so that every character is as likely as any other.
    const WHOLE: u8 = 224;
    let groups = (min_chars(settings) / 6 + 1).max(4);
    for _ in 0..1000 {
        let mut text = String::new();
        let mut drawn = 0;
        while drawn < groups * 5 {
            for byte in seam::random_bytes::<32>()?.into_iter().filter(|b| *b < WHOLE) {
                if drawn == groups * 5 {
                    break;
                }
                if drawn > 0 && drawn % 5 == 0 {
                    text.push('-');
                }
                text.push(
                    ALPHABET
                        .get(usize::from(byte) % ALPHABET.len())
                        .map_or('A', |b| char::from(*b)),
                );
                drawn += 1;
            }
        }
        if check(settings, "", &text, username).is_empty() {
            return Ok(text);
        }
    }
    Err(Error::internal("no random password meets the policy"))
}

/// What is wrong with a new password for the account `username`; nothing where it is accepted.
pub fn check(settings: &PasswordSettings, pointer: &str, password: &str, username: &str) -> Vec<FieldError> {
    let min_chars = min_chars(settings);
    let wrong = |code, detail: String| vec![FieldError::new(pointer, code, detail)];
    let text = normalised(password).unwrap_or_default();
    let chars = text.chars().count();
    if chars > MAX_CHARS || password.len() > MAX_BYTES {
        return wrong("too_long", format!("密码最多 {MAX_CHARS} 个字符。"));
    }
    if chars < min_chars {
        let advice = match settings.policy {
            PasswordPolicy::Nist => "建议用几个不相干的词连成一句，不要求混用大小写或符号。",
            PasswordPolicy::Djbh => "",
        };
        let detail = format!("密码至少 {min_chars} 个字符，现有 {chars} 个。{advice}");
        return wrong("too_short", detail);
    }
    let found = kinds(&text);
    let text = text.to_lowercase();
    let letters: Vec<char> = text.chars().collect();
    let mut errors = Vec::new();
    let mut add = |code, detail: &str| errors.push(FieldError::new(pointer, code, detail));
    let wanted = settings.djbh.kinds;
    if settings.policy == PasswordPolicy::Djbh && found < wanted {
        let detail = format!("密码应含大写字母、小写字母、数字、其他字符中的 {wanted} 种，现有 {found} 种。");
        add("too_few_kinds", &detail);
    }
    let (is_common, is_repetition) = (common().contains(text.as_str()), is_repetition(&letters));
    let is_walk = !is_repetition && is_walk(&letters);
    if is_common {
        add("common_password", "这是常见密码，容易被猜中，请换一个。");
    }
    if is_repetition {
        add("repeated", "密码只是同一字符或短串的重复，请换一个。");
    }
    if is_walk {
        add("predictable", "密码只是连续的字母、数字或键盘上相邻的键，请换一个。");
    }
    // Said where nothing tells better what is wrong with it.
    if !(is_common || is_repetition || is_walk) && breached().contains(text.as_str()) {
        add(
            "breached_password",
            "这个密码出现在已泄露的密码中，容易被猜中，请换一个。",
        );
    }
    let name = super::username::folded(username);
    if name.chars().count() >= MIN_NAME_CHARS && text.contains(&name) {
        add("contains_username", "密码不得包含用户名。");
    }
    if is_product_name(&text) {
        add("product_name", "密码不得只由系统名称加数字或符号组成。");
    }
    errors
}

fn breached() -> &'static HashSet<&'static str> {
    static SET: OnceLock<HashSet<&'static str>> = OnceLock::new();
    SET.get_or_init(|| {
        BREACHED
            .lines()
            .filter(|l| !l.is_empty() && !l.starts_with('#'))
            .collect()
    })
}

fn common() -> &'static HashSet<String> {
    static SET: OnceLock<HashSet<String>> = OnceLock::new();
    SET.get_or_init(|| {
        COMMON
            .lines()
            .chain(COMMON_MIXED.lines())
            .map(|l| l.trim().nfkc().collect::<String>().to_lowercase())
            .filter(|l| !l.is_empty() && !l.starts_with('#'))
            .collect()
    })
}

/// How many of four kinds of characters a text has: upper case, lower case, digits, others. Letters of scripts that know no case are
/// others.
fn kinds(text: &str) -> usize {
    let kind = |c: char| match c {
        _ if c.is_uppercase() => 0,
        _ if c.is_lowercase() => 1,
        _ if c.is_numeric() => 2,
        _ => 3,
    };
    text.chars().map(kind).collect::<HashSet<_>>().len()
}

/// One unit of up to four characters over and over, the last time perhaps cut off.
fn is_repetition(letters: &[char]) -> bool {
    (1..=MAX_UNIT).any(|unit| letters.iter().skip(unit).zip(letters).all(|(a, b)| a == b))
}

/// Nothing but runs, give or take a few characters: `abcdefgh12345678`, `qwertyuiopasdfgh`, `1qaz2wsx3edc4rf`, `aaaabbbbcccc123`.
fn is_walk(letters: &[char]) -> bool {
    let mut beside = 0;
    let mut rest = letters;
    while !rest.is_empty() {
        let run = longest_run(rest);
        if run < MIN_RUN {
            beside += 1;
            rest = rest.get(1..).unwrap_or_default();
        } else {
            rest = rest.get(run..).unwrap_or_default();
        }
    }
    beside <= MAX_BESIDE_RUNS
}

/// Length of the longest run that a text begins with.
fn longest_run(letters: &[char]) -> usize {
    let length = |step: &dyn Fn(char, char) -> bool| {
        1 + letters
            .iter()
            .zip(letters.iter().skip(1))
            .take_while(|(a, b)| step(**a, **b))
            .count()
    };
    let mut longest = length(&|a, b| a == b)
        .max(length(&follows))
        .max(length(&|a, b| follows(b, a)));
    for walk in WALKS {
        let next = |a: char, b: char| walk.chars().zip(walk.chars().skip(1)).any(|pair| pair == (a, b));
        longest = longest.max(length(&next)).max(length(&|a, b| next(b, a)));
    }
    longest
}

/// Whether `b` comes after `a`: in Unicode's order, or going round (9 → 0, z → a).
fn follows(a: char, b: char) -> bool {
    u32::from(a) + 1 == u32::from(b) || matches!((a, b), ('9', '0') | ('z', 'a'))
}

fn is_product_name(text: &str) -> bool {
    let letters: String = text.chars().filter(|c| c.is_alphabetic()).collect();
    PRODUCT
        .iter()
        .any(|name| !letters.is_empty() && letters.replace(name, "").is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(policy: PasswordPolicy) -> PasswordSettings {
        PasswordSettings {
            policy,
            nist: crate::config::NistSettings { min_chars: 15 },
            djbh: crate::config::DjbhSettings {
                min_chars: 10,
                kinds: 3,
                max_age_days: 90,
                history: 5,
            },
        }
    }

    fn codes(password: &str) -> Vec<&'static str> {
        codes_by(PasswordPolicy::Nist, password)
    }

    fn codes_by(policy: PasswordPolicy, password: &str) -> Vec<&'static str> {
        let errors = check(&settings(policy), "/password", password, "zhang.san");
        assert!(errors.iter().all(|e| e.pointer == "/password" && !e.detail.is_empty()));
        errors.into_iter().map(|e| e.code).collect()
    }

    #[test]
    fn ordinary_phrases_pass() {
        for good in [
            "correct horse battery staple",
            "团场的棉花今年卖了好价钱真不错啊",
            "vier blaue kaffeetassen",
            "tanglishu zai nanshan",
            "zq8#Lm2!vT9@xK4",
            &"长城内外惟余莽莽大河上下".repeat(10),
        ] {
            assert_eq!(codes(good), Vec::<&str>::new(), "{good}");
        }
    }

    #[test]
    fn lengths_are_counted_in_code_points_after_nfkc() {
        assert_eq!(codes("窗前有一株老杏树花开得正热闹呢"), Vec::<&str>::new());
        assert_eq!(codes("窗前有一株老杏树花开得正热闹"), ["too_short"]);
        // Two code points that NFKC makes one; one that it makes three.
        assert_eq!(codes(&format!("{}e\u{301}", "vier blaue ka")), ["too_short"]);
        assert_eq!(codes("vier blaue ka㎏㎏"), Vec::<&str>::new());
        assert_eq!(codes(""), ["too_short"]);
        let varied: String = ('\u{4e00}'..).step_by(7).take(256).collect();
        assert_eq!(codes(&varied), Vec::<&str>::new());
        assert_eq!(codes(&format!("{varied}x")), ["too_long"]);
        assert_eq!(codes(&"é".repeat(100_000)), ["too_long"]);
    }

    #[test]
    fn what_is_guessed_first_is_refused() {
        let cases: &[(&str, &[&str])] = &[
            ("passwordpassword", &["common_password"]),
            ("PassWordPassWord", &["common_password"]),
            ("ｐａｓｓｗｏｒｄｐａｓｓｗｏｒｄ", &["common_password"]),
            ("aaaaaaaaaaaaaaa", &["repeated"]),
            ("好好好好好好好好好好好好好好好", &["repeated"]),
            ("ab!ab!ab!ab!ab!a", &["repeated"]),
            ("2580258025802580", &["repeated"]),
            ("bcdefghijklmnopq", &["predictable"]),
            ("456789012345678901", &["predictable"]),
            ("ZYXWVUTSRQPONML", &["predictable"]),
            ("98765432109876543", &["predictable"]),
            ("qwertyuiop[]asdf", &["predictable"]),
            ("abcdefgh12345678", &["predictable"]),
            ("lkjhgfdsa987654", &["predictable"]),
            ("2wsx3edc4rfv5tg", &["predictable"]),
            ("mybest zhang.san rules", &["contains_username"]),
            ("mybest Zhang.San rules", &["contains_username"]),
            ("dengji2025112220", &["product_name"]),
            ("Dengji-Dengji-77", &["product_name"]),
            ("登记-2025-11-22-001", &["product_name"]),
        ];
        for (password, expected) in cases {
            assert_eq!(codes(password), *expected, "{password}");
        }
    }

    #[test]
    fn a_short_user_name_may_stand_in_a_password() {
        let nist = settings(PasswordPolicy::Nist);
        assert!(check(&nist, "/password", "the lion sleeps tonight", "li").is_empty());
        let errors = check(&nist, "/password", "the lion sleeps tonight", "lion");
        assert_eq!(errors.first().map(|e| e.code), Some("contains_username"));
    }

    #[test]
    fn djbh_wants_kinds_and_refuses_what_is_guessed_first() {
        let codes = |password: &str| codes_by(PasswordPolicy::Djbh, password);
        for good in ["Tu8-bazaar", "kaffee 2 Tassen", "棉花2026Bumper", "zq8#Lm2!vT"] {
            assert_eq!(codes(good), Vec::<&str>::new(), "{good}");
        }
        let cases: &[(&str, &[&str])] = &[
            ("Tu8-bazaa", &["too_short"]),
            ("correct horse battery staple", &["too_few_kinds"]),
            ("ALLUPPER12345X", &["too_few_kinds"]),
            ("Admin@12345", &["common_password"]),
            ("ADMIN@12345a", &[]),
            ("1qaz@WSX3edc", &["common_password"]),
            ("Aa1Aa1Aa1Aa1", &["repeated"]),
            ("Abcdefg123456", &["predictable"]),
            ("my Zhang.San 7", &["contains_username"]),
            ("Dengji@2026", &["product_name"]),
        ];
        for (password, expected) in cases {
            assert_eq!(codes(password), *expected, "{password}");
        }
    }

    #[test]
    fn random_ones_are_accepted_and_differ() {
        for policy in [PasswordPolicy::Nist, PasswordPolicy::Djbh] {
            let mut settings = settings(policy);
            for min in [15, 64] {
                settings.nist.min_chars = min;
                settings.djbh.min_chars = min;
                settings.djbh.kinds = 4;
                let drawn: HashSet<String> = (0..50).map(|_| random(&settings, "zhang.san").unwrap()).collect();
                assert_eq!(drawn.len(), 50);
                assert!(drawn.iter().all(|p| check(&settings, "", p, "zhang.san").is_empty()));
            }
        }
    }

    #[test]
    fn what_became_known_in_breaches_is_refused() {
        let list = breached();
        assert!(list.len() >= 3000, "{}", list.len());
        let mut before = "";
        for entry in BREACHED.lines().filter(|l| list.contains(l)) {
            let form: String = entry.nfkc().collect::<String>().to_lowercase();
            assert!(
                entry == form && entry.chars().count() >= 15 && before < entry,
                "{entry}"
            );
            before = entry;
            assert!(!codes(entry).is_empty(), "{entry}");
        }
        // Some that only the list knows.
        for known in [
            "lovethewayyoulie",
            "LoveTheWayYouLie",
            "ｌovethewayyoulie",
            "passwordstandard",
        ] {
            assert_eq!(codes(known), ["breached_password"], "{known}");
        }
    }

    #[test]
    fn the_list_is_of_use() {
        let list = common();
        assert!(list.len() >= 200, "{}", list.len());
        for (text, policy) in [(COMMON, PasswordPolicy::Nist), (COMMON_MIXED, PasswordPolicy::Djbh)] {
            for entry in text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
                let codes = codes_by(policy, entry);
                assert!(codes.contains(&"common_password"), "{entry}");
                assert!(
                    !codes.iter().any(|c| c.starts_with("too_")),
                    "{entry} would be refused anyway"
                );
            }
        }
        assert!(!list.contains("correct horse battery staple"));
    }
}
