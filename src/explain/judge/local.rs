//! What failed before the hub could judge a token: the machine itself, a prompt, a name, a program.

use super::super::board::Board;
use super::super::remedy;
use super::super::request::Header;
use super::super::texts::Says as S;
use super::{Case, cache, git, network};
use crate::finding::Location;

pub(super) fn judge(case: &Case<'_, '_, '_>, board: &mut Board) {
    header(case, board);
    let anonymous = case.says(&[S::AnonymousOrMissing, S::GatedAnonymous, S::NoneFound]);
    if case.says(&[S::BlankInCode]) && case.request.status == Some(401) && !anonymous {
        board
            .add("empty-token", 92, "the code hands over an empty text as the token: it is sent as it is, an empty `Bearer`, which the hub refuses even for public repositories")
            .help("hf auth whoami", "says who is asked without it: leave the option out, or give it None");
    }
    if case.says(&[S::BlankArgument]) {
        let at = case.here.blank_variable();
        board
            .add("env-not-propagated", 92, "--token was given nothing: the variable behind it is not set where the command runs (a make rule, a recipe, a job); without the option the saved login would do")
            .at(&at)
            .help("hf auth whoami", "shows whose login is sent without the option");
        board
            .add("empty-token", 76, "the variable behind --token is blank")
            .at(&at)
            .rules(&["HF201"])
            .help("hflint check HF201", "names it");
    }
    files(case, board);
    cache::judge(case, board);
    super::files::judge(case, board);
    login(case, board);
    network::judge(case, board);
    git::judge(case, board);
    names(case, board);
    versions(case, board);
}

/// The header could not be made.
fn header(case: &Case<'_, '_, '_>, board: &mut Board) {
    let here = case.here;
    if case.says(&[S::BadHeader]) {
        let dirty = here.finding("HF203");
        let blank = here.blank_variable();
        let kind = case.request.header.or(match (&dirty, &blank) {
            (Some(_), _) => Some(Header::Dirty),
            (None, Some(_)) => Some(Header::Empty),
            _ => None,
        });
        let places: Vec<Location> = dirty.map(|f| f.locations.clone()).unwrap_or_default();
        match kind {
            Some(Header::Empty) => {
                let slug = if case.in_ci() { "ci-secret-empty" } else { "empty-token" };
                board
                    .add(slug, 98, "an empty token was handed to the HTTP library: the program passes a setting or a variable that is blank, which is not the same as none")
                    .at(&blank)
                    .rules(&["HF201"])
                    .help("unset HF_TOKEN", "where it is the variable; else take the blank token out of the program's settings");
            }
            Some(Header::Control) => {
                board
                    .add("paste-failure", 97, "the token holds a control character: Ctrl+V was typed into a prompt that hides its input, and was taken literally")
                    .at(&places)
                    .rules(&["HF203"])
                    .help(remedy::login(here.snapshot), "and paste with the right mouse button or Ctrl+Shift+V");
            }
            Some(Header::Other) if here.finding("HF202").is_some() => {
                let found = here.finding("HF202").map(|f| f.locations.clone()).unwrap_or_default();
                board
                    .add("placeholder-token", 95, "what stands where the token should stand is something else")
                    .at(&found)
                    .rules(&["HF202"])
                    .help("hflint check HF202", "names the place");
            }
            _ => {
                board
                    .add("token-whitespace", 98, "the token carries a line end, white space or quotes: the HTTP library refuses to send it, and prints it")
                    .at(&places)
                    .rules(&["HF203"])
                    .help(
                        if dirty.is_some() { "hflint fix HF203" } else { "printf %s \"$HF_TOKEN\" | od -c | tail -n 2" },
                        if dirty.is_some() { "then the token alone is left" } else { "shows what clings to it; a secret made with `echo` has a line end, `printf %s` has none" },
                    );
            }
        }
    }
    if case.says(&[S::LeftOut]) {
        let found = [("HF203", "token-whitespace"), ("HF202", "placeholder-token"), ("HF201", "empty-token")]
            .into_iter()
            .find_map(|(code, slug)| Some((slug, here.finding(code)?)));
        let places: Vec<Location> = found.map(|(_, f)| f.locations.clone()).unwrap_or_default();
        let message = format!(
            "what it was given has not the form of a token (hf_ and letters and digits alone), so {} sends none",
            case.request.program.unwrap_or("the client")
        );
        if let Some((slug, _)) = found {
            board
                .add(slug, 97, message)
                .at(&places)
                .help("hflint check", "names the place of the value that is no token");
        } else {
            let help = "printf %s \"$HF_TOKEN\" | od -c | tail -n 2";
            board.add("placeholder-token", 92, message.clone()).help(help, "shows what stands there");
            board.add("token-whitespace", 90, message).help(help, "shows what clings to it");
        }
    }
    if case.says(&[S::BadLetter]) {
        let places: Vec<Location> = here.finding("HF203").map(|f| f.locations.clone()).unwrap_or_default();
        board
            .add(
                "token-whitespace",
                92,
                "the token holds a character that no header can carry: a byte order mark, or the … of a shortened copy",
            )
            .at(&places)
            .rules(&["HF203"])
            .help(
                if places.is_empty() { remedy::login(here.snapshot) } else { "hflint fix HF203" },
                "then the token alone is left",
            );
        board
            .add("paste-failure", 60, "the token may have been copied in its shortened form")
            .help(remedy::login(here.snapshot), "with the whole token");
    }
    if case.says(&[S::Organization]) {
        let places: Vec<Location> = here.finding("HF204").map(|f| f.locations.clone()).unwrap_or_default();
        board
            .add("token-shape", 98, "an organization's token (api_org_…) cannot log in: it is nobody's")
            .at(&places)
            .rules(&["HF204"])
            .help(remedy::login(here.snapshot), "with a user's token of https://huggingface.co/settings/tokens");
    } else if let Some(found) = here.finding("HF204").filter(|_| here.sent().is_some()) {
        board
            .add("token-shape", 86, "an organization's token (api_org_…) is sent: it cannot act as a user")
            .at(&found.locations)
            .rules(&["HF204"])
            .help(remedy::login(here.snapshot), "with a user's token");
    }
}

