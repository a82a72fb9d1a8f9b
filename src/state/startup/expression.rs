//! Regular expressions, as far as start-up files use them with `grep`, `sed`, `awk` and `=~`. A crate for them would be a
//! third of hflint's size, and reads another language: there `\|` is a character, here it is an alternative, and of all
//! that matches at one place the longest counts.
//!
//! Source: GNU grep 3.8 and sed 4.9, bash 5.2, run (`tests/startup/dotfiles.py`).

use std::rc::Rc;

use crate::state::bracket::class;

/// Most steps of one expression.
const MOST: usize = 5000;

/// A regular expression, as the steps of a machine that follows all ways to match side by side: one after the other they
/// are too many, as soon as a few `.*` meet a long line.
pub(super) struct Expression {
    steps: Vec<Step>,
    groups: usize,
    any_case: bool,
}

#[derive(Clone)]
enum Step {
    Is(Atom),
    Start,
    End,
    /// This way, or else that one.
    Fork(usize, usize),
    Jump(usize),
    /// Where a group begins or ends.
    Mark(usize),
    Found,
}

#[derive(Clone)]
enum Atom {
    Byte(u8),
    Any,
    Blank,
    Class(Vec<u8>),
}

/// What a text is read into.
#[derive(Clone)]
enum Node {
    One(Atom),
    Start,
    End,
    Group(usize, Vec<Vec<Part>>),
}

/// A node, how often at least, and how often at most.
#[derive(Clone)]
struct Part(Node, usize, Option<usize>);

/// Where it was found, and each of its groups: first all of it.
pub(super) type Found = Vec<Option<std::ops::Range<usize>>>;

/// A text that stands for itself.
pub(super) fn literal(text: &[u8]) -> Expression {
    let steps = text.iter().map(|b| Step::Is(Atom::Byte(*b))).chain([Step::Found]).collect();
    Expression { steps, groups: 0, any_case: false }
}

/// The expression; `None` where something stands in it that is not modelled.
pub(super) fn expression(text: &[u8], extended: bool) -> Option<Expression> {
    let mut reader = Reader { rest: text, extended, groups: 0, depth: 0 };
    let alternatives = reader.alternatives(false)?;
    let mut steps = Vec::new();
    emit(&mut steps, &alternatives)?;
    steps.push(Step::Found);
    Some(Expression { steps, groups: reader.groups, any_case: false })
}

struct Reader<'t> {
    rest: &'t [u8],
    extended: bool,
    groups: usize,
    depth: u32,
}

impl Reader<'_> {
    fn eat(&mut self, what: &[u8]) -> bool {
        let rest = self.rest.strip_prefix(what);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// An operator that has a backslash in one of the two languages.
    fn operator(&mut self, name: u8) -> bool {
        if self.extended { self.eat(&[name]) } else { self.eat(&[b'\\', name]) }
    }

    /// Up to the end, or behind the parenthesis that closes the group.
    fn alternatives(&mut self, inside: bool) -> Option<Vec<Vec<Part>>> {
        let (mut all, mut now) = (Vec::new(), Vec::new());
        loop {
            let closed = self.operator(b')');
            if closed || self.rest.is_empty() {
                all.push(now);
                return (closed == inside).then_some(all);
            }
            if self.operator(b'|') {
                all.push(std::mem::take(&mut now));
                continue;
            }
            let node = self.node(now.is_empty())?;
            let (least, most) = self.times(&node)?;
            now.push(Part(node, least, most));
        }
    }

    fn node(&mut self, first: bool) -> Option<Node> {
        if self.operator(b'(') {
            self.groups += 1;
            let number = self.groups;
            self.depth += 1;
            let inner = if self.depth < 20 { self.alternatives(true)? } else { return None };
            self.depth -= 1;
            return Some(Node::Group(number, inner));
        }
        let (&b, rest) = self.rest.split_first()?;
        self.rest = rest;
        let ends = || rest.is_empty() || rest.starts_with(b"\\)") || rest.starts_with(b"\\|");
        Some(Node::One(match b {
            b'^' if self.extended || first => return Some(Node::Start),
            b'$' if self.extended || ends() => return Some(Node::End),
            b'*' if first && !self.extended => Atom::Byte(b'*'),
            b'*' => return None,
            b'+' | b'?' | b'{' if self.extended => return None,
            b'.' => Atom::Any,
            b'[' => {
                let (_, after) = class(rest, b'a')?;
                self.rest = after;
                Atom::Class(rest[..rest.len() - after.len()].to_vec())
            }
            b'\\' => {
                let (&escaped, rest) = rest.split_first()?;
                self.rest = rest;
                match escaped {
                    b's' => Atom::Blank,
                    b'w' => Atom::Class(b"[:alnum:]_]".to_vec()),
                    b'(' | b')' | b'{' | b'}' | b'+' | b'?' | b'|' if self.extended => Atom::Byte(escaped),
                    b'.' | b'*' | b'[' | b']' | b'^' | b'$' | b'\\' | b'/' | b'-' | b'#' | b'"' | b':' | b'=' => {
                        Atom::Byte(escaped)
                    }
                    _ => return None,
                }
            }
            b => Atom::Byte(b),
        }))
    }

    fn times(&mut self, node: &Node) -> Option<(usize, Option<usize>)> {
        let times = if self.eat(b"*") {
            (0, None)
        } else if self.operator(b'+') {
            (1, None)
        } else if self.operator(b'?') {
            (0, Some(1))
        } else if self.operator(b'{') {
            let end = self.rest.iter().position(|b| !b.is_ascii_digit() && *b != b',')?;
            let text = std::str::from_utf8(&self.rest[..end]).ok()?;
            self.rest = &self.rest[end..];
            if !self.operator(b'}') {
                return None;
            }
            let (least, most) = text.split_once(',').unwrap_or((text, text));
            let most = if most.is_empty() { None } else { Some(most.parse().ok()?) };
            (least.parse().ok()?, most)
        } else {
            return Some((1, Some(1)));
        };
        // `^*`, `a**`
        let is_plain = matches!(node, Node::One(_) | Node::Group(..)) && !self.rest.starts_with(b"*");
        (is_plain && times.0 < 256 && times.1.is_none_or(|most| most < 256 && most >= times.0)).then_some(times)
    }
}

