//! What a log tells of the request that failed: status, address, repository, which client, and where it ran.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::log::Log;
use super::marks::{CLIENTS, MARKS, Marks, Who};
use super::recognise::Hit;
use super::releases;
use super::search::{Needle, Triggers, search};
use super::texts::Says;
use crate::clients::version::Version;

/// The request, as far as the log tells.
#[derive(Debug, Default)]
pub(crate) struct Request {
    /// HTTP.
    pub(crate) status: Option<u16>,
    /// The line of the status.
    pub(crate) status_line: Option<u32>,
    /// `org/name`, `datasets/org/name`.
    pub(crate) repository: Option<String>,
    /// In lower case.
    pub(crate) host: Option<String>,
    /// The name of `--client`, where it is one of those.
    pub(crate) client: Option<&'static str>,
    /// What people call the program, where that is another.
    pub(crate) program: Option<&'static str>,
    /// Its release, written in the log.
    pub(crate) version: Option<Version>,
    /// The release of huggingface_hub lies between these two, ends included.
    pub(crate) between: Option<(Version, Version)>,
    /// The line of an address that answers 401 to every token.
    pub(crate) whoami_v1: Option<u32>,
    /// The line of a repository's name that cannot be one.
    pub(crate) bad_name: Option<u32>,
    /// The name of the token that the hub says is expired.
    pub(crate) token_name: Option<String>,
    /// What the quoted header value holds.
    pub(crate) header: Option<Header>,
    /// What the log shows of the place where it was written.
    pub(crate) marks: Marks,
    /// The home directories in its paths.
    pub(crate) homes: Vec<String>,
}

/// What stands after `Bearer` in a header that could not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Header {
    /// Nothing.
    Empty,
    /// A token and white space or a line end.
    Dirty,
    /// A control character, as a paste that failed leaves it.
    Control,
    /// Something else.
    Other,
}

/// Statuses, the one that tells most first: an optional file that is not there is told as 404 in every good run.
const STATUSES: [u16; 10] = [401, 403, 407, 400, 429, 404, 500, 502, 503, 504];

/// Reads the request out of a log that is about Hugging Face.
pub(crate) fn read(log: &Log, hits: &[Hit]) -> Request {
    let mut request = Request::default();
    let marks = MARKS.iter().map(|(pieces, _)| Needle::new(pieces));
    let clients = CLIENTS.iter().map(|(pieces, _)| Needle::new(pieces));
    let found = search(&log.squeezed, &marks.chain(clients).collect::<Vec<_>>());
    let (marks, clients) = found.split_at(MARKS.len());
    for ((_, set), _) in MARKS.iter().zip(marks).filter(|(_, at)| at.is_some()) {
        set(&mut request.marks);
    }
    let m = &mut request.marks;
    m.hub |= m.maybe_hub && !m.frames;
    let says = |says: Says| hits.iter().any(|h| h.text.says == says);
    let who = CLIENTS.iter().zip(clients).find(|(_, at)| at.is_some()).map(|((_, who), _)| *who);
    match who {
        Some(Who::Known(name)) => request.client = Some(name),
        Some(Who::Program(title)) => request.program = Some(title),
        Some(Who::Over(title)) => {
            request.client = Some("huggingface_hub");
            request.program = Some(title);
        }
        None if request.marks.hub || hits.iter().any(|h| h.text.source.starts_with("huggingface_hub")) => {
            request.client = Some("huggingface_hub");
        }
        None => {}
    }
    lines(log, hits, &mut request);
    if request.status.is_none() && hits.iter().any(|h| h.text.id == "J01") {
        request.status = Some(if says(Says::Forbidden) { 403 } else { 401 });
    }
    if request.status.is_none() {
        let refused =
            [Says::NotAuthorized, Says::Pending, Says::Scope, Says::Namespace, Says::WriteRefused, Says::Forbidden];
        let unknown = [Says::Refused, Says::Expired, Says::AnonymousOrMissing, Says::GatedAnonymous];
        if unknown.iter().any(|s| says(*s)) {
            request.status = Some(401);
        } else if refused.iter().any(|s| says(*s)) {
            request.status = Some(403);
        }
    }
    request
}

/// How much a status tells: of a line with an address of the hub, beside one, or of a line that httpx prints anyway.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Routine,
    Near,
    Own,
}

/// What a line may tell: nothing of a line is looked for where its trigger is not there.
const ADDRESS: u8 = 1;
const STATUS: u8 = 2;
const NAMES: u8 = 4;
const HEADER: u8 = 8;
const HOME: u8 = 16;
const FRAME: u8 = 32;
const RELEASE: u8 = 64;

