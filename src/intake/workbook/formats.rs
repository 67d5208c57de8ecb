//! Which numbers of a workbook are dates: by their format, as no cell says it itself (ECMA-376 part 1, 18.8.30 and 18.8.31).

/// What a number format makes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// A number.
    #[default]
    Number,
    /// A date, a time, or both.
    Date,
    /// A year or month without a day: what day a cell of the first of a month means, it does not show.
    Month,
}

/// The format of an id that every workbook knows; those of Chinese workbooks (27–36, 50–58) too.
pub fn built_in(id: u32) -> Format {
    match id {
        // mmm-yy, yyyy"年"m"月".
        17 | 27 | 36 | 50 | 52 | 57 => Format::Month,
        14..=16 | 18..=22 | 28..=35 | 45 | 47 | 51 | 53..=56 | 58 => Format::Date,
        _ => Format::Number,
    }
}

/// The format of a code: its first section decides; what is quoted, escaped or in brackets is no part of it.
pub fn custom(code: &str) -> Format {
    let mut chars = code.chars();
    let (mut year_or_month, mut day, mut time) = (false, false, false);
    let mut before = ' ';
    while let Some(c) = chars.next() {
        match c {
            '"' => while chars.next().is_some_and(|c| c != '"') {},
            '\\' | '_' | '*' => {
                chars.next();
            }
            '[' => {
                let inner: String = chars.by_ref().take_while(|c| *c != ']').take(64).collect();
                // A stretch of time, not a point of it.
                if !inner.is_empty() && inner.chars().all(|c| matches!(c.to_ascii_lowercase(), 'h' | 'm' | 's')) {
                    return Format::Number;
                }
            }
            ';' => break,
            'G' | 'g' if code.len() >= 7 && code.to_ascii_lowercase().starts_with("general") => return Format::Number,
            'y' | 'Y' | 'm' | 'M' => year_or_month = true,
            'e' if !matches!(before, '0' | '#' | '?') => year_or_month = true,
            'd' | 'D' => day = true,
            'h' | 'H' | 's' | 'S' => time = true,
            _ => {}
        }
        before = c;
    }
    match (year_or_month, day, time) {
        (_, true, _) | (_, _, true) => Format::Date,
        (true, ..) => Format::Month,
        _ => Format::Number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_apart() {
        for (code, format) in [
            ("General", Format::Number),
            ("@", Format::Number),
            ("0.00", Format::Number),
            ("#,##0.00_);[Red]\\(#,##0.00\\)", Format::Number),
            ("0.00E+00", Format::Number),
            ("#,##0\"元\"", Format::Number),
            ("0\\d", Format::Number),
            ("[h]:mm:ss", Format::Number),
            ("yyyy-mm-dd", Format::Date),
            ("yyyy/m/d;@", Format::Date),
            ("yyyy\"年\"m\"月\"d\"日\";@", Format::Date),
            ("[$-804]yyyy\"年\"m\"月\"d\"日\"", Format::Date),
            ("[DBNum1][$-804]yyyy\"年\"m\"月\"d\"日\"", Format::Date),
            ("m/d/yy h:mm", Format::Date),
            ("h:mm:ss", Format::Date),
            ("yyyy\"年\"m\"月\"", Format::Month),
            ("[$-411]ge.m", Format::Month),
            ("yyyy", Format::Month),
            ("mmm-yy", Format::Month),
        ] {
            assert_eq!(custom(code), format, "{code}");
        }
        assert_eq!(
            (built_in(14), built_in(17), built_in(2)),
            (Format::Date, Format::Month, Format::Number)
        );
        assert_eq!(
            (built_in(31), built_in(57), built_in(49)),
            (Format::Date, Format::Month, Format::Number)
        );
    }
}
