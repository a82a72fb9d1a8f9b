//! `stored_tokens`, beside the token file: huggingface_hub 0.26 on.
//!
//! One section a login; it never decides which token is sent, the token file does. Source: `utils/_auth.py`
//! `get_stored_tokens` of 0.26.0, 1.19.0, 1.20.0 (no interpolation any more), 2.1.1 (UTF-8 always) and 2.4.0.

use std::path::{Path, PathBuf};

use super::State;
use super::configparser::{self, Config, FaultKind, Section};
use crate::clients::python_number;
use crate::clients::version::Version;
use crate::finding::Location;
use crate::secret::Token;
use crate::system::path::absolute;
use crate::system::python_text::Text;
use crate::system::{Content, ReadError};

/// The first release with the file.
const FIRST: Version = Version::first_of(0, 26, 0);
/// The first release that takes values literally, misses no `hf_token`, and renews.
const LITERAL: Version = Version::first_of(1, 20, 0);
/// The first release that reads UTF-8 whatever the locale.
const ALWAYS_UTF8: Version = Version::first_of(2, 1, 1);

/// The file, as one release reads it.
#[derive(Debug)]
pub struct StoredTokens {
    /// The file, absolute.
    pub path: PathBuf,
    /// In the order of the file.
    pub tokens: Vec<Stored>,
    /// Why the release reads nothing from it.
    pub fault: Option<Fault>,
}

/// One section.
#[derive(Debug)]
pub struct Stored {
    /// The section's name.
    pub name: String,
    /// `hf_token`, as the release reads it; empty where there is none (1.20 on).
    pub token: Token,
    /// Whether it holds a `refresh_token`, with which 1.20 on renews it; older releases leave it alone.
    pub refreshable: bool,
    /// `expires_at`, seconds since 1970.
    pub expires_at: Option<i64>,
    /// The line of its `hf_token`, from 1; of the section's header where there is none.
    pub line: u32,
}

/// Why a file is read as empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It cannot be read.
    Unreadable(ReadError),
    /// It is not UTF-8. Before 2.1.1 that is raised (as UnicodeDecodeError), not passed over.
    NotUtf8,
    /// It does not parse; the line, and what is wrong in a few words.
    Syntax(u32, &'static str),
}

impl StoredTokens {
    /// Where a section's token stands.
    pub fn location(&self, stored: &Stored) -> Location {
        Location::line(&self.path, stored.line)
    }

    /// Where the fault is.
    pub fn fault_location(&self) -> Location {
        match self.fault {
            Some(Fault::Syntax(line, _)) => Location::line(&self.path, line),
            _ => Location::file(&self.path),
        }
    }

    /// The sections that hold a token: those that `hf auth list` marks with a star where the token is the one sent.
    pub fn active<'a>(&'a self, token: &'a Token) -> impl Iterator<Item = &'a Stored> {
        self.tokens.iter().filter(move |s| s.token == *token)
    }

    /// The name of the first section that holds a token, to call the token by.
    pub fn name_of(&self, token: &Token) -> Option<&str> {
        self.tokens.iter().find(|s| s.token == *token).map(|s| s.name.as_str())
    }
}

impl Stored {
    /// Whether it comes from a login in the browser (1.20 on), which ends by itself and is renewed.
    /// A section that an older release rewrote has lost its other keys, but not its name.
    pub fn is_oauth(&self) -> bool {
        self.name.starts_with("oauth-") || self.token.bytes().starts_with(b"hf_oauth_")
    }
}

/// Reads the file at a path as a release reads it; `None` where there is no file, or where the release reads none.
pub fn read(state: &State<'_>, path: &Path, release: Version) -> Option<StoredTokens> {
    if release < FIRST {
        return None;
    }
    let read = match &*state.credential(path) {
        Ok(content) => tokens(state, content, release),
        Err(ReadError::NotFound | ReadError::NotDir | ReadError::Loop) => return None,
        Err(e) => Err(Fault::Unreadable(*e)),
    };
    let path = absolute(state.system, path);
    Some(match read {
        Ok(tokens) => StoredTokens { path, tokens, fault: None },
        Err(fault) => StoredTokens { path, tokens: Vec::new(), fault: Some(fault) },
    })
}

fn tokens(state: &State<'_>, content: &Content, release: Version) -> Result<Vec<Stored>, Fault> {
    let text = if release < ALWAYS_UTF8 {
        Text::python(state.system, &content.bytes, content.truncated)
    } else {
        Text::utf8(&content.bytes, content.truncated)
    };
    let config = Config::parse(&text).map_err(fault)?;
    config.sections.iter().map(|section| stored(&config, section, release)).collect()
}

