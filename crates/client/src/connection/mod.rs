//! One socket for all sessions of a server.

mod dial;

pub use dial::{Dial, DialError, FrameSink, FrameStream, WebSocketDial};
