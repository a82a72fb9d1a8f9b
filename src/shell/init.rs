//! The scripts that `hflint init` prints: the very files of `shell/`, with the path of the binary put in.
//!
//! No template engine: the files are read by shellcheck, shfmt and fish_indent as they ship, and one line of each names
//! the binary.

use std::ffi::OsStr;

/// The variables whose change makes a shell ask: those that a finding of the prompt can hang on and that are set by
/// hand or by an environment's activation. `HFLINT`, `HFLINT_PROJECT` and the directory are watched besides.
///
/// The scripts hold the same list, so that they work as plugins without `init`; a test keeps them equal.
pub const NAMES: [&str; 32] = [
    "HF_TOKEN",
    "HUGGING_FACE_HUB_TOKEN",
    "HF_ACCESS_TOKEN",
    "HF_API_KEY",
    "HF_API_TOKEN",
    "HF_AUTH_TOKEN",
    "HF_HUB_TOKEN",
    "HUGGINGFACEHUB_API_KEY",
    "HUGGINGFACEHUB_API_TOKEN",
    "HUGGINGFACE_ACCESS_TOKEN",
    "HUGGINGFACE_API_KEY",
    "HUGGINGFACE_API_TOKEN",
    "HUGGINGFACE_HUB_TOKEN",
    "HUGGINGFACE_TOKEN",
    "HUGGING_FACE_LLM_API_KEY",
    "HUGGING_FACE_TOKEN",
    "USER_MANAGED_HF_API_KEY",
    "HF_TOKEN_PATH",
    "HF_HOME",
    "HF_ENDPOINT",
    "HF_HUB_CACHE",
    "HUGGINGFACE_HUB_CACHE",
    "HF_HUB_OFFLINE",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN",
    "HF_HUB_ETAG_TIMEOUT",
    "HF_HUB_DOWNLOAD_TIMEOUT",
    "HF_OIDC_RESOURCE",
    "XDG_CACHE_HOME",
    "HOME",
    "NETRC",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
];

/// A shell that has a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    /// bash 3.2 and later
    Bash,
    /// zsh 5.0 and later
    Zsh,
    /// fish 3.4 and later
    Fish,
    /// xonsh 0.18.2 and later
    Xonsh,
    /// elvish 0.19 and later
    Elvish,
    /// nushell 0.108 and later
    #[value(alias = "nushell")]
    Nu,
}

