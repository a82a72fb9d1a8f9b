//! git over https: what it answers when the Hub refuses a request without a credential.
//!
//! Source: git 2.39.5 and 2.47.3 with libcurl 7.88.1, run. `HF_TOKEN`, `HF_HOME` and the token file mean nothing to it.

use super::Candidate;
use super::git_lfs::GIT_LFS;
use super::git_xet::GIT_XET;
use super::model::{Answered, Client, Found, Model, Step, Wire};
use super::version::Version;
use crate::finding::Location;
use crate::secret::Token;
use crate::state::State;
use crate::state::git::load::{Fault, boolean};
use crate::state::git::store::{self, Helper};
use crate::state::git::url::Parts;
use crate::state::git::{Git, netrc};

/// All of them.
pub static CLIENTS: &[&Client] = &[&GIT, &GIT_LFS, &GIT_XET];

/// git, and what runs git.
pub static GIT: Client = Client {
    name: "git",
    aliases: &[],
    title: "git",
    found: Found::Nowhere,
    newest: Version::new(2, 47, 3),
    models: MODELS,
};

const MODELS: &[Model] = &[
    Model {
        since: Version::first_of(1, 0, 0),
        wire: Wire::Plain,
        steps: &[Step::Own(fatal), Step::Own(header), Step::Own(url), Step::Own(from_netrc), Step::Own(helpers)],
    },
    // `http.proactiveAuth`: the helpers before the first request; an empty user of the URL now has no password.
    Model {
        since: Version::first_of(2, 46, 0),
        wire: Wire::Plain,
        steps: &[
            Step::Own(fatal_new),
            Step::Own(header),
            Step::Own(url_new),
            Step::Own(helpers_first),
            Step::Own(netrc_new),
            Step::Own(helpers_new),
        ],
    },
];

pub(super) fn died(fault: &Fault) -> Answered {
    if fault.waits { Answered::Unknown } else { Answered::Error("fatal", Some(fault.source.clone())) }
}

/// The last value of `http.KEY` that counts here.
fn http<'a>(state: &'a State<'_>, key: &str) -> Option<(Option<&'a [u8]>, &'a Location)> {
    let git = state.git();
    let found = git.http(key, &git.target(state).url);
    found.last().map(|p| (p.entry.value.as_deref(), &p.source))
}

/// `http.emptyAuth`: an empty Basic header in place of netrc; `None` inside for what git dies on.
fn empty_auth(state: &State<'_>) -> Result<bool, Location> {
    match http(state, "emptyauth") {
        None | Some((Some(b"auto"), _)) => Ok(false),
        Some((value, source)) => boolean(value).ok_or_else(|| source.clone()),
    }
}

/// `http.proactiveAuth`; `http.emptyAuth` changes nothing about it.
fn is_proactive(state: &State<'_>) -> bool {
    let git = state.git();
    let values = git.http("proactiveauth", &git.target(state).url);
    // A value that git does not know changes nothing.
    let mut known = values.iter().filter_map(|p| match p.entry.value.as_deref() {
        Some(b"auto" | b"basic") => Some(true),
        Some(b"none") => Some(false),
        _ => None,
    });
    known.next_back().unwrap_or(false)
}

