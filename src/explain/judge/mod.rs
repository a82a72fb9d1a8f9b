//! From texts and state to causes: first what became of the credential at the hub, then why, on this machine.
//!
//! The scores are ranks, not probabilities: a text that can mean one thing only stands near 100, a fault of this machine
//! that fits it just below, the everyday cause of such a text around 80, what is merely possible below 60.

use super::board::{Board, Cause};
use super::evidence::Evidence;
use super::recognise::Hit;
use super::request::{Header, Request};
use super::texts::Says;
use crate::clients::version::Version;

mod allowed;
mod anonymous;
mod cache;
mod files;
mod git;
mod local;
mod network;
mod refused;

/// A case: the texts, the request, the machine.
pub(super) struct Case<'c, 's, 'a> {
    pub(super) hits: &'c [Hit],
    pub(super) request: &'c Request,
    pub(super) here: &'c Evidence<'s, 'a>,
}

impl Case<'_, '_, '_> {
    /// Whether one of these was said.
    pub(super) fn says(&self, what: &[Says]) -> bool {
        self.hits.iter().any(|h| what.contains(&h.text.says))
    }

    /// The host that the request went to, as far as can be told.
    pub(super) fn host(&self) -> &str {
        self.request.host.as_deref().unwrap_or("huggingface.co")
    }

    /// Whether the log was written in a place that does not have this machine's environment and files.
    pub(super) fn elsewhere(&self) -> Option<&'static str> {
        let m = &self.request.marks;
        let home_is_root = self.here.snapshot.state.var("HOME").is_some_and(|h| h == "/root");
        // Debian's paths are Colab's and those of many images.
        if m.colab && !m.container {
            Some("Google Colab")
        } else if m.kaggle {
            Some("Kaggle")
        } else if m.space {
            Some("a Space")
        } else if m.ci && !self.here.in_ci() {
            Some("a CI job")
        } else if m.container || (m.rooted && !home_is_root) {
            Some("a container or another machine")
        } else {
            None
        }
    }

    /// Whether it was a job, by the log or by the environment here.
    pub(super) fn in_ci(&self) -> bool {
        self.request.marks.ci || self.here.in_ci()
    }
}

/// What became of the credential, each from 0 to 100.
#[derive(Debug, Clone, Copy, Default)]
struct Fate {
    /// It arrived and was refused.
    refused: u32,
    /// None arrived.
    anonymous: u32,
    /// It arrived, is good, and was not allowed.
    allowed: u32,
    /// The repository is not there for whoever asked.
    missing: u32,
}

