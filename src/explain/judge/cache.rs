//! The cache: not reached, not filled, not whole.

use super::super::board::Board;
use super::super::texts::Says as S;
use super::Case;
use crate::finding::Location;

/// What failed because of what is in the cache, or is not.
pub(super) fn judge(case: &Case<'_, '_, '_>, board: &mut Board) {
    let here = case.here;
    let broken =
        ["HF401", "HF402", "HF403"].into_iter().find_map(|c| here.finding(c).map(|f| (c, f.locations.clone())));
    let (broken, broken_at) = broken.unzip();
    let broken_at: Vec<Location> = broken_at.unwrap_or_default();
    if case.says(&[S::CacheBroken]) {
        board
            .add("cache-path-mismatch", if broken.is_some() { 95 } else { 84 }, "the cache points at a file that it does not have: it was copied without its links, cleared in part, or cut off")
            .at(&broken_at)
            .rules(&[broken.unwrap_or("HF401")])
            .help("hflint fix --clear", "takes out what is broken, so that the client fetches it anew");
    }
    if case.says(&[S::Range]) {
        let endpoint = here.variable(&["HF_ENDPOINT"]);
        if endpoint.is_some() || !super::is_hub(case.host()) {
            board
                .add(
                    "endpoint-mirror",
                    90,
                    "416: the mirror has another length for this file than the hub, or cannot send the rest of it",
                )
                .at(&endpoint)
                .rules(&["HF305"])
                .help("unset HF_ENDPOINT", "then the hub itself answers");
        }
        board
            .add("cache-path-mismatch", 80, "416: what was fetched of the file so far is longer than the file: its beginning in the cache is another's")
            .rules(&["HF405"])
            .help("hflint fix --clear", "takes the unfinished files out, so that the client begins anew");
    }
    // With a cache that was filled, the switch is meant: the files are just not where they are looked for.
    let filled =
        here.variable(&["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "TRANSFORMERS_CACHE"]).is_some() || here.has_cache();
    let cached = case.request.repository.as_deref().and_then(|r| here.cached(r));
    let switch = here.variable(&["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE"]);
    if case.says(&[S::Offline]) || (case.says(&[S::CacheOnly, S::CacheMiss]) && switch.is_some()) {
        let conflict = here.finding("HF503");
        board
            .add("offline-left-on", if conflict.is_some() || filled { 88 } else { 96 }, "offline mode is on, and the cache does not have what is asked for; TRANSFORMERS_OFFLINE and HF_DATASETS_OFFLINE switch it on too")
            .at(&switch)
            .rules(&["HF501"])
            .help("unset HF_HUB_OFFLINE TRANSFORMERS_OFFLINE HF_DATASETS_OFFLINE", "then the hub is asked again");
        if case.request.marks.lists {
            board
                .add("app-bug", 86, "the program asks the hub what there is, which no cache can answer: it has no offline mode of its own, or an older release has none")
                .help("ls ~/.cache/huggingface/hub/models--ORG--NAME/snapshots", "names a directory to give it in place of the name");
        }
    }
    let answered = case.says(&[S::Answered]) && case.request.status.is_none();
    if answered {
        board
            .add("gate-not-accepted", 60, "the hub was reached and answered with an error, whose number the log does not show: for an account that a gate has not let in, it is a 403")
            .help("hf auth whoami", "shows the account; ask for access on the repository's page as that account");
        board
            .add("server-side", 50, "or the hub itself failed")
            .help("open https://status.huggingface.co", "says whether it is known");
    }
    if case.says(&[S::CacheOnly, S::CacheMiss, S::Offline]) && !answered {
        let conflict: Vec<Location> = here.finding("HF503").map(|f| f.locations.clone()).unwrap_or_default();
        let moved = here.variable(&["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "TRANSFORMERS_CACHE", "HF_HOME"]);
        // Behind a 401, "not in the cache" is only the second word.
        let first =
            case.request.status.is_none() && !case.says(&[S::Refused, S::Tls, S::Proxy, S::Connection, S::OtherServer]);
        let score = match (broken, conflict.is_empty(), &moved) {
            (Some(_), ..) => 95,
            (None, false, _) => 94,
            _ if filled && switch.is_some() => 94,
            (None, true, Some(_)) => 86,
            _ if cached.is_some() || filled => 84,
            (None, true, None) => 60,
        };
        let at: Vec<Location> = broken_at.into_iter().chain(conflict).chain(moved).collect();
        board
            .add("cache-path-mismatch", if first { score } else { score / 2 }, "the cache that is asked does not hold the files: it was filled under other variables, or copied without its links and refs")
            .at(&at)
            .rules(&[broken.unwrap_or("HF503")])
            .help("hflint status --caches", "shows each cache, what put it there, and what is broken in it");
        if first {
            board
                .add(
                    "network",
                    if filled { 72 } else { 80 },
                    "the hub was not reached; the message speaks of the cache because that is what was tried next",
                )
                .help("curl -sI https://huggingface.co", "tells whether it can be reached");
            if !case.says(&[S::Offline]) && super::is_hub(case.host()) {
                board
                    .add("server-side", 50, "the hub may not have answered anybody for a while")
                    .help("open https://status.huggingface.co", "says whether it is known");
            }
        }
    }
}