/// What ends git before its first request.
fn fatal(state: &State<'_>) -> Answered {
    let git = state.git();
    if let Some(fault) = &git.config.fault {
        return died(fault);
    }
    let fails = |source: &Location| Answered::Error("fatal", Some(source.clone()));
    let valueless = git.config.entries.iter().find(|p| {
        let needs = match p.entry.parts() {
            (b"remote", Some(_), key) => matches!(key, b"url" | b"pushurl" | b"fetch" | b"push"),
            (b"url", Some(_), key) => matches!(key, b"insteadof" | b"pushinsteadof"),
            (b"branch", Some(_), key) => matches!(key, b"remote" | b"merge" | b"pushremote"),
            _ => false,
        };
        needs && p.entry.value.is_none()
    });
    if let Some(placed) = valueless {
        return fails(&placed.source);
    }
    let target = git.target(state);
    for placed in git.http("extraheader", &target.url) {
        if placed.entry.value.is_none() {
            return fails(&placed.source);
        }
    }
    if let Err(source) = empty_auth(state) {
        return fails(&source);
    }
    match Parts::new(&target.url, false) {
        None => Answered::Error("fatal", target.source),
        // A file that libcurl cannot read stops it before it connects, whatever else there is to send.
        Some(parts) if parts.password.is_none() => match ask_netrc(state) {
            (netrc::Answer::Fails(_), source) => Answered::Error("fatal", source),
            _ => Answered::Nothing,
        },
        Some(_) => Answered::Nothing,
    }
}

fn fatal_new(state: &State<'_>) -> Answered {
    let said = fatal(state);
    let git = state.git();
    let named = Parts::new(&git.target(state).url, false).is_none_or(|parts| parts.password.is_some());
    if git.config.fault.is_some() || named || !is_proactive(state) {
        return said;
    }
    // The helpers are asked before the first request; without an answer git asks the person, and sends nothing till
    // then, no header either. With their answer at hand libcurl leaves netrc alone.
    match (said, ask_helpers(state, true)) {
        (_, Answered::Error(class, source)) => Answered::Error(class, source),
        (_, Answered::Nothing) => Answered::Anonymous,
        (Answered::Error(_, source), Answered::Token(_)) if source.is_some() && source == netrc_source(state) => {
            Answered::Nothing
        }
        (said, _) => said,
    }
}

fn netrc_source(state: &State<'_>) -> Option<Location> {
    ask_netrc(state).1
}

/// `http.extraHeader`: on every request, and nothing else beside it.
fn header(state: &State<'_>) -> Answered {
    let git = state.git();
    let mut found = Vec::new();
    for placed in git.http("extraheader", &git.target(state).url) {
        match placed.entry.value.as_deref() {
            Some(b"") => found.clear(),
            Some(value) => found.extend(authorization(value).map(|value| (value, &placed.source))),
            None => {}
        }
    }
    match found.first() {
        None => Answered::Nothing,
        Some(([], _)) => Answered::Anonymous,
        Some((value, source)) => {
            Answered::Token(Candidate { token: Token::new(credential(value)), source: (*source).clone() })
        }
    }
}

/// The value of an `Authorization` header; empty for `Authorization:`, which takes the header away, and for
/// `Authorization;`, which sends it empty.
fn authorization(header: &[u8]) -> Option<&[u8]> {
    let (name, rest) = header.split_at_checked("Authorization".len())?;
    if !name.eq_ignore_ascii_case(b"authorization") {
        return None;
    }
    match rest {
        b";" => Some(&[]),
        [b':', value @ ..] => Some(value.trim_ascii()),
        _ => None,
    }
}

/// The token in the value: what follows `Bearer`, the password of `Basic`, else all of it.
pub(super) fn credential(value: &[u8]) -> Vec<u8> {
    let space = value.iter().position(|&b| b == b' ');
    let Some((scheme, rest)) = space.map(|i| (&value[..i], &value[i + 1..])) else {
        return value.to_vec();
    };
    if scheme.eq_ignore_ascii_case(b"basic") {
        return basic_password(rest).unwrap_or_else(|| rest.to_vec());
    }
    if scheme.eq_ignore_ascii_case(b"bearer") { rest.to_vec() } else { value.to_vec() }
}

/// The password in what follows `Basic`.
pub(super) fn basic_password(encoded: &[u8]) -> Option<Vec<u8>> {
    let plain = base64(encoded.trim_ascii())?;
    let colon = plain.iter().position(|&b| b == b':')?;
    Some(plain[colon + 1..].to_vec())
}

