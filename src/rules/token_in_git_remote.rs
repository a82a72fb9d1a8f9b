//! HF304

use crate::finding::{Applicability, Finding, Location, Severity};
use crate::fix::plan::Remedy;
use crate::snapshot::Snapshot;
use crate::state::git::embedded::{Embedded, Role};

declare_rule! {
    /// ## What it does
    /// Finds URLs of git that hold a token: a remote's in `.git/config`, a submodule's, git-lfs' in `.lfsconfig`.
    ///
    /// ## Why it matters
    /// `git remote -v`, error messages and copies of the directory show the token to whoever sees them. git sends it
    /// before it asks any helper and does not ask them when the Hub refuses it, so that a token that was revoked breaks
    /// every pull although the login is good. `.gitmodules` and `.lfsconfig` are committed: the token goes to everybody
    /// who has the repository.
    ///
    /// ## Example
    /// ```text
    /// .git/config:7     url = https://user:hf_****aaaa@huggingface.co/org/model
    /// ```
    ///
    /// ## How to fix
    /// `git remote set-url origin https://huggingface.co/org/model`; then `hf auth login --add-to-git-credential` lets
    /// git ask for the login. A token that was committed or shown to others is to be replaced: `hflint fix --rotate`.
    ///
    /// ## Fix safety
    /// `git` itself changes the URL and nothing else; asked for, and `hflint undo` puts the file back.
    ///
    /// ## Exceptions
    /// It is only worth knowing (`info`) for `url.BASE.insteadOf` in a configuration of one's own, by which people and CI
    /// jobs hand git a token on purpose. A user name without a password is no secret, and neither is the placeholder of a
    /// template. URLs of other hosts count only where they hold a token of the Hub.
    ///
    /// ## References
    /// - git 2.39.5 and 2.47.3, run against a stand-in for huggingface.co; `gitcredentials(7)`
    /// - <https://huggingface.co/blog/password-git-deprecation>, which is where many of these URLs come from
    pub(super) static RULE = {
        code: "HF304",
        name: "token-in-git-remote",
        summary: "a URL of git holds a token",
        severity: Warning,
        since: "0.1.0",
        when: Lint,
        fix: Some(Applicability::Unsafe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    let mut found = state.git().embedded(state).into_iter().peekable();
    while let Some(first) = found.next() {
        // The URLs of one remote are one thing to mend.
        let mut all = vec![first];
        while let Some(next) = found.next_if(|next| is_same(&all[0], next)) {
            all.push(next);
        }
        out.push(finding(&all));
    }
}

fn is_same(a: &Embedded, b: &Embedded) -> bool {
    let name = |e: &Embedded| match &e.role {
        Role::Remote { name, .. } => Some(name.clone()),
        _ => None,
    };
    name(a).is_some() && name(a) == name(b) && a.token == b.token && a.source.path() == b.source.path()
}

fn finding(all: &[Embedded]) -> Finding {
    let first = &all[0];
    let held = if first.token.is_shaped() { "a token" } else { "a password" };
    let (severity, message) = match &first.role {
        Role::Remote { name, .. } => {
            (Severity::Warning, format!("the URL of remote \"{}\" holds {held}", String::from_utf8_lossy(name)))
        }
        Role::Rewrite => (Severity::Info, format!("a base of `url.….insteadOf` holds {held} in clear")),
        Role::Other => (Severity::Warning, format!("a URL for git holds {held}")),
    };
    let mut finding = Finding::new(&RULE, severity, message);
    let mut sources: Vec<Location> = Vec::new();
    for url in all {
        if !sources.contains(&url.source) {
            sources.push(url.source.clone());
        }
    }
    for source in &sources {
        finding = finding.at(source.clone());
    }
    finding = finding.note("sends", format!("{} to {}", first.token.masked(), String::from_utf8_lossy(&first.plain)));
    if first.committed {
        finding = finding.note("shared", "the file is committed: the token is to be replaced, `hflint fix --rotate`");
    }
    let then = "then git asks its helper, which `hf auth login --add-to-git-credential` gives the login";
    finding.remedy(Remedy::GitUrls(sources), then)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, run, token};
    use crate::system::fake::Fake;

    fn repository(config: String) -> Fake {
        Fake::home()
            .file("/home/u/.git/HEAD", "ref: refs/heads/main\n")
            .file("/home/u/.git/config", config)
            .file("/home/u/.git/objects/x", "")
            .file("/home/u/.git/refs/x", "")
    }

    #[test]
    fn a_remote_is_one_finding() {
        let a = token('A');
        let both = format!(
            "[remote \"o\"]\n\turl = https://u:{a}@huggingface.co/o/m\n\tpushurl = https://u:{a}@huggingface.co/o/m\n"
        );
        let found = run(&RULE, &repository(both.clone()));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].locations.len(), 2);
        let two = both.replace("\tpushurl", "[remote \"p\"]\n\turl");
        assert_eq!(findings(&RULE, &repository(two)), ["warning", "warning"]);
    }

    #[test]
    fn handed_to_git_on_purpose() {
        let config = format!("[url \"https://u:{}@huggingface.co/\"]\n\tinsteadOf = hf:\n", token('A'));
        assert_eq!(findings(&RULE, &Fake::home().file("/home/u/.gitconfig", config)), ["info"]);
    }

    #[test]
    fn silent_without_a_secret() {
        for url in [
            "https://huggingface.co/o/m",
            "https://user@huggingface.co/o/m",
            "git@hf.co:o/m",
            "https://user:password@github.com/o/m",
            "https://user:${HF_TOKEN}@huggingface.co/o/m",
            "https://user:hf_xxx@huggingface.co/o/m",
        ] {
            assert!(findings(&RULE, &repository(format!("[remote \"o\"]\n\turl = {url}\n"))).is_empty(), "{url}");
        }
    }
}