fn fate(case: &Case<'_, '_, '_>) -> Fate {
    use Says as S;
    let mut fate = Fate::default();
    let up = |what: &mut u32, score: u32| *what = (*what).max(score);
    let status = case.request.status;
    // What would be sent from here says nothing of a container, which is given its own.
    let foreign = case.request.marks.container && case.elsewhere().is_some();
    let sends = case.here.sent().is_some() && !foreign || case.request.marks.explicit;
    // What Rust printed says nothing of what huggingface_hub would have.
    let rust = case.request.marks.reqwest && case.request.client == Some("huggingface_hub");
    let program = case.request.client.is_none() || rust;
    if case.says(&[S::Refused, S::Expired, S::RefusedVariable, S::RefusedFile, S::RefusedColab]) {
        up(&mut fate.refused, 100);
    } else if case.says(&[S::RefusedSomewhere]) {
        up(&mut fate.refused, 92);
    }
    // Whoever asks too often is told nothing of the token.
    if case.says(&[S::LoginFailed]) && !case.says(&[S::Rate]) {
        up(if sends { &mut fate.refused } else { &mut fate.anonymous }, 92);
    }
    if case.says(&[S::GatedAnonymous, S::NoneFound, S::FixedPath, S::RateOfIp]) {
        up(&mut fate.anonymous, 100);
    }
    if case.says(&[S::VariableMissing]) {
        up(&mut fate.anonymous, 92);
    }
    if case.says(&[S::NotAuthorized, S::Pending, S::Scope, S::Namespace, S::WriteRefused]) {
        up(&mut fate.allowed, 100);
    }
    let told = fate.refused.max(fate.anonymous).max(fate.allowed);
    let old = case.request.client == Some("huggingface_hub") && case.here.hub.0.version < Version::new(0, 28, 0);
    if case.says(&[S::AnonymousOrMissing]) && told < 100 {
        if sends && (case.request.marks.whoami || old && case.here.sent().is_some()) {
            // Before 2025 the hub said the same of a bad token.
            up(&mut fate.refused, 92);
            up(&mut fate.anonymous, 66);
        } else {
            up(&mut fate.anonymous, 88);
        }
        up(&mut fate.missing, 60);
    }
    if case.says(&[S::GatedPipeline]) && told < 100 {
        up(&mut fate.allowed, 92);
        up(&mut fate.anonymous, if sends { 60 } else { 85 });
    }
    if case.says(&[S::Gated]) && told < 100 {
        match status {
            Some(401) => {
                up(&mut fate.anonymous, 95);
                if sends && !case.request.marks.explicit {
                    up(&mut fate.allowed, 80);
                }
            }
            Some(403) => up(&mut fate.allowed, 100),
            _ if sends => {
                up(&mut fate.allowed, 92);
                up(&mut fate.anonymous, 70);
            }
            _ => {
                up(&mut fate.anonymous, 92);
                up(&mut fate.allowed, 78);
            }
        }
    }
    let told = fate.refused.max(fate.anonymous).max(fate.allowed);
    // The token passed, or none was looked at: what was refused is something else.
    if told == 0 && case.says(&[S::Quota, S::Taken, S::NoProvider]) {
        return fate;
    }
    let since_0_29 = case.request.client == Some("huggingface_hub")
        && (case.request.between.is_some_and(|(first, _)| first >= Version::new(0, 29, 0))
            || case.request.version.is_some_and(|v| v >= Version::new(0, 29, 0)));
    if told < 85 {
        match status {
            Some(401) if case.request.marks.header => up(&mut fate.refused, 92),
            // A repository that is not there has words of its own in huggingface_hub; what has none is a bad token.
            Some(401)
                if !program
                    && case.request.client == Some("huggingface_hub")
                    && !case.hits.iter().any(|h| h.text.says == Says::Missing && h.text.id != "W401") =>
            {
                up(&mut fate.refused, if sends { 92 } else { 74 });
                up(&mut fate.anonymous, if sends { 55 } else { 80 });
                up(&mut fate.missing, 45);
            }
            // From 0.29 on, a bad token is told by words of its own: these are for who sends none.
            Some(401) if since_0_29 => {
                up(&mut fate.anonymous, if case.here.sent().is_some() { 75 } else { 88 });
                up(&mut fate.refused, if sends { 66 } else { 50 });
                up(&mut fate.missing, if case.here.sent().is_some() { 74 } else { 62 });
            }
            Some(401) if sends && !program => {
                up(&mut fate.refused, 88);
                up(&mut fate.anonymous, 62);
                up(&mut fate.missing, 55);
            }
            Some(401) => {
                up(&mut fate.anonymous, 88);
                up(&mut fate.refused, 62);
                up(&mut fate.missing, 60);
            }
            // The storage's addresses are signed by the hub: whoever has one was allowed.
            Some(403 | 400) if case.says(&[S::Storage]) => {}
            Some(403) => up(&mut fate.allowed, 88),
            Some(404) => {
                up(&mut fate.missing, 85);
                if !sends {
                    up(&mut fate.anonymous, 60);
                }
            }
            _ if case.says(&[S::Forbidden]) && !case.says(&[S::Storage]) => up(&mut fate.allowed, 85),
            // datasets says this of a gate too; a token that is refused is told by other words.
            None if sends && case.hits.iter().any(|h| h.text.id == "D01") => {
                up(&mut fate.allowed, 85);
                up(&mut fate.missing, 78);
                up(&mut fate.refused, 50);
            }
            _ if case.says(&[S::Missing]) => {
                up(&mut fate.missing, 70);
                up(&mut fate.anonymous, if sends { 60 } else { 85 });
                if sends {
                    up(&mut fate.refused, 72);
                }
            }
            _ => {}
        }
    } else if case.says(&[S::Missing]) && status == Some(404) {
        up(&mut fate.missing, 70);
    }
    if case.says(&[S::Unauthenticated, S::Rate])
        && !case.says(&[S::RateOfAccount])
        && !(case.says(&[S::Rate]) && case.request.marks.whoami)
        && fate.refused.max(fate.anonymous).max(fate.allowed) < 60
    {
        up(&mut fate.anonymous, 82);
    }
    fate
}

