//! What does not work on this machine, until it does or the user has read it.

use std::sync::{Mutex, MutexGuard};

use holdfast_client::view::NoticeView;

/// The notices that are shown, oldest first; one an id.
#[derive(Debug, Default)]
pub(crate) struct Notices(Mutex<Vec<NoticeView>>);

impl Notices {
    /// All of them.
    pub(crate) fn list(&self) -> Vec<NoticeView> {
        self.lock().clone()
    }

    /// Shows a notice; replaces one with the same id. Answers whether that changed anything.
    pub(crate) fn show(&self, notice: NoticeView) -> bool {
        let mut list = self.lock();
        if list.contains(&notice) {
            return false;
        }
        match list.iter_mut().find(|shown| shown.id == notice.id) {
            Some(shown) => *shown = notice,
            None => list.push(notice),
        }
        true
    }

    /// Takes a notice away. Answers whether it was there.
    pub(crate) fn dismiss(&self, id: &str) -> bool {
        let mut list = self.lock();
        let before = list.len();
        list.retain(|notice| notice.id != id);
        list.len() != before
    }

    fn lock(&self) -> MutexGuard<'_, Vec<NoticeView>> {
        crate::host::lock(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_replaces_the_one_before_and_goes_when_read() {
        let notices = Notices::default();
        let notice = |detail: &str| NoticeView {
            id: "no_tray".to_owned(),
            detail: detail.to_owned(),
        };
        assert!(notices.show(notice("first")));
        assert!(!notices.show(notice("first")), "nothing new");
        assert!(notices.show(notice("second")));
        assert_eq!(notices.list(), [notice("second")]);
        assert!(notices.dismiss("no_tray"));
        assert!(!notices.dismiss("no_tray"));
    }
}
