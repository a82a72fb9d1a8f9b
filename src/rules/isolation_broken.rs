//! HF901

use super::places::names_read;
use crate::clients::{Outcome, Step};
use crate::finding::{Finding, Location, Severity};
use crate::output::sanitize;
use crate::snapshot::Snapshot;
use crate::state::isolation::{Binding, Broken, By, Here};
use crate::state::variables::CURRENT;

declare_rule! {
    /// ## What it does
    /// Finds a project that was given a credential of its own (`hflint fix --isolate`), and a state that defeats it.
    ///
    /// ## Why it matters
    /// The person believes to be one user here and is another: an upload goes to the wrong account, a private model of
    /// one client is read with the token of another.
    ///
    /// ## Example
    /// ```text
    /// ~/work/p is isolated      but HF_TOKEN was exported again in this shell
    /// ```
    ///
    /// ## How to fix
    /// - moved or made anew: `hflint fix --isolate --rebind` takes the isolation over, `--off` ends it;
    /// - a variable over it: `unset HF_TOKEN`;
    /// - a netrc entry with an old client: comment it out, or upgrade to huggingface_hub 1.0;
    /// - no hook in this shell, an editor, a script: `hflint exec -- COMMAND`, or load the hook.
    ///
    /// ## Exceptions
    /// Silent where every client here sends the project's own credential. A program that the person starts without the
    /// hook has nothing to do with the isolation, and is not looked at.
    ///
    /// ## References
    /// - huggingface_hub 0.23 and newer read HF_TOKEN_PATH; any token variable comes before it
    /// - requests 2.34.2 puts a netrc entry over every token
    pub(super) static RULE = {
        code: "HF901",
        name: "isolation-broken",
        summary: "this project is isolated, but the state here defeats it, or it moved",
        severity: Error,
        since: "0.1.0",
        when: Prompt,
        fix: None,
        check: check,
    }
}

fn check(snapshot: &Snapshot<'_>, out: &mut Vec<Finding>) {
    match snapshot.state.isolation() {
        Here::Nothing => {}
        Here::Broken(binding, why, dir) => out.push(
            Finding::new(&RULE, Severity::Error, format!("the isolation is not applied: {}", why.words(binding)))
                .brief(match why {
                    Broken::Moved => "this project moved and lost its isolation",
                    Broken::Replaced => "this is not the directory that was isolated here",
                })
                .at(Location::directory(dir))
                .help("hflint fix --isolate --rebind", "then it has its own credential again; --off ends it"),
        ),
        Here::Project(binding) => defeated(snapshot, binding, out),
    }
}

