//! What can happen.

use serde::{Deserialize, Serialize};

/// One step. One that makes no sense as things are (a stroke in a window that is closed) does nothing, so that any part
/// of a plan is a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Nothing, for so many milliseconds.
    Pass(u64),
    /// What somebody does in an app.
    App(usize, Act),
    /// What the network does to an app's link.
    Link(usize, Weather),
    /// What happens to the server.
    Server(Blow),
}

/// What somebody does in an app, or what happens to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Opens a document in a window, to edit or to look.
    Open {
        /// The window.
        window: usize,
        /// The document.
        document: usize,
        /// Whether to edit.
        edit: bool,
    },
    /// Closes a window.
    Close(usize),
    /// In a window: something with the pen.
    Draw(usize, Pen),
    /// Asks for the lock.
    StartEditing(usize),
    /// Gives it back.
    StopEditing(usize),
    /// Takes it by force.
    TakeOver(usize),
    /// Settles the conflict that a window shows.
    Resolve(usize, Choice),
    /// Takes up the n-th draft, in a window.
    OpenDraft(usize, usize),
    /// Saves the n-th draft as a copy.
    CopyDraft(usize),
    /// SIGKILL.
    Kill,
    /// Starts it again on what is on its disk, signed in anew where it was signed out.
    Start,
    /// The machine sleeps for so many milliseconds.
    Suspend(u64),
    /// The disk has no room for new journals.
    DiskFull,
    /// It has room again.
    DiskFree,
    /// Signs out.
    SignOut,
}

/// A person's word on a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// The server's version.
    Reload,
    /// The own version.
    Overwrite,
    /// Both; of what both changed, the n-th from this device where the n-th bit is set.
    Merge(u64),
    /// The own version as a document of its own.
    Copy,
    /// Later.
    Cancel,
}

/// What is drawn. Numbers pick an element of those that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pen {
    /// So many new elements, in one edit.
    Add(usize),
    /// An element is changed.
    Change(usize),
    /// An element is deleted.
    Erase(usize),
    /// The background is another one.
    Scene,
    /// A picture, and an element that shows it.
    Picture,
}

/// How a link treats what it carries, until it is mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weather {
    /// Good.
    Mend,
    /// Everything is reset and turned away.
    Cut,
    /// What lives is reset, once.
    Reset,
    /// Nothing arrives either way.
    Silent,
    /// Requests don't arrive.
    SilentThere,
    /// Answers don't arrive.
    SilentBack,
    /// Everything comes so many milliseconds late.
    Delay(u64),
    /// Of a thousand pieces so many are lost.
    Lose(u64),
    /// It breaks after so many bytes of requests.
    BreakThere(u64),
    /// It breaks after so many bytes of answers.
    BreakBack(u64),
    /// A captive portal.
    Portal,
    /// No HTTP at all.
    Garbage,
    /// The server refuses everything with this status.
    Refuse(u16),
}

/// What happens to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blow {
    /// SIGKILL.
    Kill,
    /// It is started again, or goes on where it hung.
    Start,
    /// SIGSTOP.
    Stall,
    /// A copy of its data is put aside.
    BackUp,
    /// It is killed and started on the last copy.
    Restore,
    /// Its wall clock jumps by so many milliseconds.
    ClockJump(i64),
}