/// Files of the login and the cache.
fn files(case: &Case<'_, '_, '_>, board: &mut Board) {
    let here = case.here;
    let perms: Vec<Location> = here.finding("HF301").map(|f| f.locations.clone()).unwrap_or_default();
    let links = case.hits.iter().any(|h| h.text.id == "N17");
    if case.says(&[S::Denied, S::Homeless, S::Directory]) {
        let message = if links {
            "Windows makes links for administrators alone, or in developer mode, and the cache is made of links"
        } else if case.says(&[S::Directory]) {
            "the token file is a directory: docker makes one where a file that is not there is mounted"
        } else if case.says(&[S::Homeless]) {
            "HOME is not a directory of this user's: the cache and the token file cannot be reached"
        } else {
            "a file or directory of the login or the cache belongs to another user, or is closed: that stops public downloads too"
        };
        board.add("token-file-permission", 97, message).at(&perms).rules(&["HF301"]).help(
            if links {
                "start ms-settings:developers"
            } else if case.says(&[S::Directory]) {
                "rmdir ~/.cache/huggingface/token"
            } else if case.says(&[S::Homeless]) {
                "export HF_HOME=/a/directory/of/its/own"
            } else if perms.is_empty() {
                "sudo chown -R \"$(id -un)\" ~/.cache/huggingface"
            } else {
                "hflint fix HF301"
            },
            if links { "where developer mode is switched on" } else { "then the files are this user's own" },
        );
        if let Some(found) = here.finding("HF302") {
            board
                .add(
                    "shared-home",
                    98,
                    "the token lies in a shared HF_HOME: whoever logs in there locks the others out",
                )
                .at(&found.locations)
                .rules(&["HF302"])
                .help("export HF_TOKEN_PATH=~/.hf-token", "keeps the login at home and the models shared");
        } else if here.variable(&["HF_HOME"]).is_some() {
            board
                .add(
                    "shared-home",
                    70,
                    "HF_HOME is shared with others, and a login there closes the directory for them",
                )
                .at(&here.variable(&["HF_HOME"]))
                .rules(&["HF302"])
                .help("export HF_TOKEN_PATH=~/.hf-token", "keeps the login at home and the models shared");
        }
        if case.says(&[S::Homeless]) {
            board
                .add("home-relocated", 98, "HOME is unset or `/` in a service")
                .help("export HF_HOME=/a/directory/of/its/own", "gives it a place to write");
        }
    } else if let Some(class) = here.raises().filter(|_| case.says(&[S::CacheMiss])) {
        board
            .add("token-file-permission", 70, format!("the client raises {class} here before any request"))
            .at(&perms)
            .rules(&["HF301"])
            .help("hflint check", "names the file");
    }
    if case.says(&[S::NotWritable]) {
        // A warning: where the hub answered, its answer is the matter.
        let score = if case.request.status.is_some() || case.says(&[S::Refused, S::Gated]) { 55 } else { 94 };
        let (command, then) = if case.hits.iter().any(|h| h.text.id == "J04") {
            (
                "sudo chown -R \"$(id -un)\" node_modules",
                "or set env.cacheDir in the program: transformers.js keeps its files beside its code, wherever HF_HOME points",
            )
        } else {
            (
                "export HF_HOME=/a/directory/of/its/own",
                "gives it a place to write; or make this user the owner of the cache",
            )
        };
        board
            .add("token-file-permission", score, "the cache's directory belongs to another user, or is not there and cannot be made: nothing is wrong with the token")
            .at(&here.variable(&["HF_HOME", "HF_HUB_CACHE", "TRANSFORMERS_CACHE"]))
            .rules(&["HF406"])
            .help(command, then);
    }
    if case.says(&[S::DiskFull]) {
        board
            .add("unknown-local", 92, "the disk or the quota is full: nothing is wrong with the token")
            .at(&here.variable(&["HF_HOME", "HF_HUB_CACHE"]))
            .rules(&["HF408"])
            .help("hflint status --caches", "shows the caches and their sizes; HF_HOME moves them to another disk");
    }
    if case.says(&[S::Undecodable]) {
        let places: Vec<Location> = here.finding("HF203").map(|f| f.locations.clone()).unwrap_or_default();
        board
            .add("token-encoding", 92, "the token file is UTF-16, as PowerShell's `>` writes it: no client can read it")
            .at(&places)
            .rules(&["HF203"])
            .help(remedy::login(here.snapshot), "writes the file anew");
        board
            .add("token-whitespace", 84, "something stands before the token in its file")
            .at(&places)
            .rules(&["HF203"])
            .help("hflint fix HF203", "then the token alone is left");
    }
    if case.says(&[S::Stored]) {
        let places: Vec<Location> = here.finding("HF107").map(|f| f.locations.clone()).unwrap_or_default();
        let moved = here.variable(&["HF_HOME", "HF_TOKEN_PATH", "XDG_CACHE_HOME"]);
        board.add("multi-account", 78, "the stored tokens do not hold what was asked for: the name is another, or the file is broken; the active token works all the same").at(&places).rules(&["HF107"]).help("hf auth list", "shows the names");
        if moved.is_some() {
            board
                .add("home-relocated", 82, "the stored tokens of another HF_HOME are asked")
                .at(&moved)
                .rules(&["HF106"])
                .help("hflint status --all", "shows every place");
        }
    }
}

