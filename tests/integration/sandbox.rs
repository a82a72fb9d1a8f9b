//! A throw-away machine for a case, and hflint run in it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tempfile::TempDir;

use crate::cases::{Case, Encoding, FileType, Isolated, Item, PythonKind, Running};
use crate::common::Template;
use crate::encode::{direnv_diff, mise_diff};

/// How long a run may take: far longer than any needs, so that a hang fails and a busy machine does not.
const LIMIT: Duration = Duration::from_secs(10);

/// Whether this process may change owners.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A case, built.
pub(crate) struct Sandbox {
    root: TempDir,
    pub(crate) template: Template,
    cwd: PathBuf,
    cwd_deleted: bool,
    env: BTreeMap<OsString, OsString>,
    closed: Vec<PathBuf>,
    running: Vec<Child>,
}

/// What the shell keeps of variables that a fix took away: by name and number of the fix.
pub(crate) type Kept = BTreeMap<(OsString, String), OsString>;

/// A file: bytes or target, mode, owner, time.
pub(crate) type Content = (Vec<u8>, u32, u32, (i64, i64));

/// What a run came to.
pub(crate) struct Output {
    /// `None` where it was killed, for its time was up or by a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Binds a project to the credential in `.local/share/hflint/isolated/project`, as `hflint fix isolate` does.
fn isolate(isolated: &Isolated, home: &Path) {
    use hflint::state::isolation::{Binding, By, hash};
    let home = home.canonicalize().expect("a home");
    let root = home.join(&isolated.root);
    make_dirs(&root);
    let meta = fs::metadata(&root).expect("a project");
    let binding = Binding {
        root: isolated.moved_from.as_ref().map_or_else(|| root.clone(), |from| home.join(from)),
        device: meta.dev(),
        inode: if isolated.replaced { meta.ino() + 1 } else { meta.ino() },
        directory: "project".into(),
        profile: None,
        by: By::Hook,
        export: false,
        cache: None,
        at: None,
    };
    let name = format!("{}-{:x}-{:x}", hash(binding.root.as_os_str().as_bytes()), binding.device, binding.inode);
    let base = home.join(".local/share/hflint/isolated");
    make_dirs(&base.join("projects"));
    fs::write(base.join("projects").join(&name), binding.text()).expect("a binding");
    fs::set_permissions(base.join("projects").join(&name), Permissions::from_mode(0o600)).expect("a mode");
    fs::set_permissions(base.join("projects"), Permissions::from_mode(0o700)).expect("a mode");
}

/// The directory for sandboxes: others may enter it, or no case about open files could be built.
fn base() -> PathBuf {
    let open = |dir: &Path| {
        dir.canonicalize()
            .is_ok_and(|d| d.ancestors().all(|a| a.metadata().is_ok_and(|m| m.permissions().mode() & 0o001 != 0)))
    };
    [std::env::temp_dir(), PathBuf::from("/tmp"), PathBuf::from("/var/tmp")]
        .into_iter()
        .find(|d| open(d))
        .expect("a directory for temporary files that everybody may enter")
}

impl Sandbox {
    pub(crate) fn build(case: &Case) -> Self {
        let root = tempfile::Builder::new().prefix("hflint-").tempdir_in(base()).expect("a sandbox");
        let at = root.path().to_owned();
        fs::set_permissions(&at, Permissions::from_mode(0o755)).expect("the mode of the sandbox");
        let home = at.join("home");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs();
        let text = |p: &Path| p.to_str().expect("a sandbox with a plain name").to_owned();
        let mut template = Template::new(&text(&home), "", &text(&at), now);
        let cwd = place(&home, &template.fill(&case.cwd));
        template = Template::new(&text(&home), &text(&cwd), &text(&at), now);
        let mut sandbox = Self {
            root,
            template,
            cwd: cwd.clone(),
            cwd_deleted: case.cwd_deleted,
            env: BTreeMap::new(),
            closed: Vec::new(),
            running: Vec::new(),
        };
        make_dirs(&home);
        make_dirs(&at.join("bin"));
        sandbox.set("HOME", home.as_os_str());
        sandbox.set("PATH", at.join("bin").as_os_str());
        sandbox.set("PWD", cwd.as_os_str());
        for program in &case.programs {
            symlink(which(program.as_ref()), at.join("bin").join(program)).expect("a link");
        }
        sandbox.packages(case, &home);
        for item in &case.file {
            sandbox.item(item, &home);
        }
        if !case.cwd_deleted {
            make_dirs(&cwd);
        }
        for item in &case.file {
            sandbox.finish(item, &home);
        }
        if let Some(isolated) = &case.isolated {
            isolate(isolated, &home);
        }
        fs::set_permissions(&home, Permissions::from_mode(mode(&case.home_mode))).expect("the mode of the home");
        sandbox.environment(case);
        for process in &case.process {
            sandbox.running.push(sandbox.begin(process));
        }
        sandbox
    }