/// Standard base64; `None` for anything else. Ten lines of our own against one more crate in every build.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let body = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let mut out = Vec::with_capacity(text.len());
    let (mut bits, mut count) = (0_u32, 0);
    for &b in body {
        let six = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(six)) & 0xff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xff).unwrap_or_default());
        }
    }
    (text.len().is_multiple_of(4) && body.len() % 4 != 1).then_some(out)
}

/// `user:password@` in the URL.
fn url(state: &State<'_>) -> Answered {
    let target = state.git().target(state);
    match Parts::new(&target.url, false).and_then(|parts| Git::password(&parts)) {
        None => Answered::Nothing,
        Some(password) if password.bytes().is_empty() => Answered::Anonymous,
        Some(token) => match target.source {
            Some(source) => Answered::Token(Candidate { token, source }),
            None => Answered::Nothing,
        },
    }
}

fn url_new(state: &State<'_>) -> Answered {
    let target = state.git().target(state);
    match Parts::new(&target.url, false) {
        Some(parts) if parts.password.is_some() && parts.user.as_deref() == Some(b"") && !is_proactive(state) => {
            Answered::Anonymous
        }
        _ => url(state),
    }
}

fn ask_netrc(state: &State<'_>) -> (netrc::Answer, Option<Location>) {
    let parts = Parts::new(&state.git().target(state).url, false).unwrap_or_default();
    if empty_auth(state) == Ok(true) {
        return (netrc::Answer::Nothing, None);
    }
    let host = parts.host.unwrap_or_default();
    let host = host.split(|&b| b == b':').next().unwrap_or_default();
    netrc::ask(state, host, parts.user.as_deref())
}

/// `~/.netrc`, by libcurl. An empty password is refused, and the helpers are asked.
fn from_netrc(state: &State<'_>) -> Answered {
    match ask_netrc(state) {
        (netrc::Answer::Password(token, _), Some(source)) if !token.bytes().is_empty() => {
            Answered::Token(Candidate { token, source })
        }
        _ => Answered::Nothing,
    }
}

fn netrc_new(state: &State<'_>) -> Answered {
    if is_proactive(state) { Answered::Nothing } else { from_netrc(state) }
}

fn helpers_first(state: &State<'_>) -> Answered {
    if !is_proactive(state) {
        return Answered::Nothing;
    }
    ask_helpers(state, true)
}

fn helpers_new(state: &State<'_>) -> Answered {
    if is_proactive(state) { Answered::Nothing } else { helpers(state) }
}

pub(super) fn helpers(state: &State<'_>) -> Answered {
    ask_helpers(state, false)
}

/// `credential.helper`: asked in turn until one gives a password. Git sends nothing for an empty user, unless it was
/// `first` to ask.
fn ask_helpers(state: &State<'_>, first: bool) -> Answered {
    match Parts::new(&state.git().target(state).url, false) {
        Some(parts) => ask_helpers_for(state, parts, first),
        None => Answered::Nothing,
    }
}

