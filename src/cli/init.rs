//! `hflint init SHELL`: the hook, for the shell to read.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Error, Outcome, print};
use crate::output::sanitize;
use crate::shell::init::Shell;
use crate::system::System;

/// Options of `init`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// the shell that reads it
    pub shell: Shell,
    /// print what takes the hook out of the running shell again
    #[arg(long, conflicts_with = "cd")]
    pub remove: bool,
    /// also wrap cd, pushd and popd, so that `cd project && hf upload` on one line is seen (bash; the others see it anyway)
    #[arg(long)]
    pub cd: bool,
}

pub(super) fn run(options: &Options, system: &dyn System) -> Outcome {
    if options.remove {
        print(options.shell.removal())?;
        return Ok(0);
    }
    let binary = binary(system).ok_or_else(|| Error::Usage("cannot tell where this program is".to_owned()))?;
    let mut text = options.shell.hook(binary.as_os_str()).ok_or_else(|| {
        Error::Usage(format!(
            "{}: no shell script can name this program while its path is not plain UTF-8; put it elsewhere",
            sanitize::bytes(binary.as_os_str().as_bytes())
        ))
    })?;
    if options.cd {
        text.push_str(options.shell.cd());
    }
    print(&text)?;
    Ok(0)
}

/// Where the hook will find this program: as it was typed where that is absolute, else the first of that name on PATH,
/// else where the kernel says it is. Links stay: a package manager moves the file behind them.
pub(super) fn binary(system: &dyn System) -> Option<PathBuf> {
    let typed = PathBuf::from(system.program()?);
    if typed.is_absolute() {
        return Some(typed);
    }
    if typed.components().count() == 1 {
        let path: OsString = system.var("PATH")?;
        let found = std::env::split_paths(&path)
            .filter(|dir| dir.is_absolute())
            .map(|dir| dir.join(&typed))
            .find(|file| system.stat(file).is_ok_and(|s| s.mode & 0o111 != 0));
        if found.is_some() {
            return found;
        }
    }
    let exe = system.read_link(Path::new("/proc/self/exe"));
    exe.or_else(|| system.cwd().and_then(|cwd| system.canonical(&cwd.join(&typed))))
}
