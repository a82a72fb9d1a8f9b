//! What Python's `int()` takes: huggingface_hub reads its timeouts with it at import.

/// Whether `int(text)` succeeds.
pub fn is_int(text: &str) -> bool {
    parse(text).is_some()
}

/// `int(text)` (Python 3.11): white space around, a sign, decimal digits of any script, single underscores between
/// them, 4,300 digits at most. What no 64 bits hold is the nearest that they do.
///
/// White space is what C takes for it, and beyond ASCII what Unicode does: 1C to 1F, which `str.strip()` removes, are none.
pub fn parse(text: &str) -> Option<i64> {
    let space = |c: char| if c.is_ascii() { matches!(c, '\t'..='\r' | ' ') } else { c.is_whitespace() };
    let text = text.trim_matches(space);
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let mut count = 0;
    let mut after_digit = false;
    let mut value = 0_i64;
    for c in digits.chars() {
        if c == '_' && after_digit {
            after_digit = false;
        } else {
            let digit = decimal(c)?;
            after_digit = true;
            count += 1;
            value = value.saturating_mul(10).saturating_add(sign * i64::from(digit));
        }
    }
    (after_digit && count <= 4300).then_some(value)
}

/// The zeros of the scripts that have ten decimal digits in a row (Unicode category Nd, as of 14.0, Python 3.11).
const ZEROS: &[u32] = &[
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
    0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0,
    0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60,
    0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

fn decimal(c: char) -> Option<u32> {
    let c = c as u32;
    ZEROS.iter().find(|&&zero| (zero..zero + 10).contains(&c)).map(|zero| c - zero)
}

#[cfg(test)]
mod tests {
    use super::{is_int, parse};

    #[test]
    fn as_python_says() {
        for text in ["10", " 5 ", "1_0", "0", "+5", "-3", "\u{ff11}\u{ff10}", "007", "\u{a0}4\n"] {
            assert!(is_int(text), "{text:?}");
        }
        for text in [
            "",
            " ",
            "abc",
            "1.5",
            "1__0",
            "_1",
            "1_",
            "1e3",
            "0x10",
            "+ 5",
            "--1",
            "\u{b2}",
            "4\u{1c}",
            "\u{ff15}\u{1c}",
        ] {
            assert!(!is_int(text), "{text:?}");
        }
    }

    #[test]
    fn values() {
        for (text, want) in [
            ("1797891531", Some(1_797_891_531)),
            (" -1_0 ", Some(-10)),
            ("\u{ff11}\u{0660}", Some(10)),
            ("99999999999999999999", Some(i64::MAX)),
            ("-99999999999999999999", Some(i64::MIN)),
            ("soon", None),
        ] {
            assert_eq!(parse(text), want, "{text}");
        }
    }
}
