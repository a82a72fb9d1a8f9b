//! What Python's `int()` takes: huggingface_hub reads its timeouts with it at import.

use super::clean::is_python_space;

/// Whether `int(text)` succeeds (Python 3.11): white space around, a sign, decimal digits of any script, single
/// underscores between them, 4,300 digits at most.
pub fn is_int(text: &str) -> bool {
    let text = text.trim_matches(is_python_space);
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut count = 0;
    let mut after_digit = false;
    for c in digits.chars() {
        if c == '_' && after_digit {
            after_digit = false;
        } else if is_decimal(c) {
            after_digit = true;
            count += 1;
        } else {
            return false;
        }
    }
    after_digit && count <= 4300
}

/// The zeros of the scripts that have ten decimal digits in a row (Unicode category Nd, as of 14.0, Python 3.11).
const ZEROS: &[u32] = &[
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
    0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620,
    0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0,
    0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60,
    0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

fn is_decimal(c: char) -> bool {
    let c = c as u32;
    ZEROS.iter().any(|&zero| (zero..zero + 10).contains(&c))
}

#[cfg(test)]
mod tests {
    use super::is_int;

    #[test]
    fn as_python_says() {
        for text in ["10", " 5 ", "1_0", "0", "+5", "-3", "\u{ff11}\u{ff10}", "007", "\u{1c}4\n"] {
            assert!(is_int(text), "{text:?}");
        }
        for text in ["", " ", "abc", "1.5", "1__0", "_1", "1_", "1e3", "0x10", "+ 5", "--1", "\u{b2}"] {
            assert!(!is_int(text), "{text:?}");
        }
    }
}
