//! git and git-lfs.

use super::super::board::Board;
use super::super::texts::Says as S;
use super::Case;
use crate::finding::Location;

/// git and git-lfs, which know neither HF_TOKEN nor the token file.
pub(super) fn judge(case: &Case<'_, '_, '_>, board: &mut Board) {
    let here = case.here;
    let stored: Vec<Location> = here.snapshot.state.git().stored.iter().map(|s| s.credential.source.clone()).collect();
    let writes = case.request.marks.writes;
    let refused = case.says(&[S::GitRefused]) || (case.request.marks.git && case.says(&[S::AnonymousOrMissing]));
    let command = "hf auth login --add-to-git-credential";
    let then = "then git has the login too; it reads neither HF_TOKEN nor the token file";
    if case.says(&[S::GitPassword]) {
        board.add("git-credential", 98, "git was given the account's password, or an old entry of its store: only a token or an SSH key is taken").at(&stored).rules(&["HF110"]).help(command, then);
    }
    if case.says(&[S::GitLfs, S::GitNone]) {
        board.add("git-credential", 96, "git has no credential for the hub, or another one than you think: a store, a keychain, or LFS over https after an SSH clone").at(&stored).rules(&["HF110"]).help(command, then);
        if case.in_ci() {
            board
                .add("ci-secret-empty", 86, "in a job: the secret is empty, so git asks for a user name")
                .at(&here.blank_variable())
                .rules(&["HF201"])
                .help("gh secret list", "shows the names of the secrets");
        }
    }
    if refused {
        let score = if stored.is_empty() { 90 } else { 95 };
        let credential = if writes && !stored.is_empty() { 91 } else { score };
        board.add("git-credential", credential, "git's own credential was refused: it comes from its store or from the address, not from HF_TOKEN or the login").at(&stored).rules(&["HF110", "HF304"]).help(command, then);
        board
            .add(
                "token-scope",
                if stored.is_empty() {
                    84
                } else if writes || here.sent().is_none() {
                    96
                } else {
                    86
                },
                "a token of the role read cannot push",
            )
            .at(&stored)
            .help(
                "open https://huggingface.co/settings/tokens",
                "make a token of the role write, then log in with --add-to-git-credential",
            );
        if case.in_ci() {
            board
                .add(
                    "ci-secret-empty",
                    if here.blank_variable().is_some() || stored.is_empty() { 96 } else { 80 },
                    "in a job: the secret in the address is empty or old",
                )
                .at(&here.blank_variable())
                .rules(&["HF201"])
                .help("gh secret list", "shows the names of the secrets");
        }
    }
    // The program does not show what git said: nothing of it is certain, and with an answer of the server nothing is needed.
    if case.says(&[S::GitFailed]) && !refused && !case.says(&[S::GitPassword, S::GitLfs, S::GitNone, S::GitDenied]) {
        board
            .add("git-credential", 65, "the program runs git, which reads neither HF_TOKEN nor the token file: a gated or private repository needs git's own credential")
            .at(&stored)
            .rules(&["HF110"])
            .help(command, then);
        board.add("wrong-repo-id", 50, "git stops in this way where there is no repository of that name, too").help(
            "git ls-remote https://huggingface.co/ORG/NAME",
            "shows what git says, which the program keeps to itself",
        );
        board
            .add("network", 45, "or the hub was not reached")
            .help("curl -sI https://huggingface.co", "tells whether it can be reached");
    }
    // The hook that declines does so for a right that is missing, or for what it found, which is then said.
    if case.says(&[S::Rejected]) {
        board
            .add(
                "unknown-local",
                95,
                "the push is refused for what is in it, as the lines above say (binary or large files outside LFS and Xet, LFS files that were not sent, a card that is not valid): nothing is wrong with the token",
            )
            .help(
                "git lfs migrate import --everything --include='*.bin'",
                "with the names of the offending files: moves them out of all commits, as a later one that removes them does not",
            );
    } else if case.says(&[S::GitDenied]) {
        board
            .add(
                "token-scope",
                96,
                "the token that git sends may read and not write, or its account has no write role there",
            )
            .at(&stored)
            .help(
                "open https://huggingface.co/settings/tokens",
                "make a token of the role write, then log in with --add-to-git-credential",
            );
        board
            .add("git-credential", 66, "git may send another credential than the login")
            .at(&stored)
            .rules(&["HF110"])
            .help(command, then);
    }
}
