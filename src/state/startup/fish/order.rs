//! The order of the names that a pattern matches.

use std::cmp::Ordering;

/// Numbers as numbers, letters of either case alike. Source: fish 3.6.0, `wcsfilecmp_glob`.
pub(super) fn compare(one: &[u8], other: &[u8]) -> Ordering {
    let (whole, other_whole) = (String::from_utf8_lossy(one), String::from_utf8_lossy(other));
    let (mut a, mut b) = (&*whole, &*other_whole);
    while let (Some(x), Some(y)) = (a.chars().next(), b.chars().next()) {
        if x.is_ascii_digit() && y.is_ascii_digit() {
            let (number, other_number) = (number(&mut a), number(&mut b));
            let order = number.len().cmp(&other_number.len()).then_with(|| number.cmp(other_number));
            if order.is_ne() {
                return order;
            }
            continue;
        }
        let order = lower(x).cmp(&lower(y));
        if order.is_ne() {
            return order;
        }
        (a, b) = (&a[x.len_utf8()..], &b[y.len_utf8()..]);
    }
    (!a.is_empty()).cmp(&!b.is_empty()).then_with(|| whole.cmp(&other_whole))
}

/// Takes a number, and the blanks behind it, which do not count; without its zeros in front.
fn number<'t>(text: &mut &'t str) -> &'t str {
    let digits = text.trim_start_matches('0');
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at(end);
    *text = rest.trim_start();
    digits
}

fn lower(c: char) -> char {
    let mut all = c.to_lowercase();
    match (all.next(), all.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::compare;

    /// The order is that of `printf '%s\n' *` in fish 3.6.
    #[test]
    fn numbers_and_letters() {
        let names = [
            "01.fish", "1.fish", "2.fish", "9.fish", "10.fish", "_.fish", "a.fish", "a2b", "a02c", "a10b", "B.fish",
            "b.fish",
        ];
        let mut sorted = names;
        sorted.reverse();
        sorted.sort_by(|a, b| compare(a.as_bytes(), b.as_bytes()));
        assert_eq!(sorted, names);
    }
}
