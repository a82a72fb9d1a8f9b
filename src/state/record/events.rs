//! `log.jsonl`: what happened to the tokens here, one event a line, the oldest first.
//!
//! Written whole and renamed, under the lock of the record, so that a kill leaves the old file or the new one. Appending
//! would save the writing of some kilobytes in the rare run that has news, and would need a repair of torn lines; lines
//! that are torn all the same (a full disk, another program) are passed over, and the others count.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::key::{self, Fault, hash, path};
use crate::finding::Location;
use crate::output::sanitize::json_path;
use crate::secret::{Token, mask_text};
use crate::system::{Kind, Own, ReadError, System, TEXT_LIMIT};

/// Most bytes of the file; half of it is kept where more would come.
const MOST: usize = 256 * 1024;
/// Most bytes of what is kept of older events: when each token was first seen.
const MOST_OLD: usize = MOST / 4;
/// Most characters of a text that a person or the hub chose.
const LONGEST: usize = 200;
/// How many hexadecimal digits of the hash name a token.
const DIGITS: usize = 16;
/// How long a command that only looks waits for another one that writes.
const PATIENCE: Duration = Duration::from_millis(200);

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When, in seconds since 1970.
    pub at: i64,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What happened; tokens by their keyed hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum What {
    /// A token stands where it was not known to stand.
    Seen {
        /// Which.
        token: String,
        /// Where.
        place: Place,
    },
    /// A file holds another token than it did.
    Replaced {
        /// The one that it holds now.
        token: String,
        /// The one before.
        before: String,
        /// Where.
        place: Place,
    },
    /// The hub took a token, when `hflint verify` had it asked.
    Verified {
        /// Which.
        token: String,
        /// Who was asked.
        endpoint: String,
        /// Whose it is.
        user: Option<String>,
    },
    /// The hub refused it.
    Rejected {
        /// Which.
        token: String,
        /// Who was asked.
        endpoint: String,
    },
    /// `hflint fix` changed something.
    Fixed {
        /// The number under which it can be undone.
        fix: u64,
        /// What was typed after `hflint`, in short.
        command: String,
        /// The rules that it was for.
        rules: Vec<String>,
    },
    /// `hflint undo` took it back.
    Undone {
        /// The number of the fix.
        fix: u64,
    },
}

/// Where a token stands. Not the line, which an edit elsewhere in the file moves.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Place {
    /// A variable of the environment.
    Variable {
        /// Its name.
        name: String,
    },
    /// A file.
    File {
        /// Absolute; `\xNN` for what is not UTF-8, tokens masked.
        path: String,
        /// What the token is called in the file, where it holds several.
        name: Option<String>,
    },
}

impl Place {
    /// The place at a location; `None` where no token is kept.
    pub fn of(at: &Location, name: Option<&str>) -> Option<Self> {
        match at {
            Location::Variable { name } => Some(Self::Variable { name: short(name) }),
            Location::File { path, .. } => Some(Self::File { path: json_path(path), name: name.map(short) }),
            _ => None,
        }
    }
}

/// Gives a token its name in the record.
pub type Names<'n> = &'n dyn Fn(&Token) -> String;

/// A token, and where it stands now.
#[derive(Debug, Clone)]
pub struct Sighting {
    /// The token.
    pub token: Token,
    /// Where.
    pub place: Place,
}

/// The record, as it was read.
#[derive(Debug, Default)]
pub struct Record {
    key: Option<Vec<u8>>,
    lines: Vec<Line>,
}

/// One line; what a later release wrote is kept although it is not understood.
#[derive(Debug)]
struct Line {
    text: String,
    event: Option<Event>,
}

/// Reads the record; an empty one where there is none.
pub fn load(system: &dyn System) -> Result<Record, (PathBuf, ReadError)> {
    let path = path(system, "log.jsonl").ok_or_else(key::nowhere)?;
    let bytes = match system.read(&path, TEXT_LIMIT) {
        Ok(content) => content.bytes,
        Err(ReadError::NotFound | ReadError::NotDir) => return Ok(Record::default()),
        Err(why) => return Err((path, why)),
    };
    let key = key::read(system)?;
    let lines = bytes.split(|b| *b == b'\n').filter_map(|line| {
        let text = std::str::from_utf8(line).ok()?;
        let value: serde_json::Value = serde_json::from_str(text).ok().filter(serde_json::Value::is_object)?;
        Some(Line { text: text.to_owned(), event: serde_json::from_value(value).ok() })
    });
    Ok(Record { key, lines: lines.collect() })
}