/// The triggers, squeezed: each stands in every line that the functions below look for.
static TRIGGERS: &[(&str, u8)] = &[
    ("http", ADDRESS | STATUS),
    ("status", STATUS),
    ("error", STATUS),
    ("response", STATUS),
    ("code", STATUS),
    ("returned", STATUS),
    ("server", STATUS),
    ("unauthorized", STATUS),
    ("forbidden", STATUS),
    ("not found", STATUS),
    ("too many", STATUS),
    ("bad request", STATUS),
    ("proxy auth", STATUS),
    ("service unav", STATUS),
    ("gateway", STATUS),
    ("access to", NAMES),
    ("to access", NAMES),
    ("repo model", NAMES),
    ("oserror:", NAMES),
    ("dataset", NAMES),
    ("could not download", NAMES),
    ("trying to load", NAMES),
    ("user access token", NAMES),
    ("header", HEADER),
    ("api_token:", HEADER),
    ("/home/", HOME),
    ("/users/", HOME),
    ("_http.py", FRAME),
    ("_errors.py", FRAME),
    ("huggingface-hub", RELEASE),
    ("huggingface_hub", RELEASE),
    ("hf-hub/", RELEASE),
    ("hf_hub/", RELEASE),
];

/// Most different lines that are taken apart, half of them from the beginning of the log and half from its end: what
/// failed stands at the end, its cause may stand at the beginning. Besides, those about a known text.
const MOST: usize = 40_000;
/// How many lines before and after a known text are about it.
const ABOUT: u32 = 100;

fn lines(log: &Log, hits: &[Hit], request: &mut Request) {
    let triggers = Triggers::new(TRIGGERS);
    let may: Vec<u8> = (0..log.text.lines().count()).map(|index| triggers.of(log.squeezed_line(index))).collect();
    let mut left = may.iter().filter(|m| **m != 0).count();
    let mut best: Option<(Weight, u16, u32)> = None;
    let mut last_host_is_hub = true;
    // What a log repeats is taken apart once; whose address it held counts again.
    let mut seen: HashMap<u64, Option<bool>> = HashMap::new();
    for ((index, line), may) in log.text.lines().enumerate().zip(may) {
        if may == 0 {
            continue;
        }
        left -= 1;
        let number = log.number(index);
        let is_far = || hits.iter().all(|h| h.line.abs_diff(number) > ABOUT);
        if line.len() > 100_000 || (seen.len() >= MOST / 2 && left >= MOST / 2 && is_far()) {
            continue;
        }
        let mut hasher = DefaultHasher::new();
        line.hash(&mut hasher);
        let seen = match seen.entry(hasher.finish()) {
            Entry::Occupied(known) => {
                last_host_is_hub = known.get().unwrap_or(last_host_is_hub);
                continue;
            }
            Entry::Vacant(new) => new.insert(None),
        };
        let mut hosts = (false, false);
        for url in urls(line).take_while(|_| may & ADDRESS != 0) {
            let Some(split) = crate::clients::endpoint::split(url) else { continue };
            let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
            let is_hub = is_hub(&split.host) || looks_like_the_hub(path);
            hosts = (hosts.0 || is_hub, hosts.1 || !is_hub);
            if is_hub {
                address(&split.host, path, number, request);
            }
        }
        if hosts != (false, false) {
            last_host_is_hub = hosts.0;
            *seen = Some(hosts.0);
        }
        words(line, may, number, request);
        traceback(line, may, request);
        if let Some(status) = Some(line).filter(|_| may & STATUS != 0).and_then(status) {
            let weight = match hosts {
                (false, true) => continue,
                _ if line.contains("HTTP Request:") => Weight::Routine,
                (true, _) => Weight::Own,
                (false, false) if last_host_is_hub => Weight::Near,
                (false, false) => continue,
            };
            let rank = |s: u16| STATUSES.iter().position(|x| *x == s).unwrap_or(STATUSES.len());
            let better = best.is_none_or(|(w, s, _)| {
                // A line of its own may say 404 for an optional file, where the error itself stands without an address.
                if (s == 404) == (status == 404) { (weight, rank(s)) > (w, rank(status)) } else { s == 404 }
            });
            if better {
                best = Some((weight, status, number));
            }
        }
    }
    if let Some((weight, status, line)) = best
        && !(weight == Weight::Routine && status == 404)
    {
        request.status = Some(status);
        request.status_line = Some(line);
    }
}

