//! A token arrived, and the hub refused it: which one, from where, and what is the matter with it.

use super::super::board::Board;
use super::super::remedy;
use super::super::texts::Says as S;
use super::Case;
use crate::clients::model::Wire;
use crate::clients::shape::{Dirt, Shape};
use crate::clients::version::Version;
use crate::finding::Location;
use crate::shell::quote_path;
use crate::state::places::apps::INSTALL;

pub(super) fn judge(case: &Case<'_, '_, '_>, weight: u32, board: &mut Board) {
    if weight == 0 {
        return;
    }
    let (here, request) = (case.here, case.request);
    let of = |percent: u32| weight * percent / 100;
    let source: Vec<Location> = here.source().into_iter().filter(|_| here.sent().is_some()).cloned().collect();
    let public = "a public repository needs no token, but a bad one that is sent breaks it";

    if request.whoami_v1.is_some() {
        board
            .add(
                "wrong-endpoint",
                of(97),
                "/api/whoami answers 401 to every token, good or bad: the address that tells is /api/whoami-v2",
            )
            .help("hflint verify", "asks the hub through your own `hf` whether the tokens here are alive");
    }
    if request.program == Some("InvokeAI") {
        cut_off_install(case, weight, board);
    }
    netrc(case, weight, board);
    spoiled(case, weight, board);
    // A program that has no token of the hub cannot have sent a dead one.
    let own = request.program == Some("Ollama");
    if own {
        board
            .add("app-bug", of(92), "Ollama sends no token of the hub: it signs with a key of its own (~/.ollama/id_ed25519), and the hub refused what it put in the header, not a token of this machine")
            .help("env | grep OLLAMA", "shows switches that change how it asks; a private repository wants its key at https://huggingface.co/settings/keys");
    }

    let shadow = here.finding("HF101");
    if case.says(&[S::RefusedVariable]) || shadow.is_some() {
        let score = match (case.says(&[S::RefusedVariable]), shadow.is_some()) {
            (true, true) => 97,
            (true, false) => 60,
            (false, _) if case.says(&[S::RefusedFile]) => 40,
            (false, _) => 88,
        };
        let name = match here.source() {
            Some(at @ Location::Variable { .. }) => here.name(at),
            _ => "HF_TOKEN".to_owned(),
        };
        let message = if shadow.is_some() {
            format!(
                "{name} is sent and refused, and hides a different login that was saved: HF_TOKEN is no fallback, it wins, so logging in again changes nothing"
            )
        } else {
            format!("the token of {name} is refused; it wins over any login, so logging in again changes nothing")
        };
        let places: Vec<Location> = shadow.map_or_else(|| source.clone(), |f| f.locations.clone());
        board.add("env-shadows-login", of(score), message).at(&places).rules(&["HF101"]).help(
            if shadow.is_some() { "hflint fix --unset HF101".to_owned() } else { format!("unset {name}") },
            if shadow.is_some() { "then the saved login is sent" } else { "then no token is sent until you log in" },
        );
    }
    if let Some(found) = here.finding("HF105") {
        let old = here.hub.0.version < Version::first_of(0, 20, 0);
        let two = here.tokens() > 1;
        let score = if old && two {
            90
        } else if two {
            72
        } else {
            40
        };
        board
            .add("legacy-token-file", of(score), "an old token file lies beside the new one: which of them is sent depends on the release of huggingface_hub")
            .at(&found.locations)
            .rules(&["HF105"])
            .help("hflint fix HF105", "then every release reads the same file");
    }
    if here.finding("HF102").is_some() || here.sleeping().count() > 0 {
        let places: Vec<Location> = here.finding("HF102").map(|f| f.locations.clone()).unwrap_or_default();
        let score = if here.finding("HF101").is_some() || here.sent().is_none() { 60 } else { 72 };
        board
            .add(
                "multi-account",
                of(score),
                "several different tokens are kept here, and the one that was sent is not the one that is alive",
            )
            .at(&places)
            .rules(&["HF102"])
            .help("hf auth list", "shows the stored ones; `hf auth switch` chooses one");
    }
    if let Some(found) = here.finding("HF305").filter(|_| !super::is_hub(case.host()) || request.host.is_none()) {
        board
            .add("endpoint-mirror", of(90), "HF_ENDPOINT sends the requests, and the token, to another server than huggingface.co: that server refuses it")
            .at(&found.locations)
            .rules(&["HF305"])
            .help("unset HF_ENDPOINT", "then the hub itself answers");
    } else if !super::is_hub(case.host()) {
        board
            .add(
                "endpoint-mirror",
                of(88),
                "the address of the failed request is not the hub's: a mirror refused the token",
            )
            .help("unset HF_ENDPOINT", "then the hub itself answers");
    }
    if let Some((name, at)) = here.unread_variable() {
        board
            .add(
                "wrong-variable",
                of(58),
                format!("{name} holds a token that this client does not read: renewing that one changes nothing"),
            )
            .at([&at])
            .rules(&["HF104"])
            .help(format!("export HF_TOKEN=\"${name}\""), "then it is the one that is sent");
    }
    let in_code = request.marks.explicit || request.marks.notebook || request.marks.header;
    if let Some(at) = here.in_code() {
        board
            .add(
                "hardcoded-token",
                of(if here.sent().is_none() { 93 } else { 80 }),
                format!("a token is written into {}: whoever owns it may have revoked it", here.name(&at)),
            )
            .at([&at])
            .rules(&["HF303"])
            .help("hflint exec -- COMMAND", "gives the program your own, once the one in the code is gone");
    }
    if here.sent().is_none() || in_code {
        board
            .add("hardcoded-token", of(if here.sent().is_none() && in_code { 70 } else { 45 }), "the token that was refused is not one that the clients here would send: it stands in the program, the notebook or the app's own settings")
            .help("hf auth whoami", "says who this machine is without it; then take the token out of the code");
    }
    if !here.has_any_token() {
        board
            .add("placeholder-token", of(40), "no token is kept here: what the program was given by itself may be no token at all (another field's text, another service's key)")
            .help("hf auth whoami", "says whether this machine has one");
    }
    if case.in_ci() {
        board
            .add("ci-secret-empty", of(if here.blank_variable().is_some() { 97 } else { 55 }), "in a job the variable holds what the secret is: empty where forks get none, old where it was not renewed")
            .at(&here.blank_variable())
            .rules(&["HF201"])
            .help("unset HF_TOKEN", "where the secret is empty; else renew the secret in the project's settings");
    }
    if request.marks.login && !case.says(&[S::RefusedVariable, S::RefusedFile, S::RefusedColab]) && source.is_empty() {
        board
            .add("paste-failure", of(if request.marks.windows || request.marks.widget { 88 } else { 78 }), "the token did not arrive as it was copied: a prompt that hides what is typed takes no Ctrl+V on Windows, and widgets drop characters")
            .help(format!("{} --token \"$HF_TOKEN\"", remedy::login(here.snapshot).trim_end_matches(" --force")), "hands it over without the prompt, from a variable");
    }
    stale(case, if own { weight * 60 / 100 } else { weight }, board, &source, public);
}

