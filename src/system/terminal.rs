//! A line from the terminal that is not shown.
//!
//! Not rpassword: with it Ctrl-C ends the process before the terminal is put back, and the shell that comes after types
//! blind. Here the terminal hands over every key as it is, Ctrl-C among them, so that there is one way out.
#![allow(clippy::disallowed_methods, reason = "this is the door itself")]

use std::io::{Result, Stdin};

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

/// More than any token; what comes after is dropped.
const LIMIT: usize = super::CREDENTIAL_LIMIT;

/// Puts the terminal back.
struct Restored<'s> {
    terminal: &'s Stdin,
    as_it_was: Termios,
}

impl Drop for Restored<'_> {
    fn drop(&mut self) {
        // What was pasted beyond the line is thrown away: it would be the shell's next command, and in its history.
        let _ = tcsetattr(self.terminal, OptionalActions::Flush, &self.as_it_was);
    }
}

/// The line, or `None` where the person gave up. `prompt` is called when nothing that is typed shows any more.
pub(super) fn hidden(prompt: &mut dyn FnMut() -> Result<()>) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let terminal = std::io::stdin();
    let as_it_was = tcgetattr(&terminal)?;
    let mut quiet = as_it_was.clone();
    quiet.local_modes -=
        LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG | LocalModes::IEXTEN;
    quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
    quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
    let restored = Restored { terminal: &terminal, as_it_was };
    tcsetattr(&terminal, OptionalActions::Drain, &quiet)?;
    prompt()?;
    let line = keys(|| {
        let mut byte = [0; 1];
        // Byte by byte and not through `Stdin`, whose buffer would take what is meant for the next question.
        loop {
            match rustix::io::read(&terminal, &mut byte) {
                Ok(0) => return Ok(None),
                Ok(_) => return Ok(Some(byte[0])),
                Err(rustix::io::Errno::INTR) => {}
                Err(why) => return Err(why.into()),
            }
        }
    });
    drop(restored);
    line
}

/// What the keys come to.
fn keys(mut next: impl FnMut() -> Result<Option<u8>>) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let mut line = Zeroizing::new(Vec::with_capacity(256));
    while let Some(key) = next()? {
        match key {
            // Ctrl-C, Ctrl-\; Ctrl-D ends the input, or sends a line.
            0x03 | 0x1c => return Ok(None),
            0x04 if line.is_empty() => return Ok(None),
            b'\r' | b'\n' | 0x04 => return Ok(Some(line)),
            // Backspace, as either kind of terminal sends it.
            0x08 | 0x7f => drop(line.pop()),
            // Ctrl-U, Ctrl-W.
            0x15 | 0x17 => line.clear(),
            // Arrows, and the marks round what is pasted: `ESC [ … letter`.
            0x1b if next()? == Some(b'[') => while next()?.is_some_and(|b| !(0x40..=0x7e).contains(&b)) {},
            0x00..=0x1f => {}
            _ if line.len() < LIMIT => line.push(key),
            _ => {}
        }
    }
    Ok((!line.is_empty()).then_some(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Option<String> {
        let mut bytes = text.bytes();
        keys(|| Ok(bytes.next())).unwrap().map(|line| String::from_utf8(line.to_vec()).unwrap())
    }

    #[test]
    fn what_is_typed() {
        for (text, want) in [
            ("abc\n", Some("abc")),
            ("abc\r", Some("abc")),
            ("abx\x7fc\n", Some("abc")),
            ("xyz\x15abc\n", Some("abc")),
            ("\x1b[200~abc\x1b[201~\n", Some("abc")),
            ("a\x1b[Dbc\t\n", Some("abc")),
            ("abc\x04", Some("abc")),
            ("abc", Some("abc")),
            ("\n", Some("")),
            ("\x04", None),
            ("abc\x03", None),
            ("", None),
        ] {
            assert_eq!(typed(text).as_deref(), want, "{text:?}");
        }
    }
}