fn stored(config: &Config, section: &Section, release: Version) -> Result<Stored, Fault> {
    let field = config.get(section, "hf_token");
    let value = if release < LITERAL {
        let value = config.interpolated(section, "hf_token").map_err(fault)?;
        Some(value.ok_or(Fault::Syntax(section.line, "a section without hf_token"))?)
    } else {
        field.map(|f| f.value.clone())
    };
    Ok(Stored {
        name: section.name.clone(),
        token: Token::new(value.map_or_else(Vec::new, |v| v.as_bytes().to_vec())),
        refreshable: config.get(section, "refresh_token").is_some(),
        expires_at: config.get(section, "expires_at").and_then(|f| python_number::parse(&f.value)),
        line: field.map_or(section.line, |f| f.line),
    })
}

fn fault(fault: configparser::Fault) -> Fault {
    match fault.kind {
        FaultKind::NotUtf8 => Fault::NotUtf8,
        kind => Fault::Syntax(fault.line, kind.words()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::Fake;

    const PATH: &str = "/home/u/.cache/huggingface/stored_tokens";

    fn token(letter: &str) -> String {
        format!("hf_{}", letter.repeat(34))
    }

    fn at(content: impl AsRef<[u8]>, release: (u32, u32, u32)) -> StoredTokens {
        let fake = Fake::home().file(PATH, content);
        let (major, minor, patch) = release;
        read(&State::new(&fake), Path::new(PATH), Version::new(major, minor, patch)).unwrap()
    }

    #[test]
    fn sections_with_their_renewal() {
        let text = format!(
            "[work]\nhf_token = {}\n\n[oauth-me]\nHF_Token : {}\nrefresh_token = r\nexpires_at = 1797891531\n",
            token("a"),
            token("b")
        );
        let stored = at(&text, (2, 4, 0));
        assert_eq!(stored.fault, None);
        let [work, me] = stored.tokens.as_slice() else { panic!("{stored:?}") };
        assert_eq!((work.name.as_str(), work.line, work.refreshable, work.expires_at), ("work", 2, false, None));
        assert_eq!((me.line, me.refreshable, me.expires_at), (5, true, Some(1_797_891_531)));
        assert!(me.is_oauth() && !work.is_oauth());
        assert_eq!(stored.name_of(&Token::new(token("b").into_bytes())), Some("oauth-me"));
        assert_eq!(stored.active(&Token::new(token("c").into_bytes())).count(), 0);
        assert_eq!(stored.location(me), Location::line(PATH, 5));
    }

    #[test]
    fn a_percent_empties_the_file_up_to_1_19() {
        let text = "[s]\nhf_token = a%b\n[t]\nhf_token = c\n";
        assert_eq!(at(text, (1, 19, 0)).fault, Some(Fault::Syntax(2, "a `%` in a value")));
        assert_eq!(at(text, (1, 19, 0)).tokens.len(), 0);
        assert_eq!(at(text, (1, 20, 0)).tokens[0].token.bytes(), b"a%b");
    }

    #[test]
    fn a_section_without_token_empties_the_file_up_to_1_19() {
        let text = "[s]\nx = y\n[t]\nhf_token = c\n";
        assert_eq!(at(text, (0, 36, 2)).fault, Some(Fault::Syntax(1, "a section without hf_token")));
        let new = at(text, (2, 4, 0));
        assert_eq!((new.tokens.len(), new.tokens[0].token.is_blank(), new.tokens[0].line), (2, true, 1));
    }

    #[test]
    fn defaults_are_inherited_and_not_listed() {
        let stored = at("[DEFAULT]\nhf_token = d\nexpires_at = soon\n[s]\n", (2, 4, 0));
        assert_eq!((stored.tokens.len(), stored.tokens[0].line, stored.tokens[0].expires_at), (1, 2, None));
        assert_eq!(stored.tokens[0].token.bytes(), b"d");
    }

    #[test]
    fn what_no_release_reads() {
        assert_eq!(at(b"[s]\nhf_token = \xff\n", (2, 4, 0)).fault, Some(Fault::NotUtf8));
        let twice = at("[s]\nhf_token=a\n[s]\nhf_token=b\n", (2, 4, 0));
        assert_eq!(twice.fault_location(), Location::line(PATH, 3));
        let hidden = Fake::home().mode(PATH, "[s]", 0);
        let read_at = |fake: &Fake, path: &str, v| read(&State::new(fake), Path::new(path), v);
        let new = Version::new(2, 4, 0);
        assert_eq!(read_at(&hidden, PATH, new).unwrap().fault, Some(Fault::Unreadable(ReadError::Denied)));
        assert_eq!(read_at(&hidden, "/home/u/.cache", new).unwrap().fault, Some(Fault::Unreadable(ReadError::IsDir)));
        assert!(read_at(&hidden, "/nowhere", new).is_none());
        assert!(read_at(&hidden, PATH, Version::new(0, 25, 2)).is_none());
    }
}
