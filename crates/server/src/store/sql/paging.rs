//! Lists in pages: ordered by a moment and an id, so that a page stays where it is while items come and go.

use holdfast_protocol::{
    account::Page,
    limits::{PAGE, PAGE_MAX},
};

use crate::{
    database::{Columns as _, Row},
    store::{PageRequest, StorageError, StoreError},
};

/// Where a page begins: after this item of the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) at: i64,
    pub(super) id: String,
}

impl Cursor {
    /// Before every item, in ascending order.
    pub(super) const FIRST: Self = Self {
        at: i64::MIN,
        id: String::new(),
    };
    /// Before every item, in descending order. A `~` comes after every hexadecimal digit.
    pub(super) fn newest() -> Self {
        Self {
            at: i64::MAX,
            id: "~".to_owned(),
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        let parts = text.split_once('.');
        parts
            .and_then(|(at, id)| {
                let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '~');
                id.chars().all(known).then_some(())?;
                Some(Self {
                    at: at.parse().ok()?,
                    id: id.to_owned(),
                })
            })
            .ok_or_else(|| StoreError::Invalid {
                field: "cursor".into(),
                detail: "is not the `next` of an earlier page".into(),
            })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.at, self.id)
    }
}

/// How many items a page has: the number asked for within bounds, the usual one where none was.
pub(super) fn limit(asked: u32) -> i64 {
    i64::from(if asked == 0 { PAGE } else { asked.min(PAGE_MAX) })
}

/// Where the page that is asked for begins.
pub(super) fn start(page: &PageRequest, first: Cursor) -> Result<Cursor, StoreError> {
    page.cursor.as_deref().map_or(Ok(first), Cursor::parse)
}

/// The cursor after a row, from the columns by which the list is ordered.
pub(super) fn after(row: &Row, at: &str, id: &str) -> Result<String, StorageError> {
    let (at, id) = (row.number(at)?, row.text(id)?);
    Ok(Cursor { at, id }.to_string())
}

/// A page from one item more than it shows: the item too many says that there is a next one.
pub(super) fn page<R, T>(
    mut rows: Vec<R>,
    limit: i64,
    item: impl Fn(&R) -> Result<T, StorageError>,
    cursor: impl Fn(&R) -> Result<String, StorageError>,
) -> Result<Page<T>, StorageError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(cursor).transpose()?;
    let items = rows.iter().map(item).collect::<Result<_, _>>()?;
    Ok(Page { items, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let cursor = Cursor {
            at: -5,
            id: "a.b".into(),
        };
        assert_eq!(Cursor::parse(&cursor.to_string()).unwrap(), cursor);
        for bad in ["", "x", "x.y", ".", "1.\0", "1.'"] {
            assert!(
                matches!(Cursor::parse(bad), Err(StoreError::Invalid { field, .. }) if field == "cursor")
            );
        }
    }

    #[test]
    fn only_a_full_page_has_a_next_one() {
        let numbers =
            |count: i64| page((0..count).collect(), 3, |n: &i64| Ok(*n), |n| Ok(n.to_string())).unwrap();
        assert_eq!(numbers(3).next, None);
        assert_eq!(numbers(4).items, [0, 1, 2]);
        assert_eq!(numbers(4).next.as_deref(), Some("2"));
    }
}
