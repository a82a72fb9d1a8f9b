//! A person's machine for one test: a home of their own, variables, and hflint run in it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct Machine {
    home: TempDir,
    env: BTreeMap<OsString, OsString>,
    input: Option<tempfile::NamedTempFile>,
    here: String,
}

impl Machine {
    /// An empty home, an empty PATH.
    pub(crate) fn new() -> Self {
        let home = tempfile::Builder::new().prefix("hflint-test-").tempdir().unwrap();
        let env = BTreeMap::from([("HOME".into(), home.path().into()), ("PATH".into(), "/nonexistent".into())]);
        Self { home, env, input: None, here: String::new() }
    }

    /// A login, and another token in the environment: HF101.
    pub(crate) fn shadowed() -> Self {
        let mut machine = Self::new();
        machine.write(".cache/huggingface/token", &crate::common::token('B'));
        machine.set("HF_TOKEN", crate::common::token('A'));
        machine
    }

    pub(crate) fn set(&mut self, name: &str, value: impl Into<OsString>) -> &mut Self {
        self.env.insert(name.into(), value.into());
        self
    }

    pub(crate) fn unset(&mut self, name: &str) -> &mut Self {
        self.env.remove(std::ffi::OsStr::new(name));
        self
    }

    /// The directory below the home in which `run` runs.
    pub(crate) fn stand(&mut self, cwd: &str) {
        fs::create_dir_all(self.at(cwd)).unwrap();
        cwd.clone_into(&mut self.here);
    }

    /// What programs find on their standard input from now on; it lies outside the home.
    pub(crate) fn set_input(&mut self, text: &str) {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        self.input = Some(file);
    }

    /// A place below the home.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        if path.is_empty() { self.home.path().into() } else { self.home.path().join(path) }
    }

    /// A file of the person's alone, its directories made.
    pub(crate) fn write(&self, path: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    /// hflint here, ready to be started.
    pub(crate) fn command(&self, cwd: &str, args: &[&str]) -> Command {
        self.program(Path::new(env!("CARGO_BIN_EXE_hflint")), cwd, args)
    }

    /// Where the person stands.
    pub(crate) fn here(&self) -> &str {
        &self.here
    }

    /// Another program here.
    pub(crate) fn program(&self, program: &Path, cwd: &str, args: &[&str]) -> Command {
        let cwd = self.at(cwd);
        fs::create_dir_all(&cwd).unwrap();
        let mut command = Command::new(program);
        command.args(args).env_clear().envs(&self.env).env("PWD", &cwd).current_dir(&cwd);
        command.stdin(self.input.as_ref().map_or_else(Stdio::null, |file| fs::File::open(file.path()).unwrap().into()));
        command
    }

    /// What hflint says where the person stands: in the home directory, if nothing else was said.
    pub(crate) fn run(&self, args: &[&str]) -> Said {
        self.run_in(&self.here, args)
    }

    /// What hflint says in a directory below the home.
    pub(crate) fn run_in(&self, cwd: &str, args: &[&str]) -> Said {
        Said::from(self.command(cwd, args).output().unwrap())
    }
}

/// What a program said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Said {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// The codes of `check --format json`.
    pub(crate) fn codes(&self) -> Vec<String> {
        let findings = self.json()["findings"].as_array().unwrap().clone();
        findings.iter().map(|f| f["code"].as_str().unwrap().to_owned()).collect()
    }
}
