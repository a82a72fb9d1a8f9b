//! A good token arrived and is not allowed, or sees no such repository.

use super::super::board::Board;
use super::super::remedy;
use super::super::texts::Says as S;
use super::Case;
use crate::finding::Location;
use crate::output::sanitize;

/// 403.
pub(super) fn forbidden(case: &Case<'_, '_, '_>, weight: u32, board: &mut Board) {
    if weight == 0 {
        return;
    }
    let (here, request) = (case.here, case.request);
    let of = |percent: u32| weight * percent / 100;
    let source: Vec<Location> = here.source().into_iter().filter(|_| here.sent().is_some()).cloned().collect();
    let sender = here.sender().map_or_else(String::new, |s| format!("; sent here: {s}"));
    let page = request.repository.as_deref().map_or_else(
        || "https://huggingface.co/ORG/NAME".to_owned(),
        |r| format!("https://huggingface.co/{}", sanitize::line(r)),
    );

    let gate = if case.says(&[S::NotAuthorized, S::Pending]) {
        98
    } else if case.says(&[S::Scope, S::Namespace, S::WriteRefused]) || request.marks.writes {
        45
    } else if case.says(&[S::Gated, S::GatedPipeline]) {
        93
    } else if request.client == Some("huggingface_hub")
        && here.hub.0.version >= crate::clients::version::Version::first_of(0, 21, 0)
        && (request.between.is_some()
            || request.version.is_some()
            || case.hits.iter().any(|h| h.text.says == S::Forbidden && h.text.id != "W403"))
    {
        // A gate is told by its own words there; where nothing tells the release, they may be lost or be of older ones.
        84
    } else {
        90
    };
    let message = if case.says(&[S::Pending]) {
        format!("the request to pass the gate of this repository is pending or was refused{sender}")
    } else {
        format!(
            "the token is good, but its account has not passed the gate of this repository (each has its own){sender}"
        )
    };
    board
        .add("gate-not-accepted", of(gate), message)
        .at(&source)
        .help(format!("open {page}"), "in a browser, as the account of the token, and ask for access");

    let scope = if case.says(&[S::Scope]) {
        98
    } else if case.says(&[S::WriteRefused]) {
        96
    } else if case.says(&[S::Namespace]) {
        90
    } else if request.marks.writes {
        92
    } else if gate == 84 {
        88
    } else {
        76
    };
    let message = if case.says(&[S::Scope]) && !request.marks.writes {
        format!(
            "the token is good, but fine-grained without the permission for this: for gated repositories the box \"Read access to contents of all public gated repos you can access\"{sender}"
        )
    } else if request.marks.writes || case.says(&[S::WriteRefused, S::Namespace]) {
        format!("the token may read and not write here{sender}")
    } else {
        format!(
            "the token may lack a permission: a fine-grained one needs the box for gated repositories, and that of an organization its rights there{sender}"
        )
    };
    board.add("token-scope", of(scope), message).at(&source).help(
        "open https://huggingface.co/settings/tokens",
        "edit the token's permissions, or make one of the right role; then log in with it",
    );

    if case.says(&[S::Namespace]) || request.marks.writes {
        let score = if case.says(&[S::Namespace]) {
            93
        } else if request.marks.fills && !case.in_ci() && !case.says(&[S::Scope, S::WriteRefused]) {
            // A token that may not write fails where the repository is to be made; this one is there, of somebody's.
            94
        } else {
            74
        };
        board
            .add(
                "wrong-namespace",
                of(score),
                if request.marks.fills {
                    "the repository is there, under a name that is not this account's own or its organization's"
                } else {
                    "the repository is to be made under a name that is not this account's own or its organization's"
                },
            )
            .at(&source)
            .help(
                "hf auth whoami",
                "shows the account and its organizations: the name before the slash has to be one of them",
            );
    }
    if is_wordless(case) {
        board
            .add("tls-proxy", of(84), "the hub says 401 to who sends no token, and gives a reason with 403: without either, something on the way may have refused (a firewall, a filter, a country)")
            .help("curl -sI https://huggingface.co", "shows who answers");
    }
    mirror(case, weight, board);
    others(case, weight, board, 70);
    if case.in_ci() {
        board
            .add(
                "ci-secret-empty",
                of(40),
                "the secret of the job belongs to an account that may not see this repository",
            )
            .help("gh secret list", "shows the names of the secrets");
    }
}

