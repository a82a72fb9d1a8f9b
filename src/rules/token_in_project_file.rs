//! HF303

use crate::finding::{Applicability, Finding, Location, Severity};
use crate::fix::plan::Remedy;
use crate::output::sanitize;
use crate::shell::quote_path;
use crate::snapshot::Snapshot;
use crate::state::git::{ignore, index};
use crate::state::project_files::{Holder, Role, relative};

declare_rule! {
    /// ## What it does
    /// Finds a token in a file of the repository here that git does not ignore: `.env`, settings of an editor, a compose
    /// file, a Dockerfile, a job of CI, a script, a notebook. Looked at are the current directory and those above it, up
    /// to the root of the repository.
    ///
    /// ## Why it matters
    /// The next `git add .` and push give the token to everybody who can read the repository, and history keeps it. On
    /// the Hub and on GitHub such tokens are found by machines within minutes.
    ///
    /// ## Example
    /// ```text
    /// .env:1     HF_TOKEN=hf_****aaaa     not in .gitignore
    /// ```
    ///
    /// ## How to fix
    /// Let git ignore files that are there for secrets. From files that are shared, take the token out: a program reads
    /// `HF_TOKEN` from the environment, a compose file takes `${HF_TOKEN:?}`, a job of CI its secret. What was committed
    /// is known: replace the token with `hflint fix --rotate`.
    ///
    /// ## Fix safety
    /// A line is added to the nearest `.gitignore`, asked for and undone by `hflint undo`. What takes a file out of git's
    /// index, or a token out of a program, is shown for you to run.
    ///
    /// ## Exceptions
    /// Silent outside of a repository, for templates (`.env.example`), for prose, for what is visibly made up
    /// (`hf_xxxx…`, the alphabet), and for lines marked `pragma: allowlist secret`, `gitleaks:allow` or
    /// `trufflehog:ignore`. Other directories of the repository are not searched: that is what gitleaks and trufflehog
    /// are for.
    ///
    /// ## References
    /// - git 2.39.5 and 2.47.3, run: `git check-ignore`, with which the answer is compared; `gitignore(5)`
    pub(super) static RULE = {
        code: "HF303",
        name: "token-in-project-file",
        summary: "a token in a file of the repository that git does not ignore",
        severity: Warning,
        since: "0.1.0",
        when: Lint,
        fix: Some(Applicability::Unsafe),
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let state = &snapshot.state;
    let holders = state.project_files();
    let config = &state.git().config;
    let Some(root) = state.git().root.as_deref().filter(|_| !holders.is_empty()) else { return };
    let names: Vec<&[u8]> = holders.iter().filter_map(|h| relative(root, &h.path)).collect();
    let tracked = index::tracked(state.system, config, &names).unwrap_or_default();
    let is_tracked = |h: &Holder| relative(root, &h.path).is_some_and(|name| tracked.contains(name));
    let mut private = Vec::new();
    for holder in holders {
        let tracked = is_tracked(holder);
        // Where git's patterns cannot be told, neither can a fault.
        if !tracked && ignore::is_ignored(state.system, config, &holder.path) != Some(false) {
            continue;
        }
        if holder.role == Role::Private {
            private.push((holder, tracked));
        } else {
            out.push(shared(snapshot, holder, tracked));
        }
    }
    out.extend(to_ignore(snapshot, &private));
}

fn place(holder: &Holder) -> Location {
    Location::line(&holder.path, holder.tokens.first().map_or(1, |(line, _)| *line))
}

fn tokens(holders: &[&Holder]) -> String {
    let mut shown: Vec<String> = holders.iter().flat_map(|h| &h.tokens).map(|(_, token)| token.masked()).collect();
    shown.dedup();
    let more = shown.len().saturating_sub(3);
    shown.truncate(3);
    shown.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() }
}

