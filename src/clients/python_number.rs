//! What Python's `int()` and `float()` take: huggingface_hub reads its timeouts with the one at import, tqdm its
//! numbers with both.

/// Whether `int(text)` succeeds.
pub fn is_int(text: &str) -> bool {
    parse(text).is_some()
}

/// Whether `float(text)` succeeds (Python 3.11): white space and digits as for [`parse`]; a number too large is infinite.
pub fn is_float(text: &str) -> bool {
    let text = text.trim_matches(is_space);
    let number = text.strip_prefix(['+', '-']).unwrap_or(text);
    if ["inf", "infinity", "nan"].iter().any(|word| number.eq_ignore_ascii_case(word)) {
        return true;
    }
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (number, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let sound = |part: &str| part.is_empty() || count_digits(part).is_some();
    sound(whole)
        && sound(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| count_digits(exponent).is_some())
}

/// How many decimal digits stand here; `None` where anything else does, but for single underscores between them.
fn count_digits(text: &str) -> Option<usize> {
    let mut parts = text.split('_');
    parts.try_fold(0, |sum, part| {
        let all = !part.is_empty() && part.chars().all(|c| decimal(c).is_some());
        all.then(|| sum + part.chars().count())
    })
}

/// White space is what C takes for it, and beyond ASCII what Unicode does: 1C to 1F, which `str.strip()` removes, are none.
fn is_space(c: char) -> bool {
    if c.is_ascii() { matches!(c, '\t'..='\r' | ' ') } else { c.is_whitespace() }
}

/// `int(text)` (Python 3.11): white space around, a sign, decimal digits of any script, single underscores between
/// them, 4,300 digits at most. What no 64 bits hold is the nearest that they do.
pub fn parse(text: &str) -> Option<i64> {
    let text = text.trim_matches(is_space);
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = if text.starts_with('-') { -1 } else { 1 };
    count_digits(digits).filter(|count| *count <= 4300)?;
    Some(
        digits
            .chars()
            .filter_map(decimal)
            .fold(0_i64, |value, digit| value.saturating_mul(10).saturating_add(sign * i64::from(digit))),
    )
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
    use super::{is_float, is_int, parse};

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

    #[test]
    fn floats_as_python_says() {
        for text in [
            "1",
            "1.",
            ".5",
            "1e3",
            "1E+3",
            "-1.5e-3",
            "1_0.0_1e1_0",
            "+inf",
            "-Infinity",
            "nan",
            " 2 ",
            "1e999",
            "\u{ff11}.\u{0665}",
            "\u{a0}4\n",
        ] {
            assert!(is_float(text), "{text:?}");
        }
        for text in [
            "", " ", ".", "e3", "1e", "1e+", "1_.0", "1._0", "_1", "1__0", "1e_1", "0x10", "1,5", "+ 5", "--1",
            "infin", "1.5.2", "4\u{1c}", "\u{b2}", "1e1.5",
        ] {
            assert!(!is_float(text), "{text:?}");
        }
    }
}
