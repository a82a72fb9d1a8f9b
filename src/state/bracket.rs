//! Bracket expressions of patterns, `[a-z]`: git's and a shell's say the same.

/// After `[`: whether a byte is in the class, and what follows the class; `None` where it has no end.
pub(super) fn class(pattern: &[u8], byte: u8) -> Option<(bool, &[u8])> {
    let (negated, mut rest) = match pattern {
        [b'!' | b'^', rest @ ..] => (true, rest),
        _ => (false, pattern),
    };
    let mut found = false;
    let mut previous: Option<u8> = None;
    let mut first = true;
    loop {
        match rest {
            [] => return None,
            [b']', after @ ..] if !first => return Some((found != negated, after)),
            [b'[', b':', inner @ ..] if inner.windows(2).any(|w| w == b":]") => {
                let end = inner.windows(2).position(|w| w == b":]")?;
                found |= named(&inner[..end], byte)?;
                previous = None;
                rest = &inner[end + 2..];
            }
            [b'-', b'\\', high, after @ ..] if previous.is_some() => {
                found |= previous.take().is_some_and(|low| (low..=*high).contains(&byte));
                rest = after;
            }
            [b'-', high, after @ ..] if previous.is_some() && *high != b']' => {
                found |= previous.take().is_some_and(|low| (low..=*high).contains(&byte));
                rest = after;
            }
            [b'\\', literal, after @ ..] | [literal, after @ ..] => {
                found |= *literal == byte;
                previous = Some(*literal);
                rest = after;
            }
        }
        first = false;
    }
}

fn named(name: &[u8], b: u8) -> Option<bool> {
    Some(match name {
        b"alnum" => b.is_ascii_alphanumeric(),
        b"alpha" => b.is_ascii_alphabetic(),
        b"blank" => matches!(b, b' ' | b'\t'),
        b"cntrl" => b.is_ascii_control(),
        b"digit" => b.is_ascii_digit(),
        b"graph" => b.is_ascii_graphic(),
        b"lower" => b.is_ascii_lowercase(),
        b"print" => b.is_ascii_graphic() || b == b' ',
        b"punct" => b.is_ascii_punctuation(),
        b"space" => b.is_ascii_whitespace() || b == 0x0b,
        b"upper" => b.is_ascii_uppercase(),
        b"xdigit" => b.is_ascii_hexdigit(),
        _ => return None,
    })
}