/// Prompts and widgets.
fn login(case: &Case<'_, '_, '_>, board: &mut Board) {
    let (here, request) = (case.here, case.request);
    let m = &request.marks;
    let hand_over = "hf auth login --token \"$HF_TOKEN\"";
    if case.says(&[S::Paste]) {
        board.add("paste-failure", 96, "what arrived at the prompt is no token: Ctrl+V does not paste into a hidden prompt on Windows, and leaves a control character").help(hand_over, "hands it over without the prompt; or paste with the right mouse button");
    }
    // What the inference service and the storage answer with this status is told by words of its own.
    let bad = (request.status == Some(400) || case.says(&[S::BadRequest])) && !case.says(&[S::Server, S::Storage]);
    if m.login && bad {
        board
            .add(
                "paste-failure",
                92,
                "the hub could not read the token that was typed: a control character of a failed paste is in it",
            )
            .help(hand_over, "hands it over without the prompt");
    } else if bad {
        let dirty: Vec<Location> = here.finding("HF203").map(|f| f.locations.clone()).unwrap_or_default();
        board
            .add(
                "paste-failure",
                72,
                "400 for whoami: the token holds a character that no token has, as a failed paste leaves it",
            )
            .at(&dirty)
            .rules(&["HF203"])
            .help(remedy::login(here.snapshot), "with the whole token");
    }
    if m.widget {
        board.add("paste-failure", 82, "the widget of the notebook does not work here (an editor without widgets, a page that lost its kernel): log in from a terminal, the login is the user's").help(remedy::first_login(here.snapshot), "in a terminal");
    }
    if case.says(&[S::Shadow]) {
        let places: Vec<Location> = here.finding("HF101").map(|f| f.locations.clone()).unwrap_or_default();
        let source: Vec<Location> = here.source().cloned().into_iter().collect();
        board.add("env-shadows-login", 96, "HF_TOKEN wins over the saved login: login, switch and logout change nothing for clients while it is set").at(&places).at(&source).rules(&["HF101"]).help("hflint fix --unset HF101", "then the saved login counts");
    }
    if case.says(&[S::NotListed]) {
        let (slug, score, message) = match here.source() {
            Some(Location::Variable { .. }) if here.sent().is_some() => (
                "env-shadows-login",
                95,
                "the list knows only stored tokens; the token in the environment is sent all the same",
            ),
            Some(_) if here.sent().is_some() => (
                "multi-account",
                88,
                "the list knows only stored tokens; the token file holds one that was not stored under a name, and it is sent",
            ),
            _ => ("no-token", 86, "no token is stored here"),
        };
        let source: Vec<Location> = here.source().cloned().into_iter().collect();
        board.add(slug, score, message).at(&source).help("hflint status", "shows what is really sent");
        if let Some(found) = here.finding("HF106") {
            board
                .add("home-relocated", 92, found.message.clone())
                .at(&found.locations)
                .rules(&["HF106"])
                .help("hflint check HF106", "names both places");
        }
    }
    if case.says(&[S::Vault]) {
        // It is a warning: whatever else is said is the error, and a file that arrived says that there was none.
        let warnings = [S::Vault, S::Harmless, S::Unauthenticated];
        let alone = request.status.is_none() && case.hits.iter().all(|h| warnings.contains(&h.text.says));
        if alone && m.arrived && !m.traceback {
            board
                .add("misleading-message", 97, "the warning of Colab's vault stands before a download that went through: nothing failed for want of a token")
                .help("hflint explain -v", "shows what else was recognised");
        }
        board.add("colab-secret", if alone { 96 } else { 70 }, "Colab's vault was asked for HF_TOKEN and gave nothing: a warning; public files are fetched all the same").help("from google.colab import userdata; userdata.get('HF_TOKEN')", "in a cell, once the secret is there and this notebook is granted it");
    }
    if case.says(&[S::OAuth]) {
        let places: Vec<Location> = here.finding("HF205").map(|f| f.locations.clone()).unwrap_or_default();
        board
            .add("stale-token", 90, "the login of the browser (OAuth) ran out or was not finished")
            .at(&places)
            .rules(&["HF205"])
            .help(remedy::login(here.snapshot), "starts it anew");
        if here.finding("HF305").is_some() {
            board
                .add("endpoint-mirror", 92, "the server of HF_ENDPOINT knows no such login")
                .at(&here.variable(&["HF_ENDPOINT"]))
                .rules(&["HF305"])
                .help("HF_ENDPOINT= hf auth login", "asks the hub itself");
        }
    }
    if case.says(&[S::Oidc]) {
        board
            .add(
                "env-shadows-login",
                84,
                "HF_OIDC_RESOURCE asks for a token of the CI provider, before HF_TOKEN and the login are looked at",
            )
            .at(&here.variable(&["HF_OIDC_RESOURCE"]))
            .rules(&["HF115"])
            .help("unset HF_OIDC_RESOURCE", "then the token here is sent");
    }
    if m.cleared && !case.says(&[S::Refused]) {
        board.add("cache-cleared-token", 90, "the login lies beside the cache (~/.cache/huggingface/token): whoever removes the whole directory is logged out").help(remedy::first_login(here.snapshot), "logs in again; clear ~/.cache/huggingface/hub alone next time");
    }
}

