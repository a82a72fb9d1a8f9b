//! Many texts looked for in one pass.

/// Pieces that stand in order, near each other, as they are after squeezing.
pub(crate) struct Needle {
    pieces: Vec<Vec<u8>>,
}

/// How far apart the pieces of one text may stand, in squeezed characters.
const GAP: usize = 300;
/// How many occurrences of a beginning are followed up: a log may repeat one line for ever.
const OFTEN: u32 = 20_000;
/// Buckets of the first four bytes.
const BITS: u32 = 14;

impl Needle {
    /// Pieces as people write them: white space, quotes and backslashes don't count, nor does case.
    pub(crate) fn new(pieces: &[&str]) -> Self {
        let squeezed = |piece: &&str| {
            let kept = piece.bytes().filter(|b| !matches!(b, b' ' | b'\'' | b'"' | b'`' | b'\\'));
            kept.map(|b| b.to_ascii_lowercase()).collect()
        };
        Self { pieces: pieces.iter().map(squeezed).collect() }
    }
}

/// Needles by the first four bytes of their first piece: only where four bytes begin one is anything compared, so that a
/// long log costs one look at each of its bytes.
struct Table {
    /// A bit for each bucket that is not empty: these stay in the fastest memory, the buckets would not.
    taken: [u64; (1 << BITS) / 64],
    buckets: Vec<Vec<u16>>,
}

impl Table {
    fn new(needles: &[Needle]) -> Self {
        let mut table = Self { taken: [0; (1 << BITS) / 64], buckets: vec![Vec::new(); 1 << BITS] };
        for (i, needle) in needles.iter().enumerate() {
            if let (Some(bucket), Ok(i)) = (needle.pieces.first().and_then(|p| hash(p)), u16::try_from(i)) {
                table.taken[bucket / 64] |= 1 << (bucket % 64);
                table.buckets[bucket].push(i);
            }
        }
        table
    }

    /// Where a needle may begin in a text, and which.
    fn begins<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = (usize, usize)> + 'a {
        let four = text.windows(4).enumerate();
        let taken = four.filter_map(|(at, four)| {
            let bucket = hash(four)?;
            (self.taken[bucket / 64] & 1 << (bucket % 64) != 0).then_some((at, bucket))
        });
        taken.flat_map(|(at, bucket)| self.buckets[bucket].iter().map(move |i| (at, usize::from(*i))))
    }
}

/// Where each needle begins first.
pub(crate) fn search(text: &[u8], needles: &[Needle]) -> Vec<Option<usize>> {
    let table = Table::new(needles);
    let mut found = vec![None; needles.len()];
    let mut tried = vec![0; needles.len()];
    for (at, i) in table.begins(text) {
        let pieces = &needles[i].pieces;
        if found[i].is_none() && tried[i] < OFTEN && text[at..].starts_with(&pieces[0]) {
            tried[i] += 1;
            if follows(&text[at..], pieces) {
                found[i] = Some(at);
            }
        }
    }
    found
}

/// Which of a few texts stand in each of many lines, as bits.
pub(crate) struct Triggers {
    needles: Vec<Needle>,
    bits: Vec<u8>,
    table: Table,
}

impl Triggers {
    /// Texts, each with the bits that it sets.
    pub(crate) fn new(texts: &[(&str, u8)]) -> Self {
        let needles: Vec<Needle> = texts.iter().map(|(text, _)| Needle::new(&[text])).collect();
        let table = Table::new(&needles);
        Self { needles, bits: texts.iter().map(|(_, bits)| *bits).collect(), table }
    }

    /// The bits of all texts that stand in a squeezed line.
    pub(crate) fn of(&self, line: &[u8]) -> u8 {
        let mut all = 0;
        for (at, i) in self.table.begins(line) {
            if all & self.bits[i] != self.bits[i] && line[at..].starts_with(&self.needles[i].pieces[0]) {
                all |= self.bits[i];
            }
        }
        all
    }
}

#[inline]
fn hash(bytes: &[u8]) -> Option<usize> {
    let four = bytes.first_chunk::<4>()?;
    usize::try_from(u32::from_le_bytes(*four).wrapping_mul(0x9e37_79b1) >> (32 - BITS)).ok()
}

/// Whether the further pieces follow the first, near enough.
fn follows(text: &[u8], pieces: &[Vec<u8>]) -> bool {
    let Some((first, rest)) = pieces.split_first() else { return false };
    let mut text = &text[first.len()..];
    for piece in rest {
        let near = &text[..text.len().min(GAP + piece.len())];
        let Some(at) = near.windows(piece.len()).position(|w| w == *piece) else { return false };
        text = &text[at + piece.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triggers_say_which_texts_a_line_holds() {
        let triggers = Triggers::new(&[("Header value", 1), ("head", 2), ("http", 4)]);
        assert_eq!(triggers.of(b"anheadervaluehttp"), 7);
        assert_eq!(triggers.of(b"anheadhtt"), 2);
        assert_eq!(triggers.of(b"htt"), 0);
    }

    #[test]
    fn finds_pieces_in_order_and_near() {
        let needles = [Needle::new(&["Is 'a' b", "end"]), Needle::new(&["xyzw"]), Needle::new(&["end", "isab"])];
        assert_eq!(search(b"0isab..end", &needles), [Some(1), None, None]);
        let far = [b"isab".as_slice(), &[b'.'; 400], b"end"].concat();
        assert_eq!(search(&far, &needles), [None, None, None]);
        // The second occurrence counts where the first is followed by nothing.
        let second = [far.as_slice(), b"isabend"].concat();
        assert_eq!(search(&second, &needles)[0], Some(407));
    }
}
