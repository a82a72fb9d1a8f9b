//! Which addresses Rust's `url::Url::parse` takes (url 2.5, the WHATWG rules): hf-hub 1.0 asks it when the client is made.
//!
//! Only the verdict is worked out here: the crate itself with its Unicode tables would be larger than hflint. So a name
//! beyond ASCII is judged by the characters that go, that turn into ASCII or that never pass, not by all of IDNA: a mark
//! that may not start a label, or a mix of writing directions, passes here and not there.

use std::net::Ipv6Addr;

/// Whether `Url::parse` gives a URL.
pub fn parses(text: &str) -> bool {
    let text: String =
        text.trim_matches(|c: char| c <= ' ').chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let named = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    if !named {
        return false;
    }
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" | "ws" | "wss" | "ftp" => web(rest),
        "file" => file(rest),
        _ => rest.strip_prefix("//").is_none_or(other),
    }
}

/// Any number of slashes will do, backslashes too; there has to be a host.
fn web(rest: &str) -> bool {
    let rest = rest.trim_start_matches(['/', '\\']);
    let Some((host, port, _)) = authority(before(rest, &['/', '\\', '?', '#'])) else {
        return false;
    };
    domain(host) && is_port(port)
}

/// Two slashes, then perhaps a host, never a user or port.
fn file(rest: &str) -> bool {
    let mut chars = rest.chars();
    if ![chars.next(), chars.next()].iter().all(|c| matches!(c, Some('/' | '\\'))) {
        return true;
    }
    let host = before(chars.as_str(), &['/', '\\', '?', '#']);
    let drive = matches!(host.as_bytes(), [letter, b':' | b'|'] if letter.is_ascii_alphabetic());
    host.is_empty() || drive || domain(host)
}

/// A scheme of no meaning to the parser: its host is not looked up, so much more passes.
fn other(rest: &str) -> bool {
    let Some((host, port, user)) = authority(before(rest, &['/', '?', '#'])) else {
        return false;
    };
    if host.is_empty() {
        return port.is_none() && !user;
    }
    let sound = match bracketed(host) {
        Some(inner) => inner.parse::<Ipv6Addr>().is_ok(),
        None => !host.contains(|c| "\0 <>@[\\]^|".contains(c)),
    };
    sound && is_port(port)
}

fn before<'a>(text: &'a str, ends: &[char]) -> &'a str {
    text.find(ends).and_then(|end| text.get(..end)).unwrap_or(text)
}

/// Host, port and whether there is a user or a password.
fn authority(text: &str) -> Option<(&str, Option<&str>, bool)> {
    let (user, rest) = match text.rsplit_once('@') {
        Some((user, rest)) => (!matches!(user, "" | ":"), rest),
        None => (false, text),
    };
    let mut inside = false;
    let colon = rest.char_indices().find_map(|(at, c)| {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            ':' if !inside => return Some(at),
            _ => {}
        }
        None
    });
    match colon {
        Some(at) => Some((rest.get(..at)?, rest.get(at + 1..), user)),
        None => Some((rest, None, user)),
    }
}

fn bracketed(host: &str) -> Option<&str> {
    host.strip_prefix('[')?.strip_suffix(']')
}

/// Empty passes, as in `http://h:`.
fn is_port(port: Option<&str>) -> bool {
    port.is_none_or(|p| {
        p.chars().all(|c| c.is_ascii_digit()) && (p.is_empty() || p.parse::<u64>().is_ok_and(|n| n <= 65535))
    })
}

/// A host that will be looked up: an address in brackets, a number, or a name.
fn domain(host: &str) -> bool {
    if host.starts_with('[') {
        return bracketed(host).is_some_and(|inner| inner.parse::<Ipv6Addr>().is_ok());
    }
    let Some(name) = ascii_like(&percent_decoded(host)) else {
        return false;
    };
    let refused = |c: char| c <= ' ' || c == '\x7f' || "#%/:<>?@[\\]^|".contains(c);
    !name.is_empty()
        && !name.contains(refused)
        && name.split('.').all(is_label)
        && (!ends_in_number(&name) || is_ipv4(&name))
}

/// A label that says it is Punycode has to be: it gives characters beyond ASCII, none a capital or one that never passes.
fn is_label(label: &str) -> bool {
    let lower = label.to_ascii_lowercase();
    let Some(code) = lower.strip_prefix("xn--") else {
        return true;
    };
    let sound = |text: &String| ascii_like(text).as_ref() == Some(text) && text.to_lowercase() == *text;
    punycode(code).is_some_and(|text| !text.is_ascii() && sound(&text))
}

