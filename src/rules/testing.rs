//! What the unit tests of the rules share.

use crate::finding::Finding;
use crate::rules::Rule;
use crate::snapshot::Snapshot;
use crate::state::State;
use crate::system::fake::Fake;

/// A fake token, put together here so that no text shaped like one stands in a file.
pub(crate) fn token(letter: char) -> String {
    format!("hf_{}", letter.to_string().repeat(34))
}

/// What a rule finds on a machine.
pub(crate) fn run(rule: &Rule, fake: &Fake) -> Vec<Finding> {
    let snapshot = Snapshot::new(State::new(fake));
    let mut out = Vec::new();
    (rule.check)(&snapshot, &mut out);
    out
}

/// The severities of what a rule finds.
pub(crate) fn findings(rule: &Rule, fake: &Fake) -> Vec<&'static str> {
    run(rule, fake).iter().map(|f| f.severity.word()).collect()
}
