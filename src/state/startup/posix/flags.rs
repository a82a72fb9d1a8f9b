//! zsh: `${(f)…}` and its like, which take a text apart or join the elements of an array.
//!
//! Source: zsh 5.9, zshexpn(1) "Rules", and run.

use super::expand::{Field, Part};
use super::run::Run;
use super::syntax::Word;

/// `f`, `F`, `s`, `j`, `U`, `L`, `@` and `p` of a reference's flags.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Flags {
    /// At what a text is taken apart.
    split: Option<Vec<u8>>,
    /// What stands between elements that are joined.
    join: Option<Vec<u8>>,
    upper: Option<bool>,
    /// `@`: elements stay apart in double quotes, and empty ones stay.
    keep: bool,
}

/// `${(FLAGS)SUBJECT}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flagged {
    pub(super) flags: Flags,
    pub(super) subject: Word,
    /// Where the subject is a text in quotes of its own.
    pub(super) is_text: bool,
    pub(super) quoted: bool,
}

impl Flags {
    /// The flags in parentheses and their length; `None` where there are others.
    pub(super) fn read(text: &[u8]) -> Option<(Self, usize)> {
        let mut rest = text.strip_prefix(b"(")?;
        let mut flags = Self::default();
        let mut prints = false;
        loop {
            match rest {
                [b')', after @ ..] => return Some((flags, text.len() - after.len())),
                [b'f', after @ ..] => (flags.split, rest) = (Some(b"\n".to_vec()), after),
                [b'F', after @ ..] => (flags.join, rest) = (Some(b"\n".to_vec()), after),
                [b'@', after @ ..] => (flags.keep, rest) = (true, after),
                [b'p', after @ ..] => (prints, rest) = (true, after),
                [case @ (b'U' | b'L'), after @ ..] => (flags.upper, rest) = (Some(*case == b'U'), after),
                [flag @ (b's' | b'j'), open, after @ ..] => {
                    let close = match open {
                        b'(' => b')',
                        b'[' => b']',
                        b'{' => b'}',
                        b'<' => b'>',
                        other => *other,
                    };
                    let length = after.iter().position(|b| *b == close)?;
                    let between = if prints { printed(&after[..length])? } else { after[..length].to_vec() };
                    rest = &after[length + 1..];
                    match flag {
                        // Into characters.
                        b's' if between.is_empty() => return None,
                        b's' => flags.split = Some(between),
                        _ => flags.join = Some(between),
                    }
                }
                _ => return None,
            }
        }
    }
}

/// `\n` and `\t` behind the flag `p`.
fn printed(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let byte;
        (byte, rest) = match (first, after) {
            (b'\\', [b'n', after @ ..]) => (b'\n', after),
            (b'\\', [b't', after @ ..]) => (b'\t', after),
            // Escapes that are rarer, and the variable that holds it.
            (b'\\' | b'$', _) => return None,
            _ => (*first, after),
        };
        out.push(byte);
    }
    Some(out)
}

/// What a subject is before its flags.
enum Subject {
    Text(Vec<u8>),
    List(Vec<Vec<u8>>),
}

