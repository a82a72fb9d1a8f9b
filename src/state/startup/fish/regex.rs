//! Regular expressions as `string match -r` and `string replace -r` read them: the part of PCRE's that start-up files
//! use. Of anything else, and of what takes too long, nothing is said.
//!
//! Source: fish 3.6.0 with PCRE2 10.42, run.

use super::Untold;

/// Steps of one search, and how deep it may go.
const MOST_STEPS: u32 = 50_000;
const DEEPEST: u32 = 200;

/// A regular expression.
pub(super) struct Regex {
    alternatives: Vec<Vec<Node>>,
    groups: usize,
    /// The named groups.
    pub(super) names: Vec<(Vec<u8>, usize)>,
    ignore_case: bool,
}

/// Where the whole and each group matched.
pub(super) type Captures = Vec<Option<(usize, usize)>>;

enum Node {
    /// A byte of these ranges, or of all others.
    Byte {
        ranges: Vec<(u8, u8)>,
        negated: bool,
    },
    Start,
    End,
    /// `\b`, `\B`
    Boundary {
        wanted: bool,
    },
    Group {
        alternatives: Vec<Vec<Node>>,
        number: Option<usize>,
    },
    /// `(?=…)`, `(?!…)`
    Ahead {
        alternatives: Vec<Vec<Node>>,
        wanted: bool,
    },
    Repeat {
        node: Box<Node>,
        least: usize,
        most: usize,
        lazy: bool,
    },
}

const DIGIT: [(u8, u8); 1] = [(b'0', b'9')];
const WORD: [(u8, u8); 4] = [(b'0', b'9'), (b'A', b'Z'), (b'a', b'z'), (b'_', b'_')];
const BLANK: [(u8, u8); 2] = [(b'\t', b'\r'), (b' ', b' ')];

impl Regex {
    /// `None` where something else stands in it.
    pub(super) fn new(text: &[u8], ignore_case: bool) -> Option<Self> {
        let (text, ignore_case) = match text.strip_prefix(b"(?i)") {
            Some(rest) => (rest, true),
            None => (text, ignore_case),
        };
        if !text.is_ascii() {
            return None;
        }
        let mut reader = Reader { text, at: 0, groups: 0, names: Vec::new(), depth: 0 };
        let alternatives = reader.alternatives()?;
        (reader.at == text.len()).then_some(Self {
            alternatives,
            groups: reader.groups,
            names: reader.names,
            ignore_case,
        })
    }

