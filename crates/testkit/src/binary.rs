//! Finds the programs under test.

use std::path::PathBuf;

/// The program `name` that Cargo built beside the running test, or the one that `variable` names.
///
/// # Panics
///
/// Where there is none: a test of another package can't make Cargo build it, so the message says what to run.
#[must_use]
pub fn built(name: &str, variable: &str) -> PathBuf {
    if let Some(path) = std::env::var_os(variable) {
        let path = PathBuf::from(path);
        assert!(
            path.is_file(),
            "{variable} names {}, which is no file",
            path.display()
        );
        return path;
    }
    let test = std::env::current_exe().expect("a running program knows where it is");
    // target/PROFILE/deps/TEST, or target/PROFILE/PROGRAM
    let path = test
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    path.unwrap_or_else(|| {
        panic!(
            "{name} is not built. Run `cargo build -p {name}` first (`cargo xtask test` does), or set {variable}."
        )
    })
}

/// The folder of the repository that this was compiled in.
#[must_use]
pub fn repository() -> PathBuf {
    let package = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    package
        .ancestors()
        .nth(2)
        .expect("crates/testkit is two folders below the repository")
        .to_owned()
}

/// Where tests leave what people look at: pictures and logs.
#[must_use]
pub fn artifacts() -> PathBuf {
    std::env::var_os("HOLDFAST_ARTIFACTS").map_or_else(|| repository().join("artifacts"), PathBuf::from)
}

#[cfg(test)]
mod tests {
    #[test]
    #[should_panic(expected = "cargo build -p no-such-program")]
    fn a_missing_program_says_how_to_build_it() {
        let _ = super::built("no-such-program", "HOLDFAST_NO_SUCH_PROGRAM");
    }
}