impl Shell {
    /// As it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::Xonsh => "xonsh",
            Self::Elvish => "elvish",
            Self::Nu => "nu",
        }
    }

    /// By its name, as [`Self::name`] gives it.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Bash, Self::Zsh, Self::Fish, Self::Xonsh, Self::Elvish, Self::Nu].into_iter().find(|s| s.name() == name)
    }

    /// The number of its script, which the script holds as well and tells with each call: so a shell that still runs
    /// another one can be told. Raised with each change of that script, however small, since what it is worth to load it
    /// anew is not known when it is changed; each shell has its own, since a change of one is no news in the others.
    /// `shell/numbers` holds the bytes to it.
    pub fn number(self) -> &'static str {
        match self {
            Self::Fish | Self::Xonsh | Self::Elvish => "2",
            Self::Nu => "3",
            Self::Bash | Self::Zsh => "5",
        }
    }

    /// What loads this program's script into a running shell; the state of the old one is kept.
    pub fn reload_line(self) -> &'static str {
        match self {
            // It reads a file whole before it runs any of it, and what one declares ends with it.
            Self::Nu => "start a new shell",
            other => other.load_line(),
        }
    }

    /// What a person writes into [`Self::start_file`].
    pub fn load_line(self) -> &'static str {
        match self {
            Self::Bash => "eval \"$(hflint init bash)\"",
            Self::Zsh => "eval \"$(hflint init zsh)\"",
            Self::Fish => "hflint init fish | source",
            Self::Xonsh => "execx($(hflint init xonsh))",
            Self::Elvish => "eval (hflint init elvish | slurp)",
            // It reads a file whole before it runs any of it; those in this directory after the one that says this.
            Self::Nu => {
                "mkdir $nu.user-autoload-dirs.0; hflint init nu | save -f ($nu.user-autoload-dirs.0 | path join hflint.nu)"
            }
        }
    }

    /// Where that line belongs: read by every interactive shell.
    pub fn start_file(self) -> &'static str {
        match self {
            Self::Bash => "~/.bashrc",
            Self::Zsh => "~/.zshrc",
            Self::Fish => "~/.config/fish/config.fish",
            Self::Xonsh => "~/.xonshrc",
            Self::Elvish => "~/.config/elvish/rc.elv",
            Self::Nu => "~/.config/nushell/config.nu",
        }
    }

    fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("../../shell/hflint.bash"),
            Self::Zsh => include_str!("../../shell/hflint.zsh"),
            Self::Fish => include_str!("../../shell/hflint.fish"),
            Self::Xonsh => include_str!("../../shell/hflint.xsh"),
            Self::Elvish => include_str!("../../shell/hflint.elv"),
            Self::Nu => include_str!("../../shell/hflint.nu"),
        }
    }

    /// The line that names the binary, with the name as it stands in the file.
    fn unset_line(self) -> &'static str {
        match self {
            Self::Bash | Self::Zsh => "__hflint_bin=(hflint)",
            Self::Fish => "set -gu __hflint_bin hflint",
            Self::Xonsh | Self::Nu => "BINARY = 'hflint'",
            Self::Elvish => "var binary = 'hflint'",
        }
    }

    /// The same line, with a path as one word of the shell.
    fn binary_line(self, word: &str) -> String {
        match self {
            Self::Bash | Self::Zsh => format!("__hflint_bin=({word})"),
            Self::Fish => format!("set -gu __hflint_bin {word}"),
            Self::Xonsh | Self::Nu => format!("BINARY = {word}"),
            Self::Elvish => format!("var binary = {word}"),
        }
    }

    /// The hook, for `eval` or `source`; `None` where no script can name the binary: a path that is not UTF-8 would
    /// have to go through every locale, one with a line end through `$(…)`.
    pub fn hook(self, binary: &OsStr) -> Option<String> {
        let path = binary.to_str().filter(|p| !p.chars().any(char::is_control))?;
        let script = self.script().replacen(self.unset_line(), &self.binary_line(&self.literal(path)), 1);
        Some(if self == Self::Zsh { read_late(&script) } else { script })
    }

    /// A path as one word, exactly: unlike [`super::quote`], which is also read by people, it escapes nothing unseen.
    fn literal(self, path: &str) -> String {
        match self {
            Self::Bash | Self::Zsh => format!("'{}'", path.replace('\'', "'\\''")),
            // Between single quotes fish and Python read `\\` and `\'`.
            Self::Fish | Self::Xonsh => format!("'{}'", path.replace('\\', "\\\\").replace('\'', "\\'")),
            Self::Elvish => format!("'{}'", path.replace('\'', "''")),
            // Its single quotes can't hold their own kind; double ones read `\\` and `\"`, and nothing else of a path.
            Self::Nu if path.contains('\'') => {
                format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
            }
            Self::Nu => format!("'{path}'"),
        }
    }

    /// Wraps `cd`, `pushd` and `popd`; only bash needs it.
    pub fn cd(self) -> &'static str {
        match self {
            Self::Bash => include_str!("../../shell/hflint.cd.bash"),
            Self::Zsh | Self::Fish | Self::Xonsh | Self::Elvish | Self::Nu => "",
        }
    }

    /// Takes the hook out of the running shell.
    pub fn removal(self) -> &'static str {
        match self {
            Self::Bash => include_str!("../../shell/remove.bash"),
            Self::Zsh => include_str!("../../shell/remove.zsh"),
            Self::Fish => include_str!("../../shell/remove.fish"),
            Self::Xonsh => include_str!("../../shell/remove.xsh"),
            Self::Elvish => include_str!("../../shell/remove.elv"),
            Self::Nu => include_str!("../../shell/remove.nu"),
        }
    }
}

/// What stands between these lines as one word for an `eval` of its own: zsh reads the whole of a text before it runs any
/// of it, and puts in aliases as it reads; the first lines switch them off.
///
/// Each line is quoted by itself, since CSH_JUNKIE_QUOTES allows no more.
fn read_late(script: &str) -> String {
    let (before, rest) = script.split_once(ALIASES_OFF).unwrap_or(("", script));
    let (late, after) = rest.split_once(ALIASES_ON).unwrap_or((rest, ""));
    let mut text = format!("{before}{ALIASES_OFF}'builtin' 'eval' \\\n");
    for line in late.lines() {
        text.push_str("$'");
        text.push_str(&line.replace('\\', "\\\\").replace('\'', "\\'"));
        text.push_str("\\n'\\\n");
    }
    text + "\n" + ALIASES_ON + after
}

