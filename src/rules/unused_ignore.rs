//! HF902

use crate::config::Here;
use crate::finding::{Finding, Location, Severity};
use crate::shell::quote_path;
use crate::snapshot::Snapshot;

declare_rule! {
    /// ## What it does
    /// Names entries of `[[ignore]]` in your configuration that accept nothing: the finding is gone, or the entry is past
    /// its date.
    ///
    /// ## Why it matters
    /// An entry that is left behind hides the same fault when it comes back for another reason.
    ///
    /// ## Example
    /// ```toml
    /// [[ignore]]
    /// rule = "HF101"
    /// reason = "the bot's token is meant to win"
    /// ```
    /// HF_TOKEN is no longer set, so nothing is hidden.
    ///
    /// ## How to fix
    /// Take the entry out of the file, or give it a new date.
    ///
    /// ## Exceptions
    /// Silent about entries of a project's `.hflint.toml`, about entries for another directory than this one, and about those whose rule did not run
    /// (`--select`, or a rule that needs `--deep`).
    ///
    /// ## References
    /// - `hflint config` shows the file and its entries
    pub(super) static RULE = {
        code: "HF902",
        name: "unused-ignore",
        summary: "an entry of the configuration ignores nothing",
        severity: Info,
        since: "0.1.0",
        when: Lint,
        fix: None,
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    let here = Here::new(snapshot.state.system);
    for (index, entry) in snapshot.config.accepted.iter().enumerate() {
        if snapshot.config.is_of_project(&entry.location) {
            // It is there for all who work on the project, and may be of use to others.
            continue;
        }
        let rule = entry.rule.as_str();
        let message = match entry.until {
            Some(day) if entry.is_over(&here) => format!("the ignore entry for {rule} ended on {day}"),
            _ if entry.is_meant_for(&here) && snapshot.ignores.is_unused(index, entry) => {
                format!("the ignore entry for {rule} ignores nothing")
            }
            _ => continue,
        };
        out.push(
            Finding::new(&RULE, Severity::Info, message)
                .at(entry.location.clone())
                .note("reason", entry.reason.clone())
                // An editor, since the entry stands among lines and comments of the person's own.
                .help(edit(&entry.location), "take the entry out: nothing changes"),
        );
    }
}

/// Plain `vi`, which is everywhere: fish has no `${EDITOR:-vi}`.
fn edit(at: &Location) -> String {
    let line = match at {
        Location::File { line: Some(line), .. } => format!("+{line} "),
        _ => String::new(),
    };
    format!("vi {line}{}", quote_path(at.path()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::report;
    use crate::config::{From, Overrides, load};
    use crate::rules::RULES;
    use crate::rules::testing::token;
    use crate::state::State;
    use crate::system::fake::Fake;

    /// The messages of HF902 and the number of ignored findings.
    fn after(text: &str, fake: Fake, rules: &[&str]) -> (Vec<String>, usize) {
        let fake = fake.file("/home/u/.config/hflint/config.toml", text);
        let config = load(&fake, From::Person, Overrides::default()).unwrap();
        let snapshot = Snapshot::new(State::new(&fake)).with_config(config);
        let chosen: Vec<_> = RULES.iter().copied().filter(|r| rules.is_empty() || rules.contains(&r.code)).collect();
        let report = report(&snapshot, &chosen, false);
        let own = report.findings.iter().filter(|f| f.rule.code == "HF902");
        (own.map(|f| f.message.clone()).collect(), report.ignored)
    }

    fn shadowed() -> Fake {
        Fake::home().var("HF_TOKEN", token('A')).file("/home/u/.cache/huggingface/token", token('B'))
    }

    fn entry(more: &str) -> String {
        format!("[[ignore]]\nrule = \"HF101\"\nreason = \"on purpose\"\n{more}\n")
    }

    const UNUSED: &str = "the ignore entry for HF101 ignores nothing";

    #[test]
    fn silent_where_it_is_of_use() {
        for more in [
            "",
            "where = \"HF_TOKEN\"",
            "where = \"~/.cache/huggingface/token\"",
            "where = \"/home/*\"",
            "until = 2100-01-01",
        ] {
            assert_eq!(after(&entry(more), shadowed(), &[]), (vec![], 1), "{more}");
        }
        assert_eq!(after(&(entry("") + &entry("")), shadowed(), &[]), (vec![], 1), "both cover it");
    }

    #[test]
    fn tells_what_is_of_no_use() {
        assert_eq!(after(&entry(""), Fake::home(), &[]), (vec![UNUSED.to_owned()], 0));
        assert_eq!(after(&entry("where = \"HF_HOME\""), shadowed(), &[]), (vec![UNUSED.to_owned()], 0));
        assert_eq!(after(&entry("where = \"~/gone\""), shadowed(), &[]), (vec![UNUSED.to_owned()], 0));
        // The last day counts to its end.
        let last = shadowed().now(1_582_934_400 + 86_399);
        assert_eq!(after(&entry("until = \"2020-02-29\""), last, &[]), (vec![], 1));
        let over = after(&entry("until = \"2020-02-29\""), shadowed(), &[]);
        assert_eq!(over, (vec!["the ignore entry for HF101 ended on 2020-02-29".to_owned()], 0));
    }

    #[test]
    fn silent_where_it_cannot_tell() {
        assert_eq!(after(&entry(""), Fake::home(), &["HF902"]), (vec![], 0), "the rule did not run");
        let elsewhere = shadowed().file("/srv/project/x", "");
        assert_eq!(after(&entry("where = \"/srv/project\""), elsewhere, &[]), (vec![], 0));
        let elsewhere = Fake::home().file("/home/u/other/.env", "");
        assert_eq!(after(&entry("where = \"~/other/.env\""), elsewhere.clone(), &[]), (vec![], 0));
        let there = after(&entry("where = \"~/other/.env\""), elsewhere.cwd("/home/u/other/src"), &[]);
        assert_eq!(there, (vec![UNUSED.to_owned()], 0));
        let own = Fake::home().file("/home/u/.netrc", "").cwd("/home/u/p");
        assert_eq!(after(&entry("where = \"~/.netrc\""), own, &[]), (vec![UNUSED.to_owned()], 0));
    }
}