/// Names that nobody has.
fn names(case: &Case<'_, '_, '_>, board: &mut Board) {
    if case.request.bad_name.is_some() || case.says(&[S::BadName]) {
        board
            .add("wrong-repo-id", 97, "the repository's name is no name: a setting of the program is not set, or a path was taken for one; to who asks without a token the hub says 401 for whatever is not there, so this is no matter of tokens")
            .help("hf models list --search NAME", "finds the name; then correct the program's setting");
    }
    if case.says(&[S::EncodedTwice]) {
        board
            .add(
                "client-version",
                95,
                "the address was encoded twice (%252F): a fault of this release of huggingface_hub, not of the name",
            )
            .help("pip install --upgrade huggingface_hub", "brings a release that encodes it once");
    }
    if case.says(&[S::Unloaded]) {
        board
            .add(
                "wrong-repo-id",
                64,
                "nothing could be loaded under this name: it is neither a directory here nor was it found on the hub",
            )
            .help("hf models list --search NAME", "finds the name");
        // A name of the hub's own form that is not there is told by other words (T01): transformers takes a hub that was
        // not reached, a gate, and a file that is missing all for "there is nothing".
        if case.request.repository.is_some() && case.request.bad_name.is_none() {
            board
                .add("network", 72, "the files came neither from the hub nor from the cache, and transformers says of all reasons the same: mostly the hub was not reached")
                .help("curl -sI https://huggingface.co", "tells whether it can be reached");
            // A saved token that is asked for and not there is an error of the same class.
            if case.request.marks.asks && !case.here.has_any_token() {
                board
                    .add("no-token", 82, "the program asks for the saved token, and none is here")
                    .help(remedy::first_login(case.here.snapshot), "then there is one");
            }
        }
    }
    if case.says(&[S::MissingFile]) && case.request.status.is_none_or(|s| s == 404) {
        // transformers names the place where the files are listed. diffusers does not, and says the same where the hub
        // was not reached: that a file is not in the cache is a kind of "not there" to it.
        let by_diffusers = case.hits.iter().any(|h| h.text.id == "T07") && !case.request.marks.listed;
        let unreached = by_diffusers && case.request.status.is_none() && case.request.bad_name.is_none();
        if unreached {
            board
                .add("network", 92, "the file came neither from the hub nor from the cache: mostly the hub was not reached, of which diffusers says no more")
                .help("curl -sI https://huggingface.co", "tells whether it can be reached");
        }
        board
            .add(
                "wrong-repo-id",
                if case.says(&[S::Server, S::CacheBroken]) { 76 } else { 90 },
                "the repository is there, but not this file or revision of it: nothing is wrong with the token",
            )
            .help("hf download ORG/NAME --dry-run", "lists its files");
    }
}

