//! The rules: one file each, one declaration, one pure function of the snapshot.
//!
//! A rule's doc comment is its page: `hflint explain` prints it. Tests hold the headings, the order and the cases.

use crate::finding::{Applicability, Finding, Severity};
use crate::nearest::did_you_mean;
use crate::output::sanitize;
use crate::snapshot::Snapshot;

/// When a rule runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Certain, and cheap enough for the hook.
    Prompt,
    /// In `hflint check`.
    Lint,
    /// In `hflint check --deep` only.
    Deep,
}

impl When {
    /// The word in lists.
    pub fn word(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Lint => "lint",
            Self::Deep => "deep",
        }
    }
}

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// `HF101`; never used again for something else.
    pub code: &'static str,
    /// `env-shadows-login`: names the problem, never the remedy.
    pub name: &'static str,
    /// One line, lower case, no final full stop.
    pub summary: &'static str,
    /// The worst that it says.
    pub severity: Severity,
    /// The release of hflint that it came with.
    pub since: &'static str,
    /// When it runs.
    pub when: When,
    /// The safest fix that it can offer.
    pub fix: Option<Applicability>,
    /// The page: Markdown with fixed headings.
    pub page: &'static str,
    /// What it finds in a snapshot.
    pub check: fn(&Snapshot<'_>, &mut Vec<Finding>),
}

impl Rule {
    /// `HF1` of `HF101`.
    pub fn group(&self) -> &'static str {
        &self.code[..3]
    }

    /// Whether this rule runs where another one alone is asked for. A deep one only where it is that one, or both are of
    /// caches: a deep look into them finds more for the others, too (HF411).
    pub fn goes_with(&self, asked: &Self) -> bool {
        self.when != When::Deep || self.code == asked.code || (self.group(), asked.group()) == ("HF4", "HF4")
    }

    /// Whether a selector (a code, a name, a group) means this rule.
    pub fn is(&self, selector: &str) -> bool {
        let upper = selector.to_ascii_uppercase();
        self.name.eq_ignore_ascii_case(selector)
            || self.code == upper
            || (upper.len() >= 2 && upper.len() < 5 && upper.starts_with("HF") && self.code.starts_with(&upper))
    }
}

/// Declares the static of a rule; its doc comment becomes the page.
macro_rules! declare_rule {
    ($(#[doc = $page:literal])+ $vis:vis static $id:ident = {
        code: $code:literal, name: $name:literal, summary: $summary:literal,
        severity: $severity:ident, since: $since:literal, when: $when:ident, fix: $fix:expr, check: $check:path $(,)?
    }) => {
        $(#[doc = $page])+
        $vis static $id: $crate::rules::Rule = $crate::rules::Rule {
            code: $code,
            name: $name,
            summary: $summary,
            severity: $crate::finding::Severity::$severity,
            since: $since,
            when: $crate::rules::When::$when,
            fix: $fix,
            page: concat!($($page, "\n"),+),
            check: $check,
        };
    };
}

mod ca_bundle_broken;
mod cache_blob_truncated;
mod cache_foreign_owner;
mod cache_incomplete_resumable;
mod cache_misplaced;
mod cache_no_exist_contradiction;
mod cache_pointer_dangling;
mod cache_ref_dangling;
mod cache_ref_malformed;
mod cache_snapshot_empty;
mod cache_snapshot_partial;
mod cache_variables_conflict;
mod cache_waste;
mod caches;
mod client_outdated;
mod clients_disagree;
mod clock_suspicious;
mod deprecated_variable;
mod dotenv_not_exported;
mod endpoint_override;
pub(crate) mod endpoints;
mod env_empty;
mod env_shadows_login;
mod environment_breaks_client;
mod environment_sets_token;
mod git_credential_differs;
mod home_relocated;
mod implicit_token_disabled;
mod isolation_broken;
mod legacy_token_file;
mod mixed_sources;
mod netrc_overrides_token;
mod oauth_expired;
mod offline_mode;
mod oidc_resource_set;
mod organization_token;
mod path_unexpanded;
mod places;
pub(crate) use places::names_read;
mod process_holds_old_token;
mod proxy_suspicious;
mod reach;
mod relative_token_path;
mod shared_home_token;
mod startup_file_differs;
mod stored_tokens_inconsistent;
#[cfg(test)]
pub(crate) mod testing;
mod token_dirty;
mod token_file_perms;
mod token_in_git_remote;
mod token_in_project_file;
pub(crate) mod token_old;
mod token_rejected;
mod token_shape;
mod unread_variable;
mod unused_ignore;
pub(crate) mod values;

/// All rules, sorted by code.
pub static RULES: &[&Rule] = &[
    &env_shadows_login::RULE,
    &mixed_sources::RULE,
    &deprecated_variable::RULE,
    &unread_variable::RULE,
    &legacy_token_file::RULE,
    &home_relocated::RULE,
    &stored_tokens_inconsistent::RULE,
    &clients_disagree::RULE,
    &netrc_overrides_token::RULE,
    &git_credential_differs::RULE,
    &dotenv_not_exported::RULE,
    &startup_file_differs::RULE,
    &process_holds_old_token::RULE,
    &environment_sets_token::RULE,
    &oidc_resource_set::RULE,
    &implicit_token_disabled::RULE,
    &env_empty::RULE,
    &token_shape::RULE,
    &token_dirty::RULE,
    &organization_token::RULE,
    &oauth_expired::RULE,
    &token_old::RULE,
    &token_rejected::RULE,
    &token_file_perms::RULE,
    &shared_home_token::RULE,
    &token_in_project_file::RULE,
    &token_in_git_remote::RULE,
    &endpoint_override::RULE,
    &relative_token_path::RULE,
    &cache_ref_dangling::RULE,
    &cache_ref_malformed::RULE,
    &cache_snapshot_empty::RULE,
    &cache_no_exist_contradiction::RULE,
    &cache_incomplete_resumable::RULE,
    &cache_foreign_owner::RULE,
    &cache_pointer_dangling::RULE,
    &cache_waste::RULE,
    &cache_blob_truncated::RULE,
    &cache_snapshot_partial::RULE,
    &cache_misplaced::RULE,
    &offline_mode::RULE,
    &path_unexpanded::RULE,
    &cache_variables_conflict::RULE,
    &proxy_suspicious::RULE,
    &ca_bundle_broken::RULE,
    &clock_suspicious::RULE,
    &client_outdated::RULE,
    &environment_breaks_client::RULE,
    &isolation_broken::RULE,
    &unused_ignore::RULE,
];

/// The rules that a selector means: a code, a name, or a group such as `HF1`.
pub fn select(selector: &str) -> Vec<&'static Rule> {
    RULES.iter().copied().filter(|r| r.is(selector)).collect()
}