/// The everyday cause: the token is dead.
fn stale(case: &Case<'_, '_, '_>, weight: u32, board: &mut Board, source: &[Location], public: &str) {
    let (here, request) = (case.here, case.request);
    let expired = case.says(&[S::Expired, S::OAuth]) || here.finding("HF205").is_some();
    let dead = here.finding("HF207").is_some();
    let score = if dead {
        97
    } else if expired {
        95
    } else {
        84
    };
    let what = match (&request.token_name, here.sender()) {
        (Some(name), Some(sender)) => format!("the token named \"{}\" is expired; sent here: {sender}", crate::output::sanitize::line(name)),
        (Some(name), None) => format!("the token named \"{}\" is expired; it stands in no place here that a client reads", crate::output::sanitize::line(name)),
        (None, Some(sender)) if expired => format!("the token that was sent is expired: {sender}"),
        (None, Some(sender)) => format!("a token was sent and the hub refused it: {sender}"),
        (None, None) => "a token was sent and the hub refused it, but nothing here would send one: it came from the program itself, or from another machine".to_owned(),
    };
    let (command, then) = remedy::replace(case.here, request);
    board
        .add("stale-token", weight * score / 100, format!("{what}; {public}"))
        .at(source)
        .rules(if expired { &["HF205"] } else { &["HF207"] })
        .help(command, then);
}

/// InvokeAI goes on with an install that was cut off, or paused, with the token that it was begun with.
fn cut_off_install(case: &Case<'_, '_, '_>, weight: u32, board: &mut Board) {
    let here = case.here;
    let old = here.places.iter().find(|entry| {
        entry.place.is_some_and(|(what, _)| what == INSTALL) && here.sent().is_none_or(|sent| *sent != entry.token)
    });
    let Some(entry) = old else { return };
    let Location::File { path, .. } = &entry.source else { return };
    board
        .add(
            "stale-token",
            weight * 94 / 100,
            format!(
                "an install that was paused or cut off goes on with the token that it was begun with, in {}, not with today's",
                here.name(&entry.source)
            ),
        )
        .at([&entry.source])
        .help(
            format!("rm -r {}", quote_path(path.parent())),
            "takes what was loaded so far; or cancel the install in InvokeAI's model manager, and begin it anew",
        );
}

