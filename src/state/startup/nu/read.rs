//! A text of nushell's in statements, and a statement in words.

/// A statement, and the line on which it begins, counted from 0.
pub(super) struct Statement<'t> {
    pub(super) line: u32,
    pub(super) text: &'t [u8],
}

/// The statements of a text; `None` where something in it is not closed, and nothing of it is run.
pub(super) fn statements(text: &[u8]) -> Option<Vec<Statement<'_>>> {
    let mut out = Vec::new();
    let (mut at, mut from) = (0, 0);
    while at <= text.len() {
        match text.get(at) {
            Some(b'\n') if goes_on(&text[from..at], &text[at..]) => at += 1,
            None | Some(b'\n' | b';') => {
                let own = &text[from..at];
                let blank = own.iter().take_while(|b| b.is_ascii_whitespace()).count();
                let line = breaks(&text[..from + blank]);
                let own = own.trim_ascii();
                if !own.is_empty() {
                    out.push(Statement { line, text: own });
                }
                at += 1;
                from = at;
            }
            Some(b'#') if begins_word(text, at) => {
                let end = at + text[at..].iter().take_while(|b| **b != b'\n').count();
                if text[from..at].trim_ascii().is_empty() {
                    from = end;
                }
                at = end;
            }
            Some(_) => at = unit(text, at)?,
        }
    }
    Some(out)
}

/// How many lines end in a text.
pub(super) fn breaks(text: &[u8]) -> u32 {
    u32::try_from(text.split(|b| *b == b'\n').count() - 1).unwrap_or(u32::MAX)
}

/// A line that ends in a pipe, or is followed by one that begins with a pipe, goes on.
fn goes_on(before: &[u8], after: &[u8]) -> bool {
    before.trim_ascii_end().ends_with(b"|") || after.trim_ascii_start().starts_with(b"|")
}

fn begins_word(text: &[u8], at: usize) -> bool {
    at == 0 || matches!(text[at - 1], b' ' | b'\t' | b'\n' | b'\r' | b';' | b'{' | b'(' | b'[')
}

/// The end of what begins at a place: a byte, or all of a text in quotes or brackets.
fn unit(text: &[u8], at: usize) -> Option<usize> {
    let rest = &text[at..];
    match rest {
        [b'r', b'#', ..] if begins_word(text, at) => {
            let hashes = rest[1..].iter().take_while(|b| **b == b'#').count();
            let open = 1 + hashes;
            if rest.get(open) != Some(&b'\'') {
                return Some(at + 1);
            }
            let close = [b"'", &rest[1..open]].concat();
            let end = rest[open + 1..].windows(close.len()).position(|w| w == close)?;
            Some(at + open + 1 + end + close.len())
        }
        [b'$', quote @ (b'"' | b'\''), ..] => {
            let mut end = at + 2;
            loop {
                match *text.get(end)? {
                    b if b == *quote => return Some(end + 1),
                    b'\\' if *quote == b'"' => end += 2,
                    b'(' => end = unit(text, end)?,
                    _ => end += 1,
                }
            }
        }
        [b'"', ..] => {
            let mut end = at + 1;
            loop {
                match *text.get(end)? {
                    b'"' => return Some(end + 1),
                    b'\\' => end += 2,
                    _ => end += 1,
                }
            }
        }
        [quote @ (b'\'' | b'`'), ..] => Some(at + 2 + text[at + 1..].iter().position(|b| b == quote)?),
        [open @ (b'(' | b'[' | b'{'), ..] => {
            let close = match open {
                b'(' => b')',
                b'[' => b']',
                _ => b'}',
            };
            let mut end = at + 1;
            loop {
                match *text.get(end)? {
                    b if b == close => return Some(end + 1),
                    b')' | b']' | b'}' => return None,
                    b'#' if begins_word(text, end) => end += text[end..].iter().take_while(|b| **b != b'\n').count(),
                    _ => end = unit(text, end)?,
                }
            }
        }
        [b')' | b']' | b'}', ..] => None,
        _ => Some(at + 1),
    }
}

/// What stands between separators outside of quotes and brackets, without comments.
fn split(text: &[u8], is_end: impl Fn(u8) -> bool) -> Option<Vec<&[u8]>> {
    let (mut at, mut from, mut out) = (0, 0, Vec::new());
    while at < text.len() {
        if is_end(text[at]) {
            out.push(&text[from..at]);
            at += 1;
            from = at;
        } else if text[at] == b'#' && begins_word(text, at) {
            out.push(&text[from..at]);
            at += text[at..].iter().take_while(|b| **b != b'\n').count();
            from = at;
        } else {
            at = unit(text, at)?;
        }
    }
    out.push(&text[from..]);
    Some(out)
}

/// The words of a statement.
pub(super) fn words(text: &[u8]) -> Option<Vec<&[u8]>> {
    let mut words = split(text, |b| b.is_ascii_whitespace())?;
    words.retain(|word| !word.is_empty());
    Some(words)
}

/// The commands of a pipe.
pub(super) fn stages(text: &[u8]) -> Option<Vec<&[u8]>> {
    // What stands around a comment is one.
    Some(split(text, |b| b == b'|')?.into_iter().map(<[u8]>::trim_ascii).filter(|stage| !stage.is_empty()).collect())
}

/// The fields of a record: names and values.
pub(super) fn fields(text: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let inner = text.strip_prefix(b"{")?.strip_suffix(b"}")?;
    // A colon that ends a word belongs to it.
    let words: Vec<&[u8]> =
        split(inner, |b| b == b',' || b.is_ascii_whitespace())?.into_iter().filter(|word| !word.is_empty()).collect();
    let (mut out, mut words) = (Vec::new(), words.into_iter());
    while let Some(name) = words.next() {
        if let Some(name) = name.strip_suffix(b":") {
            out.push((name, words.next()?));
        } else {
            let colon = split(name, |b| b == b':')?.first()?.len();
            let (name, value) = name.split_at_checked(colon)?;
            let value = value.strip_prefix(b":")?;
            out.push((name, if value.is_empty() { words.next()? } else { value }));
        }
    }
    Some(out)
}

/// The end of what is in brackets from a place on.
pub(super) fn group(text: &[u8], at: usize) -> Option<usize> {
    unit(text, at)
}