    /// Starts a program that sleeps; once this returns it has the environment that it was given.
    fn begin(&self, process: &Running) -> Child {
        let program = self.root().join(format!("programs/{}", process.name));
        if !program.exists() {
            make_dirs(program.parent().expect("a parent"));
            fs::copy(which("sleep".as_ref()), &program).expect("a copy of sleep");
        }
        let mut line = as_anybody();
        line.extend([program.into_os_string(), "1000".into()]);
        let mut command = Command::new(which(&line[0]));
        command.args(&line[1..]).env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.envs(process.env.iter().map(|(name, value)| (name, self.template.fill(value))));
        command.current_dir(place(&self.home(), &process.cwd));
        let child = command.spawn().expect("a program starts");
        let name = PathBuf::from(format!("/proc/{}/comm", child.id()));
        let begun = |_| {
            std::thread::sleep(Duration::from_millis(5));
            fs::read_to_string(&name).is_ok_and(|n| process.name.starts_with(n.trim_end()))
        };
        assert!((0..2000).any(begun), "{} starts in time", process.name);
        child
    }

    /// Whether a finding is about this machine, and not about a program that happens to run beside the tests.
    pub(crate) fn is_of_case(&self, finding: &serde_json::Value) -> bool {
        let own = |at: &serde_json::Value| self.running.iter().any(|child| at["pid"] == child.id());
        finding["code"] != "HF113" || finding["locations"].as_array().is_some_and(|all| all.iter().any(own))
    }

    /// The root, which text output may hold in many places.
    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    fn set(&mut self, name: &str, value: &std::ffi::OsStr) {
        self.env.insert(name.into(), value.to_owned());
    }

    fn environment(&mut self, case: &Case) {
        let fill = |map: &BTreeMap<String, String>| -> BTreeMap<String, String> {
            map.iter().map(|(k, v)| (k.clone(), self.template.fill(v))).collect()
        };
        let mut vars = fill(&case.env);
        if let Some(direnv) = &case.direnv {
            let envrc = place(&self.home(), &self.template.fill(&direnv.envrc));
            let envrc = envrc.to_str().expect("a plain path").to_owned();
            let dir = format!("-{}", envrc.strip_suffix("/.envrc").expect("a path that ends in .envrc"));
            let mut new = fill(&direnv.new);
            // direnv lists its own variables among the new ones.
            new.insert("DIRENV_DIR".into(), dir.clone());
            new.insert("DIRENV_FILE".into(), envrc.clone());
            vars.insert("DIRENV_DIFF".into(), direnv_diff(&fill(&direnv.previous), &new));
            vars.insert("DIRENV_DIR".into(), dir);
            vars.insert("DIRENV_FILE".into(), envrc);
        }
        if let Some(mise) = &case.mise {
            vars.insert("__MISE_DIFF".into(), mise_diff(&fill(&mise.previous), &fill(&mise.new)));
            vars.insert("MISE_SHELL".into(), "bash".into());
        }
        for (name, value) in vars {
            self.set(&name, value.as_ref());
        }
        for (name, value) in &case.env_hex {
            self.set(name, &OsString::from_vec(hex(value)));
        }
        for name in &case.unset {
            self.env.remove(std::ffi::OsStr::new(name));
        }
    }

    fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    fn packages(&mut self, case: &Case, home: &Path) {
        let mark = self.root.path().join("STARTED");
        // hflint reads what is installed and starts nothing: this interpreter tells on it.
        let interpreter = format!("#!/bin/sh\n: > '{}'\n", mark.display());
        for python in &case.python {
            let prefix = place(home, &self.template.fill(&python.path));
            // On PATH a script is a wrapper, which may lead anywhere: a real interpreter is a binary.
            let binary: &[u8] =
                if matches!(python.kind, PythonKind::Path) { b"\x7fELF\x02\x01\x01" } else { interpreter.as_bytes() };
            write(&prefix.join("bin/python3.11"), binary, 0o755);
            symlink("python3.11", prefix.join("bin/python3")).expect("a link");
            let site = prefix.join("lib/python3.11/site-packages");
            make_dirs(&site);
            for (name, version) in &python.packages {
                let info = site.join(format!("{}-{version}.dist-info", name.replace('-', "_")));
                let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nabout\n");
                write(&info.join("METADATA"), metadata.as_bytes(), 0o644);
                write(&info.join("RECORD"), b"", 0o644);
            }
            match python.kind {
                PythonKind::Venv => {
                    let cfg = b"home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n";
                    write(&prefix.join("pyvenv.cfg"), cfg, 0o644);
                }
                PythonKind::Conda => write(&prefix.join("conda-meta/history"), b"", 0o644),
                // By this file Python knows its own prefix.
                PythonKind::Path => write(&prefix.join("lib/python3.11/os.py"), b"", 0o644),
            }
            if python.active {
                let variable = match python.kind {
                    PythonKind::Venv => Some("VIRTUAL_ENV"),
                    PythonKind::Conda => Some("CONDA_PREFIX"),
                    PythonKind::Path => None,
                };
                if let Some(variable) = variable {
                    self.set(variable, prefix.as_os_str());
                }
                let mut path = prefix.join("bin").into_os_string();
                path.push(":");
                path.push(&self.env[std::ffi::OsStr::new("PATH")]);
                self.set("PATH", &path);
            }
        }
        for node in &case.node {
            let modules = place(home, &self.template.fill(&node.path));
            for (name, version) in &node.packages {
                let json = serde_json::json!({ "name": name, "version": version, "type": "module" });
                write(&modules.join(name).join("package.json"), json.to_string().as_bytes(), 0o644);
            }
        }
        for lock in &case.cargo_lock {
            let mut text = String::from("# This file is automatically @generated by Cargo.\nversion = 4\n");
            for (name, version) in &lock.packages {
                let package = format!(
                    "\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n\
                     source = \"registry+https://github.com/rust-lang/crates.io-index\"\n"
                );
                text.push_str(&package);
            }
            write(&place(home, &self.template.fill(&lock.path)), text.as_bytes(), 0o644);
        }
    }

    fn item(&self, item: &Item, home: &Path) {
        let path = place(home, &self.template.fill(&item.path));
        match item.kind {
            FileType::Dir => return make_dirs(&path),
            FileType::Symlink => {
                make_dirs(path.parent().expect("a parent"));
                symlink(self.template.fill(item.content.as_deref().expect("a target")), &path).expect("a link");
                return;
            }
            FileType::Fifo => {
                use rustix::fs::{CWD, FileType, Mode, mknodat};
                make_dirs(path.parent().expect("a parent"));
                mknodat(CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o644), 0).expect("a named pipe");
                return;
            }
            FileType::Socket => {
                make_dirs(path.parent().expect("a parent"));
                std::os::unix::net::UnixListener::bind(&path).expect("a socket");
                return;
            }
            FileType::File => {}
        }
        let mut data = match (&item.content, &item.hex) {
            (Some(text), None) => self.template.fill(text).into_bytes(),
            (None, Some(text)) => hex(text),
            (None, None) => Vec::new(),
            (Some(_), Some(_)) => panic!("content and hex of {}", item.path),
        };
        match item.encoding {
            Encoding::Utf8 => {}
            Encoding::Utf8Bom => data.splice(..0, *b"\xef\xbb\xbf").for_each(drop),
            Encoding::Utf16 => {
                let text = String::from_utf8(data).expect("text");
                data = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
            }
        }
        write(&path, &data, 0o644);
        if let Some(size) = item.size {
            File::options().write(true).open(&path).and_then(|f| f.set_len(size)).expect("a sparse file");
        }
        if let Some(age) = item.age {
            let span = Duration::from_secs(age.unsigned_abs());
            let time = if age < 0 { SystemTime::now() + span } else { SystemTime::now() - span };
            File::options().write(true).open(&path).and_then(|f| f.set_modified(time)).expect("a time");
        }
    }

