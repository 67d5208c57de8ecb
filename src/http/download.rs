//! Answers that are files.

/// `Content-Disposition` with the name for clients that read RFC 8187, and one that any client reads.
pub fn disposition(inline: bool, file_name: &str) -> String {
    let how = if inline { "inline" } else { "attachment" };
    let plain: String = file_name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') {
                c
            } else {
                '_'
            }
        })
        .collect();
    let mut extended = String::new();
    for byte in file_name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            extended.push(char::from(byte));
        } else {
            extended.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{how}; filename=\"{plain}\"; filename*=UTF-8''{extended}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        assert_eq!(
            disposition(false, "合\" 同\r\n.pdf"),
            "attachment; filename=\"__ ___.pdf\"; filename*=UTF-8''%E5%90%88%22%20%E5%90%8C%0D%0A.pdf"
        );
        assert!(disposition(true, "a.png").starts_with("inline; filename=\"a.png\""));
    }
}
