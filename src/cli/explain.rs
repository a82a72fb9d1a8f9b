//! `hflint explain`: a rule's page, or the list of rules.

use std::fmt::Write as _;

use clap::Args;

use super::{Error, Format, Global, Outcome, print};
use crate::output::json;
use crate::rules::{RULES, by_name, unknown};

/// Options of `explain`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// a code (HF101) or a name (env-shadows-login)
    #[arg(required_unless_present = "list")]
    pub rule: Option<String>,
    /// list all rules
    #[arg(long, conflicts_with = "rule")]
    pub list: bool,
}

pub(super) fn run(options: &Options, global: &Global) -> Outcome {
    let Some(name) = &options.rule else {
        let text = match global.format {
            Format::Json => json::rules(RULES)?,
            Format::Text => list(),
        };
        print(&text)?;
        return Ok(0);
    };
    let rule = by_name(name).ok_or_else(|| Error::Usage(unknown(name)))?;
    let text = match global.format {
        Format::Json => json::rules(&[rule])?,
        Format::Text => format!(
            "# {code} {}\n\n{}\n\n{}\n## To accept it\n`hflint ignore {code}` accepts what it finds here, until that changes; \
             with `--here`, in this directory alone.\n",
            rule.name,
            rule.summary,
            page(rule.page),
            code = rule.code,
        ),
    };
    print(&text)?;
    Ok(0)
}

/// Doc comments begin each line with a blank.
fn page(doc: &str) -> String {
    doc.lines().fold(String::new(), |mut out, line| {
        out.push_str(line.strip_prefix(' ').unwrap_or(line));
        out.push('\n');
        out
    })
}

fn list() -> String {
    let width = RULES.iter().map(|r| r.name.len()).max().unwrap_or(0);
    RULES.iter().fold(String::new(), |mut out, r| {
        let _ = writeln!(
            out,
            "{}  {:width$}  {:7}  {:6}  {:12}  {}",
            r.code,
            r.name,
            r.severity.word(),
            r.when.word(),
            r.fix.map_or("-", crate::finding::Applicability::word),
            r.summary
        );
        out
    })
}
