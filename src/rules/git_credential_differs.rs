//! HF110

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use super::places::are_two;
use crate::clients::endpoint::split;
use crate::clients::{Instance, by_name, resolve};
use crate::finding::{Applicability, Finding, Location, Severity};
use crate::secret::{Token, holds_token};
use crate::shell::{quote, quote_path};
use crate::snapshot::Snapshot;
use crate::state::git::Stored;
use crate::state::git::load::Placed;

declare_rule! {
    /// ## What it does
    /// Compares the token that git has for the Hub, in a credential store or a header of its configuration, with the one
    /// that API calls send.
    ///
    /// ## Why it matters
    /// `git push` and `git clone` then act as somebody else than `hf upload`: one works where the other is refused. git
    /// never reads `HF_TOKEN`, and a new login does not reach its store by itself.
    ///
    /// ## Example
    /// ```text
    /// ~/.cache/huggingface/token     hf_****aaaa   API calls
    /// ~/.git-credentials:1           hf_****bbbb   git
    /// ```
    ///
    /// ## How to fix
    /// `hf auth login --add-to-git-credential --force` gives git the login. Or take the line out of the store, so that git
    /// asks for a password the next time.
    ///
    /// ## Fix safety
    /// The command is shown; you run it.
    ///
    /// ## Exceptions
    /// In a clone of a repository of the Hub, where the next push really goes out as the other, it is HF102. A token in a
    /// remote's URL is HF304, a netrc entry HF109. Silent where both are the same, or only one of them has a token. What
    /// another helper keeps (a keychain, a program) cannot be told offline.
    ///
    /// ## References
    /// - git 2.47.3, run: `git credential-store`, `http.extraHeader`
    /// - huggingface_hub 2.4.0, `_login.py`: `add_to_git_credential`
    pub(super) static RULE = {
        code: "HF110",
        name: "git-credential-differs",
        summary: "git has another token for the Hub than the one that API calls send",
        severity: Info,
        since: "0.1.0",
        when: Lint,
        fix: Some(Applicability::DisplayOnly),
        check: check,
    }
}

/// The token that API calls send, and a line of git's store with another one.
pub(super) struct Pair<'s> {
    pub(super) token: &'s Token,
    pub(super) source: &'s Location,
    pub(super) stored: &'s Stored,
}

impl Pair<'_> {
    /// Whether the next push from here goes out as the other.
    pub(super) fn is_in_use(&self, snapshot: &Snapshot<'_>) -> bool {
        self.stored.read && is_clone_of_hub(snapshot)
    }
}

/// Two different tokens, one for API calls and one in git's store.
pub(super) fn pair<'s>(snapshot: &'s Snapshot<'_>) -> Option<Pair<'s>> {
    let hub = snapshot.hub_or_newest();
    let (token, source) = hub.answer.outcome.token().zip(hub.answer.source.as_ref())?;
    let stored = snapshot.state.git().stored.iter().find(|s| is_hub(&s.host))?;
    are_two(token, &stored.credential.token).then_some(Pair { token, source, stored })
}

fn is_hub(host: &str) -> bool {
    matches!(host, "huggingface.co" | "hf.co")
}

/// Whether a remote of the repository here is on the Hub, over https.
fn is_clone_of_hub(snapshot: &Snapshot<'_>) -> bool {
    snapshot.state.git().config.under("remote").any(|(_, key, placed)| {
        let url = placed.entry.value.as_deref().map(String::from_utf8_lossy);
        key.eq_ignore_ascii_case(b"url") && url.is_some_and(|u| split(&u).is_some_and(|s| is_hub(&s.host)))
    })
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    if let Some(finding) = header(snapshot) {
        out.push(finding);
        return;
    }
    let Some(pair) = pair(snapshot).filter(|pair| !pair.is_in_use(snapshot)) else { return };
    let stored = &pair.stored.credential;
    let mut finding =
        Finding::new(&RULE, Severity::Info, "git's credential store holds another token than the one API calls send")
            .at(stored.source.clone())
            .at(pair.source.clone())
            .note("calls", pair.token.masked())
            .note("git", stored.token.masked());
    if !pair.stored.read {
        finding = finding.note("unused", "nothing in git's configuration here makes it read this file");
    }
    out.push(finding.help("hf auth login --add-to-git-credential --force", "then git pushes as the login"));
}