pub(super) fn ask_helpers_for(state: &State<'_>, parts: Parts, first: bool) -> Answered {
    let git = state.git();
    let found = match git.credentials(parts) {
        Ok(found) => found,
        Err(fault) => return died(&fault),
    };
    for placed in found.helpers {
        match git.helper(state, placed) {
            Helper::Silent => {}
            Helper::Other => return Answered::Unknown,
            Helper::Store(files) => match store::ask(state, &files, &found.asked) {
                None => {}
                // An empty password is nobody's.
                Some((line, _)) if line.password.bytes().is_empty() => return Answered::Anonymous,
                Some((line, _)) if line.parts.user == Some(Vec::new()) && !first => return Answered::Anonymous,
                Some((line, path)) => {
                    let source = Location::line(path, line.number);
                    return Answered::Token(Candidate { token: line.password, source });
                }
            },
        }
    }
    Answered::Nothing
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::{Answer, Instance, Outcome, resolve};
    use crate::system::fake::Fake;

    fn token(letter: &str) -> String {
        format!("hf_{}", letter.repeat(34))
    }

    fn answer(fake: &Fake) -> Answer {
        resolve(&State::new(fake), &Instance::newest(&GIT))
    }

    fn line(answer: &Answer) -> Option<(String, u32)> {
        let Some(Location::File { path, line }) = &answer.source else { return None };
        answer.outcome.token()?;
        Some((path.display().to_string(), (*line)?))
    }

    fn all() -> Fake {
        Fake::home()
            .file("/home/u/.git-credentials", format!("https://u:{}@huggingface.co\n", token("a")))
            .file("/home/u/.netrc", format!("machine huggingface.co login u password {}\n", token("b")))
    }

    fn config(fake: &Fake, text: &str) -> Fake {
        fake.clone().file("/home/u/.gitconfig", format!("[credential]\n\thelper = store\n{text}"))
    }

    #[test]
    fn header_then_url_then_netrc_then_store() {
        let url = format!("[remote \"o\"]\n\turl = https://u:{}@huggingface.co/o/m\n", token("c"));
        let header = format!("[http]\n\textraHeader = Authorization: Bearer {}\n", token("d"));
        let netrc = answer(&config(&all(), ""));
        assert_eq!(line(&netrc), Some(("/home/u/.netrc".into(), 1)));
        assert_eq!(netrc.hides.len(), 1);
        assert_eq!(line(&answer(&config(&all(), &url))), Some(("/home/u/.gitconfig".into(), 4)));
        let both = answer(&config(&all(), &(url + &header)));
        assert_eq!(line(&both), Some(("/home/u/.gitconfig".into(), 6)));
        assert_eq!(both.outcome.token().unwrap().bytes(), token("d").as_bytes());
        assert_eq!(both.hides.len(), 3);
        let proactive = answer(&config(&all(), "[http]\n\tproactiveAuth = basic\n"));
        assert_eq!(line(&proactive), Some(("/home/u/.git-credentials".into(), 1)));
    }

    #[test]
    fn without_a_helper_the_store_is_not_read() {
        let fake = Fake::home().file("/home/u/.git-credentials", format!("https://u:{}@huggingface.co\n", token("a")));
        assert!(matches!(answer(&fake).outcome, Outcome::Anonymous));
        assert!(matches!(answer(&config(&fake, "")).outcome, Outcome::Token(_)));
        let other = config(&fake, "\thelper =\n\thelper = !my-own\n");
        assert!(matches!(answer(&other).outcome, Outcome::Unknown | Outcome::Anonymous));
    }

    #[test]
    fn what_git_dies_on() {
        for text in ["[bad\n", "\thelper\n", "[http]\n\textraHeader\n", "[http]\n\temptyAuth = maybe\n"] {
            let fake = Fake::home();
            assert!(matches!(answer(&config(&fake, text)).outcome, Outcome::Error("fatal")), "{text}");
        }
        let quote = Fake::home().file("/home/u/.netrc", "machine x login u password \"open\n");
        assert!(matches!(answer(&quote).outcome, Outcome::Error("fatal")));
    }

    #[test]
    fn headers() {
        for (header, want) in [
            ("Authorization: Bearer x", Some("x")),
            ("authorization:Basic dTpw", Some("p")),
            ("Authorization: Other x", Some("Other x")),
            ("Authorization: ", Some("")),
            ("Authorization;", Some("")),
            (" Authorization: Bearer x", None),
            ("Authorization : Bearer x", None),
            ("X-Authorization: x", None),
        ] {
            let found = authorization(header.as_bytes()).map(credential);
            assert_eq!(found.as_deref(), want.map(str::as_bytes), "{header}");
        }
        assert_eq!(base64(b"dTpwYXNz").as_deref(), Some(&b"u:pass"[..]));
        assert_eq!(base64(b"dTo=").as_deref(), Some(&b"u:"[..]));
        for bad in ["dTp", "d*==", "dTpwY"] {
            assert_eq!(base64(bad.as_bytes()), None, "{bad}");
        }
    }
}