impl Record {
    /// The events, the oldest first.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.lines.iter().filter_map(|line| line.event.as_ref())
    }

    /// The name of a token in the record; `None` where the record is new and knows none.
    pub fn id(&self, token: &Token) -> Option<String> {
        self.key.as_ref().map(|key| id(key, token))
    }

    /// When a token was first met, in seconds since 1970.
    pub fn first_seen(&self, token: &Token) -> Option<i64> {
        if self.lines.is_empty() {
            return None;
        }
        let id = self.id(token)?;
        self.events().filter(|e| e.what.token() == Some(&id)).map(|e| e.at).min()
    }

    /// What is not in the record yet of what stands here now.
    fn news(&self, key: &[u8], now: i64, sightings: &[Sighting]) -> Vec<Event> {
        let mut out: Vec<Event> = Vec::new();
        let mut places: Vec<(&Place, Vec<String>)> = Vec::new();
        for sighting in sightings.iter().filter(|s| s.token.is_shaped()) {
            let token = id(key, &sighting.token);
            match places.iter_mut().find(|(place, _)| *place == &sighting.place) {
                Some((_, tokens)) if tokens.contains(&token) => {}
                Some((_, tokens)) => tokens.push(token),
                None => places.push((&sighting.place, vec![token])),
            }
        }
        for (place, tokens) in places {
            let at_place = || self.events().filter(|e| e.what.place() == Some(place)).filter_map(|e| e.what.token());
            // A variable is another in each shell, and a file of several tokens is not written anew when one is read.
            let last = at_place().next_back().filter(|_| matches!(place, Place::File { .. }) && tokens.len() == 1);
            for token in tokens {
                let place = place.clone();
                let what = match last {
                    Some(before) if before != token => What::Replaced { token, before: before.to_owned(), place },
                    Some(_) => continue,
                    None if at_place().any(|known| known == token) => continue,
                    None => What::Seen { token, place },
                };
                out.push(Event { at: now, what });
            }
        }
        out
    }

    /// The text of the file with further events; within bounds.
    fn text(&self, news: &[Event]) -> String {
        let fresh = news.iter().filter_map(|event| {
            let text = serde_json::to_string(event).ok()?;
            Some((text, Some(event)))
        });
        let mut lines: Vec<(String, Option<&Event>)> =
            self.lines.iter().map(|line| (line.text.clone(), line.event.as_ref())).collect();
        lines.extend(fresh);
        let size = |lines: &[(String, Option<&Event>)]| lines.iter().map(|(text, _)| text.len() + 1).sum::<usize>();
        if size(&lines) > MOST {
            lines = cut(lines);
        }
        lines.into_iter().fold(String::new(), |out, (text, _)| out + &text + "\n")
    }
}

/// The newest events, and of what is older when each token was first met: that is what its age is told by.
fn cut(lines: Vec<(String, Option<&Event>)>) -> Vec<(String, Option<&Event>)> {
    let mut room = MOST / 2;
    let fits = |line: &&(String, Option<&Event>), room: &mut usize| {
        let left = room.checked_sub(line.0.len() + 1);
        *room = left.unwrap_or(0);
        left.is_some()
    };
    let recent = lines.iter().rev().take_while(|line| fits(line, &mut room)).count();
    let from = lines.len() - recent;
    let mut met: Vec<&str> = Vec::new();
    let mut first: Vec<usize> = Vec::new();
    for (index, (_, event)) in lines.iter().enumerate().take(from) {
        if let Some(token) = event.and_then(|e| e.what.token())
            && !met.contains(&token)
        {
            met.push(token);
            first.push(index);
        }
    }
    let mut room = MOST_OLD;
    let kept = first.iter().rev().take_while(|index| fits(&&lines[**index], &mut room)).count();
    let oldest = first[first.len() - kept..].to_vec();
    let keeps = |index: usize| index >= from || oldest.contains(&index);
    lines.into_iter().enumerate().filter(|(index, _)| keeps(*index)).map(|(_, line)| line).collect()
}

