//! What `sed` and `awk` print, as far as start-up files pick a value out of a file with them: substitutions, lines that are
//! left out or printed, fields. Of anything else nothing is said.
//!
//! Source: GNU sed 4.9 and mawk 1.3.4, run (`tests/startup/dotfiles.py`).

use super::expression::{Expression, expression};

/// Which lines.
enum Lines {
    All,
    Number(usize),
    Last,
    Matching(Expression),
    /// awk: of which this field is that text, or not.
    Field(usize, Vec<u8>, bool),
}

impl Lines {
    fn takes(&self, line: &[u8], number: usize, last: bool, fields: &dyn Fn(usize) -> Vec<u8>) -> bool {
        match self {
            Self::All => true,
            Self::Number(n) => *n == number,
            Self::Last => last,
            Self::Matching(expression) => expression.is_in(line),
            Self::Field(at, text, same) => (fields(*at) == *text) == *same,
        }
    }
}

/// What `sed` does with a line.
enum Edit {
    Substitute { what: Expression, with: Vec<Piece>, all: bool, prints: bool },
    Delete,
    Print,
    Quit,
}

enum Piece {
    Text(Vec<u8>),
    Group(usize),
}

/// How `sed` is called, and the files that it was given.
pub(super) struct Sed<'a> {
    silent: bool,
    edits: Vec<(Lines, bool, Edit)>,
    pub(super) paths: Vec<&'a [u8]>,
}

impl<'a> Sed<'a> {
    /// By its arguments.
    pub(super) fn of(arguments: &[&'a [u8]]) -> Option<Self> {
        let (mut silent, mut extended) = (false, false);
        let (mut scripts, mut words) = (Vec::new(), Vec::new());
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.strip_prefix(b"-") {
                Some([letters @ .., last]) if words.is_empty() || !scripts.is_empty() => {
                    for letter in letters.iter().chain([last]) {
                        match letter {
                            b'n' => silent = true,
                            b'E' | b'r' => extended = true,
                            b'e' if std::ptr::eq(letter, last) => scripts.push(*rest.next()?),
                            _ => return None,
                        }
                    }
                }
                _ => words.push(*argument),
            }
        }
        if scripts.is_empty() && !words.is_empty() {
            scripts.push(words.remove(0));
        }
        let mut edits = Vec::new();
        for script in scripts {
            let mut reader = Script { rest: script, extended };
            while reader.more() {
                edits.push(reader.edit()?);
            }
        }
        (!edits.is_empty()).then_some(Self { silent, edits, paths: words })
    }

    /// What it prints of a text.
    pub(super) fn print(&self, text: &[u8]) -> Vec<u8> {
        let lines: Vec<&[u8]> = text.split_inclusive(|b| *b == b'\n').collect();
        let mut out = Vec::new();
        for (i, whole) in lines.iter().enumerate() {
            let line = whole.strip_suffix(b"\n").unwrap_or(whole);
            let end = &whole[line.len()..];
            let mut line = line.to_vec();
            let (mut kept, mut goes_on) = (true, true);
            for (which, not, edit) in &self.edits {
                if which.takes(&line, i + 1, i + 1 == lines.len(), &|_| Vec::new()) == *not {
                    continue;
                }
                match edit {
                    Edit::Substitute { what, with, all, prints } => {
                        if let Some(new) = substituted(&line, what, with, *all) {
                            line = new;
                            if *prints {
                                out.extend([&line, end].concat());
                            }
                        }
                    }
                    Edit::Print => out.extend([&line, end].concat()),
                    Edit::Delete => kept = false,
                    Edit::Quit => goes_on = false,
                }
                if !kept || !goes_on {
                    break;
                }
            }
            if kept && !self.silent {
                out.extend([&line, end].concat());
            }
            if !goes_on {
                break;
            }
        }
        out
    }
}

