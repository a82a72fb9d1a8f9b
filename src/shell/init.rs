//! The scripts that `hflint init` prints: the very files of `shell/`, with the path of the binary put in.
//!
//! No template engine: the files are read by shellcheck, shfmt and fish_indent as they ship, and one line of each names
//! the binary.

use super::quote;
use std::ffi::OsStr;

/// A shell that has a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    /// bash 3.2 and later
    Bash,
    /// zsh 5.0 and later
    Zsh,
    /// fish 3.4 and later
    Fish,
}

impl Shell {
    /// As it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
        }
    }

    fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("../../shell/hflint.bash"),
            Self::Zsh => include_str!("../../shell/hflint.zsh"),
            Self::Fish => include_str!("../../shell/hflint.fish"),
        }
    }

    /// The line that names the binary, as it stands in the file.
    fn binary_line(self, path: &str) -> String {
        match self {
            Self::Bash | Self::Zsh => format!("__hflint_bin=({path})"),
            Self::Fish => format!("set -gu __hflint_bin {path}"),
        }
    }

    /// The hook, for `eval` or `source`.
    pub fn hook(self, binary: &OsStr) -> String {
        self.script().replacen(&self.binary_line("hflint"), &self.binary_line(&quote(binary)), 1)
    }

    /// Switches the wrapping of `cd` on; only bash needs it.
    pub fn cd(self) -> &'static str {
        match self {
            Self::Bash => "__hflint_cd_install\n",
            Self::Zsh | Self::Fish => "",
        }
    }

    /// Takes the hook out of the running shell.
    pub fn removal(self) -> &'static str {
        match self {
            Self::Bash | Self::Zsh => "if typeset -f __hflint_remove >/dev/null 2>&1; then __hflint_remove; fi\n",
            Self::Fish => "functions -q __hflint_remove; and __hflint_remove\n",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_names_the_binary_once() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            assert_eq!(shell.script().matches(&shell.binary_line("hflint")).count(), 1, "{}", shell.name());
            let printed = shell.hook(OsStr::new("/opt/a b/hflint"));
            assert!(printed.contains(&shell.binary_line("'/opt/a b/hflint'")), "{}", shell.name());
        }
    }
}
