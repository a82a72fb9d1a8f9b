//! The name that was meant.

/// The known name nearest to a mistyped one; none where nothing is near.
pub(crate) fn nearest<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    known
        .map(|k| (distance(&typed, &k.to_lowercase()), k))
        .filter(|(d, k)| *d <= (k.len().max(typed.len()) / 3).max(1))
        .min_by_key(|(d, _)| *d)
        .map(|(_, k)| k)
}

/// `; did you mean 'x'?`, or nothing.
pub(crate) fn did_you_mean<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest(typed, known).map_or_else(String::new, |n| format!("; did you mean '{n}'?"))
}

/// Edit distance (Levenshtein); clap has one, but keeps it to itself.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_name() {
        assert_eq!(nearest("HF1O1", ["HF101", "HF202"].into_iter()), Some("HF101"));
        assert_eq!(nearest("huggingface-hub", ["huggingface_hub", "git"].into_iter()), Some("huggingface_hub"));
        assert_eq!(nearest("zzzzzzzz", ["huggingface_hub", "git"].into_iter()), None);
    }
}
