//! What the words of a line tell: the repository that a message names, the token's name, a quoted header, homes, releases.

use super::address::{is_a_path, is_no_name, set_repository};
use super::releases;
use super::request::{FRAME, HEADER, HOME, Header, NAMES, RELEASE, Request};
use crate::clients::version::Version;

/// What the words of a line tell: the repository that a message names, the token's name, the quoted header.
pub(super) fn words(line: &str, may: u8, number: u32, request: &mut Request) {
    let between = |a: &str, b: &str| -> Option<String> {
        let at = line.find(a)? + a.len();
        let end = line[at..].find(b)?;
        let text = line[at..at + end].trim().trim_matches(['\'', '"', '`']);
        (!text.is_empty() && text.len() < 120).then(|| text.to_owned())
    };
    if may & NAMES != 0 && line.contains("User Access Token") && request.token_name.is_none() {
        request.token_name =
            between("User Access Token \"", "\"").or_else(|| between("User Access Token \\\"", "\\\""));
    }
    let names = [
        ("Access to model ", " is restricted"),
        ("Access to dataset ", " is restricted"),
        ("Repo model ", " is gated"),
        ("request to access model ", " is awaiting"),
        ("request to access model ", " has been"),
        ("OSError: ", " is not a local folder"),
        ("OSError: ", " does not appear to have"),
        ("Dataset '", "'"),
        ("Could not download '", "'"),
        ("when trying to load ", ":"),
        ("looks like ", " is not the path to a directory"),
        ("Can't load tokenizer for '", "'"),
        ("Can't load the model for '", "'"),
        ("Can't load the configuration of '", "'"),
        ("Can't load config for '", "'"),
        ("Can't load processor for '", "'"),
        ("Can't load feature extractor for '", "'"),
        ("Can't load image processor for '", "'"),
    ];
    for (a, b) in names.into_iter().filter(|_| may & NAMES != 0) {
        if let Some(name) = between(a, b) {
            let name = name.trim_end_matches(':');
            if is_no_name(name) || is_a_path(name) && !a.contains("ataset") {
                request.bad_name.get_or_insert(number);
            }
            if name.contains('/') || a.contains("Dataset") || a.starts_with("Can't load") || b.ends_with("local folder")
            {
                let kind = if a.contains("ataset") { "datasets" } else { "models" };
                set_repository(request, kind, name, false);
            }
        }
    }
    if may & NAMES != 0 && is_a_page(line) {
        request.page.get_or_insert(number);
    }
    if may & HEADER != 0 && request.header.is_none() {
        request.header = header(line);
    }
    for home in ["/home/", "/Users/"].into_iter().filter(|_| may & HOME != 0) {
        for (at, _) in line.match_indices(home).take(8) {
            let rest = &line[at + home.len()..];
            let name =
                rest.split(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).next().unwrap_or_default();
            let path = format!("{home}{name}");
            if !name.is_empty() && request.homes.len() < 8 && !request.homes.contains(&path) {
                request.homes.push(path);
            }
        }
    }
}

/// Whether huggingface_hub was given a page in place of a file: what is cut off by a bad connection is longer.
fn is_a_page(line: &str) -> bool {
    let number = |after: &str| -> Option<u64> {
        let rest = &line[line.find(after)? + after.len()..];
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    let sizes = number("Consistency check failed: file should be of size ").zip(number(" but has size "));
    sizes.is_some_and(|(wanted, got)| got > 0 && got < 10_000 && wanted / 100 > got)
}

/// The quoted value of a header that could not be sent.
fn header(line: &str) -> Option<Header> {
    let lower = line.to_ascii_lowercase();
    let said = ["header value", "invalid header", "headers.append", "hf_api_token: some(", "api_token: some("];
    let at = said.iter().find_map(|s| lower.find(s))?;
    let rest = &line[at..];
    let quote = rest.find(['\'', '"'])?;
    let mark = rest[quote..].chars().next()?;
    let inner = &rest[quote + 1..];
    let value = &inner[..inner.rfind(mark).unwrap_or(inner.len())];
    let value = value.strip_prefix("Authorization: ").unwrap_or(value);
    let value = value.strip_prefix("Bearer").unwrap_or(value);
    let control = ["\\x16", "\\u0016", "\\x03", "\u{16}"];
    Some(if value.trim().is_empty() {
        Header::Empty
    } else if control.iter().any(|c| value.contains(c)) {
        Header::Control
    } else if ["\\n", "\\r", "\\t", "\n", "\\u000a"].iter().any(|c| value.contains(c))
        || value.ends_with(' ')
        || value.starts_with("  ")
    {
        Header::Dirty
    } else {
        Header::Other
    })
}

/// Releases named in a line, and lines of huggingface_hub's own code.
pub(super) fn traceback(line: &str, may: u8, request: &mut Request) {
    for (file, http) in [("_http.py", true), ("_errors.py", false)].into_iter().filter(|_| may & FRAME != 0) {
        let Some(at) = line.find(file).filter(|_| line.contains("huggingface_hub")) else { continue };
        let rest = line[at + file.len()..].trim_start_matches(['"', '\'', ',', ':', ' ', ')', '(']);
        let rest = rest.strip_prefix("line ").unwrap_or(rest);
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if let Some(range) = digits.parse().ok().and_then(|n| releases::of_line(http, n)) {
            request.between.get_or_insert(range);
        } else if request.between.is_none() {
            // The module alone tells on which side of 0.25 it is.
            request.between = Some(if http {
                (Version::new(0, 25, 0), crate::clients::hub::HUGGINGFACE_HUB.newest)
            } else {
                (Version::new(0, 8, 1), Version::new(0, 24, 7))
            });
        }
    }
    if may & RELEASE != 0 && request.version.is_none() {
        let lower = line.to_ascii_lowercase().replace('_', "-");
        for before in [
            "huggingface-hub==",
            "huggingface-hub version: ",
            "huggingface-hub-",
            "huggingface-hub: ",
            "huggingface-hub=",
            "huggingface-hub ",
            "hf-hub/",
            "huggingface-hub v",
        ] {
            // ">=" is what somebody wants, not what is there.
            let Some(at) = lower.find(before) else { continue };
            let text: String =
                lower[at + before.len()..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '.').collect();
            let text = text.trim_end_matches(".dist").trim_end_matches('.');
            if text.contains('.')
                && let Ok(version) = text.parse::<Version>()
            {
                request.version = Some(version);
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_told_from_a_part_of_a_file() {
        for (wanted, got, want) in
            [(133_466_304, 635, true), (1_215_993_967, 118_991_296, false), (700, 635, false), (9_000_000, 0, false)]
        {
            let line = format!(
                "OSError: Consistency check failed: file should be of size {wanted} but has size {got} (x.bin)."
            );
            assert_eq!(is_a_page(&line), want, "{line}");
        }
    }

    #[test]
    fn headers() {
        for (line, want) in [
            ("httpx.LocalProtocolError: Illegal header value b'Bearer '", Header::Empty),
            ("ValueError: Invalid header value b'Bearer hf_****\\n'", Header::Dirty),
            ("Illegal header value b'Bearer \\x16'", Header::Control),
            ("Illegal header value b'Bearer \"x\"'", Header::Other),
            ("Args { hf_api_token: Some(\"hf_****\\n\") }", Header::Dirty),
        ] {
            assert_eq!(header(line), Some(want), "{line}");
        }
    }
}