/// What to say of a name that means no rule, with the nearest one that does.
pub fn unknown(name: &str) -> String {
    let mut hint = did_you_mean(name, RULES.iter().flat_map(|r| [r.code, r.name]));
    // Any two codes are a slip or two apart: the one that begins alike is the nearest.
    let alike = |r: &Rule| r.code.bytes().zip(name.bytes()).take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count();
    if hint.is_empty()
        && let Some(rule) = RULES.iter().rev().max_by_key(|r| alike(r)).filter(|r| alike(r) > 2)
    {
        hint = format!("; did you mean '{}'?", rule.code);
    }
    format!("unknown rule '{}'{hint} ('hflint explain --list' shows all)", sanitize::line(name))
}

/// The rule of a code or a name.
pub fn by_name(name: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|r| r.code.eq_ignore_ascii_case(name) || r.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The headings of a page, in order; *Fix safety* only where there is a fix.
    const HEADINGS: [&str; 7] =
        ["What it does", "Why it matters", "Example", "How to fix", "Fix safety", "Exceptions", "References"];

    #[test]
    fn codes_are_sorted_and_unique() {
        for pair in RULES.windows(2) {
            assert!(pair[0].code < pair[1].code, "{} before {}", pair[0].code, pair[1].code);
        }
    }

    #[test]
    fn names_are_unique_and_plain() {
        for (i, rule) in RULES.iter().enumerate() {
            assert!(
                rule.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "{}",
                rule.name
            );
            assert!(RULES[..i].iter().all(|r| r.name != rule.name), "{} twice", rule.name);
            assert!(!rule.summary.ends_with('.'), "{}", rule.code);
            assert!(
                rule.summary.chars().next().is_some_and(|c| !c.is_uppercase() || rule.summary.starts_with("HF_")),
                "{}",
                rule.code
            );
        }
    }

    #[test]
    fn pages_have_all_headings_in_order() {
        for rule in RULES {
            let found: Vec<&str> =
                rule.page.lines().filter_map(|l| l.trim_start().strip_prefix("## ")).map(str::trim).collect();
            let wanted: Vec<&str> = HEADINGS.into_iter().filter(|h| *h != "Fix safety" || rule.fix.is_some()).collect();
            assert_eq!(found, wanted, "{}", rule.code);
        }
    }
}
