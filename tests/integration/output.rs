//! Where the output cannot go: a disk that is full, a reader that has left.

use std::fs::OpenOptions;
use std::process::Stdio;

use crate::machine::{Machine, Said};

const COMMANDS: [&[&str]; 8] = [
    &["check"],
    &["status", "--all"],
    &["status", "--format", "json"],
    &["explain", "HF101"],
    &["config"],
    &["completions", "bash"],
    &["--help"],
    &["--version"],
];

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let machine = Machine::shadowed();
    for args in COMMANDS {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let said = Said::from(machine.command("", args).stdout(Stdio::from(full)).output().unwrap());
        assert_eq!(said.code, Some(2), "{args:?}: {said:?}");
        assert!(said.err.starts_with("hflint: cannot write the output"), "{args:?}: {said:?}");
    }
}

#[test]
fn a_reader_that_has_left_is_no_error() {
    let machine = Machine::shadowed();
    for args in COMMANDS {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let said = Said::from(machine.command("", args).stdout(Stdio::from(writer)).output().unwrap());
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{args:?}");
    }
}