/// A line with what is found replaced; `None` where nothing is.
fn substituted(line: &[u8], what: &Expression, with: &[Piece], all: bool) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut from, mut changed) = (0, false);
    // Where the one before ended: nothing empty is found there.
    let mut before = None;
    while from <= line.len() {
        let Some(found) = what.find(line, from) else { break };
        let whole = found[0].clone()?;
        out.extend_from_slice(&line[from..whole.start]);
        if !(whole.is_empty() && before == Some(whole.start)) {
            changed = true;
            for piece in with {
                match piece {
                    Piece::Text(text) => out.extend_from_slice(text),
                    Piece::Group(n) => {
                        let group = found.get(*n).cloned().flatten().unwrap_or(0..0);
                        out.extend_from_slice(&line[group]);
                    }
                }
            }
        }
        (from, before) = (whole.end, Some(whole.end));
        if whole.is_empty() {
            out.extend_from_slice(line.get(from..=from).unwrap_or_default());
            from += 1;
        }
        if !all {
            break;
        }
    }
    out.extend_from_slice(line.get(from..).unwrap_or_default());
    changed.then_some(out)
}

/// The script of `sed`.
struct Script<'s> {
    rest: &'s [u8],
    extended: bool,
}

impl Script<'_> {
    fn eat(&mut self, what: u8) -> bool {
        let found = self.rest.first() == Some(&what);
        self.rest = &self.rest[usize::from(found)..];
        found
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    fn more(&mut self) -> bool {
        while self.rest.first().is_some_and(|b| b.is_ascii_whitespace() || *b == b';') {
            self.rest = &self.rest[1..];
        }
        !self.rest.is_empty()
    }

    fn edit(&mut self) -> Option<(Lines, bool, Edit)> {
        let which = match self.rest.first()? {
            b'0'..=b'9' => Lines::Number(self.number()?),
            b'$' => {
                self.rest = &self.rest[1..];
                Lines::Last
            }
            b'/' => {
                self.rest = &self.rest[1..];
                Lines::Matching(self.expression(b'/')?)
            }
            _ => Lines::All,
        };
        self.blanks();
        let not = self.eat(b'!');
        self.blanks();
        let (&name, rest) = self.rest.split_first()?;
        self.rest = rest;
        let edit = match name {
            b'd' => Edit::Delete,
            b'p' => Edit::Print,
            b'q' => Edit::Quit,
            b's' => {
                let (&by, rest) = self.rest.split_first()?;
                self.rest = rest;
                let mut what = self.expression(by)?;
                let with = self.replacement(by)?;
                let (mut all, mut prints) = (false, false);
                loop {
                    match self.rest.first() {
                        Some(b'g') => all = true,
                        Some(b'p') => prints = true,
                        Some(b'I' | b'i') => what = what.in_any_case(),
                        _ => break,
                    }
                    self.rest = &self.rest[1..];
                }
                Edit::Substitute { what, with, all, prints }
            }
            _ => return None,
        };
        while self.rest.first().is_some_and(|b| matches!(b, b' ' | b'\t')) {
            self.rest = &self.rest[1..];
        }
        matches!(self.rest.first(), None | Some(b';' | b'\n')).then_some((which, not, edit))
    }

    fn number(&mut self) -> Option<usize> {
        let length = self.rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let number = std::str::from_utf8(&self.rest[..length]).ok()?.parse().ok();
        self.rest = &self.rest[length..];
        number
    }

    /// Up to the byte that ends it: its text, in which a backslash before that byte has gone.
    fn until(&mut self, by: u8) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut bytes = self.rest.iter().enumerate();
        while let Some((at, &b)) = bytes.next() {
            match b {
                b'\\' => {
                    let (_, &escaped) = bytes.next()?;
                    // Of what is an operator as well, nothing is said.
                    if escaped == by && by != b'/' && !by.is_ascii_alphanumeric() && b"|+?(){}.*^$[]".contains(&by) {
                        return None;
                    }
                    if escaped != by {
                        out.push(b'\\');
                    }
                    out.push(escaped);
                }
                _ if b == by => {
                    self.rest = &self.rest[at + 1..];
                    return Some(out);
                }
                b'\n' => return None,
                _ => out.push(b),
            }
        }
        None
    }

    fn expression(&mut self, by: u8) -> Option<Expression> {
        // What is empty is the one before.
        let text = self.until(by).filter(|text| !text.is_empty())?;
        expression(&text, self.extended)
    }

    fn replacement(&mut self, by: u8) -> Option<Vec<Piece>> {
        let mut out = Vec::new();
        let mut text = Vec::new();
        loop {
            let (&b, rest) = self.rest.split_first()?;
            self.rest = rest;
            let group = match b {
                _ if b == by => break,
                b'&' => 0,
                b'\\' => {
                    let (&escaped, rest) = self.rest.split_first()?;
                    self.rest = rest;
                    match escaped {
                        b'0'..=b'9' => usize::from(escaped - b'0'),
                        b'n' => {
                            text.push(b'\n');
                            continue;
                        }
                        b't' => {
                            text.push(b'\t');
                            continue;
                        }
                        _ if escaped.is_ascii_alphabetic() => return None,
                        _ => {
                            text.push(escaped);
                            continue;
                        }
                    }
                }
                _ => {
                    text.push(b);
                    continue;
                }
            };
            out.push(Piece::Text(std::mem::take(&mut text)));
            out.push(Piece::Group(group));
        }
        out.push(Piece::Text(text));
        Some(out)
    }
}

