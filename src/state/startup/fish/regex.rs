//! Regular expressions as `string match -r` and `string replace -r` read them: what PCRE and regex-lite read alike. Of
//! anything else nothing is said.
//!
//! regex-lite prefers the same match among several and cannot be made to hang. PCRE itself is a library in C, and what is
//! looked for ahead of a match is rare in start-up files. Source: fish 3.6.0 with PCRE2 10.42, run.

use regex_lite::RegexBuilder;

use super::Untold;

/// Bytes of a compiled expression: repetitions of repetitions could ask for any amount.
const LARGEST: usize = 1 << 16;

/// A regular expression.
pub(super) struct Regex {
    regex: regex_lite::Regex,
    /// The named groups, with their numbers.
    pub(super) names: Vec<(Vec<u8>, usize)>,
}

/// Where the whole and each group matched.
pub(super) type Captures = Vec<Option<(usize, usize)>>;

impl Regex {
    /// `None` where something stands in it that only one of the two knows, or that they read as different things.
    pub(super) fn new(text: &[u8], ignore_case: bool) -> Option<Self> {
        let text = std::str::from_utf8(text).ok().filter(|t| t.is_ascii() && !is_read_otherwise(t))?;
        let regex = RegexBuilder::new(text).case_insensitive(ignore_case).size_limit(LARGEST).build().ok()?;
        let names = regex.capture_names().enumerate();
        let names = names.filter_map(|(number, name)| Some((name?.as_bytes().to_vec(), number))).collect();
        Some(Self { regex, names })
    }

    /// The first match from a place on.
    pub(super) fn find(&self, text: &[u8], from: usize) -> Result<Option<Captures>, Untold> {
        // Beyond ASCII fish counts characters; before a line break at the end, PCRE finds `$`.
        let text = std::str::from_utf8(text).ok().filter(|t| t.is_ascii() && !t.contains('\n')).ok_or(Untold)?;
        let Some(found) = self.regex.captures_at(text, from) else { return Ok(None) };
        Ok(Some(found.iter().map(|group| group.map(|g| (g.start(), g.end()))).collect()))
    }
}

/// Whether something may stand in it that PCRE takes for something else: a quantifier that gives nothing back (`a++`),
/// `{,3}` as text, `\v` for any vertical space, `\<` for the sign, `\b{` and other flags than `i`; and a repetition of what
/// may be nothing, whose groups they leave at different places.
fn is_read_otherwise(text: &str) -> bool {
    let other = [
        "++", "*+", "?+", "}+", "{,", "\\v", "\\<", "\\>", "\\b{", "\\B{", "\\x", "\\u", "\\U", "?)*", "?)+", "*)*",
        "*)+",
    ];
    let flags = text.split("(?").skip(1).any(|rest| !["i)", ":", "<", "P<"].iter().any(|f| rest.starts_with(f)));
    flags || other.iter().any(|o| text.contains(o))
}

#[cfg(test)]
mod tests {
    use super::Regex;

    /// Each is what `string match -r` prints in fish 3.6.
    #[test]
    fn the_first_match_and_its_groups() {
        let found = |regex: &str, text: &str| -> Option<Vec<String>> {
            let captures = Regex::new(regex.as_bytes(), false)?.find(text.as_bytes(), 0).ok()??;
            Some(captures.iter().flatten().map(|(from, to)| text[*from..*to].to_owned()).collect())
        };
        for (regex, text, want) in [
            ("b", "abc", "b"),
            ("(b)(c)", "abc", "bc b c"),
            ("^([^=]+)=(.*)$", "A=b=c", "A=b=c A b=c"),
            ("^\\s*(?:#|$)", "  # a", "  #"),
            ("(a)|(b)", "b", "b b"),
            ("a.*?b", "axbxb", "axb"),
            ("(ab)+", "ababa", "abab ab"),
            ("(?:a|ab)c", "abc", "abc"),
            ("a|ab", "abc", "a"),
            ("\\d{2,3}", "1 2345", "234"),
            ("[]a-c-]+", "xb-]", "b-]"),
            ("[[:alpha:]_]+", "1a_b", "a_b"),
            ("\\bb\\w*", "ab bc", "bc"),
            ("(?i)HF_[a-z]", "hf_T", "hf_T"),
            ("(?<k>\\w+)=", "x=", "x= x"),
        ] {
            assert_eq!(found(regex, text).map(|all| all.join(" ")).as_deref(), Some(want), "{regex}");
        }
        assert_eq!(found("^#", "a#"), None);
    }

    #[test]
    fn what_is_read_otherwise_is_not_guessed() {
        for regex in [
            "(?<=a)b",
            "\\1",
            "a++",
            "(?s).",
            "*",
            "(",
            "a)",
            "\\p{L}",
            "(a?)*b",
            "(?!#)a",
            "\\v",
            "a{,3}",
            "\\K",
            "[[a]&&b]",
            "é",
            "(((a{50}){50}){50}){50}",
        ] {
            assert!(Regex::new(regex.as_bytes(), false).is_none(), "{regex}");
        }
        assert!(Regex::new(b"a", false).unwrap().find("é".as_bytes(), 0).is_err());
    }
}