/// The addresses in a line.
fn urls(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("http").filter_map(|(at, _)| {
        let rest = &line[at..];
        let scheme = if rest.starts_with("https://") {
            8
        } else if rest.starts_with("http://") {
            7
        } else {
            return None;
        };
        let end = rest.find(|c: char| c.is_whitespace() || "\"'`<>)],;|".contains(c)).unwrap_or(rest.len());
        let url = rest[..end].trim_end_matches(['.', ':', '\\', '…']);
        (url.len() > scheme).then_some(url)
    })
}

fn is_hub(host: &str) -> bool {
    ["huggingface.co", "hf.co", "hf-mirror.com", "hf.space"]
        .iter()
        .any(|h| host.strip_suffix(h).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

/// Paths that only the hub's interface has: a mirror or a company's copy has them too.
fn looks_like_the_hub(path: &str) -> bool {
    path.contains("/resolve/")
        || ["api/models/", "api/datasets/", "api/spaces/", "api/whoami"].iter().any(|p| path.starts_with(p))
}

/// Pages of the hub that are no repositories.
const PAGES: [&str; 15] = [
    "api",
    "settings",
    "docs",
    "blog",
    "join",
    "login",
    "models",
    "papers",
    "pricing",
    "tasks",
    "organizations",
    "oauth",
    "front",
    "learn",
    "posts",
];

/// What follows a repository's name in an address.
const VERBS: [&str; 16] = [
    "resolve",
    "raw",
    "blob",
    "tree",
    "revision",
    "commit",
    "preupload",
    "paths-info",
    "refs",
    "discussions",
    "info",
    "settings",
    "commits",
    "xet-read-token",
    "xet-write-token",
    "resolve-cache",
];

/// What an address of the hub tells.
fn address(host: &str, path: &str, line: u32, request: &mut Request) {
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
    let strong = looks_like_the_hub(path);
    if request.host.is_none()
        || (strong && request.host.as_deref().is_some_and(|h| h == "huggingface.co" || h == "hf.co"))
    {
        request.host = Some(host.to_owned());
    }
    if parts == ["api", "whoami"] {
        request.whoami_v1.get_or_insert(line);
        return;
    }
    let (kind, rest) = match parts.as_slice() {
        ["api", kind @ ("models" | "datasets" | "spaces"), rest @ ..] | [kind @ ("datasets" | "spaces"), rest @ ..] => {
            (*kind, rest)
        }
        [page, ..] if PAGES.contains(page) => return,
        rest => ("models", rest),
    };
    let length = rest.iter().position(|p| VERBS.contains(p)).unwrap_or(rest.len().min(2)).min(2);
    if length == 0 {
        return;
    }
    let name = rest[..length].join("/");
    let name = name.trim_end_matches(".git").to_owned();
    if rest.len() > length || strong {
        if is_no_name(&name) {
            request.bad_name.get_or_insert(line);
        }
        set_repository(request, kind, &name, true);
    } else {
        set_repository(request, kind, &name, false);
    }
}

/// Words that stand in a name because a value was not set, and names that are paths or files.
pub(crate) fn is_no_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let part = |p: &str| {
        matches!(
            p,
            "none"
                | "null"
                | "undefined"
                | "nan"
                | "nil"
                | "false"
                | "true"
                | "your-username"
                | "your_username"
                | "username"
                | "<repo_id>"
        )
    };
    let file = [".safetensors", ".gguf", ".bin", ".pt", ".pth", ".ckpt", ".onnx", ".json"];
    lower.split('/').any(part)
        || file.iter().any(|f| lower.ends_with(f))
        || lower.starts_with("path/to")
        || lower.starts_with("gpt-3.5")
        || lower.starts_with("gpt-4")
        || lower.starts_with("text-embedding-")
        || name.contains(['\\', '~', '%', '<', '{', '$', ' '])
}

fn set_repository(request: &mut Request, kind: &str, name: &str, strong: bool) {
    let known = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b));
    if !known || name.is_empty() || (request.repository.is_some() && !strong) {
        return;
    }
    if request.repository.is_none() || strong {
        let full = if kind == "models" { name.to_owned() } else { format!("{kind}/{name}") };
        if full.len() < 200 {
            request.repository = Some(full);
        }
    }
}

