//! HF107

use crate::clients::Outcome;
use crate::clients::hub::HUGGINGFACE_HUB;
use crate::clients::model::HubPath;
use crate::clients::paths;
use crate::clients::version::Version;
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::snapshot::Snapshot;
use crate::state::stored_tokens::{self, Fault, Stored, StoredTokens};
use crate::system::ReadError;
use crate::system::path::absolute;

declare_rule! {
    /// ## What it does
    /// Compares `stored_tokens`, where `hf auth login` keeps every token by its name, with the token in use.
    ///
    /// ## Why it matters
    /// `hf auth list` marks as active the stored token that equals the one in use. When none does, it says that no
    /// token is active while every request carries one, and `hf auth switch` loses the token for good. A file that does
    /// not parse reads as empty, and the next login writes it anew: all other tokens are lost.
    ///
    /// ## Example
    /// ```text
    /// token            hf_****aaaa
    /// stored_tokens    [work] hf_****bbbb
    /// ```
    ///
    /// ## How to fix
    /// `hf auth login` with the token that should stay, or `hf auth switch` to a stored one. A file that does not parse
    /// is mended by hand, before the next login.
    ///
    /// ## Fix safety
    /// The command is shown; you run it.
    ///
    /// ## Exceptions
    /// Silent where there is no `stored_tokens`, and where the installed huggingface_hub is older than 0.26.
    ///
    /// ## References
    /// - huggingface_hub 0.26.0 to 2.4.0, `utils/_auth.py`: `get_stored_tokens`
    pub(super) static RULE = {
        code: "HF107",
        name: "stored-tokens-inconsistent",
        summary: "stored_tokens and the token in use do not fit",
        severity: Warning,
        since: "0.1.0",
        when: Lint,
        fix: Some(Applicability::DisplayOnly),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    let release = snapshot.hub_version();
    if release < Version::first_of(0, 26, 0) {
        return;
    }
    let rule = if release < Version::first_of(0, 30, 0) { HubPath::TokenPath } else { HubPath::Expanded };
    let path = paths::hub_stored_tokens(state.system, rule);
    let Some(stored) = stored_tokens::read(state, &path, release) else {
        return;
    };
    let at = absolute(state.system, &path);
    let hub = snapshot.hub_or_newest();
    if matches!(stored.fault, Some(Fault::Unreadable(ReadError::Denied | ReadError::NotDir)))
        && matches!(hub.answer.outcome, Outcome::Error(_))
    {
        // The whole directory is closed: HF301 says so of the token.
        return;
    }
    if matches!(stored.fault, Some(Fault::Unreadable(_))) && state.system.stat(&path).is_err() {
        // A home that cannot be entered, behind a token in a variable, as in a container that runs as somebody: whether
        // there is a file is not known, and no login can write one.
        return;
    }
    if let Some(fault) = &stored.fault {
        let (line, why) = match fault {
            Fault::Unreadable(e) => (None, e.to_string()),
            Fault::NotUtf8 => (None, "it is not UTF-8".to_owned()),
            Fault::Syntax(line, why) => (Some(*line), (*why).to_owned()),
        };
        out.push(
            Finding::new(&RULE, Severity::Warning, "stored_tokens is read as empty by huggingface_hub")
                .at(Location::File { path: at, line })
                .note("why", why)
                .note("risk", "the next login writes it anew, and the tokens in it are lost")
                .help("hf auth list", "shows what is left; mend the file before the next login"),
        );
        return;
    }
    if stored.tokens.is_empty() {
        return;
    }
    if let Some(spent) = stored.tokens.iter().find(|s| is_stripped(s)) {
        out.push(
            Finding::new(
                &RULE,
                Severity::Info,
                format!("the browser login \"{}\" has lost its refresh token", spent.name),
            )
            .at(Location::line(&at, spent.line))
            .note("why", "login, logout or switch by huggingface_hub 0.26 to 1.19 rewrites the file without it")
            .help("hf auth login", "makes one that can be renewed"),
        );
    }
    let Some(token) = hub.answer.outcome.token() else {
        if matches!(hub.answer.outcome, Outcome::Anonymous) && hub.answer.source.is_none() {
            let names = names(&stored);
            out.push(
                Finding::new(&RULE, Severity::Info, "tokens are stored, but none is active: nothing is sent")
                    .at(Location::file(at))
                    .note("stored", names)
                    .help("hf auth switch", "makes one of them the login"),
            );
        }
        return;
    };
    if stored.tokens.iter().any(|s| s.token == *token) {
        return;
    }
    let newest = HUGGINGFACE_HUB.newest;
    let mut finding = Finding::new(&RULE, Severity::Info, "the token in use is none of the stored tokens")
        .at(Location::file(at))
        .note("sends", token.masked())
        .note("stored", names(&stored));
    finding.locations.splice(0..0, hub.answer.source.clone());
    let then = format!("names it, so that `hf auth list` of huggingface_hub up to {newest} shows it");
    out.push(match &hub.answer.source {
        Some(Location::Variable { name }) => {
            finding.help(format!("unset {name}"), "then `hf auth switch` counts again")
        }
        _ => finding.help("hf auth login", then),
    });
}

fn names(stored: &StoredTokens) -> String {
    stored.tokens.iter().map(|s| format!("\"{}\"", s.name)).collect::<Vec<_>>().join(", ")
}

/// A token of a browser login that can no longer be renewed.
fn is_stripped(stored: &Stored) -> bool {
    stored.token.bytes().starts_with(b"hf_oauth_") && !stored.refreshable
}
