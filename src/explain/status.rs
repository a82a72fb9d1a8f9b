//! The status of HTTP that a line tells.

/// Statuses, the one that tells most first: an optional file that is not there is told as 404 in every good run.
const STATUSES: [u16; 14] = [401, 403, 407, 402, 410, 416, 409, 400, 429, 404, 500, 502, 503, 504];

/// What other services say beside a status of theirs.
const FOREIGN: [&str; 3] = ["Incorrect API key provided", "invalid_api_key", "invalid x-api-key"];

/// How much a status tells, the least number the most.
pub(super) fn rank(status: u16) -> usize {
    STATUSES.iter().position(|s| *s == status).unwrap_or(STATUSES.len())
}

/// The status that a line tells, the first of those that count most.
pub(super) fn status(line: &str) -> Option<u16> {
    if FOREIGN.iter().any(|words| line.contains(words)) {
        return None;
    }
    let bytes = line.as_bytes();
    let mut best: Option<u16> = None;
    for at in 0..bytes.len().saturating_sub(2) {
        let digits = &bytes[at..at + 3];
        if !matches!(digits[0], b'4' | b'5') || !digits.iter().all(u8::is_ascii_digit) {
            continue;
        }
        let odd =
            |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'/'));
        if odd(at.checked_sub(1).and_then(|n| bytes.get(n)))
            || bytes.get(at + 3).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'/')
        {
            continue;
        }
        let Ok(code) = line[at..at + 3].parse::<u16>() else { continue };
        if !STATUSES.contains(&code) {
            continue;
        }
        let start = (at.saturating_sub(24)..=at).find(|n| line.is_char_boundary(*n)).unwrap_or(at);
        let before = line[start..at].to_ascii_lowercase();
        let after: String = line[at + 3..].chars().take(28).collect::<String>().to_ascii_lowercase();
        let after = after.trim_start_matches([' ', ':', '-', ')', '(', ']', '"', '\'', ',']);
        let says = [
            "client error",
            "unauthorized",
            "forbidden",
            "conflict",
            "not found",
            "too many",
            "bad request",
            "server error",
            "proxy auth",
            "service unav",
            "bad gateway",
            "gateway",
            "internal server",
        ]
        .iter()
        .any(|w| after.starts_with(w));
        let told =
            ["status", "http", "error", "response", "code", "returned", "server"].iter().any(|w| before.contains(w));
        let is_line = before.trim_end().ends_with("line") || before.ends_with(".py:");
        if (says || told) && !is_line && best.is_none_or(|b| rank(code) < rank(b)) {
            best = Some(code);
        }
    }
    best
}
