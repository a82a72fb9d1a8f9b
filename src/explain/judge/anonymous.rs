//! No token arrived: who has one that this client does not read, or why there is none.

use super::super::board::Board;
use super::super::remedy;
use super::super::texts::Says as S;
use super::Case;
use crate::clients::Outcome;
use crate::clients::model::Step;
use crate::clients::version::Version;
use crate::finding::Location;

pub(super) fn judge(case: &Case<'_, '_, '_>, weight: u32, board: &mut Board) {
    if weight == 0 {
        return;
    }
    let (here, request) = (case.here, case.request);
    let of = |percent: u32| weight * percent / 100;
    let place = case.elsewhere();
    let has_token = here.has_any_token();
    let wants_variable = case.says(&[S::VariableMissing]);

    if request.bad_name.is_some() || case.says(&[S::BadName]) {
        // The hub answers 401 for what is not there, so that nobody can find out names: nothing to do with tokens.
        return;
    }
    blank(case, weight, board);
    if case.in_ci() && here.blank_variable().is_none() {
        board
            .add("ci-secret-empty", of(if has_token { 60 } else { 84 }), "in a job the secret did not arrive: it is withheld from pull requests of forks, or its name is another")
            .help("gh secret list", "shows the names; a job of a fork has to do without the gated repository");
    }
    // A client that reads no variable at all is another cause: that of the official names.
    let reads_variables = here.reads(|s| matches!(s, Step::Env { .. }));
    let official = |name: &str| matches!(name, "HF_TOKEN" | "HUGGING_FACE_HUB_TOKEN");
    if let Some((name, at)) = here
        .unread_variable()
        .filter(|(name, _)| reads_variables || !official(name))
        .filter(|(name, _)| here.sent().is_none() || wants_variable && *name != "HF_TOKEN")
    {
        board
            .add("wrong-variable", of(96), format!("the token stands in {name}, which {} does not read", program(case)))
            .at([&at])
            .rules(&["HF104"])
            .help(format!("export HF_TOKEN=\"${name}\""), "then it is sent");
    }
    if let Some((at, name)) = here.dotenv().filter(|_| here.sent().is_none() || wants_variable || request.marks.dotenv)
    {
        board
            .add("dotenv-not-loaded", of(94), format!("{name} stands in {} and not in the environment: nothing loads that file for this program, or only after huggingface_hub was imported", here.name(&at)))
            .at([&at])
            .rules(&["HF111"])
            .help(format!("set -a; . {}; set +a", here.name(&at)), "then this shell has it, and whatever it starts");
    } else if request.marks.dotenv || request.marks.late {
        board
            .add("dotenv-not-loaded", of(if here.sent().is_none() { 90 } else { 72 }), "the program sets variables by itself: huggingface_hub reads them when it is imported, so load_dotenv() or os.environ has to come before the import")
            .help("export HF_TOKEN=…", "in the shell, before the program starts");
    }
    for code in ["HF106", "HF306", "HF502"] {
        if let Some(found) = here.finding(code).filter(|_| here.sent().is_none()) {
            board
                .add("home-relocated", of(95), format!("the token is not where this client looks: {}", found.message))
                .at(&found.locations)
                .rules(&[code])
                .help(
                    found.help.as_ref().map_or("hflint check", |h| &h.command),
                    found.help.as_ref().map_or("", |h| &h.then),
                );
        }
    }
    if let Some((at, name)) = here.beside_cache().filter(|_| here.sent().is_none()) {
        board
            .add(
                "home-relocated",
                of(96),
                format!("{name} moves the models and not the login: the token in {} is not read", here.name(&at)),
            )
            .at([&at, &Location::variable(name)])
            .rules(&["HF106"])
            .help("export HF_HOME=DIRECTORY", "moves both: the token and, below hub/, the models");
    }
    let far = case.request.marks.container && !here.in_ci();
    overlooked(case, if far { weight * 92 / 100 } else { weight }, board);
    if case.says(&[S::FixedPath]) {
        let moved = here.variable(&["HF_HOME", "HF_TOKEN_PATH", "XDG_CACHE_HOME"]);
        let score = if moved.is_some() || here.usable(true).is_some() { 97 } else { 66 };
        board
            .add(
                "app-hardcodes-path",
                of(score),
                format!("{} looks in one fixed file, whatever HF_HOME and HF_TOKEN say", title(case)),
            )
            .at(&moved)
            .help("ln -s \"$HF_HOME/token\" ~/.cache/huggingface/token", "puts the login where it looks");
    }
    cache(case, weight, board);

    // Told by its own lines, whatever started it.
    let knows = Version::first_of(0, 19, 0);
    if place.is_some() && !request.marks.colab && request.between.is_some_and(|(_, last)| last < knows) {
        board
            .add("client-version", of(88), "the release that wrote this reads HUGGING_FACE_HUB_TOKEN and not HF_TOKEN, which came with huggingface_hub 0.19")
            .rules(&["HF507"])
            .help("docker run -e HUGGING_FACE_HUB_TOKEN …", "hands it the name that it knows; or take a newer image");
    }

    if let Some(place) = place {
        let strong = request.marks.container || request.marks.service;
        let usable = here.usable(true).or_else(|| here.usable(false));
        let score = match (strong, usable.is_some()) {
            // The log itself shows that the variable was there.
            _ if request.marks.handed => 60,
            // Nobody has one here that could have been handed over.
            (true, false) if !here.has_any_token() => 72,
            (true, _) => 91,
            (false, true) => 86,
            (false, false) => 60,
        };
        let message = match usable {
            Some(at) => format!(
                "the log was written in {place}, which sees neither the variables nor the files of this machine: the token of {} never reached it",
                here.name(at)
            ),
            None => format!("the log was written in {place}: what is set or saved outside is not seen there"),
        };
        board
            .add("env-not-propagated", of(score), message)
            .at(usable)
            .help(remedy::hand_over(place), "hands the variable over, without its value on the command line");
    } else if request.marks.service {
        board
            .add(
                "env-not-propagated",
                of(86),
                "a service or a scheduled job has an environment of its own: what the shell exports is not there",
            )
            .at(here.usable(true))
            .help("systemctl show-environment", "shows what a service is given");
    } else if let Some(at) = here.usable(true).filter(|_| here.sent().is_some()) {
        board
            .add("env-not-propagated", of(74), format!("{} would be sent from this shell, but no token arrived: the program was started from another place, or before it was exported", here.name(at)))
            .at([at])
            .help("hflint exec -- COMMAND", "runs it with the token of this shell");
    }
    if case.says(&[S::Vault]) {
        board
            .add("colab-secret", of(93), "Colab's vault was asked for HF_TOKEN and gave nothing: the secret is not there, or this notebook was not granted it")
            .help("from google.colab import userdata; userdata.get('HF_TOKEN')", "in a cell, after the key symbol on the left grants the notebook");
    }
    if request.marks.cleared {
        board
            .add("cache-cleared-token", of(97), "the login lies beside the cache (~/.cache/huggingface/token): whoever removes the whole directory is logged out")
            .help(remedy::login(here.snapshot), "logs in again; clear ~/.cache/huggingface/hub alone next time");
    }
    dropped(case, weight, board);
    if case.says(&[S::AnonymousOrMissing, S::Missing]) && !case.says(&[S::GatedAnonymous, S::Gated]) {
        let name = request
            .repository
            .as_deref()
            .map_or_else(String::new, |r| format!(" ({})", crate::output::sanitize::line(r)));
        // Only the hub's own old models stand under a name without an owner, and those are open to everybody.
        let alone = request.repository.as_deref().is_some_and(|r| {
            super::is_without_owner(r) && request.host.as_deref().map_or(!r.starts_with("datasets/"), super::is_hub)
        });
        let score = if alone {
            96
        } else if is_unlisted(case) {
            84
        } else {
            of(62)
        };
        board
            .add("wrong-repo-id", score, format!("the repository{name} is not there under this name: to who is not logged in, the hub says 401 for private and missing ones alike"))
            .help("hf repo list", "lists your own; the others are found on https://huggingface.co");
    }
    if case.says(&[S::GatedAnonymous]) {
        board
            .add(
                "gate-not-accepted",
                of(56),
                "besides the token, the gate: the account that it is of has to have been let in",
            )
            .help(
                format!(
                    "open https://huggingface.co/{}",
                    request.repository.as_deref().map_or_else(|| "ORG/NAME".to_owned(), crate::output::sanitize::line)
                ),
                "in a browser, as the account of the token, and ask for access",
            );
    }
    none(case, weight, board);
}