fn defeated(snapshot: &Snapshot<'_>, binding: &Binding, out: &mut Vec<Finding>) {
    let system = snapshot.state.system;
    let root = sanitize::json_path(&binding.root);
    let finding = |what: String| Finding::new(&RULE, Severity::Error, format!("{root} is isolated, but {what}"));
    let Some(token) = binding.token(system) else { return };
    if !binding.is_in_effect(system) {
        let path = system.var("HF_TOKEN_PATH").is_some_and(|path| std::path::Path::new(&path) == token);
        let over = crate::state::variables::ALL.iter().filter(|v| v.is_official());
        let over: Vec<&str> = over.map(|v| v.name).filter(|name| snapshot.state.non_empty(name).is_some()).collect();
        out.push(if path && !over.is_empty() {
            over.iter()
                .fold(finding(format!("{} comes before it", over.join(" and "))), |f, name| {
                    f.at(Location::variable(*name))
                })
                .help(format!("unset {}", over.join(" ")), "then every client has the project's own credential")
        } else if binding.by == By::Hook {
            finding(
                "this process does not have its credential: no hook in this shell, or it was started elsewhere"
                    .to_owned(),
            )
            .at(Location::directory(&binding.root))
            .help("hflint exec -- COMMAND", "then the command has the project's own credential")
        } else {
            finding(format!("{} did not set its paths here", binding.by.word()))
                .at(Location::directory(&binding.root))
                .help("hflint exec -- COMMAND", "then the command has the project's own credential")
        });
        return;
    }
    // In effect, and still another credential goes out.
    let own = crate::child::token_of(system, &token).ok().flatten();
    for client in snapshot.installed() {
        let title = format!("{} {}", client.instance.client.title, client.instance.version);
        let reads_token = client.instance.steps().iter().any(|s| matches!(s, Step::File { .. }))
            || names_read(&client.instance).contains(&CURRENT);
        if let Some(by) = client.answer.overridden_by.as_ref().filter(|_| reads_token) {
            out.push(
                finding(format!("{title} sends another credential in its place"))
                    .at(by.clone())
                    .help("NETRC=/dev/null COMMAND", "or `hflint exec -- COMMAND`, which does this and the rest"),
            );
            return;
        }
        if let (Outcome::Token(sent), Some(at)) = (&client.answer.outcome, &client.answer.source)
            && own.as_ref() != Some(sent)
            && reads_token
            && !sent.is_blank()
        {
            out.push(
                finding(format!("{title} sends {} all the same", sent.masked()))
                    .at(at.clone())
                    .help("hflint exec -- COMMAND", "then the command has the project's own credential"),
            );
            return;
        }
    }
    if let Some(dotenv) = snapshot.state.dotenv()
        && let Some(entry) = dotenv.get(CURRENT)
        && let Some(value) = entry.value.as_deref().filter(|v| !v.is_empty())
        && snapshot.state.var(CURRENT).is_none()
        && own.as_ref().is_none_or(|own| own.bytes() != value)
    {
        out.push(
            finding("a program that loads its .env takes HF_TOKEN from there".to_owned())
                .at(Location::line(&dotenv.path, entry.line))
                .help("hflint fix --isolate --export", "then the project's own token comes before .env")
                .lint_only(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{python, run, token};
    use crate::state::isolation::{base, file_name};
    use crate::system::System as _;
    use crate::system::fake::Fake;

    const ROOT: &str = "/home/u/p";

    /// A machine where `/home/u/p` is isolated and logged in with B, seen from inside.
    fn isolated(root: &str) -> Fake {
        let fake = Fake::home().file("/home/u/p/x", "").file("/home/u/q/x", "").cwd(ROOT);
        let stat = fake.stat(root.as_ref()).unwrap();
        let binding = Binding {
            root: root.into(),
            device: stat.device,
            inode: stat.inode,
            directory: "p-1".into(),
            profile: None,
            by: By::Hook,
            export: false,
            cache: None,
            at: None,
        };
        let base = base(&fake).unwrap().display().to_string();
        let name = file_name(root.as_ref(), &stat);
        fake.dir(&format!("{base}/projects"), 0o700)
            .file(&format!("{base}/projects/{name}"), binding.text())
            .file(&format!("{base}/p-1/token"), token('B'))
            .var("HF_TOKEN_PATH", format!("{base}/p-1/token"))
    }

    #[test]
    fn silent_where_it_holds_and_where_there_is_none() {
        assert!(run(&RULE, &isolated(ROOT)).is_empty());
        assert!(run(&RULE, &isolated(ROOT).var("HF_TOKEN", token('B'))).is_empty(), "--export");
        assert!(run(&RULE, &isolated("/home/u/q")).is_empty());
        assert!(run(&RULE, &Fake::home().cwd(ROOT)).is_empty());
    }

    #[test]
    fn what_comes_before_it() {
        let said = |fake: &Fake| run(&RULE, fake).pop().map(|f| f.message).unwrap_or_default();
        assert!(said(&isolated(ROOT).var("HF_TOKEN", token('A'))).contains("HF_TOKEN comes before it"));
        assert!(said(&isolated(ROOT).var("HF_TOKEN_PATH", "/x")).contains("does not have its credential"));
        let netrc = isolated(ROOT).file("/home/u/.netrc", "machine huggingface.co login u password p\n");
        assert!(said(&python(netrc.clone(), &[("huggingface_hub", "0.36.2")])).contains("another credential"));
        assert!(said(&python(netrc, &[("huggingface_hub", "2.4.0")])).is_empty());
        let dotenv = isolated(ROOT).file("/home/u/p/.env", format!("HF_TOKEN={}\n", token('C')));
        assert!(said(&dotenv).contains(".env"));
        let old = python(
            isolated(ROOT).file("/home/u/.cache/huggingface/token", token('A')),
            &[("huggingface_hub", "0.19.4")],
        );
        assert!(said(&old).contains("all the same"));
    }
}
