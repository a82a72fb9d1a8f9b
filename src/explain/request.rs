//! What a log tells of the request that failed: status, address, repository, which client, and where it ran.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::address::{self, is_hub, looks_like_the_hub, urls};
use super::log::Log;
use super::marks::{CLIENTS, MARKS, Marks, Who};
use super::recognise::Hit;
use super::search::{Needle, Triggers, search};
use super::status::{rank, status};
use super::texts::Says;
use super::words::{traceback, words};
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
    /// The line of a file that is as short as a page, where the file asked for is long.
    pub(crate) page: Option<u32>,
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
    if request.status.is_none() && hits.iter().any(|h| matches!(h.text.id, "J01" | "X15" | "X16")) {
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
pub(super) const NAMES: u8 = 4;
pub(super) const HEADER: u8 = 8;
pub(super) const HOME: u8 = 16;
pub(super) const FRAME: u8 = 32;
pub(super) const RELEASE: u8 = 64;

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
    ("looks like", NAMES),
    ("consistency check", NAMES),
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
    let mut best_url: Option<String> = None;
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
        let mut hub_url = None;
        for url in urls(line).take_while(|_| may & ADDRESS != 0) {
            let Some(split) = crate::clients::endpoint::split(url) else { continue };
            let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
            let is_hub = is_hub(&split.host) || looks_like_the_hub(path);
            // What a command or `hf env` names as the endpoint is where all of it went.
            let named = line.split(url).next().is_some_and(|before| before.contains("ENDPOINT"));
            if named && (line.contains("HF_ENDPOINT") || line.trim_start().starts_with("- ENDPOINT:")) {
                request.host = Some(split.host.clone());
            }
            hosts = (hosts.0 || is_hub, hosts.1 || !is_hub);
            if is_hub {
                address::read(&split.host, path, number, request);
                hub_url = Some(url);
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
            let better = best.is_none_or(|(w, s, _)| {
                // A line of its own may say 404 for an optional file, where the error itself stands without an address.
                if (s == 404) == (status == 404) { (weight, rank(s)) > (w, rank(status)) } else { s == 404 }
            });
            // The same address was asked once more, after a login or without one: how it stands is what came last.
            let again = best.is_some_and(|(w, s, _)| w == weight && matches!((s, status), (401, 403) | (403, 401)))
                && hub_url.is_some()
                && hub_url == best_url.as_deref();
            if better || again {
                best = Some((weight, status, number));
                best_url = hub_url.map(str::to_owned);
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
            ("409 Client Error: Conflict for url: https://huggingface.co/api/repos/create", Some(409)),
            ("Error code: 401 - {'error': {'message': 'Incorrect API key provided: x'}} huggingface", None),
            ("huggingface 401/1000 [00:01<00:00, 401it/s]", None),
            ("huggingface: 401 Client Error: Unauthorized for url: https://api.openai.com/v1", None),
            ("HTTP Request: HEAD https://huggingface.co/o/n/resolve/main/a.json \"HTTP/1.1 404 Not Found\"", None),
            ("416 Client Error: Requested Range Not Satisfiable for url: https://huggingface.co/x", Some(416)),
            ("HTTP status client error (401 Unauthorized), domain: https://cas-server.xethub.hf.co/x hf_xet", None),
        ] {
            assert_eq!(of(line).status, want, "{line}");
        }
    }

    #[test]
    fn of_one_address_the_last_answer_counts() {
        let line = |says: &str, name: &str| format!("{says} for url: https://huggingface.co/o/{name}/resolve/main/x\n");
        let (no, stop) = ("401 Client Error: Unauthorized", "403 Client Error: Forbidden");
        assert_eq!(of(&format!("{}{}", line(no, "n"), line(stop, "n"))).status, Some(403));
        assert_eq!(of(&format!("{}{}", line(stop, "n"), line(no, "n"))).status, Some(401));
        assert_eq!(of(&format!("{}{}", line(no, "n"), line(stop, "m"))).status, Some(401));
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
}