/// The causes of a case, the most likely first.
pub(super) fn judge(case: &Case<'_, '_, '_>) -> Vec<Cause> {
    let mut board = Board::default();
    if case.hits.is_empty() || is_of_a_registry(case) {
        return Vec::new();
    }
    local::judge(case, &mut board);
    let fate = fate(case);
    refused::judge(case, fate.refused, &mut board);
    // A value that is no clean token is the fault whatever is made of it on the way: dropped, sent, refused.
    let open = fate.refused.max(fate.anonymous).max(fate.missing);
    if fate.refused < 100 && open > 0
        || fate.allowed > 0
            && !case.says(&[Says::NotAuthorized, Says::Pending, Says::Scope])
            && case.request.status != Some(403)
    {
        refused::spoiled(case, if fate.anonymous == 100 { 92 } else { 98 }, &mut board);
    }
    anonymous::judge(case, fate.anonymous, &mut board);
    allowed::forbidden(case, fate.allowed, &mut board);
    allowed::missing(case, fate.missing, &mut board);
    last(case, &mut board);
    board.ranked()
}

/// Whether what failed is the installation of a package or an image that has the hub in its name: no address of the hub
/// stands in the log, and nothing in it but what any server says.
fn is_of_a_registry(case: &Case<'_, '_, '_>) -> bool {
    use Says as S;
    let any_server = [
        S::Connection,
        S::Wrapped,
        S::Tls,
        S::Proxy,
        S::Server,
        S::Rate,
        S::RateOfIp,
        S::BadRequest,
        S::DiskFull,
        S::Undecodable,
    ];
    case.request.marks.registry
        && case.request.host.is_none()
        && case.hits.iter().all(|h| any_server.contains(&h.text.says))
}

/// What is said where little else is, and what is worth a line beside the rest.
fn last(case: &Case<'_, '_, '_>, board: &mut Board) {
    let here = case.here;
    if case.says(&[Says::Traceback]) {
        // The error is unknown: what is wrong here anyway is worth a look, and no more is said.
        refused::judge(
            case,
            if here.findings.iter().any(|f| f.severity > crate::finding::Severity::Info) { 60 } else { 0 },
            board,
        );
    }
    if case.says(&[Says::AskedOnly]) {
        let score = if here.has_any_token() && case.elsewhere().is_none() { 88 } else { 55 };
        board
            .add(
                "client-version",
                score,
                "a release this old sends the saved token only where it is asked to (use_auth_token=True)",
            )
            .at(here.source())
            .rules(&["HF507"])
            .help(
                "pip install --upgrade huggingface_hub transformers datasets",
                "today's releases send it by themselves",
            );
    }
    let foreign = !is_hub(case.host()) || (case.request.host.is_none() && here.finding("HF305").is_some());
    if foreign && board.best() < 75 {
        board
            .add(
                "endpoint-mirror",
                78,
                "the requests go to another server than huggingface.co, which is not the hub in all that it answers",
            )
            .at(&here.variable(&["HF_ENDPOINT"]))
            .rules(&["HF305"])
            .help("unset HF_ENDPOINT", "then the hub itself answers");
    }
    // The line of the old Rust client that says where it looked is taken for the error that follows it.
    if case.hits.iter().any(|h| h.text.id == "R01")
        && case.says(&[Says::BadName, Says::Connection, Says::Tls, Says::Server, Says::MissingFile])
    {
        board
            .add(
                "misleading-message",
                98,
                "\"Token file not found\" is information, not the error: what failed stands after it",
            )
            .help("hflint explain -v", "shows what else was recognised");
    }
    let strongest = board.best();
    if case.says(&[Says::Harmless, Says::Unauthenticated, Says::Vault]) {
        // Nothing but warnings, and a file that came to its end.
        let warnings = [Says::Vault, Says::Harmless, Says::Unauthenticated];
        let went_on = case.request.marks.fetched && case.hits.iter().all(|h| warnings.contains(&h.text.says));
        let score = if went_on {
            97
        } else if strongest < 60 {
            70
        } else {
            40
        };
        board
            .add(
                "misleading-message",
                score,
                "the line that stands out is a notice, not the error: the request goes on after it",
            )
            .help("hflint status", "shows which token each client sends here");
    }
    if case.request.header == Some(Header::Other) && strongest < 60 {
        board
            .add("placeholder-token", 60, "the value that was to be sent is no token")
            .help("hflint check", "names the place of a value that is no token");
    }
    if strongest < 40 && here.findings.iter().any(|f| f.rule.code == "HF108" || f.rule.code == "HF102") {
        board
            .add("multi-account", 50, "two clients of this environment act as different accounts")
            .rules(&["HF108"])
            .help("hflint status", "shows which client sends which token");
    }
}

/// Whether a repository's name has no owner: only the hub's own old ones are so.
fn is_without_owner(repository: &str) -> bool {
    !repository.trim_start_matches("datasets/").trim_start_matches("spaces/").contains('/')
}

/// Whether a host is the hub, or below it.
fn is_hub(host: &str) -> bool {
    ["huggingface.co", "hf.co"]
        .iter()
        .any(|h| host.strip_suffix(h).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}
