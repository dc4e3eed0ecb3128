//! Statements for many rows at once, in few different sizes, so that the statement cache knows them all.

use std::fmt::Write as _;

/// Most rows of one statement: beyond it, fewer statements no longer save time.
const LARGEST: usize = 64;

/// Cuts a list into pieces whose lengths are powers of two: the longest first.
pub(crate) fn in_powers_of_two<T>(mut items: &[T]) -> Vec<&[T]> {
    let mut pieces = Vec::new();
    let mut size = LARGEST;
    while !items.is_empty() {
        while size > items.len() {
            size /= 2;
        }
        let (piece, rest) = items.split_at(size);
        pieces.push(piece);
        items = rest;
    }
    pieces
}

/// `$first,…` for `count` values.
pub(crate) fn placeholders(first: usize, count: usize) -> String {
    let mut text = String::new();
    for number in first..first + count {
        let comma = if number == first { "" } else { "," };
        let _ = write!(text, "{comma}${number}");
    }
    text
}

/// `($1,…),($n,…)`: `rows` rows of `columns` values each.
pub(crate) fn rows_of_placeholders(rows: usize, columns: usize) -> String {
    (0..rows)
        .map(|row| format!("({})", placeholders(row * columns + 1, columns)))
        .collect::<Vec<_>>()
        .join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_powers_of_two_and_lose_nothing() {
        let items: Vec<u32> = (0..203).collect();
        let pieces = in_powers_of_two(&items);
        let sizes: Vec<usize> = pieces.iter().map(|piece| piece.len()).collect();
        assert_eq!(sizes, [64, 64, 64, 8, 2, 1]);
        assert_eq!(pieces.concat(), items);
    }

    #[test]
    fn placeholders_count_on_from_row_to_row() {
        assert_eq!(placeholders(3, 2), "$3,$4");
        assert_eq!(rows_of_placeholders(2, 3), "($1,$2,$3),($4,$5,$6)");
    }
}
