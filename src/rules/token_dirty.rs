//! HF203

use super::endpoints::is_foreign;
use super::places::called;
use super::values::{Value, login, values};
use crate::clients::Outcome;
use crate::clients::shape::{self, Dirt, Shape};
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::fix::plan::Remedy;
use crate::secret::Token;
use crate::shell::quote_path;
use crate::snapshot::{Resolved, Snapshot};
use crate::state::variables;

declare_rule! {
    /// ## What it does
    /// Finds a token with something that clings to it: white space, a line end, quotes, a byte order mark, an invisible
    /// character, UTF-16, a second line.
    ///
    /// ## Why it matters
    /// huggingface_hub takes line ends away and trims white space, nothing else. Quotes are sent and answer 401; a byte
    /// order mark or an invisible character cannot be put into a header, and every request raises UnicodeEncodeError;
    /// UTF-16 raises UnicodeDecodeError; two lines are glued together. Other clients trim less: Polars sends a line end
    /// of the token file, and hf-hub 1.0 goes out without a token, silently, when `HF_TOKEN` ends in one.
    ///
    /// ## Example
    /// ```text
    /// HF_TOKEN="hf_****aaaa"         with its quotes, from `docker --env-file`
    /// hf_****aaaa<CR><LF>            in a token file written on Windows
    /// ```
    ///
    /// ## How to fix
    /// Write the token again without what clings to it; the help line has a command that takes it off.
    ///
    /// ## Fix safety
    /// Changing a variable of this shell is safe; rewriting the token file asks first.
    ///
    /// ## Exceptions
    /// Only worth knowing (`info`) where every client here takes the dirt off by itself: a line end after the token is
    /// the common case; and for quotes in a compose file here, which only its containers will send.
    ///
    /// ## References
    /// - huggingface_hub 0.17.0 to 2.4.0, `_clean_token`; requests 2.34.2, httpx 0.28.1, httpx2 2.16.2 for what cannot
    ///   be sent; hf-hub 1.0.0, Polars 2.1.0
    pub(super) static RULE = {
        code: "HF203",
        name: "token-dirty",
        summary: "a token with white space, quotes or other dirt",
        severity: Error,
        since: "0.1.0",
        when: Prompt,
        fix: Some(Applicability::Safe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    in_use(snapshot, out);
    if snapshot.shows(Severity::Info) {
        for_containers(snapshot, out);
    }
}

/// Quotes that a compose file here will hand to a container along with the token, or with what is put in its place.
fn for_containers(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    for entry in snapshot.state.compose() {
        let line = entry.line;
        let official = variables::by_name(&entry.name).is_some_and(variables::TokenVariable::is_official);
        let Some(value) = entry.value.filter(|_| official) else { continue };
        // In the quotes that the shell's word for the script does not use.
        let script = match value.bytes() {
            [b'"', .., b'"'] => format!("'{line}s/\"//g'"),
            [b'\'', .., b'\''] => format!("\"{line}s/'//g\""),
            _ => continue,
        };
        let shape = shape::read(value.bytes()).shape;
        if !shape.is_token() && shape != Shape::Unexpanded {
            continue;
        }
        let message = format!("the compose file here gives {} to a container with its quotes", entry.name);
        out.push(
            Finding::new(&RULE, Severity::Info, message)
                .at(Location::line(&entry.path, line))
                .note("why", "in the list form of `environment` the quotes are part of the value")
                .help(
                    format!("sed -i {script} {}", quote_path(Some(&entry.path))),
                    "takes the quotes of that line away",
                ),
        );
    }
}

/// What stands where the clients here look.
fn in_use(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let foreign = is_foreign(snapshot);
    for value in values(snapshot) {
        let Some(dirt) = value.reading.dirt else {
            continue;
        };
        let undecodable = matches!(dirt, Dirt::Utf16 | Dirt::NotUtf8);
        let shape = value.reading.shape;
        // A placeholder in quotes is a placeholder: HF202 says so.
        if shape == Shape::Blank || !(shape.is_token() || foreign || undecodable) {
            continue;
        }
        let victim = value.decides_for(snapshot).into_iter().find(|r| is_harmed(r, value));
        let severity = if victim.is_some() { Severity::Error } else { Severity::Info };
        let what = match dirt {
            Dirt::Utf16 => "is UTF-16 text".to_owned(),
            Dirt::Quotes | Dirt::Around | Dirt::LineEnd if value.is_variable() => {
                format!("holds a token with {}", dirt.words())
            }
            _ => format!("has {}", dirt.words()),
        };
        let message = match severity {
            Severity::Info => format!("{} {what}; the clients here take that off", value.name()),
            _ => format!("{} {what}", value.name()),
        };
        let mut finding = Finding::new(&RULE, severity, message).at(value.at.clone());
        finding = match victim {
            Some(client) => finding.note("sends", consequence(client)),
            None => finding,
        };
        out.push(cure(snapshot, value, finding));
    }
}

/// Whether the client does anything but send the clean token.
fn is_harmed(client: &Resolved, value: &Value) -> bool {
    !client.answer.outcome.token().is_some_and(|sent| is_sound(sent, value))
}

/// Whether what is sent is free of dirt, and not glued together from several lines.
fn is_sound(sent: &Token, value: &Value) -> bool {
    let reading = shape::read(sent.bytes());
    let whole = value.raw.bytes().windows(sent.bytes().len().max(1)).any(|w| w == sent.bytes());
    // One token that was broken over two lines is whole again once it is joined.
    let mended = reading.shape == Shape::Hub && sent.bytes().len() == shape::USUAL;
    reading.dirt.is_none() && (whole || mended)
}

fn consequence(client: &Resolved) -> String {
    let name = called(&client.instance);
    match &client.answer.outcome {
        Outcome::Token(_) => format!("the token along with that, by {name}"),
        Outcome::Error(class) => format!("nothing: {name} fails with {class}"),
        Outcome::Anonymous => format!("no token, by {name}, and no word about it"),
        Outcome::Unknown => format!("what {name} makes of it cannot be told offline"),
    }
}

/// A command that leaves nothing but the characters of a token. Only where one token is in there for certain.
fn cure(snapshot: &Snapshot<'_>, value: &Value, finding: Finding) -> Finding {
    let plain = matches!(
        value.reading.dirt,
        Some(Dirt::Quotes | Dirt::Bom | Dirt::ZeroWidth | Dirt::Around | Dirt::LineEnd | Dirt::Utf16 | Dirt::Nul)
    );
    let token = value.reading.token.as_ref().filter(|_| plain);
    let then = token.map_or_else(String::new, |t| format!("then {} is sent", t.masked()));
    match (&value.at, token) {
        (Location::Variable { name }, Some(_)) => {
            let command = format!("export {name}=\"$(printf %s \"${name}\" | LC_ALL=C tr -cd 'A-Za-z0-9_.-')\"");
            finding.help(command, then)
        }
        (Location::Variable { name }, None) => {
            let becomes = super::values::becomes(snapshot, &value.at);
            finding.unset(&[name], becomes)
        }
        (at, Some(_)) => match at.path() {
            Some(path) => {
                let command = format!("hflint fix {}", RULE.code);
                finding.offers(Remedy::Clean(path.to_owned())).help(command, then)
            }
            None => finding,
        },
        (_, None) => finding.help(login(snapshot), "writes one token there"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{crates, findings, python, token};
    use crate::system::fake::Fake;

    const LOGIN: &str = "/home/u/.cache/huggingface/token";

    fn both(text: &str) -> [Fake; 2] {
        [Fake::home().var("HF_TOKEN", text), Fake::home().file(LOGIN, text)]
    }

    #[test]
    fn what_every_client_sends_is_an_error() {
        let (a, b) = (token('A'), token('B'));
        for text in [
            format!("\"{a}\""),
            format!("'{a}'\n"),
            format!("\u{feff}{a}"),
            format!("\u{200b}{a}"),
            format!("{a} {b}"),
            format!("{a}\n{b}\n"),
            format!("# mine\n{a}\n"),
            format!("{a} # mine"),
            format!("{a};"),
            format!("\u{1b}[31m{a}\u{1b}[0m"),
        ] {
            for fake in both(&text) {
                assert_eq!(findings(&RULE, &fake), ["error"], "{text:?}");
                assert!(findings(&super::super::token_shape::RULE, &fake).is_empty(), "{text:?}");
            }
        }
    }

    #[test]
    fn what_the_clients_here_take_off_is_worth_knowing() {
        let a = token('A');
        let (head, tail) = a.split_at(20);
        for text in [format!("{a}\n"), format!(" {a}\r\n"), format!("{a}\u{a0}"), format!("{head}\n{tail}\n")] {
            for fake in both(&text) {
                assert_eq!(findings(&RULE, &fake), ["info"], "{text:?}");
            }
        }
    }

    #[test]
    fn clients_that_take_less_off() {
        let a = token('A') + "\n";
        let polars = python(Fake::home().file(LOGIN, &a), &[("huggingface_hub", "2.4.0"), ("polars", "2.1.0")]);
        let old = python(Fake::home().file(LOGIN, &a), &[("huggingface_hub", "0.16.4")]);
        let rust = crates(Fake::home().var("HF_TOKEN", &a), &[("hf-hub", "1.0.0")]);
        let blank = crates(Fake::home().var("HF_TOKEN", format!(" {}", token('A'))), &[("hf-hub", "1.0.0")]);
        for fake in [polars, old, rust, blank] {
            assert_eq!(findings(&RULE, &fake), ["error"]);
        }
        let half = crates(Fake::home().file(LOGIN, &a), &[("hf-hub", "0.5.0")]);
        assert_eq!(findings(&RULE, &half), ["info"]);
    }

    #[test]
    fn quotes_for_a_container_are_worth_knowing() {
        let compose = |value: &str| {
            let text = format!("services:\n  a:\n    environment:\n      - HF_TOKEN={value}\n");
            findings(&RULE, &Fake::home().file("/home/u/compose.yaml", text))
        };
        assert_eq!(compose(&format!("\"{}\"", token('A'))), ["info"]);
        assert_eq!(compose("'${HF_TOKEN}'"), ["info"]);
        for value in [&token('A'), "${HF_TOKEN}", "\"\"", ""] {
            assert!(compose(value).is_empty(), "{value}");
        }
    }

    #[test]
    fn encodings_are_one_finding() {
        let little: Vec<u8> =
            [0xff, 0xfe].into_iter().chain(token('A').encode_utf16().flat_map(u16::to_le_bytes)).collect();
        for raw in [little, b"hf_\xff\xfehf_".to_vec()] {
            let fake = Fake::home().file(LOGIN, raw);
            assert_eq!(findings(&RULE, &fake), ["error"]);
            assert!(findings(&super::super::token_shape::RULE, &fake).is_empty());
        }
    }

    #[test]
    fn silent_for_clean_values_and_for_what_is_no_token() {
        let clean = Fake::home().var("HF_TOKEN", token('A')).file(LOGIN, token('B'));
        let placeholder = Fake::home().var("HF_TOKEN", "\"none\"");
        let jwt = Fake::home().var("HF_ENDPOINT", "https://nexus.corp.example").var("HF_TOKEN", "eyJab.eyJcd.ef-_x");
        for fake in [clean, placeholder, jwt] {
            assert!(findings(&RULE, &fake).is_empty());
        }
        let quoted = Fake::home().var("HF_ENDPOINT", "https://nexus.corp.example").var("HF_TOKEN", "\"abc123\"");
        assert_eq!(findings(&RULE, &quoted), ["error"]);
    }
}