    /// The first match from a place on.
    pub(super) fn find(&self, text: &[u8], from: usize) -> Result<Option<Captures>, Untold> {
        if !text.is_ascii() || text.contains(&b'\n') {
            return Err(Untold);
        }
        let mut search =
            Search { text, ignore_case: self.ignore_case, captures: vec![None; self.groups + 1], steps: 0, depth: 0 };
        for start in from..=text.len() {
            let mut end = None;
            let found = search.alternatives(&self.alternatives, start, &mut |_, at| {
                end = Some(at);
                true
            });
            if search.steps > MOST_STEPS {
                return Err(Untold);
            }
            if let (true, Some(end)) = (found, end) {
                search.captures[0] = Some((start, end));
                return Ok(Some(search.captures));
            }
        }
        Ok(None)
    }
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    groups: usize,
    names: Vec<(Vec<u8>, usize)>,
    depth: u32,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let b = self.peek()?;
        self.at += 1;
        Some(b)
    }

    fn eat(&mut self, text: &[u8]) -> bool {
        let found = self.text[self.at..].starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    fn alternatives(&mut self) -> Option<Vec<Vec<Node>>> {
        self.depth += 1;
        if self.depth > 20 {
            return None;
        }
        let mut out = vec![Vec::new()];
        while let Some(b) = self.peek() {
            match b {
                b')' => break,
                b'|' => {
                    self.at += 1;
                    out.push(Vec::new());
                }
                _ => {
                    let node = self.node()?;
                    let node = self.repeated(node)?;
                    out.last_mut()?.push(node);
                }
            }
        }
        self.depth -= 1;
        Some(out)
    }

    fn node(&mut self) -> Option<Node> {
        let of = |ranges: &[(u8, u8)], negated| Some(Node::Byte { ranges: ranges.to_vec(), negated });
        match self.next()? {
            b'^' => Some(Node::Start),
            b'$' => Some(Node::End),
            b'.' => of(&[(b'\n', b'\n')], true),
            b'[' => self.set(),
            b'(' => self.group(),
            b'*' | b'+' | b'?' => None,
            b'\\' => match self.next()? {
                b'b' => Some(Node::Boundary { wanted: true }),
                b'B' => Some(Node::Boundary { wanted: false }),
                b => {
                    let (ranges, negated) = escaped(b)?;
                    of(&ranges, negated)
                }
            },
            b => of(&[(b, b)], false),
        }
    }

    fn group(&mut self) -> Option<Node> {
        let wanted = match () {
            () if self.eat(b"?=") => Some(true),
            () if self.eat(b"?!") => Some(false),
            () => None,
        };
        let mut number = None;
        if wanted.is_none() && !self.eat(b"?:") {
            self.groups += 1;
            number = Some(self.groups);
            if self.eat(b"?<") || self.eat(b"?P<") {
                let length = self.text[self.at..].iter().position(|b| *b == b'>')?;
                let name = self.text[self.at..self.at + length].to_vec();
                // Not `(?<=…)`.
                if name.is_empty() || !name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_') {
                    return None;
                }
                self.at += length + 1;
                self.names.push((name, self.groups));
            } else if self.peek() == Some(b'?') || self.peek() == Some(b'*') {
                return None;
            }
        }
        let alternatives = self.alternatives()?;
        if self.next()? != b')' {
            return None;
        }
        Some(match wanted {
            Some(wanted) => Node::Ahead { alternatives, wanted },
            None => Node::Group { alternatives, number },
        })
    }

    /// Behind `[`.
    fn set(&mut self) -> Option<Node> {
        let negated = self.eat(b"^");
        let mut ranges = Vec::new();
        let first = self.at;
        loop {
            let at = self.at;
            let low = match self.next()? {
                b']' if at > first => return Some(Node::Byte { ranges, negated }),
                b'[' if matches!(self.peek(), Some(b':' | b'.' | b'=')) => return None,
                b'\\' => match escaped(self.next()?)? {
                    (more, false) if more.len() == 1 && more[0].0 == more[0].1 => more[0].0,
                    (_, true) => return None,
                    (more, false) => {
                        ranges.extend(more);
                        continue;
                    }
                },
                b => b,
            };
            let ends = |b: Option<&u8>| matches!(b, None | Some(b']'));
            let high = if self.peek() == Some(b'-') && !ends(self.text.get(self.at + 1)) {
                self.at += 1;
                match self.next()? {
                    b'\\' => match escaped(self.next()?)? {
                        (more, false) if more.len() == 1 && more[0].0 == more[0].1 => more[0].0,
                        _ => return None,
                    },
                    b => b,
                }
            } else {
                low
            };
            if low > high {
                return None;
            }
            ranges.push((low, high));
        }
    }

    fn repeated(&mut self, node: Node) -> Option<Node> {
        let (least, most) = match self.peek() {
            Some(b'*') => (0, usize::MAX),
            Some(b'+') => (1, usize::MAX),
            Some(b'?') => (0, 1),
            Some(b'{') => {
                let rest = &self.text[self.at + 1..];
                let length = rest.iter().position(|b| *b == b'}')?;
                let text = std::str::from_utf8(&rest[..length]).ok()?;
                let times = match text.split_once(',') {
                    Some((least, "")) => (least.parse().ok()?, usize::MAX),
                    Some((least, most)) => (least.parse().ok()?, most.parse().ok()?),
                    None => (text.parse().ok()?, text.parse().ok()?),
                };
                self.at += length + 1;
                times
            }
            _ => return Some(node),
        };
        self.at += 1;
        let lazy = self.eat(b"?");
        let repeats = matches!(node, Node::Byte { .. } | Node::Group { .. });
        // Neither `a**` nor `a++`; nor what may go on without end.
        if !repeats || may_be_empty(&node) || matches!(self.peek(), Some(b'*' | b'+' | b'?' | b'{')) {
            return None;
        }
        Some(Node::Repeat { node: Box::new(node), least, most, lazy })
    }
}

fn may_be_empty(node: &Node) -> bool {
    match node {
        Node::Byte { .. } => false,
        Node::Group { alternatives, .. } => alternatives.iter().any(|nodes| nodes.iter().all(may_be_empty)),
        Node::Repeat { node, least, .. } => *least == 0 || may_be_empty(node),
        _ => true,
    }
}

/// What stands behind a backslash.
fn escaped(b: u8) -> Option<(Vec<(u8, u8)>, bool)> {
    Some(match b {
        b'd' => (DIGIT.to_vec(), false),
        b'D' => (DIGIT.to_vec(), true),
        b'w' => (WORD.to_vec(), false),
        b'W' => (WORD.to_vec(), true),
        b's' => (BLANK.to_vec(), false),
        b'S' => (BLANK.to_vec(), true),
        b't' => (vec![(b'\t', b'\t')], false),
        b'n' => (vec![(b'\n', b'\n')], false),
        b'r' => (vec![(b'\r', b'\r')], false),
        b if b.is_ascii_alphanumeric() => return None,
        b => (vec![(b, b)], false),
    })
}

struct Search<'t> {
    text: &'t [u8],
    ignore_case: bool,
    captures: Captures,
    steps: u32,
    depth: u32,
}

/// What comes behind a part: whether the rest matches from there.
type Then<'a, 't> = &'a mut dyn FnMut(&mut Search<'t>, usize) -> bool;

