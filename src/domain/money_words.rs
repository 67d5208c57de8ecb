//! 大写: an amount in financial capitals, as receipts and contracts carry it, so that a digit too many is seen at once.
//! Form: 《支付结算办法》附一《正确填写票据和结算凭证的基本规定》.

use super::money::Fen;

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];

/// An amount in words: `120000000` fen is 壹佰贰拾万元整.
pub fn in_words(fen: Fen) -> String {
    let sign = if fen < 0 { "负" } else { "" };
    let fen = fen.unsigned_abs();
    let (yuan, tenths, hundredths) = (fen / 100, fen / 10 % 10, fen % 10);
    let mut text = String::from(sign);
    if yuan > 0 || fen == 0 {
        text.push_str(&whole(yuan));
        text.push('元');
    }
    match (tenths, hundredths) {
        (0, 0) => text.push('整'),
        (0, h) => {
            if yuan > 0 {
                text.push('零');
            }
            text.extend([digit(h), '分']);
        }
        (t, 0) => text.extend([digit(t), '角', '整']),
        (t, h) => text.extend([digit(t), '角', digit(h), '分']),
    }
    text
}

fn digit(n: u64) -> char {
    usize::try_from(n)
        .ok()
        .and_then(|n| DIGITS.get(n))
        .copied()
        .unwrap_or('零')
}

/// A whole number; what stands before 亿 and 万 is read as a number of its own.
fn whole(n: u64) -> String {
    for (unit, name) in [(100_000_000, "亿"), (10_000, "万")] {
        if n >= unit {
            let rest = n % unit;
            let gap = if rest > 0 && rest < unit / 10 { "零" } else { "" };
            let rest = if rest > 0 { whole(rest) } else { String::new() };
            return format!("{}{name}{gap}{rest}", whole(n / unit));
        }
    }
    let mut text = String::new();
    let mut gap = false;
    for (unit, name) in [(1000, "仟"), (100, "佰"), (10, "拾"), (1, "")] {
        match n / unit % 10 {
            0 => gap = !text.is_empty(),
            d => {
                if gap {
                    text.push('零');
                }
                gap = false;
                text.push(digit(d));
                text.push_str(name);
            }
        }
    }
    if text.is_empty() { "零".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::MAX_FEN;

    #[test]
    fn amounts_are_read_as_receipts_write_them() {
        for (fen, words) in [
            (0, "零元整"),
            (5, "伍分"),
            (30, "叁角整"),
            (1_205, "壹拾贰元零伍分"),
            (1_230, "壹拾贰元叁角整"),
            (1_234, "壹拾贰元叁角肆分"),
            (100_500, "壹仟零伍元整"),
            (101_000, "壹仟零壹拾元整"),
            (120_000_000, "壹佰贰拾万元整"),
            (120_034_500, "壹佰贰拾万零叁佰肆拾伍元整"),
            (120_345_600, "壹佰贰拾万叁仟肆佰伍拾陆元整"),
            (10_001_000_000, "壹亿零壹万元整"),
            (10_000_000_100, "壹亿零壹元整"),
            (100_000_000_000_000, "壹万亿元整"),
            (-100, "负壹元整"),
            (MAX_FEN, "玖拾万零柒佰壹拾玖亿玖仟贰佰伍拾肆万柒仟肆佰零玖元玖角壹分"),
        ] {
            assert_eq!(in_words(fen), words, "{fen}");
        }
    }
}