/// RFC 3492.
fn punycode(code: &str) -> Option<String> {
    let (basic, extended) = code.rsplit_once('-').unwrap_or(("", code));
    let mut text: Vec<char> = basic.chars().collect();
    let (mut n, mut i, mut bias) = (128_u32, 0_u32, 72_u32);
    let mut digits = extended.bytes().peekable();
    while digits.peek().is_some() {
        let start = i;
        let mut weight = 1_u32;
        for k in (36_u32..).step_by(36) {
            let digit = match digits.next()? {
                b @ b'a'..=b'z' => u32::from(b - b'a'),
                b @ b'0'..=b'9' => u32::from(b - b'0') + 26,
                _ => return None,
            };
            i = i.checked_add(digit.checked_mul(weight)?)?;
            let threshold = k.saturating_sub(bias).clamp(1, 26);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(36 - threshold)?;
        }
        let count = u32::try_from(text.len()).ok()?.checked_add(1)?;
        let mut delta = (i - start) / if start == 0 { 700 } else { 2 };
        delta += delta / count;
        bias = 0;
        while delta > 455 {
            delta /= 35;
            bias += 36;
        }
        bias += 36 * delta / (delta + 38);
        n = n.checked_add(i / count)?;
        i %= count;
        text.insert(usize::try_from(i).ok()?, char::from_u32(n)?);
        i += 1;
    }
    Some(text.into_iter().collect())
}

/// The name with what IDNA leaves out or turns into ASCII done; `None` for characters that it never passes.
fn ascii_like(name: &str) -> Option<String> {
    name.chars()
        .filter(|c| !matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}'))
        .map(|c| match c {
            '\u{80}'..='\u{9f}' | '\u{fffd}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' => None,
            '\u{3002}' | '\u{ff61}' => Some('.'),
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
            c if c.is_whitespace() => Some(' '),
            c => Some(c),
        })
        .collect()
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).and_then(|d| std::str::from_utf8(d).ok());
        let decoded = digits
            .filter(|d| byte == b'%' && d.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|d| u8::from_str_radix(d, 16).ok());
        out.push(decoded.unwrap_or(byte));
        at += if decoded.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn ends_in_number(name: &str) -> bool {
    let last = name.strip_suffix('.').unwrap_or(name).rsplit('.').next().unwrap_or_default();
    let digits = !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit());
    digits || (hexadecimal(last).is_some() && ipv4_part(last).is_some())
}

fn hexadecimal(part: &str) -> Option<&str> {
    part.strip_prefix("0x").or_else(|| part.strip_prefix("0X"))
}

/// One to four numbers, the last of which takes the room of those that are missing.
fn is_ipv4(name: &str) -> bool {
    let parts: Vec<&str> = name.strip_suffix('.').unwrap_or(name).split('.').collect();
    let Some(numbers) = parts.iter().map(|p| ipv4_part(p)).collect::<Option<Vec<u64>>>() else {
        return false;
    };
    let Some((last, first)) = numbers.split_last() else {
        return false;
    };
    let room = match first.len() {
        0 => 1 << 32,
        1 => 1 << 24,
        2 => 1 << 16,
        3 => 1 << 8,
        _ => return false,
    };
    first.iter().all(|n| *n < 256) && *last < room
}

/// Decimal, octal after `0`, hexadecimal after `0x` (which alone is 0).
fn ipv4_part(part: &str) -> Option<u64> {
    if let Some(digits) = hexadecimal(part) {
        return if digits.is_empty() { Some(0) } else { number(digits, 16) };
    }
    match part.strip_prefix('0') {
        Some(digits) if !digits.is_empty() => number(digits, 8),
        _ => number(part, 10),
    }
}

/// Without a sign; a number too large for 64 bits is too large for an address as well.
fn number(digits: &str, radix: u32) -> Option<u64> {
    if !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    u64::from_str_radix(digits, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Each was given to url 2.5.8 through hf-hub 1.0.0; tests/parity/clients/rust asks it about some hundred more.
    #[test]
    fn taken() {
        for url in [
            "https://h",
            "http:h",
            "HTTP:\\\\h",
            "http://h:81/x//",
            "http://h:",
            "http://h:00080",
            "http://a@b@h",
            "http://:80@h",
            "http://%68",
            "http://[::1]:80",
            "http://[::1.2.3.4]",
            "http://1.2.65535",
            "http://0x",
            "http://1.2.3.4.",
            "http://a.-1",
            "http://a..b",
            "http://h_x",
            "http://h{",
            "http://é.test",
            "http://xn--nxasmq6b.test",
            "http://h\\@x",
            "http://h?@x",
            "\thttp://h\n",
            "ht\ntp://h",
            "hub.example.test:8080",
            "x:y z",
            "x://",
            "x://@",
            "x://h%00",
            "file:///x",
            "file://C:/x",
            "mailto:x",
        ] {
            assert!(parses(url), "{url:?}");
        }
    }

    #[test]
    fn refused() {
        for url in [
            "",
            "hub.example.test",
            "/x",
            "://x",
            "1x:",
            "é:x",
            "https://",
            "http://:80",
            "http://u@",
            "http://?",
            "http://h:abc",
            "http://h:65536",
            "http://h: 80",
            "http://h h",
            "http://h%20h",
            "http://h%zz",
            "http://h<",
            "http://h\u{7f}",
            "http://[::1",
            "http://[::1]x",
            "http://[]",
            "http://256.1.1.1",
            "http://1.2.3.4.5",
            "http://09",
            "http://a.1",
            "http://a.0x",
            "http://4294967296",
            "http://\u{ad}",
            "http://xn--",
            "http://a.xn--b-",
            "http://h\u{a0}",
            "x://:80",
            "x://u@",
            "x://h h",
            "x://[",
            "file://h:80",
        ] {
            assert!(!parses(url), "{url:?}");
        }
    }
}