/// Too old, too new.
fn versions(case: &Case<'_, '_, '_>, board: &mut Board) {
    let here = case.here;
    if case.says(&[S::XetSession]) {
        board
            .add(
                "client-version",
                92,
                "the storage behind the hub refused the session that hf_xet had been given, not the token: before 1.1.7 it was not renewed in a long download",
            )
            .help("pip install --upgrade hf_xet huggingface_hub", "or HF_HUB_DISABLE_XET=1, which does without it");
    } else if case.says(&[S::Xet]) {
        board
            .add("client-version", 74, "the transfer of hf_xet failed, not the login: releases differ, and HF_HUB_DISABLE_XET=1 does without it")
            .help("HF_HUB_DISABLE_XET=1 hflint exec -- COMMAND", "tells whether the other way goes through");
    }
    if case.says(&[S::NoTransfer]) {
        let switch = here.variable(&["HF_HUB_ENABLE_HF_TRANSFER"]);
        let (message, command, then) = if case.hits.iter().any(|h| h.text.id == "S02") {
            (
                "the file comes by hf_xet alone, and that package is not in this environment: nothing is wrong with the token",
                "pip install hf_xet",
                "beside huggingface_hub",
            )
        } else {
            (
                "HF_HUB_ENABLE_HF_TRANSFER is on, and the package hf_transfer is not in this environment: nothing is wrong with the token",
                "unset HF_HUB_ENABLE_HF_TRANSFER",
                "or install hf_transfer beside huggingface_hub",
            )
        };
        board.add("client-version", 95, message).at(&switch).help(command, then);
    }
    if case.says(&[S::Unbuilt]) {
        board
            .add("client-version", 95, "this build of the program cannot fetch from the hub: it was made without TLS or libcurl; nothing is wrong with the token")
            .help("hf download ORG/NAME --include '*.gguf'", "fetches the file that the program is then given; or take a build that can");
    }
    if case.says(&[S::Retired]) {
        board
            .add("client-version", 93, "the client asks an address that the hub has given up: newer releases ask https://router.huggingface.co")
            .help("pip install --upgrade huggingface_hub", "knows the address of today");
        board
            .add("wrong-endpoint", 84, "the address is given up, whatever the token is")
            .help("hflint explain -v", "shows the line");
    }
    if case.says(&[S::OldCommand]) {
        board.add("client-version", 94, "this command does nothing any more, or is not there yet: `huggingface-cli` ended with huggingface_hub 1.11, `hf` came with 0.34").help("hf auth login", "is today's command; `pip install --upgrade huggingface_hub` brings it");
    }
    // The option that carried the token: the program may go on without it.
    let dropped = case.request.status == Some(401) && case.hits.iter().any(|h| h.text.id == "H56");
    if dropped {
        board
            .add("app-bug", 97, "the program hands the token over under a name that the release here does not know, and asks without it")
            .help("hf auth login", "a saved token, or HF_TOKEN, needs no handing over");
    }
    if case.says(&[S::Outdated]) {
        let hit = |id: &str| case.hits.iter().any(|h| h.text.id == id);
        let taken_out = "a package asks huggingface_hub for what newer releases have no more: that package is too old, or this one too new for it";
        let (message, command, then) = if hit("H53") {
            (
                taken_out,
                "pip install 'huggingface_hub<0.26'",
                "still has it; or a newer release of the package that asks",
            )
        } else if hit("H54") {
            (
                taken_out,
                "pip install 'huggingface_hub<1.0'",
                "still has it; or a newer release of the package that asks",
            )
        } else if hit("X17") {
            (
                "this build of the program speaks no HTTPS, so that it reaches no hub",
                "cmake -B build -DLLAMA_OPENSSL=ON",
                "builds it with TLS; or fetch the file with `hf download`",
            )
        } else {
            (
                "two packages do not fit: one asks huggingface_hub for what its release does not have",
                "pip install --upgrade huggingface_hub transformers datasets",
                "brings releases that fit",
            )
        };
        board.add("client-version", 95, message).help(command, then);
    }
    if let Some(found) = here.finding("HF508") {
        board
            .add("endpoint-mirror", 60, found.message.clone())
            .at(&found.locations)
            .rules(&["HF508"])
            .help("hflint check HF508", "names the variable");
    }
}
