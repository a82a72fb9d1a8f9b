//! What error texts say, and the form of one in the table.

/// What a text says, once its wording is set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Says {
    /// A token arrived at the hub, which refuses it.
    Refused,
    /// A token arrived, and is past its time.
    Expired,
    /// The hub refuses what the variable holds.
    RefusedVariable,
    /// The hub refuses what the token file holds.
    RefusedFile,
    /// The hub refuses the token of Colab's vault.
    RefusedColab,
    /// A program's login failed, with its own token or for want of one.
    LoginFailed,
    /// whoami answered 401 to some token.
    RefusedSomewhere,
    /// No token arrived, and the repository is private or is not there.
    AnonymousOrMissing,
    /// No token arrived at a gated repository.
    GatedAnonymous,
    /// No token arrived; nothing failed for that reason alone.
    Unauthenticated,
    /// The client found no token and sent nothing.
    NoneFound,
    /// A release that sends the saved token only where it is asked to.
    AskedOnly,
    /// An option for a token was given nothing.
    BlankArgument,
    /// The code hands over an empty text as the token.
    BlankInCode,
    /// A program wants a variable that is not set.
    VariableMissing,
    /// A gate stands before the repository; who was refused is not said.
    Gated,
    /// The same, said by a program that is handed its token in code, whatever went wrong.
    GatedPipeline,
    /// The account of a live token has not passed the gate.
    NotAuthorized,
    /// The request to pass it is pending or was refused.
    Pending,
    /// A fine-grained token lacks the box for gated repositories, or another permission.
    Scope,
    /// Writing is refused.
    WriteRefused,
    /// The name under which to create belongs to somebody else.
    Namespace,
    /// 403, no more is said.
    Forbidden,
    /// The repository is not there, or is not for this account.
    Missing,
    /// The revision, or the file in it, is not there.
    MissingFile,
    /// A model could not be loaded, from the hub or from a directory; why is not said.
    Unloaded,
    /// An address that was encoded twice, which no server understands.
    EncodedTwice,
    /// The repository's name cannot be one.
    BadName,
    /// The repository was switched off.
    Disabled,
    /// The header could not be made of what was given: the cause stands in the quoted value.
    BadHeader,
    /// The header could not be made: a character that is not ASCII.
    BadLetter,
    /// The prompt was answered with something that is no token.
    Paste,
    /// A value that has not the form of a token was left out by the client.
    LeftOut,
    /// An organization's token.
    Organization,
    /// The variable wins over a login, which therefore changes nothing.
    Shadow,
    /// Where to look for a login that is said not to be there.
    NotListed,
    /// Colab's vault was asked and gave nothing.
    Vault,
    /// Offline mode is on.
    Offline,
    /// Nothing in the cache, and no look outside was allowed.
    CacheOnly,
    /// Nothing in the cache, and the look outside failed.
    CacheMiss,
    /// The hub answered with an error, whose number is not shown.
    Answered,
    /// A file of the cache that something points at is not there.
    CacheBroken,
    /// What is on the disk is not the file: the pointer that stands for it in git, or a page.
    Pointer,
    /// A lock of a download is held, or cannot be.
    Locked,
    /// The path of a file is longer than the system takes.
    LongPath,
    /// The rest of a file was asked for, and the file is not as long as what is there already.
    Range,
    /// The storage behind the hub refused the session that its client had been given.
    XetSession,
    /// The transfer from the storage behind the hub failed.
    Xet,
    /// The storage behind the hub refused an address that the hub had signed.
    Storage,
    /// A faster way to transfer is switched on, or the only one, and its package is not there.
    NoTransfer,
    /// The program was built without what it needs to reach the hub.
    Unbuilt,
    /// The account has nothing left to pay with.
    Credits,
    /// No provider serves the model, or none that the account has switched on.
    NoProvider,
    /// The storage of the account is full, or more was stored than the hub allows without asking.
    Quota,
    /// A repository of this name is there already.
    Taken,
    /// An address that the hub has given up.
    Retired,
    /// Something else than the hub answered.
    OtherServer,
    /// The page's own server answered in place of the hub.
    OwnPage,
    /// A Space does not run, or does not answer.
    Space,
    /// Code of a repository, which datasets runs no more.
    Scripts,
    /// TLS: the certificate.
    Tls,
    /// The proxy.
    Proxy,
    /// No connection.
    Connection,
    /// An error of the connection by its class alone, which may wrap an answer of the hub.
    Wrapped,
    /// Files of the login cannot be read or written.
    Denied,
    /// The cache cannot be written; told as a warning.
    NotWritable,
    /// The disk is full.
    DiskFull,
    /// The home directory is that of nobody.
    Homeless,
    /// The token file is a directory.
    Directory,
    /// The token file is not UTF-8.
    Undecodable,
    /// git was given a password.
    GitPassword,
    /// git's credential was refused.
    GitRefused,
    /// git has no credential.
    GitNone,
    /// git may not push.
    GitDenied,
    /// A program ran `git clone` on the hub's address, which failed; why is not said.
    GitFailed,
    /// A push is refused for what is in it.
    Rejected,
    /// git-lfs has the wrong credential, or none.
    GitLfs,
    /// Too many requests.
    Rate,
    /// Too many requests of an address: no token arrived.
    RateOfIp,
    /// Too many requests of an account: its token arrived.
    RateOfAccount,
    /// The old command does nothing.
    OldCommand,
    /// The server failed.
    Server,
    /// 400.
    BadRequest,
    /// An OAuth login ran out or was not finished.
    OAuth,
    /// An OIDC exchange failed.
    Oidc,
    /// The stored tokens cannot be read, or hold no such name.
    Stored,
    /// An address that answers 401 to every token.
    WhoamiV1,
    /// A path that a program has by heart.
    FixedPath,
    /// A notebook's widget for the login.
    Widget,
    /// A traceback through huggingface_hub whose error is not in the table.
    Traceback,
    /// The client, or a library, does not know what it is asked for.
    Outdated,
    /// A token stands in the text.
    Token,
    /// Said, and no fault.
    Harmless,
}

/// One text.
#[derive(Debug)]
pub(crate) struct Text {
    /// Stays for good; several wordings of one message share it.
    pub(crate) id: &'static str,
    /// What it says.
    pub(crate) says: Says,
    /// Whether it is about Hugging Face wherever it stands; otherwise something else in the log has to say so.
    pub(crate) own: bool,
    /// The pieces, in order.
    pub(crate) pieces: &'static [&'static str],
    /// The program and releases, or the kind of place where it was seen.
    pub(crate) source: &'static str,
    /// As it is printed; for the test alone.
    #[cfg(test)]
    pub(crate) like: &'static str,
}

/// A text that is about Hugging Face wherever it stands. `like` is how it is printed.
pub(super) const fn own(
    id: &'static str,
    says: Says,
    source: &'static str,
    pieces: &'static [&'static str],
    like: &'static str,
) -> Text {
    let _ = like;
    Text {
        id,
        says,
        own: true,
        pieces,
        source,
        #[cfg(test)]
        like,
    }
}

/// A text that is not its own: something else in the log has to say that it is about Hugging Face.
pub(super) const fn any(
    id: &'static str,
    says: Says,
    source: &'static str,
    pieces: &'static [&'static str],
    like: &'static str,
) -> Text {
    Text { own: false, ..own(id, says, source, pieces, like) }
}