/// How the fields of a line are told apart.
enum By {
    Blanks,
    Byte(u8),
    Expression(Expression),
}

enum Print {
    Text(Vec<u8>),
    Field(usize),
    LastField,
    /// A comma.
    Between,
}

/// How `awk` is called, and the files that it was given.
pub(super) struct Awk<'a> {
    by: By,
    lines: Lines,
    prints: Vec<Print>,
    ends: bool,
    pub(super) paths: Vec<&'a [u8]>,
}

impl<'a> Awk<'a> {
    /// By its arguments: `[-F SEPARATOR] '[PATTERN] [{ print … }]' FILE…`
    pub(super) fn of(arguments: &[&'a [u8]]) -> Option<Self> {
        let (separator, rest) = match arguments {
            [b"-F", separator, rest @ ..] => (Some(*separator), rest),
            [option, rest @ ..] if option.starts_with(b"-F") => (Some(&option[2..]), rest),
            rest => (None, rest),
        };
        let by = match separator {
            None | Some(b" ") => By::Blanks,
            Some(b"\\t") => By::Byte(b'\t'),
            Some([byte]) if *byte != b'\\' && *byte != b't' => By::Byte(*byte),
            Some(text) => By::Expression(expression(text, true)?),
        };
        let (program, paths) = rest.split_first()?;
        if program.starts_with(b"-") {
            return None;
        }
        let program = program.trim_ascii();
        let (pattern, action) = match program.strip_suffix(b"}") {
            Some(inner) => {
                let open = inner.iter().rposition(|b| *b == b'{')?;
                (program[..open].trim_ascii(), inner[open + 1..].trim_ascii())
            }
            None => (program, &b"print"[..]),
        };
        let lines = lines_of(pattern)?;
        let action = action.strip_suffix(b";").unwrap_or(action).trim_ascii_end();
        let (action, ends) = match action.strip_suffix(b"exit") {
            Some(rest) => (rest.trim_ascii_end().strip_suffix(b";")?.trim_ascii_end(), true),
            None => (action, false),
        };
        let list = action.strip_prefix(b"print")?;
        if list.first().is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') {
            return None;
        }
        Some(Self { by, lines, prints: prints_of(list.trim_ascii())?, ends, paths: paths.to_vec() })
    }