/// Whether what failed is mostly not there: huggingface_hub tells gates apart from 0.12 on, transformers since it asks for
/// no `use_auth_token` any more, and who has a private repository has a token, or an idea of one.
fn is_unlisted(case: &Case<'_, '_, '_>) -> bool {
    let (here, request) = (case.here, case.request);
    let since = Version::first_of(0, 12, 0);
    let tells_gates = request.between.is_some_and(|(first, _)| first >= since)
        || request.version.is_some_and(|v| v >= since)
        || case.hits.iter().any(|h| h.text.id == "H08")
        || case.hits.iter().any(|h| h.text.id == "T01") && !case.says(&[S::AskedOnly])
        // datasets adds the login where it was asked for one, and tells gates since 2.20.
        || case.hits.iter().any(|h| h.text.id == "D01") && !case.hits.iter().any(|h| matches!(h.text.id, "D02" | "D08"));
    let by_name = case.hits.iter().any(|h| matches!(h.text.id, "H06" | "T01" | "D01"));
    tells_gates && by_name && !here.has_any_token() && !request.marks.explicit && here.blank_variable().is_none()
}

fn program(case: &Case<'_, '_, '_>) -> String {
    let instance = case.here.instance();
    case.request.program.map_or_else(|| instance.client.title.to_owned(), str::to_owned)
}

