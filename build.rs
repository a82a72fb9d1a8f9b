//! How the release program is laid out. All else of the build stands in `Cargo.toml` and `.cargo/config.toml`.
#![allow(clippy::disallowed_methods, reason = "a build script is told by variables")]
#![allow(clippy::print_stdout, reason = "and answers on its standard output")]

use std::env::var;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=link");
    // Only the static program for Linux on x86-64, with which it was tried (rust-lld and GNU ld); and only the release,
    // which aborts where it panics: what the tests run must be able to unwind.
    let is = |name: &str, value: &str| var(name).is_ok_and(|v| v.split(',').any(|part| part == value));
    let tried = is("TARGET", "x86_64-unknown-linux-gnu") && is("CARGO_CFG_TARGET_FEATURE", "crt-static");
    if !tried || !is("PROFILE", "release") {
        return;
    }
    let here = var("CARGO_MANIFEST_DIR").unwrap_or_default();
    for script in ["hot", "lean"] {
        // In one word with its path, which may hold blanks and commas.
        println!("cargo::rustc-link-arg-bins=-T{here}/link/{script}.ld");
    }
    // At its start the standard library asks where the stack ends, only to word its message when it overflows. The C
    // library answers by reading /proc/self/maps with `sscanf`: a tenth of the time that `/bin/true` takes in all, and
    // 97 KB of code. Here the answer is a number other than 0, an error, after which it does without; an overflow still
    // hits the guard page of the kernel and ends the program, without the message.
    println!("cargo::rustc-link-arg-bins=-Wl,--defsym=pthread_getattr_np=getpagesize");
}