/// The last line of those that switch aliases off, and the first of those that put back what was.
const ALIASES_OFF: &str = "'builtin' 'eval' '[[ \"${histchars-}\" == \"!^#\" ]] || histchars=\"!^#\"'\n";
const ALIASES_ON: &str =
    "'builtin' 'eval' '[[ \"${histchars-}\" == \"${__hflint_histchars}\" ]] || histchars=\"${__hflint_histchars}\"'\n";

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[Shell] = &[Shell::Bash, Shell::Zsh, Shell::Fish, Shell::Xonsh, Shell::Elvish, Shell::Nu];

    #[test]
    fn each_file_names_the_binary_once() {
        for shell in ALL {
            assert_eq!(shell.script().matches(shell.unset_line()).count(), 1, "{}", shell.name());
            let printed = shell.hook(OsStr::new("/opt/a b/hflint")).unwrap();
            let line = shell.binary_line("'/opt/a b/hflint'");
            let line = if *shell == Shell::Zsh { line.replace('\'', "\\'") } else { line };
            assert!(printed.contains(&line), "{}", shell.name());
        }
    }

    #[test]
    fn zsh_reads_nothing_but_quoted_words_while_aliases_are_on() {
        let printed = Shell::Zsh.hook(OsStr::new("/bin/hflint")).unwrap();
        assert_eq!((printed.matches(ALIASES_OFF).count(), printed.matches(ALIASES_ON).count()), (1, 1));
        for line in printed.lines().filter(|line| !line.is_empty()) {
            let bare = line.starts_with("__hflint_histchars=");
            assert!(bare || line.starts_with('\'') || line.starts_with("$'") && line.ends_with("\\n'\\"), "{line}");
        }
    }

    #[test]
    fn each_file_has_the_number() {
        for shell in ALL {
            let number = shell.number();
            let line = match shell {
                Shell::Bash => format!("    __hflint_script=({number})\n"),
                Shell::Zsh => format!("    __hflint_script=('{number}')\n"),
                Shell::Fish => format!("    set -gu __hflint_script {number}\n"),
                Shell::Xonsh => format!("    SCRIPT = '{number}'\n"),
                Shell::Elvish => format!("var script = {number}\n"),
                Shell::Nu => format!("    const SCRIPT = '{number}'\n"),
            };
            assert_eq!(shell.script().matches(&line).count(), 1, "{}", shell.name());
            assert_eq!(Shell::named(shell.name()), Some(*shell));
        }
    }

    /// A script that changes without a new number would leave shells with the old one untold. One line for each number:
    /// add the next, and leave those before it, or two scripts would have had the same.
    #[test]
    fn a_changed_file_has_a_new_number() {
        let rows: Vec<Vec<&str>> = include_str!("../../shell/numbers")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split(' ').collect())
            .collect();
        for shell in ALL {
            let mine: Vec<(u32, &str)> =
                rows.iter().filter(|row| row[0] == shell.name()).map(|row| (row[1].parse().unwrap(), row[2])).collect();
            assert!(mine.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 != two[1].1), "{}", shell.name());
            let text = [shell.script(), shell.cd()].concat();
            let now = (shell.number().parse().unwrap(), crate::secret::sha256(text.as_bytes()));
            assert_eq!(
                mine.last().map(|(number, hash)| (*number, (*hash).to_owned())),
                Some(now),
                "the script of {} changed: raise its number here and there, and add a line to shell/numbers",
                shell.name()
            );
        }
        assert!(rows.iter().all(|row| row.len() == 3 && Shell::named(row[0]).is_some()));
    }

    #[test]
    fn each_file_watches_the_same_names() {
        for shell in ALL {
            let names = NAMES.join(" ");
            let line = match shell {
                Shell::Bash | Shell::Zsh => format!("    __hflint_names=({names})\n"),
                Shell::Fish => format!("    set -gu __hflint_names {names}\n"),
                Shell::Xonsh => format!("    NAMES = '{names}'.split()\n"),
                Shell::Elvish => format!(" {}]\n", NAMES.map(|name| format!("$E:{name}")).join(" ")),
                Shell::Nu => format!(" {}]\n", NAMES.map(|name| format!("$env.{name}?")).join(" ")),
            };
            assert_eq!(shell.script().matches(&line).count(), 1, "{}: {line}", shell.name());
        }
    }

    #[test]
    fn odd_paths_are_quoted_or_refused() {
        let path = "/o'x\\y/\u{200b}é";
        assert_eq!(Shell::Bash.literal(path), "'/o'\\''x\\y/\u{200b}é'");
        assert_eq!(Shell::Zsh.literal(path), "'/o'\\''x\\y/\u{200b}é'");
        assert_eq!(Shell::Xonsh.literal(path), Shell::Fish.literal(path));
        assert_eq!(Shell::Elvish.literal(path), "'/o''x\\y/\u{200b}é'");
        assert_eq!(Shell::Nu.literal(path), "\"/o'x\\\\y/\u{200b}é\"");
        assert_eq!(Shell::Fish.literal(path), "'/o\\'x\\\\y/\u{200b}é'");
        for refused in [&b"/a\nb"[..], b"/a\x1bb", b"/a\xffb"] {
            let refused: &OsStr = std::os::unix::ffi::OsStrExt::from_bytes(refused);
            assert!(ALL.iter().all(|shell| shell.hook(refused).is_none()));
        }
    }
}