    /// Modes and owners, once everything is there.
    fn finish(&mut self, item: &Item, home: &Path) {
        let path = place(home, &self.template.fill(&item.path));
        if let Some(text) = &item.mode {
            if item.kind == FileType::Dir {
                self.closed.push(path.clone());
            }
            fs::set_permissions(&path, Permissions::from_mode(mode(text))).expect("a mode");
        }
        if let Some(owner) = item.owner {
            chown(&path, Some(owner), Some(owner)).expect("an owner, as root");
        }
    }

    /// Runs hflint here.
    pub(crate) fn run(&self, args: &[String]) -> Output {
        self.start(args, None)
    }

    /// Runs hflint as the shell's function does, does to the variables what it says, and keeps what `undo` needs.
    pub(crate) fn run_in_shell(&mut self, args: &[String], kept: &mut Kept) -> Output {
        let answer = self.root().join("DIRECTIVES");
        let out = self.start(args, Some(&answer));
        let text = fs::read_to_string(&answer).expect("the answer");
        fs::remove_file(&answer).expect("the answer, once");
        let records: Vec<&str> = text.lines().skip(1).collect();
        for record in records.chunks(3) {
            let (name, id) = (OsString::from(record[1]), record[2].to_owned());
            match record[0] {
                "x" => {
                    if let Some(value) = self.env.remove(&name) {
                        kept.insert((name, id), value);
                    }
                }
                "b" => {
                    let value = kept.remove(&(name.clone(), id)).expect("the old value");
                    self.env.insert(name, value);
                }
                other => panic!("a directive that no rule's fix gives: {other}"),
            }
        }
        out
    }

    fn start(&self, args: &[String], answer: Option<&Path>) -> Output {
        let mut line = as_anybody();
        if self.cwd_deleted {
            make_dirs(&self.cwd);
            let script = r#"cd "$1" && "$2" "$1" && shift 2 && exec "$@""#;
            line.extend([which("sh".as_ref()).into(), "-c".into(), script.into(), "sh".into()]);
            line.extend([self.cwd.clone().into(), which("rmdir".as_ref()).into()]);
        }
        if let Some(answer) = answer {
            line.extend([which("sh".as_ref()).into(), "-c".into(), r#"exec 3>"$0"; exec "$@""#.into()]);
            line.push(answer.into());
        }
        line.push(env!("CARGO_BIN_EXE_hflint").into());
        line.extend(args.iter().map(|a| OsString::from(self.template.fill(a))));
        let out = File::options().read(true).write(true).create_new(true).open(self.root().join("OUT"));
        let err = File::options().read(true).write(true).create_new(true).open(self.root().join("ERR"));
        let mut command = Command::new(which(&line[0]));
        command.args(&line[1..]).env_clear().envs(&self.env).stdin(Stdio::null());
        if answer.is_some() {
            command.env("HFLINT_FD", "3");
        }
        command.stdout(out.expect("a file for the output")).stderr(err.expect("a file for the errors"));
        if !self.cwd_deleted {
            command.current_dir(&self.cwd);
        }
        let code = limited(&mut command);
        let take = |name: &str| {
            let path = self.root().join(name);
            let bytes = fs::read(&path).expect("the output");
            fs::remove_file(&path).expect("the output, once");
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Output { code, stdout: take("OUT"), stderr: take("ERR") }
    }

    /// Whether a fake interpreter was started.
    pub(crate) fn started_something(&self) -> bool {
        self.root().join("STARTED").exists()
    }

    /// The variables of the shell.
    pub(crate) fn variables(&self) -> &BTreeMap<OsString, OsString> {
        &self.env
    }

    /// Every file with its bytes or target, mode, owner and time: all that an undo has to put back. The journal and
    /// hflint's record grow; directories have the time of whatever came and went in them.
    pub(crate) fn contents(&self) -> BTreeMap<PathBuf, Content> {
        let mut out = BTreeMap::new();
        let mut open = vec![self.root().to_owned()];
        while let Some(dir) = open.pop() {
            for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
                let path = entry.path();
                let Ok(meta) = path.symlink_metadata() else { continue };
                if path.ends_with(".local/state/hflint") {
                    continue;
                }
                let mut time = (0, 0);
                let bytes = if meta.is_symlink() {
                    fs::read_link(&path).expect("a link").into_os_string().into_vec()
                } else if meta.is_file() && meta.len() < 1 << 24 {
                    time = (meta.mtime(), meta.mtime_nsec());
                    fs::read(&path).expect("a file")
                } else {
                    Vec::new()
                };
                // Parents of the journal may be made, and stay.
                if !is_above_the_journal(&path, &meta) {
                    out.insert(path.clone(), (bytes, meta.mode(), meta.uid(), time));
                }
                if meta.is_dir() {
                    open.push(path);
                }
            }
        }
        out
    }

    /// Every file with its mode, size and time, to see that nothing was touched. hflint's own record may grow.
    pub(crate) fn listing(&self) -> Vec<String> {
        let mut out = Vec::new();
        let mut open = vec![self.root().to_owned()];
        while let Some(dir) = open.pop() {
            for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
                let path = entry.path();
                let Ok(meta) = path.symlink_metadata() else { continue };
                if path.ends_with(".local/state/hflint") || (self.cwd_deleted && path == self.cwd) {
                    continue;
                }
                // The time of a directory changes when the output files come and go in the root.
                let time = if meta.is_dir() { 0 } else { meta.mtime_nsec() };
                if !is_above_the_journal(&path, &meta) {
                    out.push(format!("{} {:o} {} {time}", path.display(), meta.mode(), meta.uid()));
                }
                if meta.is_dir() {
                    open.push(path);
                }
            }
        }
        out.sort();
        out
    }
}

/// Whether this is a directory above that of journal and record.
fn is_above_the_journal(path: &Path, meta: &fs::Metadata) -> bool {
    meta.is_dir() && (path.ends_with(".local") || path.ends_with(".local/state"))
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        for child in &mut self.running {
            let _ = child.kill();
            let _ = child.wait();
        }
        for dir in &self.closed {
            let _ = fs::set_permissions(dir, Permissions::from_mode(0o700));
        }
    }
}

