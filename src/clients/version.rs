//! Release numbers, in the two spellings that the packages here use (PEP 440 and semver).

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A release number; pre-releases sort before their release, post-releases after it.
#[derive(Debug, Clone, Copy)]
pub struct Version {
    release: [u32; 4],
    /// How many numbers were written: `2.4` is shown as `2.4`.
    parts: u8,
    stage: Stage,
}

/// What follows the numbers; the order of the variants is the order of the releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Dev(u32),
    Alpha(u32),
    Beta(u32),
    Candidate(u32),
    Final,
    Post(u32),
}

/// A text that is no version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a version number")]
pub struct Malformed;

impl Version {
    /// A plain release, for the tables.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { release: [major, minor, patch, 0], parts: 3, stage: Stage::Final }
    }

    /// The first pre-release of a release: what a table row that includes candidates starts with.
    pub const fn first_of(major: u32, minor: u32, patch: u32) -> Self {
        Self { release: [major, minor, patch, 0], parts: 3, stage: Stage::Dev(0) }
    }

    /// The release that a pre-release leads up to: what a sentence calls a boundary of the tables.
    #[must_use]
    pub const fn release(self) -> Self {
        Self { stage: Stage::Final, ..self }
    }
}

impl PartialEq for Version {
    /// `2.4` and `2.4.0` are one release.
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.release.cmp(&other.release).then(self.stage.cmp(&other.stage))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, n) in self.release.iter().take(usize::from(self.parts)).enumerate() {
            if i > 0 {
                f.write_str(".")?;
            }
            write!(f, "{n}")?;
        }
        match self.stage {
            Stage::Final => Ok(()),
            Stage::Dev(n) => write!(f, ".dev{n}"),
            Stage::Alpha(n) => write!(f, "a{n}"),
            Stage::Beta(n) => write!(f, "b{n}"),
            Stage::Candidate(n) => write!(f, "rc{n}"),
            Stage::Post(n) => write!(f, ".post{n}"),
        }
    }
}

impl FromStr for Version {
    type Err = Malformed;

    /// `1.2.3`, `v1.2`, `1.0.0rc1`, `1.0.0-rc.1`, `0.37.0.dev0`, `1.0.post1`; a local part (`+cu121`) is dropped.
    /// At most four numbers: no client here ever had more, and what is dropped could not be shown.
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (text, local) = text.split_once('+').map_or((text, None), |(text, local)| (text, Some(local)));
        let word = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_alphanumeric());
        if local.is_some_and(|l| !l.split(['.', '-', '_']).all(word)) {
            return Err(Malformed);
        }
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let mut release = [0; 4];
        let mut parts = 0;
        let mut rest = text;
        loop {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            if digits == 0 {
                return Err(Malformed);
            }
            *release.get_mut(parts).ok_or(Malformed)? = rest[..digits].parse().map_err(|_| Malformed)?;
            parts += 1;
            rest = &rest[digits..];
            match rest.strip_prefix('.') {
                Some(next) if next.starts_with(|c: char| c.is_ascii_digit()) => rest = next,
                _ => break,
            }
        }
        let parts = u8::try_from(parts).map_err(|_| Malformed)?;
        Ok(Self { release, parts, stage: stage(rest)? })
    }
}

/// The first word decides; what may follow it (`rc1.post2.dev3`, semver's `rc.1.2`) is read and left out.
fn stage(text: &str) -> Result<Stage, Malformed> {
    let text = text.to_ascii_lowercase();
    let mut first = None;
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (name, number, after) = word(rest)?;
        rest = after;
        let stage = match name {
            "dev" => Stage::Dev(number),
            "a" | "alpha" => Stage::Alpha(number),
            "b" | "beta" => Stage::Beta(number),
            "rc" | "c" | "pre" | "preview" => Stage::Candidate(number),
            "post" | "rev" | "r" => Stage::Post(number),
            // Numbers alone follow a word in semver; PEP 440 knows one without a word, `1.0-1`.
            "" if first.is_some() => continue,
            "" if text.starts_with('-') => Stage::Post(number),
            _ => return Err(Malformed),
        };
        first = first.or(Some(stage));
    }
    Ok(first.unwrap_or(Stage::Final))
}

/// One word with its number (0 where it has none), each behind at most one mark, and what follows.
fn word(text: &str) -> Result<(&str, u32, &str), Malformed> {
    let unmarked = |t: &'_ str| usize::from(t.starts_with(['.', '-', '_']));
    let text = &text[unmarked(text)..];
    let (name, rest) = text.split_at(text.len() - text.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len());
    let number = if name.is_empty() { rest } else { &rest[unmarked(rest)..] };
    let (digits, after) = number.split_at(number.len() - number.trim_start_matches(|c: char| c.is_ascii_digit()).len());
    match (name, digits) {
        ("", "") => Err(Malformed),
        (_, "") => Ok((name, 0, rest)),
        _ => Ok((name, digits.parse().map_err(|_| Malformed)?, after)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn releases_sort_as_the_indexes_sort_them() {
        let order = ["0.0.1", "0.9.1", "0.10.0", "0.37.0.dev0", "1.0.0a1", "1.0.0rc1", "1.0.0", "1.0.0.post1", "1.0.1"];
        for pair in order.windows(2) {
            assert!(v(pair[0]) < v(pair[1]), "{} < {}", pair[0], pair[1]);
        }
        assert_eq!(v("1.0.0-rc.0").to_string(), "1.0.0rc0");
        assert_eq!(v("2.4").cmp(&v("2.4.0")), Ordering::Equal);
        assert_eq!(v("v0.36.2+local"), v("0.36.2"));
        assert_eq!(Version::first_of(0, 19, 0).release().to_string(), "0.19.0");
    }

    #[test]
    fn what_is_no_version() {
        for text in [
            "",
            "x",
            "1.",
            "1..2",
            "1.0.0-foo",
            "-1",
            "1,2",
            "99999999999.0",
            "latest",
            "1.2.3.4.5",
            "1.0rc1!",
            "1.0rc1 ",
            " 1.0",
            "1.0+",
            "1.0+a b",
            "1.0.dev0.sdk",
            "1.0rc1..2",
            "1.0.-",
            "1.0rc99999999999",
            "1.0.0rc1.",
        ] {
            assert_eq!(text.parse::<Version>(), Err(Malformed), "{text}");
        }
    }

    #[test]
    fn what_is_one() {
        for (text, shown) in [
            ("1.20.0rc1", "1.20.0rc1"),
            ("0.36.2.post1", "0.36.2.post1"),
            ("1.0.0.dev0", "1.0.0.dev0"),
            ("1.2.3.4", "1.2.3.4"),
            ("1.0a", "1.0a0"),
            ("1.0-1", "1.0.post1"),
            ("1.0.0-alpha.3", "1.0.0a3"),
            ("1.0.0-rc.1.2", "1.0.0rc1"),
            ("1.0RC1.post2.dev3", "1.0rc1"),
            ("2.1+cu121.x-1", "2.1"),
            ("v4", "4"),
        ] {
            assert_eq!(v(text).to_string(), shown, "{text}");
        }
    }
}