/// An entry of netrc, which requests sends in place of the token.
fn netrc(case: &Case<'_, '_, '_>, weight: u32, board: &mut Board) {
    let here = case.here;
    let overridden = here.answer().overridden_by.clone();
    let Some(at) = overridden.clone().or_else(|| here.netrc(case.host())) else { return };
    let requests = matches!(here.instance().wire(), Wire::Requests | Wire::RequestsToHub);
    let score = if overridden.is_some() || requests || (case.request.marks.requests && !case.request.marks.httpx) {
        97
    } else if case.request.between.is_none() && case.request.version.is_none() && !case.request.marks.httpx {
        92
    } else {
        35
    };
    board
        .add("netrc-override", weight * score / 100, format!("{} has an entry for this host: Python's requests (huggingface_hub before 1.0) sends it as Basic in place of the token, curl and httpx do not", here.name(&at)))
        .at([&at])
        .rules(&["HF109"])
        .help("hflint fix HF109", "then the token itself is sent");
}

/// The value itself is no token, or something clings to it.
pub(super) fn spoiled(case: &Case<'_, '_, '_>, weight: u32, board: &mut Board) {
    let here = case.here;
    let sent = here.source();
    let of = |at: &[Location], full: u32| {
        let is_sent = at.is_empty()
            || sent.is_none()
            || at.iter().any(|l| Some(l) == sent || l.path().is_some_and(|p| sent.and_then(Location::path) == Some(p)));
        weight * if is_sent { full } else { full / 2 } / 100
    };
    if let Some(at) = here.blank_variable() {
        let slug = if case.in_ci() { "ci-secret-empty" } else { "empty-token" };
        board
            .add(slug, weight * 93 / 100, format!("{} is set but blank: an empty `Bearer` goes out, which the hub refuses even for public repositories; blank is not the same as unset", here.name(&at)))
            .at([&at])
            .rules(&["HF201"])
            .help("hflint fix --unset HF201", "then the saved login is sent, or no token");
    } else if here.sent().is_some_and(crate::secret::Token::is_blank) {
        let at: Vec<Location> = sent.into_iter().cloned().collect();
        board
            .add(
                "empty-token",
                weight * 93 / 100,
                "the token file is empty: this release sends an empty `Bearer`, which the hub refuses",
            )
            .at(&at)
            .rules(&["HF203"])
            .help(remedy::login(here.snapshot), "writes the file anew");
    }
    if let Some(found) = here.finding("HF203") {
        let control = here.reading().is_some_and(|r| r.dirt == Some(Dirt::Control));
        let slug = if control { "paste-failure" } else { "token-whitespace" };
        board
            .add(slug, of(&found.locations, 95), format!("the value is not a clean token: {}", found.message))
            .at(&found.locations)
            .rules(&["HF203"])
            .help("hflint fix HF203", "then the token alone is left");
    }
    if let Some(found) = here.finding("HF202") {
        let shape = found.locations.first().and_then(|at| shape_at(case, at));
        let slug = match shape {
            Some(Shape::Base64 | Shape::Unexpanded) => "token-encoding",
            Some(Shape::Truncated | Shape::Doubled) => "paste-failure",
            _ => "placeholder-token",
        };
        let help = found.help.as_ref();
        board.add(slug, of(&found.locations, 96), found.message.clone()).at(&found.locations).rules(&["HF202"]).help(
            help.map_or_else(|| "hflint check".to_owned(), |h| h.command.clone()),
            help.map_or_else(String::new, |h| h.then.clone()),
        );
    }
    if let Some(found) = here.finding("HF204") {
        board
            .add(
                "token-shape",
                of(&found.locations, 96),
                "an organization's token (api_org_…) is sent: it cannot act as a user",
            )
            .at(&found.locations)
            .rules(&["HF204"])
            .help(remedy::login(here.snapshot), "with a user's token of https://huggingface.co/settings/tokens");
    }
}

/// What stands at a place.
pub(super) fn shape_at(case: &Case<'_, '_, '_>, at: &Location) -> Option<Shape> {
    let state = &case.here.snapshot.state;
    let raw = match at {
        Location::Variable { name } => state.var(name)?.into_encoded_bytes(),
        other => state.credential(other.path()?).as_ref().as_ref().ok()?.bytes.clone(),
    };
    Some(crate::clients::shape::read(&raw).shape)
}