/// A variable that is set and blank.
fn blank(case: &Case<'_, '_, '_>, weight: u32, board: &mut Board) {
    let here = case.here;
    let Some(at) = here.blank_variable() else { return };
    if here.sent().is_some_and(|t| !t.is_blank()) {
        return;
    }
    let name = here.name(&at);
    let (slug, message) = if case.in_ci() {
        ("ci-secret-empty", format!("{name} is set but blank: the secret did not reach this job (forks get none)"))
    } else if case.request.marks.container {
        (
            "env-not-propagated",
            format!(
                "{name} arrived blank in the container: `-e {name}=$token` passes an empty text where $token is not set"
            ),
        )
    } else {
        (
            "empty-token",
            format!(
                "{name} is set but blank, which hides nothing but also sends nothing: `export {name}=${{{name}}}` does that where it was not set"
            ),
        )
    };
    board
        .add(slug, weight * 96 / 100, message)
        .at([&at])
        .rules(&["HF201"])
        .help("hflint fix --unset HF201", "then a saved login is sent, or no token");
}

/// A token is here, and this client does not look there.
fn overlooked(case: &Case<'_, '_, '_>, weight: u32, board: &mut Board) {
    let (here, request) = (case.here, case.request);
    let of = |percent: u32| weight * percent / 100;
    if case.elsewhere().is_some()
        && !request.marks.windows
        && here.usable(true).is_none()
        && here.usable(false).is_none()
    {
        return;
    }
    let is_hub = request.client == Some("huggingface_hub");
    let known = request.client.is_some();
    // A program of its own that looks at a variable, or in a file, by its own rules.
    let wants_variable = case.says(&[S::VariableMissing]);
    let nothing = !matches!(here.answer().outcome, Outcome::Token(_));
    let ignores = !known || (!is_hub && (nothing || wants_variable));
    let file = here.usable(false);
    let variable = here.usable(true);
    if let Some(at) = file.filter(|_| variable.is_none() && (ignores || wants_variable)) {
        let score = if known && nothing || wants_variable { 95 } else { 84 };
        board
            .add(
                "client-ignores-file",
                of(score),
                format!("you are logged in by {}, but {} reads only the environment", here.name(at), title(case)),
            )
            .at([at])
            .help(
                "export HF_TOKEN=\"$(hf auth token --quiet)\"",
                "gives it the login for this shell; `hflint exec -- COMMAND` for one command",
            );
    }
    if let Some(at) = variable.filter(|_| ignores && !wants_variable) {
        let reads_env = here.reads(|s| matches!(s, Step::Env { .. }));
        let score = if known && nothing && !reads_env { 95 } else { 80 };
        board
            .add("client-ignores-env", of(score), format!("{} is exported, but {} does not read it: it looks for the file of `hf auth login`, or for an option of its own", here.name(at), title(case)))
            .at([at])
            .help(remedy::login(here.snapshot), "saves the token where it looks");
    } else if request.client == Some("hf-hub") && variable.is_none() && file.is_none() {
        board
            .add(
                "client-ignores-env",
                of(68),
                "programs built on hf-hub (Rust) up to 0.5 read no variable: only the file of `hf auth login` counts",
            )
            .help(remedy::login(here.snapshot), "saves the token where it looks");
    }
}

fn title(case: &Case<'_, '_, '_>) -> String {
    match (case.request.program, case.request.client) {
        (Some(title), _) => title.to_owned(),
        (None, Some(_)) => {
            let instance = case.here.instance();
            format!("{} {}", instance.client.title, instance.version)
        }
        (None, None) => "this program".to_owned(),
    }
}

