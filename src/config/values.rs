//! The values that settings have, and how they are written.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::de::{self, Deserialize, Deserializer};

use crate::nearest::did_you_mean;
use crate::rules::{self, Rule};

/// A value that is written as a text, in a file as in a variable. Its own error becomes the file's, with the place.
#[derive(Debug, Clone)]
pub(super) struct Text<T>(pub(super) T);

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(de::Error::custom)
    }
}

/// A rule's code or name, or a group such as `HF1`; it means at least one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector(String);

impl Selector {
    /// Whether a rule is meant.
    pub fn means(&self, rule: &Rule) -> bool {
        rule.is(&self.0)
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Selector {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if rules::select(text).is_empty() {
            return Err(rules::unknown(text));
        }
        Ok(Self(text.to_owned()))
    }
}

/// When the prompt speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warn {
    /// Once per change of findings.
    Change,
    /// At every prompt.
    Always,
    /// Never.
    Never,
}

impl Warn {
    const ALL: [Self; 3] = [Self::Change, Self::Always, Self::Never];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

impl FromStr for Warn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|w| w.word() == text).ok_or_else(|| {
            let hint = did_you_mean(text, Self::ALL.iter().map(|w| w.word()));
            format!("'{text}' is none of change, always, never{hint}")
        })
    }
}

/// A length of time: a whole number and `ms`, `s`, `m`, `h`, `d` or `w`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(Duration);

impl Period {
    /// The units, the largest first, in milliseconds.
    const UNITS: [(&'static str, u64); 6] =
        [("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

    /// A hundred years, in milliseconds: more than anybody means, and small enough to do sums with.
    const LIMIT: u64 = 100 * 365 * 86_400_000;

    /// Seconds.
    pub const fn seconds(n: u64) -> Self {
        Self(Duration::from_secs(n))
    }

    /// Hours.
    pub const fn hours(n: u64) -> Self {
        Self::seconds(n * 3600)
    }

    /// Days.
    pub const fn days(n: u64) -> Self {
        Self::hours(n * 24)
    }

    /// The length.
    pub fn duration(self) -> Duration {
        self.0
    }
}

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = text.split_at(digits);
        let unit = Self::UNITS.iter().find(|(name, _)| *name == unit).map(|(_, ms)| *ms);
        number
            .parse::<u64>()
            .ok()
            .zip(unit)
            .and_then(|(n, ms)| n.checked_mul(ms))
            .filter(|ms| *ms <= Self::LIMIT)
            .map(|ms| Self(Duration::from_millis(ms)))
            .ok_or_else(|| format!("'{text}' is no length of time: a number and ms, s, m, h, d or w, as '24h'"))
    }
}

impl fmt::Display for Period {
    /// In hours up to two days, since that is how people write it; else in the largest unit that divides it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        let (name, unit) = Self::UNITS
            .into_iter()
            .find(|(name, unit)| ms.is_multiple_of(*unit) && ms > 0 && *name != "w" && !(*name == "d" && ms < 2 * unit))
            .unwrap_or(("s", 1000));
        write!(f, "{}{name}", ms / unit)
    }
}

/// A host, perhaps with a port; in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host(String);

impl Host {
    /// As it is compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let harmless = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
        if text.is_empty() || !text.chars().all(harmless) || !text.contains(char::is_alphanumeric) {
            return Err("an endpoint is a host such as 'hub.example.com', without scheme and path".to_owned());
        }
        Ok(Self(text.to_lowercase()))
    }
}

/// Why a finding is accepted: something is written.
#[derive(Debug, Clone)]
pub(super) struct Reason(pub(super) String);

impl FromStr for Reason {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        if text.trim().is_empty() { Err("a reason says why this is accepted") } else { Ok(Self(text.to_owned())) }
    }
}

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The first second after the day, in UTC, since 1970.
    pub fn end(self) -> i64 {
        // Days from civil: http://howardhinnant.github.io/date_algorithms.html#days_from_civil
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let month = (i64::from(self.month) + 9) % 12;
        let of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
        (days + 1) * 86_400
    }

    /// The day of a moment, in UTC: a static program cannot tell where the person's day begins.
    pub fn of(seconds: i64) -> Self {
        // Civil from days: http://howardhinnant.github.io/date_algorithms.html#civil_from_days
        let days = seconds.div_euclid(86_400) + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year + era * 400 + i64::from(month <= 2);
        // Moments beyond the years that can be written down are of no use to anybody.
        let year = u16::try_from(year.clamp(0, 9999)).unwrap_or(9999);
        Self { year, month: u8::try_from(month).unwrap_or(1), day: u8::try_from(day).unwrap_or(1) }
    }

    fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let last = match month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            1..=12 => 31,
            _ => return None,
        };
        (1..=last).contains(&day).then_some(Self { year, month, day })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |range: std::ops::Range<usize>| {
            text.get(range).filter(|d| d.bytes().all(|b| b.is_ascii_digit())).and_then(|d| d.parse::<u16>().ok())
        };
        let small = |range| number(range).and_then(|n| u8::try_from(n).ok());
        let shaped = text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
        shaped
            .then(|| Self::new(number(0..4)?, small(5..7)?, small(8..10)?))
            .flatten()
            .ok_or_else(|| format!("'{text}' is no date: year, month and day, as '2027-01-31'"))
    }
}

impl<'de> Deserialize<'de> for Date {
    /// A text, or TOML's own date.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Date;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date such as 2027-01-31")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Date, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_map<M: de::MapAccess<'de>>(self, map: M) -> Result<Date, M::Error> {
                let own = toml::value::Datetime::deserialize(de::value::MapAccessDeserializer::new(map))?;
                match own {
                    toml::value::Datetime { date: Some(d), time: None, offset: None } => {
                        Date::new(d.year, d.month, d.day)
                    }
                    _ => None,
                }
                .ok_or_else(|| de::Error::custom("expected a date without a time"))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