/// What the words of a line tell: the repository that a message names, the token's name, the quoted header.
fn words(line: &str, may: u8, number: u32, request: &mut Request) {
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
        ("Dataset '", "'"),
        ("Could not download '", "'"),
        ("when trying to load ", ":"),
    ];
    for (a, b) in names.into_iter().filter(|_| may & NAMES != 0) {
        if let Some(name) = between(a, b) {
            let name = name.trim_end_matches(':');
            if is_no_name(name) {
                request.bad_name.get_or_insert(number);
            }
            if name.contains('/') || a.contains("Dataset") {
                let kind = if a.contains("ataset") { "datasets" } else { "models" };
                set_repository(request, kind, name, false);
            }
        }
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
fn traceback(line: &str, may: u8, request: &mut Request) {
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

/// The status that a line tells, the first of those that count most.
fn status(line: &str) -> Option<u16> {
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
        if (says || told) && !is_line {
            let rank = |s: u16| STATUSES.iter().position(|x| *x == s).unwrap_or(STATUSES.len());
            if best.is_none_or(|b| rank(code) < rank(b)) {
                best = Some(code);
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::recognise::recognise_all;

    fn of(text: &str) -> Request {
        recognise_all(&Log::new(text.as_bytes())).1
    }

    #[test]
    fn statuses() {
        for (line, want) in [
            ("401 Client Error: Unauthorized for url: https://huggingface.co/o/n/resolve/main/x", Some(401)),
            ("Error: request error: https://huggingface.co/o/n/resolve/main/t.json: status code 403", Some(403)),
            ("HTTP status client error (401 Unauthorized) for url (https://huggingface.co/x)", Some(401)),
            ("httpx.HTTPStatusError: Client error '401 Unauthorized' for url 'https://huggingface.co/x'", Some(401)),
            ("curl: (22) The requested URL returned error: 403 https://huggingface.co/x", Some(403)),
            ("Response [401 Unauthorized] huggingface", Some(401)),
            ("File \"huggingface_hub/utils/_http.py\", line 401, in hf_raise_for_status", None),
            ("huggingface 401/1000 [00:01<00:00, 401it/s]", None),
            ("huggingface: 401 Client Error: Unauthorized for url: https://api.openai.com/v1", None),
            ("HTTP Request: HEAD https://huggingface.co/o/n/resolve/main/a.json \"HTTP/1.1 404 Not Found\"", None),
        ] {
            assert_eq!(of(line).status, want, "{line}");
        }
    }

    #[test]
    fn of_a_log_without_end_both_ends_are_taken_apart() {
        let noise = (0..MOST + MOST / 4)
            .fold(String::new(), |text, n| text + &format!("step {n}: http://example.org/{n} status 200\n"));
        let error = "401 Client Error: Unauthorized for url: https://huggingface.co/o/n/resolve/main/x\n";
        let middle = format!("{noise}{error}Invalid credentials in Authorization header\n{noise}");
        for text in [format!("{error}{noise}"), format!("{noise}{error}"), middle] {
            assert_eq!(of(&text).repository.as_deref(), Some("o/n"));
        }
    }

    #[test]
    fn repositories_and_hosts() {
        for (line, host, repository) in [
            ("https://huggingface.co/o/n/resolve/main/x.json", "huggingface.co", "o/n"),
            ("https://huggingface.co/api/models/o/n/revision/main", "huggingface.co", "o/n"),
            ("https://huggingface.co/api/datasets/n", "huggingface.co", "datasets/n"),
            ("https://hf-mirror.com/api/models/o/n", "hf-mirror.com", "o/n"),
            ("https://hub.corp.example/hf/resolve/main/x", "hub.corp.example", "hf"),
            ("https://huggingface.co/datasets/o/n.git/info/lfs", "huggingface.co", "datasets/o/n"),
        ] {
            let request = of(&format!("huggingface {line}."));
            assert_eq!(
                (request.host.as_deref(), request.repository.as_deref()),
                (Some(host), Some(repository)),
                "{line}"
            );
        }
        assert!(
            of("401 Client Error: Unauthorized for url: https://huggingface.co/None/resolve/main/x").bad_name.is_some()
        );
        assert!(of("curl https://huggingface.co/api/whoami -i").whoami_v1.is_some());
        assert!(of("curl https://huggingface.co/api/whoami-v2 -i").whoami_v1.is_none());
    }

    #[test]
    fn clients_and_releases() {
        let hub = of("  File \"/x/site-packages/huggingface_hub/utils/_http.py\", line 409, in hf_raise_for_status\n");
        assert_eq!(hub.client, Some("huggingface_hub"));
        assert!(hub.between.is_some_and(|(a, b)| a <= Version::new(0, 30, 2) && Version::new(0, 30, 2) <= b));
        assert_eq!(of("- huggingface_hub version: 0.23.1").version, Some(Version::new(0, 23, 1)));
        assert_eq!(of("huggingface-hub>=0.34.0 is wanted").version, None);
        assert_eq!(of("hf_hub: Token file not found \"/root/.cache/huggingface/token\"").client, Some("hf-hub"));
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