impl<'t> Search<'t> {
    fn alternatives(&mut self, all: &[Vec<Node>], at: usize, then: Then<'_, 't>) -> bool {
        all.iter().any(|one| self.sequence(one, at, then))
    }

    fn sequence(&mut self, nodes: &[Node], at: usize, then: Then<'_, 't>) -> bool {
        self.steps += 1;
        if self.depth > DEEPEST {
            self.steps = MOST_STEPS + 1;
        }
        if self.steps > MOST_STEPS {
            return false;
        }
        self.depth += 1;
        let found = match nodes.split_first() {
            None => then(self, at),
            Some((first, rest)) => self.first(first, rest, at, then),
        };
        self.depth -= 1;
        found
    }

    fn first(&mut self, first: &Node, rest: &[Node], at: usize, then: Then<'_, 't>) -> bool {
        match first {
            Node::Byte { .. } => self.is(first, at) && self.sequence(rest, at + 1, then),
            Node::Start => at == 0 && self.sequence(rest, at, then),
            Node::End => at == self.text.len() && self.sequence(rest, at, then),
            Node::Boundary { wanted } => {
                let word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
                let before = at.checked_sub(1).and_then(|at| self.text.get(at));
                (word(before) != word(self.text.get(at))) == *wanted && self.sequence(rest, at, then)
            }
            Node::Ahead { alternatives, wanted } => {
                let before = self.captures.clone();
                let found = self.alternatives(alternatives, at, &mut |_, _| true);
                if !(found && *wanted) {
                    self.captures = before;
                }
                found == *wanted && self.sequence(rest, at, then)
            }
            Node::Group { alternatives, number } => self.alternatives(alternatives, at, &mut |search, end| {
                let Some(number) = *number else { return search.sequence(rest, end, then) };
                let before = search.captures[number].replace((at, end));
                let found = search.sequence(rest, end, then);
                if !found {
                    search.captures[number] = before;
                }
                found
            }),
            Node::Repeat { node, least, most, lazy } if matches!(**node, Node::Byte { .. }) => {
                let count = (at..self.text.len()).take(*most).take_while(|at| self.is(node, *at)).count();
                let mut counts = *least..count + 1;
                let next = |counts: &mut std::ops::Range<usize>| if *lazy { counts.next() } else { counts.next_back() };
                while let Some(count) = next(&mut counts) {
                    if self.sequence(rest, at + count, then) {
                        return true;
                    }
                }
                false
            }
            Node::Repeat { node, least, most, lazy } => {
                self.repeat((node, *least, *most, *lazy), 0, at, &mut |search, end| search.sequence(rest, end, then))
            }
        }
    }

    fn repeat(&mut self, of: (&Node, usize, usize, bool), count: usize, at: usize, then: Then<'_, 't>) -> bool {
        let (node, least, most, lazy) = of;
        if lazy && count >= least && then(self, at) {
            return true;
        }
        let more = count < most
            && self
                .sequence(std::slice::from_ref(node), at, &mut |search, end| search.repeat(of, count + 1, end, then));
        more || !lazy && count >= least && then(self, at)
    }

    fn is(&self, node: &Node, at: usize) -> bool {
        let (Node::Byte { ranges, negated }, Some(&b)) = (node, self.text.get(at)) else { return false };
        let within = |b: u8| ranges.iter().any(|(low, high)| (*low..=*high).contains(&b));
        let found = within(b) || self.ignore_case && (within(b.to_ascii_lowercase()) || within(b.to_ascii_uppercase()));
        found != *negated
    }
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
            ("^\\s*(?!#)\\S+", "  a b", "  a"),
            ("(a)|(b)", "b", "b b"),
            ("a.*?b", "axbxb", "axb"),
            ("(ab)+", "ababa", "abab ab"),
            ("(?:a|ab)c", "abc", "abc"),
            ("\\d{2,3}", "1 2345", "234"),
            ("[]a-c-]+", "xb-]", "b-]"),
            ("\\bb\\w*", "ab bc", "bc"),
            ("(?i)HF_[a-z]", "hf_T", "hf_T"),
            ("(?<k>\\w+)=", "x=", "x= x"),
        ] {
            assert_eq!(found(regex, text).map(|all| all.join(" ")).as_deref(), Some(want), "{regex}");
        }
        assert_eq!(found("^#", "a#"), None);
    }

    #[test]
    fn what_is_not_modelled_or_takes_too_long_is_not_guessed() {
        for regex in ["(?<=a)b", "\\1", "a++", "[[:alpha:]]", "(?s).", "*", "(", "a)", "\\p{L}", "(a?)*b"] {
            assert!(Regex::new(regex.as_bytes(), false).is_none(), "{regex}");
        }
        let slow = Regex::new(b"(a+)+(a+)+(a+)+c", false).unwrap();
        assert!(slow.find("a".repeat(2000).as_bytes(), 0).is_err());
    }
}
