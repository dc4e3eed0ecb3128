//! The host.
#[cfg(test)]
mod contract;