fn emit(steps: &mut Vec<Step>, alternatives: &[Vec<Part>]) -> Option<()> {
    let mut ends = Vec::new();
    for (i, parts) in alternatives.iter().enumerate() {
        let fork = (i + 1 < alternatives.len()).then(|| fork(steps));
        for Part(node, least, most) in parts {
            for _ in 0..*least {
                emit_one(steps, node)?;
            }
            match most {
                None => {
                    let start = self::fork(steps);
                    emit_one(steps, node)?;
                    steps.push(Step::Jump(start));
                    close(steps, start);
                }
                Some(most) => {
                    let mut forks = Vec::new();
                    for _ in *least..*most {
                        forks.push(self::fork(steps));
                        emit_one(steps, node)?;
                    }
                    for at in forks {
                        close(steps, at);
                    }
                }
            }
        }
        if let Some(fork) = fork {
            ends.push(steps.len());
            steps.push(Step::Jump(0));
            close(steps, fork);
        }
    }
    let end = steps.len();
    for at in ends {
        steps[at] = Step::Jump(end);
    }
    (steps.len() < MOST).then_some(())
}

/// A fork whose first way comes next; the other one is told by `close`.
fn fork(steps: &mut Vec<Step>) -> usize {
    steps.push(Step::Fork(steps.len() + 1, 0));
    steps.len() - 1
}

/// The other way begins here.
fn close(steps: &mut [Step], fork: usize) {
    steps[fork] = Step::Fork(fork + 1, steps.len());
}

fn emit_one(steps: &mut Vec<Step>, node: &Node) -> Option<()> {
    match node {
        Node::One(atom) => steps.push(Step::Is(atom.clone())),
        Node::Start => steps.push(Step::Start),
        Node::End => steps.push(Step::End),
        Node::Group(number, inner) => {
            steps.push(Step::Mark(2 * number));
            emit(steps, inner)?;
            steps.push(Step::Mark(2 * number + 1));
        }
    }
    (steps.len() < MOST).then_some(())
}

/// A way to match: the step that it is at, and the marks that it has set.
type Way = (usize, Rc<[Option<usize>]>);

impl Expression {
    /// Letters of either case match.
    pub(super) fn in_any_case(mut self) -> Self {
        self.any_case = true;
        self
    }

    /// Whether it is found in a line.
    pub(super) fn is_in(&self, line: &[u8]) -> bool {
        self.find(line, 0).is_some()
    }

    /// Where it is found first from there on; of several that begin there the longest.
    pub(super) fn find(&self, line: &[u8], from: usize) -> Option<Found> {
        let none: Rc<[Option<usize>]> = vec![None; 2 * self.groups + 2].into();
        let mut best: Option<Rc<[Option<usize>]>> = None;
        let mut now: Vec<Way> = Vec::new();
        for at in from..=line.len() {
            let mut seen = vec![false; self.steps.len()];
            let mut here = Vec::new();
            for (step, marks) in now.drain(..) {
                self.follow(&mut here, &mut seen, (step, marks), (at, line.len()));
            }
            if best.is_none() {
                let mut marks = Rc::clone(&none);
                Rc::make_mut(&mut marks)[0] = Some(at);
                self.follow(&mut here, &mut seen, (0, marks), (at, line.len()));
            }
            for (step, mut marks) in here {
                // What begins later does not count any more.
                if best.as_ref().is_some_and(|best| best[0] < marks[0]) {
                    continue;
                }
                match &self.steps[step] {
                    Step::Is(atom) if line.get(at).is_some_and(|b| atom.is(*b, self.any_case)) => {
                        now.push((step + 1, marks));
                    }
                    Step::Found => {
                        Rc::make_mut(&mut marks)[1] = Some(at);
                        best = Some(marks);
                    }
                    _ => {}
                }
            }
            if best.is_some() && now.is_empty() {
                break;
            }
        }
        best.map(|marks| marks.chunks(2).map(|pair| Some(pair[0]?..pair[1]?)).collect())
    }