/// A header of git's configuration, which is sent before any helper is asked.
fn header(snapshot: &Snapshot<'_>) -> Option<Finding> {
    let state = &snapshot.state;
    let is_header = |p: &&Placed| {
        let (section, _, key) = p.entry.parts();
        section == b"http" && key == b"extraheader"
    };
    // Without one, what git would send is asked for nothing.
    state.git().config.entries.iter().find(is_header)?;
    let hub = snapshot.hub_or_newest();
    let (token, source) = hub.answer.outcome.token().zip(hub.answer.source.as_ref())?;
    let git = resolve(state, &Instance::newest(by_name("git")?));
    let (other, at) = git.outcome.token().zip(git.source.as_ref())?;
    let placed = state.git().config.entries.iter().filter(is_header).find(|p| p.source == *at)?;
    (other.is_shaped() && are_two(token, other)).then(|| {
        let command = match at.path() {
            Some(path) if !holds_token(&placed.entry.name) => {
                let key = quote(OsStr::from_bytes(&placed.entry.name));
                format!("git config --file {} --unset-all {key} '^[Aa]uthorization:'", quote_path(Some(path)))
            }
            Some(path) => format!("${{EDITOR:-vi}} {}", quote_path(Some(path))),
            None => "unset GIT_CONFIG_COUNT".to_owned(),
        };
        Finding::new(&RULE, Severity::Info, "a header in git's configuration sends another token than API calls do")
            .at(at.clone())
            .at(source.clone())
            .note("calls", token.masked())
            .note("git", other.masked())
            .help(command, "then git asks its helpers")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::mixed_sources;
    use crate::rules::testing::{findings, run, token};
    use crate::system::fake::Fake;

    fn login() -> Fake {
        Fake::home().file("/home/u/.cache/huggingface/token", token('A'))
    }

    fn store(fake: Fake, letter: char) -> Fake {
        fake.file("/home/u/.git-credentials", format!("https://u:{}@huggingface.co\n", token(letter)))
    }

    #[test]
    fn another_token_in_the_store() {
        assert_eq!(findings(&RULE, &store(login(), 'B')), ["info"]);
        assert!(findings(&RULE, &store(login(), 'A')).is_empty());
        assert!(findings(&RULE, &store(Fake::home(), 'B')).is_empty());
    }

    #[test]
    fn one_fact_is_one_finding() {
        let clone = store(login(), 'B')
            .file("/home/u/.gitconfig", "[credential]\n\thelper = store\n")
            .file("/home/u/.git/HEAD", "ref: refs/heads/main\n")
            .file("/home/u/.git/config", "[remote \"o\"]\n\turl = https://huggingface.co/o/m\n")
            .file("/home/u/.git/objects/x", "")
            .file("/home/u/.git/refs/x", "");
        for (machine, here) in [(clone, false), (store(login(), 'B'), true)] {
            let (told, mixed) = (findings(&RULE, &machine), findings(&mixed_sources::RULE, &machine));
            assert_eq!((told.len(), mixed.len()), (usize::from(here), usize::from(!here)));
        }
    }

    #[test]
    fn a_header_comes_before_the_store() {
        let header = |letter| {
            let text =
                format!("[http \"https://huggingface.co\"]\n\textraHeader = Authorization: Bearer {}\n", token(letter));
            store(login(), 'B').file("/home/u/.gitconfig", text)
        };
        let found = run(&RULE, &header('C'));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].locations[0], Location::line("/home/u/.gitconfig", 2));
        let same = run(&RULE, &header('A'));
        assert_eq!(same[0].locations[0], Location::line("/home/u/.git-credentials", 1), "the store is left");
    }
}
