//! Files: in the storage behind the hub, on their way, and as they are loaded; and what only runs on the hub.

use super::super::board::Board;
use super::super::texts::Says as S;
use super::Case;

/// What failed with the files, and with what was made of them.
pub(super) fn judge(case: &Case<'_, '_, '_>, board: &mut Board) {
    let hub_said = case.says(&[S::Refused, S::GatedAnonymous, S::NotAuthorized, S::Scope, S::Expired, S::Pending]);
    let of = |score: u32| if hub_said { score / 2 } else { score };
    if case.says(&[S::Storage]) {
        board
            .add("server-side", of(90), "the storage behind the hub refused an address that the hub had signed: the file is not there, or the address is older than an hour; the storage knows no tokens, so it is none of theirs")
            .help("open https://status.huggingface.co", "says whether it is known; a new attempt gets a new address");
        board
            .add("network", of(70), "an address that was signed by a clock that is hours away is refused too, and so is what a firewall or a download manager asks for once more")
            .help("date -u", "shows the clock; the address holds until its Expires");
        board
            .add("tls-proxy", of(60), "a firewall that lets the hub through and not its storage answers so")
            .help("curl -sI https://cdn-lfs.huggingface.co", "tells whether it can be reached");
    }
    if case.says(&[S::Pointer]) {
        board
            .add("cache-path-mismatch", of(93), "what is on the disk is not the file: it is the pointer of git-lfs, of some 130 bytes, or a page that was saved in its place; or it was cut off")
            .rules(&["HF401"])
            .help("git lfs install && git lfs pull", "in the clone; what came without git is fetched anew by `hf download ORG/NAME --force-download`");
    }
    if case.says(&[S::Locked]) {
        board
            .add("unknown-local", of(92), "the download waits for a lock: another process fetches the same file, or one that was killed left it behind on a file system without locks of its own (NFS and the like)")
            .help("find ~/.cache/huggingface -name '*.lock'", "lists them; those that no process holds may be deleted");
        board
            .add("token-file-permission", of(60), "a lock of another user, or a directory where none can be made")
            .rules(&["HF406"])
            .help("hflint status --caches", "shows whose the caches are");
    }
    if case.says(&[S::LongPath]) {
        board
            .add("unknown-local", of(91), "the path of the file is longer than this system takes: Windows ends at 260 characters unless long paths are switched on")
            .help("export HF_HOME=/a/short/directory", "shortens all of them; or a shorter --local-dir");
    }
    if case.says(&[S::OwnPage]) {
        board
            .add("wrong-endpoint", of(93), "a page came in place of the file: transformers.js asks the page's own server first, below /models/, and that one answers everything with its start page")
            .help("env.allowLocalModels = false", "in the program, before the first model; and empty the browser's cache, which kept the page");
    }
    if case.says(&[S::Space]) {
        board
            .add(
                "server-side",
                of(88),
                "the Space does not run: it sleeps, is paused or failed; its owner has to start it",
            )
            .help("open https://huggingface.co/spaces", "its page says how it stands");
        board
            .add("no-token", of(62), "a private Space does not answer to who sends no token")
            .help("hflint status", "shows whether a token is sent");
        board
            .add("client-version", of(58), "gradio_client has to fit the Gradio that the Space runs")
            .help("pip install --upgrade gradio_client", "brings the newest");
    }
    if case.says(&[S::Scripts]) {
        board
            .add(
                "client-version",
                of(95),
                "datasets 4 runs no code of repositories any more, and this one is made by a script",
            )
            .help("pip install 'datasets<4'", "still runs it; or ask for a copy of the data in Parquet");
    }
}