impl What {
    /// The token that it is about.
    pub fn token(&self) -> Option<&str> {
        match self {
            Self::Seen { token, .. }
            | Self::Replaced { token, .. }
            | Self::Verified { token, .. }
            | Self::Rejected { token, .. } => Some(token),
            Self::Fixed { .. } | Self::Undone { .. } => None,
        }
    }

    /// Where.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Seen { place, .. } | Self::Replaced { place, .. } => Some(place),
            _ => None,
        }
    }

    /// What the hub said of a token.
    pub fn answer(named: Names<'_>, token: &Token, endpoint: &str, said: (bool, Option<&str>)) -> Self {
        let (token, endpoint) = (named(token), short(endpoint));
        match said {
            (true, user) => Self::Verified { token, endpoint, user: user.map(short) },
            (false, _) => Self::Rejected { token, endpoint },
        }
    }

    /// A fix; its command and its rules.
    pub fn fixed<'r>(fix: u64, command: &str, rules: impl Iterator<Item = &'r str>) -> Self {
        let mut rules: Vec<String> = rules.map(short).collect();
        rules.sort_unstable();
        rules.dedup();
        Self::Fixed { fix, command: short(command), rules }
    }
}

/// Writes down what stands here now, where that is news. A failure is nobody's business: whoever only looks is answered
/// all the same, also where the directory cannot be written or another process is at it.
pub fn observe(system: &dyn System, sightings: &[Sighting]) {
    if !sightings.iter().any(|s| s.token.is_shaped()) || !is_own(system) {
        return;
    }
    let Ok(record) = load(system) else { return };
    if let Some(key) = &record.key
        && record.news(key, system.now(), sightings).is_empty()
    {
        return;
    }
    let _ = write(system, Some(PATIENCE), &|record, key| record.news(key, system.now(), sightings));
}