    /// What it prints of a text.
    pub(super) fn print(&self, text: &[u8]) -> Vec<u8> {
        let lines: Vec<&[u8]> = super::tools::lines(text).collect();
        let mut out = Vec::new();
        for (i, line) in lines.iter().enumerate() {
            let fields = self.fields(line);
            let field = |n: usize| match n.checked_sub(1) {
                None => line.to_vec(),
                Some(n) => fields.get(n).map(|f| f.to_vec()).unwrap_or_default(),
            };
            if !self.lines.takes(line, i + 1, i + 1 == lines.len(), &field) {
                continue;
            }
            for print in &self.prints {
                match print {
                    Print::Text(text) => out.extend_from_slice(text),
                    Print::Field(n) => out.extend(field(*n)),
                    Print::LastField => out.extend(field(fields.len())),
                    Print::Between => out.push(b' '),
                }
            }
            out.push(b'\n');
            if self.ends {
                break;
            }
        }
        out
    }

    fn fields<'l>(&self, line: &'l [u8]) -> Vec<&'l [u8]> {
        match &self.by {
            By::Blanks => line.split(|b| matches!(b, b' ' | b'\t')).filter(|f| !f.is_empty()).collect(),
            _ if line.is_empty() => Vec::new(),
            By::Byte(by) => line.split(|b| b == by).collect(),
            By::Expression(expression) => {
                let (mut out, mut from) = (Vec::new(), 0);
                while let Some(Some(at)) = expression.find(line, from).map(|found| found[0].clone())
                    && !at.is_empty()
                {
                    out.push(&line[from..at.start]);
                    from = at.end;
                }
                out.push(&line[from..]);
                out
            }
        }
    }
}

/// awk: `/…/`, `NR==1`, `$1=="x"`, `$1 ~ /x/` not.
fn lines_of(pattern: &[u8]) -> Option<Lines> {
    if pattern.is_empty() {
        return Some(Lines::All);
    }
    if let Some(text) = pattern.strip_prefix(b"/") {
        let text = text.strip_suffix(b"/").filter(|text| !text.contains(&b'/') && !text.is_empty())?;
        return Some(Lines::Matching(expression(text, true)?));
    }
    let operator = pattern.windows(2).position(|w| w == b"==" || w == b"!=")?;
    let (left, right) = (pattern[..operator].trim_ascii(), pattern[operator + 2..].trim_ascii());
    let number = |text: &[u8]| std::str::from_utf8(text).ok()?.parse().ok();
    let same = pattern[operator] == b'=';
    match left {
        b"NR" if same => Some(Lines::Number(number(right)?)),
        [b'$', field @ ..] => {
            let text = right.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
            let is_plain = !text.iter().any(|b| matches!(b, b'"' | b'\\'));
            is_plain.then_some(Lines::Field(number(field)?, text.to_vec(), same))
        }
        _ => None,
    }
}

/// awk: what stands behind `print`.
fn prints_of(list: &[u8]) -> Option<Vec<Print>> {
    if list.is_empty() {
        return Some(vec![Print::Field(0)]);
    }
    let mut out = Vec::new();
    let mut rest = list;
    while let Some((&b, more)) = rest.split_first() {
        rest = more;
        match b {
            b' ' | b'\t' => {}
            b',' => out.push(Print::Between),
            b'"' => {
                let end = rest.iter().position(|b| *b == b'"').filter(|end| !rest[..*end].contains(&b'\\'))?;
                out.push(Print::Text(rest[..end].to_vec()));
                rest = &rest[end + 1..];
            }
            b'$' => {
                if let Some(more) = rest.strip_prefix(b"NF") {
                    rest = more;
                    out.push(Print::LastField);
                } else {
                    let length = rest.iter().take_while(|b| b.is_ascii_digit()).count();
                    out.push(Print::Field(std::str::from_utf8(&rest[..length]).ok()?.parse().ok()?));
                    rest = &rest[length..];
                }
                // `$1-$2`, `$NF--`: sums and the like.
                if rest.first().is_some_and(|b| !matches!(b, b' ' | b'\t' | b',' | b'"' | b'$')) {
                    return None;
                }
            }
            _ => return None,
        }
    }
    Some(out)
}