/// What a command begins with that has no rights over other people's files.
fn as_anybody() -> Vec<OsString> {
    let mut line: Vec<OsString> = Vec::new();
    if is_root() {
        // As root a file mode means nothing, unless these two are gone.
        line.extend(["setpriv", "--inh-caps", "-dac_override,-dac_read_search"].map(OsString::from));
        line.extend(["--bounding-set", "-dac_override,-dac_read_search", "--"].map(OsString::from));
    }
    line
}

fn which(name: &std::ffi::OsStr) -> PathBuf {
    if name.as_bytes().contains(&b'/') {
        return name.into();
    }
    let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    std::env::split_paths(&path)
        .map(|d| d.join(name))
        .find(|p| p.is_file())
        .unwrap_or_else(|| panic!("no {} on PATH", name.display()))
}

/// The exit code, or `None` where it did not end by itself.
fn limited(command: &mut Command) -> Option<i32> {
    let mut child = command.spawn().expect("hflint starts");
    let pid = rustix::process::Pid::from_child(&child);
    let (done, wait) = mpsc::channel::<()>();
    let watchdog = std::thread::spawn(move || {
        let late = wait.recv_timeout(LIMIT) == Err(mpsc::RecvTimeoutError::Timeout);
        if late {
            // The sender below lives until `wait` has returned, so the id is still this child's.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    });
    let status = child.wait().expect("hflint ends");
    drop(done);
    watchdog.join().expect("the watchdog");
    if status.signal().is_some() { None } else { status.code() }
}

/// Below the home, unless it is absolute.
fn place(home: &Path, path: &str) -> PathBuf {
    let path = path.strip_prefix("./").unwrap_or(path);
    if path == "." { home.to_owned() } else { home.join(path) }
}

/// Directories of mode 0755, whatever the umask is.
fn make_dirs(path: &Path) {
    let missing: Vec<&Path> = path.ancestors().take_while(|p| !p.exists()).collect();
    fs::create_dir_all(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    for dir in missing {
        fs::set_permissions(dir, Permissions::from_mode(0o755)).expect("the mode of a directory");
    }
}

fn write(path: &Path, data: &[u8], mode: u32) {
    make_dirs(path.parent().expect("a parent"));
    fs::write(path, data).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("the mode of a file");
}

fn mode(text: &str) -> u32 {
    u32::from_str_radix(text, 8).unwrap_or_else(|_| panic!("not a mode: {text}"))
}

fn hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "half a byte: {text}");
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).expect("hexadecimal digits")).collect()
}