/// Writes events down, all at once.
pub fn note(system: &dyn System, what: &dyn Fn(Names<'_>) -> Vec<What>) -> Result<(), (PathBuf, ReadError)> {
    if !is_own(system) {
        return Ok(());
    }
    let now = system.now();
    write(system, None, &|_, key| {
        let named = |token: &Token| id(key, token);
        what(&named).into_iter().map(|what| Event { at: now, what }).collect()
    })
}

/// Reads, adds and writes, in turn with others.
fn write(
    system: &dyn System,
    patience: Option<Duration>,
    news: &dyn Fn(&Record, &[u8]) -> Vec<Event>,
) -> Result<(), Fault> {
    let path = path(system, "log.jsonl").ok_or_else(key::nowhere)?;
    let denied = |_| (path.clone(), ReadError::Denied);
    let lock = path.with_file_name("lock");
    let turn = match patience {
        Some(limit) => system.lock_within(&lock, limit).map_err(denied)?,
        None => Some(system.lock(&lock).map_err(denied)?),
    };
    if turn.is_none() {
        return Ok(());
    }
    let key = key::read_or_make(system)?;
    let record = load(system)?;
    let news = news(&record, &key);
    if news.is_empty() {
        return Ok(());
    }
    sweep(system, &path);
    system.store(&path, record.text(&news).as_bytes(), None).map_err(|why| (path, why))
}

/// Takes away what a kill left of an earlier write.
fn sweep(system: &dyn System, path: &std::path::Path) {
    let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else { return };
    let temporary = [name.as_encoded_bytes(), b"."].concat();
    for other in system.list(dir).unwrap_or_default() {
        if other.as_encoded_bytes().starts_with(&temporary) {
            let _ = system.remove(&dir.join(other));
        }
    }
}

/// Whether the place of the record is this user's: with `sudo`, which keeps HOME, it is not, and what root wrote there the
/// person could not write any more. Nor is a home directory made that is not there.
fn is_own(system: &dyn System) -> bool {
    let Some(dir) = system.own_dir(Own::State) else { return false };
    let home = system.var("HOME").map(PathBuf::from);
    let nearest = [Some(dir.as_path()), dir.parent(), home.as_deref()];
    let stat = nearest.into_iter().flatten().find_map(|dir| system.stat(dir).ok());
    stat.is_some_and(|s| s.kind == Kind::Dir && s.uid == system.uid())
}

fn id(key: &[u8], token: &Token) -> String {
    let mut hash = hash(key, token);
    hash.truncate(DIGITS);
    hash
}

/// A text of bounded length in which no token stands.
fn short(text: &str) -> String {
    mask_text(text).chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::token;
    use crate::system::fake::Fake;

    const LOG: &str = "/home/u/.local/state/hflint/record/log.jsonl";

    fn sighting(letter: char, place: Place) -> Sighting {
        Sighting { token: Token::new(token(letter).into_bytes()), place }
    }

    fn file(path: &str) -> Place {
        Place::File { path: path.to_owned(), name: None }
    }

    fn variable() -> Place {
        Place::Variable { name: "HF_TOKEN".to_owned() }
    }

    /// The words of what is news, written down, one look after the other.
    fn looks(record: &mut Record, looks: &[&[Sighting]]) -> Vec<&'static str> {
        let mut out = Vec::new();
        for (now, look) in (0..).zip(looks) {
            for event in record.news(b"key", now, look) {
                out.push(match event.what {
                    What::Seen { .. } => "seen",
                    What::Replaced { .. } => "replaced",
                    _ => "other",
                });
                record.lines.push(Line { text: serde_json::to_string(&event).unwrap(), event: Some(event) });
            }
        }
        out
    }

    #[test]
    fn once_in_each_place_and_replaced_in_files_alone() {
        let [a, b] = [[sighting('A', file("/t"))], [sighting('B', file("/t"))]];
        let twice = [a[0].clone(), a[0].clone()];
        let mut record = Record { key: Some(b"key".to_vec()), lines: Vec::new() };
        let all = looks(&mut record, &[&a, &twice, &b, &a, &[]]);
        assert_eq!(all, ["seen", "replaced", "replaced"]);
        assert_eq!((record.first_seen(&a[0].token), record.first_seen(&b[0].token)), (Some(0), Some(2)));
        // A variable is another in the next shell.
        let [c, d] = [[sighting('C', variable())], [sighting('D', variable())]];
        assert_eq!(looks(&mut record, &[&c, &d, &c, &d]), ["seen", "seen"]);
        // A file of several.
        let two = [sighting('E', file("/s")), sighting('F', file("/s"))];
        assert_eq!(looks(&mut record, &[&two, &two, &two]), ["seen", "seen"]);
        let none = Sighting { token: Token::new(b"changeme".to_vec()), place: variable() };
        assert!(looks(&mut record, &[&[none]]).is_empty());
    }

    #[test]
    fn torn_and_foreign_lines() {
        let event = Event { at: 5, what: What::Undone { fix: 3 } };
        let good = serde_json::to_string(&event).unwrap();
        let text =
            format!("{good}\nnonsense\n{{\"at\":1,\"event\":\"later\"}}\n\u{0}\n[1]\n{good}\n{{\"at\":1800000000,\"ev");
        let record = load(&Fake::home().file(LOG, &text)).unwrap();
        assert_eq!(record.events().count(), 2);
        // What a later release wrote stays.
        assert_eq!(record.text(&[]), format!("{good}\n{{\"at\":1,\"event\":\"later\"}}\n{good}\n"));
        assert_eq!(load(&Fake::home()).unwrap().events().count(), 0);
    }

    #[test]
    fn within_bounds_and_the_age_of_a_token_stays() {
        let mut record = Record { key: Some(b"key".to_vec()), lines: Vec::new() };
        let [first] = &[sighting('A', variable())];
        looks(&mut record, &[std::slice::from_ref(first)]);
        let path = format!("/{}", "p".repeat(900));
        for n in 0..500_u32 {
            let place = file(&format!("{path}{n}"));
            let event = Event { at: 7, what: What::Seen { token: id(b"key", &first.token), place } };
            let text = record.text(&[event]);
            assert!(text.len() <= MOST, "{}", text.len());
            record = load(&Fake::home().file(LOG, &text)).unwrap();
            record.key = Some(b"key".to_vec());
        }
        assert_eq!(record.first_seen(&first.token), Some(0));
        assert!(record.events().count() > 100);
    }

    #[test]
    fn no_secret_in_an_event() {
        let secret = token('A');
        let at = Location::file(format!("/home/u/{secret}/token"));
        let place = Place::of(&at, Some(&secret)).unwrap();
        let what = [
            What::Seen { token: id(b"key", &Token::new(secret.clone().into_bytes())), place },
            What::fixed(1, &format!("fix {secret}"), std::iter::empty()),
        ];
        assert!(!serde_json::to_string(&what).unwrap().contains(&secret));
    }
}