    /// Goes on to the steps that take a byte, those before others that the expression would try first.
    fn follow(&self, out: &mut Vec<Way>, seen: &mut [bool], (step, mut marks): Way, (at, end): (usize, usize)) {
        if std::mem::replace(&mut seen[step], true) {
            return;
        }
        match &self.steps[step] {
            Step::Is(_) | Step::Found => out.push((step, marks)),
            Step::Start if at == 0 => self.follow(out, seen, (step + 1, marks), (at, end)),
            Step::End if at == end => self.follow(out, seen, (step + 1, marks), (at, end)),
            Step::Start | Step::End => {}
            Step::Jump(to) => self.follow(out, seen, (*to, marks), (at, end)),
            Step::Fork(first, second) => {
                self.follow(out, seen, (*first, Rc::clone(&marks)), (at, end));
                self.follow(out, seen, (*second, marks), (at, end));
            }
            Step::Mark(slot) => {
                Rc::make_mut(&mut marks)[*slot] = Some(at);
                self.follow(out, seen, (step + 1, marks), (at, end));
            }
        }
    }
}

impl Atom {
    fn is(&self, b: u8, any_case: bool) -> bool {
        let one = |b: u8| match self {
            Self::Byte(byte) => *byte == b,
            Self::Any => true,
            Self::Blank => b.is_ascii_whitespace() || b == 0x0b,
            Self::Class(text) => class(text, b).is_some_and(|(is, _)| is),
        };
        one(b) || any_case && (one(b.to_ascii_lowercase()) || one(b.to_ascii_uppercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, line: &str) -> bool {
        expression(text.as_bytes(), false).unwrap().is_in(line.as_bytes())
    }

    #[test]
    fn anchors_repetitions_and_alternatives() {
        for (expression, yes, no) in [
            ("^a", "ab", "ba"),
            ("a$", "ba", "ab"),
            ("^$", "", "x"),
            ("^a*b$", "aab", "aacb"),
            ("^a*a$", "aaa", "b"),
            ("a.c", "xabcx", "ac"),
            ("a.*c", "abbc", "cba"),
            ("^[0-9a]*$", "1a2", "1b2"),
            ("x\\|^b$", "b", "ab"),
            ("^\\s*#", " \t#", "a#"),
            ("^a\\{2,3\\}$", "aaa", "aaaa"),
            ("^\\(ab\\)*c", "ababc", "abac"),
            ("a+", "a+", "aa"),
        ] {
            assert!(found(expression, yes), "{expression} {yes}");
            assert!(!found(expression, no), "{expression} {no}");
        }
    }

    #[test]
    fn the_extended_ones() {
        let found = |text: &str, line: &str| expression(text.as_bytes(), true).map(|e| e.is_in(line.as_bytes()));
        for (expression, yes, no) in [
            ("^[a-z]+$", "ab", "a1"),
            ("^ab?c$", "ac", "abbc"),
            ("^a|b$", "ax", "ba"),
            ("x+y", "axxy", "y"),
            ("^(a|b)c$", "bc", "abc"),
            ("^a{2}$", "aa", "a"),
        ] {
            assert_eq!((found(expression, yes), found(expression, no)), (Some(true), Some(false)), "{expression}");
        }
        for text in ["(a", "a)", "*a", "a**", "(a)\\1", "a\\b", "a{x}"] {
            assert_eq!(found(text, "a"), None, "{text}");
        }
    }

    #[test]
    fn the_longest_counts_and_its_groups_are_told() {
        for (text, line, groups) in [
            ("^([A-Z_]+)=(.*)$", "A_B=c=d", &["A_B=c=d", "A_B", "c=d"][..]),
            ("(a|ab)(c|bcd)", "xabcd", &["abcd", "a", "bcd"]),
            ("a|ab", "ab", &["ab"]),
            ("(a?)(ab)?", "ab", &["ab", "", "ab"]),
            ("b*", "abb", &[""]),
            ("[a-z]+", "12ab cde", &["ab"]),
            ("(x)?b", "b", &["b", "-"]),
        ] {
            let found = expression(text.as_bytes(), true).unwrap().find(line.as_bytes(), 0).unwrap();
            let said: Vec<&str> = found.iter().map(|at| at.clone().map_or("-", |at| &line[at])).collect();
            assert_eq!(said, groups, "{text}");
        }
    }

    #[test]
    fn a_long_line_ends() {
        assert!(!found(&("a*.*".repeat(30) + "c"), &"ab".repeat(2000)));
    }
}