/// The model is here; what is asked for is what no cache can know.
fn cache(case: &Case<'_, '_, '_>, weight: u32, board: &mut Board) {
    let Some(repository) = &case.request.repository else { return };
    let Some(dir) = case.here.cached(repository).filter(|_| case.here.sent().is_none()) else { return };
    board
        .add("cache-stale", weight * 96 / 100, "the model is in the cache, but files that it does not have are still asked for at the hub: without a token a gated repository answers 401")
        .at([&Location::directory(dir)])
        .rules(&["HF404"])
        .help("HF_HUB_OFFLINE=1 hflint exec -- COMMAND", "asks nobody; or log in once more");
}

/// A token was handed over, or would be sent, and none arrived.
fn dropped(case: &Case<'_, '_, '_>, weight: u32, board: &mut Board) {
    let (here, request) = (case.here, case.request);
    if case.says(&[S::NoneFound, S::VariableMissing, S::Unauthenticated]) {
        return;
    }
    let explicit = request.marks.explicit;
    let sends = here.sent().is_some_and(|t| !t.is_blank());
    let score = match (explicit, sends) {
        _ if request.marks.handed => 94,
        _ if case.says(&[S::LoginFailed]) => 82,
        (true, false) => 90,
        (true, true) => 74,
        (false, true) if case.elsewhere().is_none() => 72,
        (false, true) => 45,
        (false, false) => 40,
    };
    let message = match (explicit, here.sender()) {
        _ if case.says(&[S::LoginFailed]) => "the program logs in at the hub before it asks anybody, even where the endpoint is your own and wants no token of the hub".to_owned(),
        _ if request.marks.handed => "the log shows that the program had the variable, and this request went out without a token: it reads another one, or a library on the way drops it".to_owned(),
        (true, _) => "the program was given a token, and this request went out without it: a library on the way drops it on some calls".to_owned(),
        (false, Some(sender)) => format!("the state here contradicts the log: {} would send {sender}, yet no token arrived; the program switches it off, or drops it", title(case)),
        (false, None) => "the program may drop the token that it was given".to_owned(),
    };
    board.add("app-bug", weight * score / 100, message).at(here.source().filter(|_| sends)).help(
        if sends { "hflint exec -- COMMAND" } else { remedy::login(here.snapshot) },
        if sends {
            "makes sure that it is there; then look for the program's own option"
        } else {
            "a login reaches the calls that forget the argument"
        },
    );
    if let Some(found) = here.finding("HF507") {
        board
            .add("client-version", weight * 88 / 100, found.message.clone())
            .at(&found.locations)
            .rules(&["HF507"])
            .help("pip install --upgrade huggingface_hub", "reads what is set here");
    }
}

/// There is none.
fn none(case: &Case<'_, '_, '_>, weight: u32, board: &mut Board) {
    let here = case.here;
    if let Some(found) = here.finding("HF116") {
        board
            .add("no-token", weight * 96 / 100, "HF_HUB_DISABLE_IMPLICIT_TOKEN is on: a token that is here is not sent unless the program hands it over")
            .at(&found.locations)
            .rules(&["HF116"])
            .help("unset HF_HUB_DISABLE_IMPLICIT_TOKEN", "then it is sent");
        return;
    }
    let score = match (here.has_any_token(), here.sent().is_some()) {
        (false, _) if case.request.marks.explicit => 78,
        (false, _) => 85,
        (true, false) => 60,
        (true, true) => 30,
    };
    let gated = case.says(&[S::GatedAnonymous, S::Gated]);
    let repository = case.request.repository.as_deref().filter(|_| gated).map(crate::output::sanitize::line);
    let message = match (&repository, here.has_any_token()) {
        (Some(name), false) => format!("no token arrived, and none is saved or exported here; {name} is gated: being logged in on the website does not count for programs"),
        (None, false) => "no token arrived, and none is saved or exported here: being logged in on the website does not count for programs".to_owned(),
        (_, true) => "no token arrived; what is kept here is not where the client looks".to_owned(),
    };
    let (command, why) = match (case.elsewhere(), repository) {
        (Some(place), _) if !here.has_any_token() => {
            (remedy::hand_over(place), "once HF_TOKEN is set here: a login alone would not be seen there".to_owned())
        }
        (_, Some(name)) => (
            remedy::first_login(here.snapshot).to_owned(),
            format!("with an account that was let in at https://huggingface.co/{name}"),
        ),
        (_, None) => (remedy::first_login(here.snapshot).to_owned(), "then every client here has a token".to_owned()),
    };
    board.add("no-token", weight * score / 100, message).help(command, why);
}