/// Files that git should not see, in one finding: one line in `.gitignore` each is one cure.
fn to_ignore(snapshot: &Snapshot<'_>, private: &[(&Holder, bool)]) -> Option<Finding> {
    let home = snapshot.state.var("HOME");
    let (first, _) = private.first()?;
    let tracked = private.iter().filter(|(_, tracked)| *tracked).count();
    let name = sanitize::path(&first.path, home.as_deref());
    let message = match (private.len(), tracked) {
        (1, 0) => format!("a token stands in {name}, which git does not ignore"),
        (1, _) => format!("a token stands in {name}, which git tracks"),
        (n, 0) => format!("tokens stand in {n} files that git does not ignore"),
        (n, t) => format!("tokens stand in {n} files that git does not ignore, {t} of which it tracks"),
    };
    let mut finding = Finding::new(&RULE, Severity::Warning, message);
    for (holder, _) in private {
        finding = finding.at(place(holder));
    }
    let holders: Vec<&Holder> = private.iter().map(|(holder, _)| *holder).collect();
    finding = finding.note("holds", tokens(&holders));
    if tracked > 0 {
        finding = finding.note("history", "what was committed stays there: `hflint fix --rotate` replaces the token");
    }
    let paths = holders.iter().map(|h| h.path.clone()).collect();
    Some(finding.remedy(Remedy::Ignore(paths), "then git leaves it out of what is committed"))
}

/// A file that others are to have, from which the token has to go.
fn shared(snapshot: &Snapshot<'_>, holder: &Holder, tracked: bool) -> Finding {
    let home = snapshot.state.var("HOME");
    let name = sanitize::path(&holder.path, home.as_deref());
    let how = if tracked { "which git tracks" } else { "which git does not ignore" };
    let then = match holder.role {
        Role::Compose => "put ${HF_TOKEN:?} in its place, which compose takes from the shell or from .env",
        Role::Image => "hand it over as a build secret: RUN --mount=type=secret,id=hf_token",
        Role::Ci => "put the secret of the CI in its place, as ${{ secrets.HF_TOKEN }}",
        Role::Code => "clients take HF_TOKEN and the login by themselves: no token need stand in a program",
        Role::Private | Role::Shared => "take it out, and set HF_TOKEN in the environment or in .env",
    };
    let line = holder.tokens.first().map_or(1, |(line, _)| *line);
    let mut finding = Finding::new(&RULE, Severity::Warning, format!("a token stands in {name}, {how}"))
        .at(place(holder))
        .note("holds", tokens(&[holder]));
    if tracked {
        finding = finding.note("history", "what was committed stays there: `hflint fix --rotate` replaces the token");
    }
    finding.help(format!("${{EDITOR:-vi}} +{line} {}", quote_path(Some(&holder.path))), then)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{findings, run};
    use crate::system::fake::Fake;

    fn token() -> String {
        ["hf", "_QkZ7rB2mXw9LdY4s", "TnVc8pGh3JfK6aEuRo"].concat()
    }

    fn repository() -> Fake {
        Fake::home()
            .file("/home/u/.git/HEAD", "ref: refs/heads/main\n")
            .file("/home/u/.git/config", "")
            .file("/home/u/.git/objects/x", "")
            .file("/home/u/.git/refs/x", "")
    }

    #[test]
    fn files_for_secrets_are_one_finding() {
        let env = format!("HF_TOKEN={}\n", token());
        let two = repository().file("/home/u/.env", &env).file("/home/u/.env.local", &env);
        let found = run(&RULE, &two);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].locations.len(), 2);
        assert!(findings(&RULE, &two.clone().file("/home/u/.gitignore", ".env*\n")).is_empty());
        let one = run(&RULE, &two.file("/home/u/.gitignore", ".env*\n!.env.local\n"));
        assert_eq!(one[0].locations, [Location::line("/home/u/.env.local", 1)]);
    }

    #[test]
    fn each_shared_file_is_one() {
        let text = format!("login(\"{}\")\n", token());
        let fake =
            repository().file("/home/u/a.py", &text).file("/home/u/b.ipynb", &text).file("/home/u/README.md", &text);
        assert_eq!(findings(&RULE, &fake), ["warning", "warning"]);
    }

    #[test]
    fn silent_outside_of_a_repository() {
        let fake = Fake::home().file("/home/u/.env", format!("HF_TOKEN={}\n", token()));
        assert!(findings(&RULE, &fake).is_empty());
    }
}
