//! The causes that are weighed, best first.

use crate::finding::{Help, Location};

/// A cause, weighed. The slugs are those of the contract.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    /// `stale-token`.
    pub(crate) slug: &'static str,
    /// From 0 to 100.
    pub(crate) score: u32,
    /// Lower case, no final full stop; holds no secret and no raw text of the log.
    pub(crate) message: String,
    /// The places of this machine that it is about.
    pub(crate) locations: Vec<Location>,
    /// The rules that say the same of this machine.
    pub(crate) rules: Vec<&'static str>,
    /// What to do.
    pub(crate) help: Option<Help>,
}

impl Cause {
    /// The word of the contract.
    pub(crate) fn confidence(&self) -> &'static str {
        match self.score {
            93.. => "certain",
            65.. => "likely",
            _ => "possible",
        }
    }
}

/// What is left out: causes that nearly nothing speaks for, and those far behind the first five.
const LEAST: u32 = 15;
const MOST: usize = 5;

/// Collects causes.
#[derive(Debug, Default)]
pub(crate) struct Board {
    causes: Vec<Cause>,
}

/// A cause under construction.
pub(crate) struct Entry<'b>(&'b mut Cause);

impl Entry<'_> {
    /// A place that it is about.
    pub(crate) fn at<'l>(self, places: impl IntoIterator<Item = &'l Location>) -> Self {
        for place in places {
            if !self.0.locations.contains(place) {
                self.0.locations.push(place.clone());
            }
        }
        self
    }

    /// The rules that say so.
    pub(crate) fn rules(self, codes: &[&'static str]) -> Self {
        for code in codes {
            if !self.0.rules.contains(code) {
                self.0.rules.push(code);
            }
        }
        self
    }

    /// What to do, and what comes of it.
    pub(crate) fn help(self, command: impl Into<String>, then: impl Into<String>) {
        self.0.help = Some(Help { command: command.into(), then: then.into() });
    }
}

impl Board {
    /// Weighs a cause. What is said of it twice counts as the stronger says.
    pub(crate) fn add(&mut self, slug: &'static str, score: u32, message: impl Into<String>) -> Entry<'_> {
        let fresh = Cause {
            slug,
            score: score.min(100),
            message: message.into(),
            locations: Vec::new(),
            rules: Vec::new(),
            help: None,
        };
        let index = match self.causes.iter().position(|c| c.slug == slug) {
            Some(index) if self.causes[index].score < fresh.score => {
                self.causes[index] = fresh;
                index
            }
            // The weaker voice is heard by nobody: its words go to an entry that is swept out.
            _ => {
                let known = self.causes.iter().any(|c| c.slug == slug);
                let score = if known { 0 } else { fresh.score };
                self.causes.push(Cause { score, ..fresh });
                self.causes.len() - 1
            }
        };
        Entry(&mut self.causes[index])
    }

    /// How strong a cause is so far.
    pub(crate) fn best(&self) -> u32 {
        self.causes.iter().map(|c| c.score).max().unwrap_or(0)
    }

    /// The causes, the most likely first.
    pub(crate) fn ranked(mut self) -> Vec<Cause> {
        self.causes.retain(|c| c.score >= LEAST);
        // Stable: of two that are as likely, the one that was thought of first.
        self.causes.sort_by_key(|c| std::cmp::Reverse(c.score));
        self.causes.truncate(MOST);
        self.causes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stronger_voice_counts_and_the_order_is_kept() {
        let mut board = Board::default();
        board.add("a", 40, "weak").help("x", "");
        board.add("b", 60, "b").help("y", "");
        board.add("a", 70, "strong").rules(&["HF101"]).help("z", "");
        board.add("a", 50, "weaker").help("w", "");
        board.add("c", 60, "c").help("v", "");
        board.add("d", 3, "nothing").help("u", "");
        let ranked = board.ranked();
        assert_eq!(ranked.iter().map(|c| c.slug).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!((ranked[0].message.as_str(), ranked[0].confidence()), ("strong", "likely"));
        assert_eq!(ranked[0].help.as_ref().map(|h| h.command.as_str()), Some("z"));
    }
}
