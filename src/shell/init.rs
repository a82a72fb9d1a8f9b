//! The scripts that `hflint init` prints: the very files of `shell/`, with the path of the binary put in.
//!
//! No template engine: the files are read by shellcheck, shfmt and fish_indent as they ship, and one line of each names
//! the binary.

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

    /// The hook, for `eval` or `source`; `None` where no script can name the binary: a path that is not UTF-8 would
    /// have to go through every locale, one with a line end through `$(…)`.
    pub fn hook(self, binary: &OsStr) -> Option<String> {
        let path = binary.to_str().filter(|p| !p.chars().any(char::is_control))?;
        Some(self.script().replacen(&self.binary_line("hflint"), &self.binary_line(&self.literal(path)), 1))
    }

    /// A path as one word, exactly: unlike [`super::quote`], which is also read by people, it escapes nothing unseen.
    fn literal(self, path: &str) -> String {
        match self {
            Self::Bash | Self::Zsh => format!("'{}'", path.replace('\'', "'\\''")),
            // Between single quotes fish reads `\\` and `\'`.
            Self::Fish => format!("'{}'", path.replace('\\', "\\\\").replace('\'', "\\'")),
        }
    }

    /// Wraps `cd`, `pushd` and `popd`; only bash needs it.
    pub fn cd(self) -> &'static str {
        match self {
            Self::Bash => include_str!("../../shell/hflint.cd.bash"),
            Self::Zsh | Self::Fish => "",
        }
    }

    /// Takes the hook out of the running shell.
    pub fn removal(self) -> &'static str {
        match self {
            Self::Bash => include_str!("../../shell/remove.bash"),
            Self::Zsh => include_str!("../../shell/remove.zsh"),
            Self::Fish => include_str!("../../shell/remove.fish"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Shell; 3] = [Shell::Bash, Shell::Zsh, Shell::Fish];

    #[test]
    fn each_file_names_the_binary_once() {
        for shell in ALL {
            assert_eq!(shell.script().matches(&shell.binary_line("hflint")).count(), 1, "{}", shell.name());
            let printed = shell.hook(OsStr::new("/opt/a b/hflint")).unwrap();
            assert!(printed.contains(&shell.binary_line("'/opt/a b/hflint'")), "{}", shell.name());
        }
    }

    #[test]
    fn odd_paths_are_quoted_or_refused() {
        let path = "/o'x\\y/\u{200b}é";
        assert_eq!(Shell::Bash.literal(path), "'/o'\\''x\\y/\u{200b}é'");
        assert_eq!(Shell::Zsh.literal(path), "'/o'\\''x\\y/\u{200b}é'");
        assert_eq!(Shell::Fish.literal(path), "'/o\\'x\\\\y/\u{200b}é'");
        for refused in [&b"/a\nb"[..], b"/a\x1bb", b"/a\xffb"] {
            let refused: &OsStr = std::os::unix::ffi::OsStrExt::from_bytes(refused);
            assert!(ALL.iter().all(|shell| shell.hook(refused).is_none()));
        }
    }
}