/// 404, or 401 for what is not there.
pub(super) fn missing(case: &Case<'_, '_, '_>, weight: u32, board: &mut Board) {
    if weight == 0 {
        return;
    }
    let (here, request) = (case.here, case.request);
    let of = |percent: u32| weight * percent / 100;
    let source: Vec<Location> = here.source().into_iter().filter(|_| here.sent().is_some()).cloned().collect();
    let repository = request.repository.as_deref().map_or_else(|| "the repository".to_owned(), sanitize::line);
    let without_owner = request.repository.as_deref().is_some_and(super::is_without_owner);
    let file = case.says(&[S::MissingFile]);
    let wrong = if file {
        92
    } else if without_owner {
        90
    } else {
        84
    };
    let message = if file {
        format!("{repository} is there, but not this file or revision of it: nothing is wrong with the token")
    } else {
        format!("{repository} is not there under this name, or is of another type (model, dataset, space)")
    };
    board
        .add("wrong-repo-id", of(wrong), message)
        .help("hf repo list", "lists your own; the others are found on https://huggingface.co");
    if !file && here.sent().is_some() {
        let sender = here.sender().unwrap_or_default();
        board
            .add(
                "wrong-account",
                of(82),
                format!("the token is good, but its account cannot see {repository}; sent here: {sender}"),
            )
            .at(&source)
            .help("hf auth whoami", "shows whose token it is");
        board
            .add(
                "token-scope",
                of(62),
                format!("a fine-grained token sees only the repositories that it was made for; sent here: {sender}"),
            )
            .at(&source)
            .help("open https://huggingface.co/settings/tokens", "edit the token's permissions");
    }
    mirror(case, weight, board);
    others(case, weight, board, 92);
}

/// Whether nothing but the number 403 is known, of the hub itself, and no token is here that could have been sent.
fn is_wordless(case: &Case<'_, '_, '_>) -> bool {
    let (here, request) = (case.here, case.request);
    request.status == Some(403)
        && case.hits.iter().all(|h| h.text.id == "W403")
        && super::is_hub(case.host())
        && !here.has_any_token()
        && !request.marks.explicit
        && !request.marks.writes
}

fn mirror(case: &Case<'_, '_, '_>, weight: u32, board: &mut Board) {
    let found = case.here.finding("HF305");
    let foreign = !super::is_hub(case.host());
    if !foreign && (found.is_none() || case.request.host.is_some()) {
        return;
    }
    board
        .add("endpoint-mirror", weight * 99 / 100, "the request went to another server than huggingface.co: a mirror does not know your grants, and gets your token")
        .at(found.map(|f| f.locations.clone()).iter().flatten())
        .rules(&["HF305"])
        .help("unset HF_ENDPOINT", "then the hub itself answers");
}

/// Another token is here, whose account may be the one that is allowed.
fn others(case: &Case<'_, '_, '_>, weight: u32, board: &mut Board, percent: u32) {
    let here = case.here;
    let of = |percent: u32| weight * percent / 100;
    if let Some(found) = here.finding("HF101") {
        board
            .add(
                "env-shadows-login",
                of(percent),
                "the variable is sent, and hides a different login: perhaps that of the account that is allowed",
            )
            .at(&found.locations)
            .rules(&["HF101"])
            .help("hflint fix --unset HF101", "then the saved login is sent");
    }
    if here.tokens() > 1 {
        let places: Vec<Location> = here.places.iter().map(|e| e.source.clone()).take(4).collect();
        let score = if here.finding("HF101").is_some() { percent.saturating_sub(6) } else { percent };
        board
            .add("multi-account", of(score), format!("{} different tokens are kept here: the one that was sent belongs to another account than the one that is allowed", here.tokens()))
            .at(&places)
            .rules(&["HF102"])
            .help("hf auth list", "shows the stored ones; `hf auth switch` chooses one");
    }
    if here.sent().is_none() && case.request.status == Some(404) {
        board
            .add("no-token", of(60), "no token is sent from here: a private repository is not seen without one")
            .help(remedy::first_login(here.snapshot), "then the hub knows who asks");
    }
}