impl Run<'_> {
    pub(super) fn flagged(&mut self, flagged: &Flagged) -> Part {
        self.flags_of(flagged).unwrap_or(Part::Unknown)
    }

    fn flags_of(&mut self, flagged: &Flagged) -> Option<Part> {
        let Flagged { flags, quoted, .. } = flagged;
        let (quoted, keep) = (*quoted, flags.keep);
        let mut subject = self.what_flags_change(flagged)?;
        let joins = flags.join.is_some() || flags.split.is_some() || quoted && !keep;
        if let Subject::List(all) = &subject
            && joins
        {
            let between = match &flags.join {
                Some(between) => between.clone(),
                None => self.separators()?.first().map(|b| vec![*b])?,
            };
            subject = Subject::Text(all.join(&between[..]));
        }
        let cased = |mut text: Vec<u8>| match flags.upper {
            Some(_) if !text.is_ascii() => None,
            Some(true) => {
                text.make_ascii_uppercase();
                Some(text)
            }
            Some(false) => {
                text.make_ascii_lowercase();
                Some(text)
            }
            None => Some(text),
        };
        let list = match (subject, &flags.split) {
            (Subject::Text(text), Some(at)) if !text.is_empty() => split(&cased(text)?, at),
            // In quotes an empty text is an empty argument, or none.
            (Subject::Text(_), Some(_)) if quoted => return None,
            (Subject::Text(text), _) => {
                return Some(Part::Known { bytes: cased(text)?, quoted, split: false, given: true });
            }
            (Subject::List(all), _) => all.into_iter().map(cased).collect::<Option<_>>()?,
        };
        let (empty, mut list): (Vec<_>, Vec<_>) =
            if keep && quoted { (Vec::new(), list) } else { list.into_iter().partition(Vec::is_empty) };
        // In quotes some of the empty ones stay.
        if quoted && !empty.is_empty() {
            return None;
        }
        Some(Part::Fields(list.drain(..).map(Field::Known).collect()))
    }

    fn what_flags_change(&mut self, flagged: &Flagged) -> Option<Subject> {
        if flagged.is_text {
            return Some(Subject::Text(self.whole(&flagged.subject, false).bytes()?.to_vec()));
        }
        match self.parts(&flagged.subject, false).pop()? {
            Part::Known { bytes, .. } => Some(Subject::Text(bytes)),
            Part::Fields(fields) => {
                Some(Subject::List(fields.iter().map(|f| Some(f.bytes()?.to_vec())).collect::<Option<_>>()?))
            }
            Part::Unknown | Part::Process(..) => None,
        }
    }
}

fn split(text: &[u8], at: &[u8]) -> Vec<Vec<u8>> {
    let mut out = vec![Vec::new()];
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        if let Some(behind) = rest.strip_prefix(at) {
            out.push(Vec::new());
            rest = behind;
        } else {
            if let Some(last) = out.last_mut() {
                last.push(*first);
            }
            rest = after;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    fn next(text: &str) -> Value {
        let fake = Fake::home().file("/home/u/.zshrc", text).file("/home/u/.env", "HF_TOKEN=a\nHF_HOME=/x y\n");
        start(&fake, Shell::Zsh, Mode::Interactive, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN").value
    }

    /// Each as zsh 5.9 has it.
    #[test]
    fn texts_are_taken_apart_and_elements_joined() {
        for text in [
            "export ${(f)\"$(<~/.env)\"}\n",
            "export \"${(@f)$(<~/.env)}\"\n",
            "for l in ${(f)\"$(<~/.env)\"}; do export $l; done\n",
            "eval ${(f)\"$(sed 's/^/export /' ~/.env | head -1)\"}\n",
            "l=(${(f)\"$(<~/.env)\"})\nexport $l[1]\n",
            "x=HF_TOKEN:a\nf=(${(s.:.)x})\nexport ${(j:=:)f}\n",
            "x=hf_token\nexport ${(U)x}=a\n",
            "x='b::a'\nl=(${(s.:.)x})\nexport HF_TOKEN=$l[2]\n",
            "x='b::a'\nl=(\"${(@s.:.)x}\")\nexport HF_TOKEN=$l[3]\n",
            "l=(a b)\nexport HF_TOKEN=${(j:,:)l}\n[[ $HF_TOKEN == a,b ]] && HF_TOKEN=a\n",
            "x=$'b\\nc'\n[[ \"${(F)${(f)x}}\" == $x ]] && export HF_TOKEN=a\n",
        ] {
            assert_eq!(next(text), Value::of(b"a"), "{text}");
        }
        for text in [
            "x='b::a'\nl=(\"${(s.:.)x}\")\nexport HF_TOKEN=$l[2]\n",
            "l=(${(f)\"$(some-program)\"})\nexport $l\n",
            "l=\"$(<~/.env)\"\neval ${(z)l}\n",
            "eval ${(z)\"$(<~/.env)\"}\n",
        ] {
            assert_eq!(next(text), Value::Unknown, "{text}");
        }
    }
}
