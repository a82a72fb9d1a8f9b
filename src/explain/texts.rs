//! The error texts, as data: what programs and the hub print, and what each of them says about the request.
//!
//! One table. A text is matched in pieces, in order, without regard to case, white space, quotes and line breaks; so a
//! terminal may wrap it anywhere, and a window may cut its end: the pieces are the shortest beginning that is unmistakable.
//! `source` names where the text stands: the program and the releases that were read ("0.10+"), or the kind of thread
//! that shows it.

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
    /// Something else than the hub answered.
    OtherServer,
    /// TLS: the certificate.
    Tls,
    /// The proxy.
    Proxy,
    /// No connection.
    Connection,
    /// Files of the login cannot be read or written.
    Denied,
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
    /// git-lfs has the wrong credential, or none.
    GitLfs,
    /// Too many requests.
    Rate,
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

const fn own(
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

const fn any(
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
        own: false,
        pieces,
        source,
        #[cfg(test)]
        like,
    }
}

use Says as S;

/// All texts. Those of the hub first (E), then huggingface_hub (H, N), headers (B), frameworks (T, D, P), other clients
/// (R, G), other programs (X), what the network says (W).
#[rustfmt::skip]
pub(crate) static TEXTS: &[Text] = &[
    own("E01", S::Refused, "the hub, since 2025", &["invalid credentials in authorization header"],
        "Invalid credentials in Authorization header"),
    own("E02", S::AnonymousOrMissing, "the hub", &["invalid username or password"],
        "{\"error\":\"Invalid username or password. See https://huggingface.co/docs\"}"),
    own("E03", S::Expired, "the hub, since 2024", &["user access token", "is expired"],
        "401 Unauthorized: User Access Token \"laptop\" is expired"),
    own("E04", S::GatedAnonymous, "the hub, since 2024", &["is restricted. you must have access to it and be authenticated"],
        "Access to model org/name is restricted. You must have access to it and be authenticated to access it. Please log in."),
    own("E04", S::GatedAnonymous, "the hub, 2024", &["is restricted. you must be authenticated to access it"],
        "Access to model org/name is restricted. You must be authenticated to access it."),
    own("E04", S::GatedAnonymous, "the hub, 2023", &["is gated. you must be authenticated to access it"],
        "Repo model org/name is gated. You must be authenticated to access it."),
    own("E05", S::NotAuthorized, "the hub, since 2023", &["and you are not in the authorized list"],
        "Access to model org/name is restricted and you are not in the authorized list. Visit https://huggingface.co/org/name to ask for access."),
    own("E05", S::NotAuthorized, "the hub, 2023", &["is gated and you are not in the authorized list"],
        "Repo model org/name is gated and you are not in the authorized list."),
    own("E06", S::Pending, "the hub", &["awaiting a review from the repo authors"],
        "Your request to access model org/name is awaiting a review from the repo authors."),
    own("E07", S::Pending, "the hub's page", &["your request to access this repo has been rejected"],
        "Your request to access this repo has been rejected by the repo's authors."),
    own("E07", S::Pending, "the hub", &["your request to access model", "has been rejected"],
        "Your request to access model org/name has been rejected by the repo's authors."),
    own("E08", S::Scope, "the hub, fine-grained tokens", &["please enable access to public gated repositories"],
        "Please enable access to public gated repositories in your fine-grained token settings to view this repository."),
    own("E09", S::Namespace, "the hub", &["you don't have the rights to create a"],
        "You don't have the rights to create a model under the namespace \"org\""),
    own("E10", S::Scope, "the hub", &["you have read access but not the required permissions"],
        "You have read access but not the required permissions for this operation"),
    own("E10", S::WriteRefused, "the hub, commits", &["create_pr=1"],
        "Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request"),
    own("E12", S::Server, "the inference API, 2024", &["authorization header is correct, but the token seems invalid"],
        "Authorization header is correct, but the token seems invalid"),
    any("E13", S::Refused, "the inference API, 2022", &["error: invalid token"],
        "{\"error\": \"invalid token\"}"),
    any("E13", S::Refused, "programs around the hub", &["invalid or expired token"],
        "{ \"detail\": \"Invalid or expired token\" }"),
    own("E15", S::Rate, "huggingface_hub 1.2+", &["rate limit for the /whoami-v2 endpoint"],
        "You've hit the rate limit for the /whoami-v2 endpoint, which is intentionally strict for security reasons."),
    any("E15", S::Rate, "the hub", &["too many requests"], "429 Client Error: Too Many Requests for url: https://huggingface.co/x"),
    any("E15", S::Rate, "the hub, 2025", &["we had to rate limit you"], "We had to rate limit you, you hit the quota of 1000 api requests per 5 minutes period"),
    own("E16", S::Disabled, "huggingface_hub 0.21+", &["access to this resource is disabled"],
        "Cannot access repository https://huggingface.co/org/name. Access to this resource is disabled."),
    own("E17", S::Unauthenticated, "the hub, since 2026", &["sending unauthenticated requests to the hf hub"],
        "Warning: You are sending unauthenticated requests to the HF Hub. Please set a HF_TOKEN to enable higher rate limits and faster downloads."),
    any("E18", S::Scope, "the inference router", &["does not have sufficient permissions"],
        "This authentication method does not have sufficient permissions to call Inference Providers on behalf of user alice"),
    any("E18", S::Scope, "the hub, fine-grained tokens", &["token does not have the required permissions"],
        "403 Forbidden: Your token does not have the required permissions"),
    any("E18", S::WriteRefused, "the hub, read tokens", &["make sure you have a token with the write role"],
        "If you are trying to create or update content,make sure you have a token with the `write` role."),
    own("E19", S::Refused, "the hub's git and LFS servers", &["invalid user token"],
        "Invalid user token."),

    own("H01", S::RefusedSomewhere, "huggingface_hub 0.1 to 0.28", &["invalid user token. if you didn't pass a user token"],
        "Invalid user token. If you didn't pass a user token, make sure you are properly logged in by executing `huggingface-cli login`"),
    own("H02", S::RefusedVariable, "huggingface_hub 0.29+", &["the token from hf_token environment variable is invalid"],
        "Invalid user token. The token from HF_TOKEN environment variable is invalid. Note that HF_TOKEN takes precedence over `hf auth login`."),
    own("H03", S::RefusedFile, "huggingface_hub 0.29+", &["the token stored is invalid"],
        "Invalid user token. The token stored is invalid. Please run `huggingface-cli login` to update it."),
    own("H04", S::RefusedColab, "huggingface_hub 0.29+", &["the token from google colab vault is invalid"],
        "Invalid user token. The token from Google Colab vault is invalid. Please update it from the UI."),
    own("H05", S::Paste, "huggingface_hub 0.2 to 0.25", &["invalid token passed"],
        "ValueError: Invalid token passed!"),
    own("H06", S::Missing, "huggingface_hub 0.9+", &["repository not found for url"],
        "401 Client Error. (Request ID: Root=1-abc)\n\nRepository Not Found for url: https://huggingface.co/api/models/org/name."),
    own("H07", S::Missing, "huggingface_hub 0.9+", &["if the repo is private"],
        "If the repo is private, make sure you are authenticated."),
    own("H07", S::Missing, "huggingface_hub 0.12+", &["trying to access a private or gated repo"],
        "If you are trying to access a private or gated repo, make sure you are authenticated."),
    own("H07", S::Missing, "huggingface_hub 0.10+", &["repositorynotfounderror"],
        "huggingface_hub.errors.RepositoryNotFoundError: 401 Client Error."),
    own("H09", S::Gated, "huggingface_hub 0.12+", &["cannot access gated repo"],
        "Cannot access gated repo for url https://huggingface.co/org/name/resolve/main/config.json."),
    own("H09", S::Gated, "huggingface_hub 0.12+", &["gatedrepoerror"],
        "huggingface_hub.utils._errors.GatedRepoError: 401 Client Error."),
    own("H10", S::WriteRefused, "huggingface_hub 0.22 to 0.24", &["if you are trying to create or update content"],
        "If you are trying to create or update content,make sure you have a token with the `write` role."),
    any("H10", S::Forbidden, "huggingface_hub 0.25+", &["make sure your token has the correct permissions"],
        "Cannot access content at: https://huggingface.co/api/models.\nMake sure your token has the correct permissions."),
    own("H11", S::BadRequest, "huggingface_hub 0.9+", &["bad request for", "endpoint"],
        "Bad request for commit endpoint:"),
    own("H12", S::NoneFound, "huggingface_hub 0.10+", &["token is required", "no token found"],
        "Token is required (`token=True`), but no token found. You need to provide a token or be logged in to Hugging Face"),
    own("H12", S::NoneFound, "huggingface_hub 0.11+", &["localtokennotfounderror"],
        "huggingface_hub.errors.LocalTokenNotFoundError"),
    own("H15", S::NoneFound, "huggingface_hub 0.1 to 0.11", &["you must login to the hugging face hub"],
        "You must login to the Hugging Face hub on this computer by typing `huggingface-cli login`"),
    own("H15", S::NoneFound, "huggingface_hub 0.1 to 0.11", &["you need to provide a token or be logged in to hugging face"],
        "You need to provide a `token` or be logged in to Hugging Face with `huggingface-cli login`."),
    any("H16", S::NoneFound, "huggingface_hub 0.1+", &["not logged in"], "Not logged in"),
    own("H17", S::NotListed, "huggingface_hub 0.26+", &["no access tokens found"], "No access tokens found."),
    own("H17", S::NotListed, "huggingface_hub 0.26+", &["no active token is set"],
        "Note: No active token is set and no environment variable `HF_TOKEN` is found. Use `hf auth login` to log in."),
    own("H18", S::Shadow, "huggingface_hub 0.26+", &["hf_token is set and is the current active token"],
        "Note: Environment variable `HF_TOKEN` is set and is the current active token independently from the stored tokens listed above."),
    own("H19", S::Shadow, "huggingface_hub 0.26+", &["hf_token is set and will override the access token"],
        "The environment variable `HF_TOKEN` is set and will override the access token you've just switched to."),
    own("H20", S::Shadow, "huggingface_hub 0.20+", &["token has been deleted from your machine but you are still logged in"],
        "Token has been deleted from your machine but you are still logged in."),
    own("H20", S::Shadow, "huggingface_hub 0.20+", &["you must clear out both hf_token and"],
        "To log out, you must clear out both `HF_TOKEN` and `HUGGING_FACE_HUB_TOKEN` environment variables."),
    own("H21", S::Vault, "huggingface_hub 0.20+", &["logged in using a google colab secret"],
        "You are automatically logged in using a Google Colab secret."),
    own("H22", S::Harmless, "huggingface_hub 0.15+", &["user is already logged in"], "User is already logged in."),
    own("H22", S::Harmless, "huggingface_hub 1.20+", &["already logged in. use hf auth login"],
        "Already logged in. Use `hf auth login --force` to re-login."),
    own("H23", S::Harmless, "huggingface_hub 0.12+", &["a token is already saved on"],
        "A token is already saved on your machine. Run `huggingface-cli whoami` to get more information"),
    own("H24", S::Harmless, "huggingface_hub 0.11+", &["token is valid (permission"], "Token is valid (permission: fineGrained)."),
    own("H25", S::WriteRefused, "huggingface_hub 0.15 to 0.26", &["but is read-only and a write token is required"],
        "Token is valid but is 'read-only' and a 'write' token is required."),
    own("H26", S::Organization, "huggingface_hub 0.10+", &["you must use your personal access"],
        "You must use your personal access token, not an Organization token (see https://hf.co/settings/tokens)."),
    own("H26", S::Organization, "huggingface_hub 0.15+", &["you must use your personal account token"],
        "You must use your personal account token, not an organization token."),
    own("H27", S::Harmless, "huggingface_hub 0.11+", &["not been saved to git credential helper"],
        "Token has not been saved to git credential helper."),
    own("H27", S::Harmless, "huggingface_hub 0.11+", &["not been saved to the git credentials helper"],
        "The token has not been saved to the git credentials helper."),
    any("H28", S::Harmless, "huggingface_hub 0.11+", &["cannot authenticate through git-credential as no helper is defined"],
        "Cannot authenticate through git-credential as no helper is defined on your machine."),
    own("H29", S::Harmless, "huggingface_hub 0.12 to 0.28", &["this is the old path where tokens were stored"],
        "A token has been found in `/root/.huggingface/token`. This is the old path where tokens were stored."),
    own("H30", S::Vault, "huggingface_hub 0.20+", &["error while fetching hf_token secret value from your vault"],
        "Error while fetching `HF_TOKEN` secret value from your vault: 'Requesting secret HF_TOKEN timed out.'"),
    own("H30", S::Vault, "Colab", &["requesting secret", "timed out"],
        "Requesting secret HF_TOKEN timed out. Secrets can only be fetched when running from the Colab UI."),
    own("H31", S::Vault, "huggingface_hub 0.20+", &["access to the secret hf_token has not been granted"],
        "Access to the secret `HF_TOKEN` has not been granted on this notebook."),
    own("H31", S::Vault, "huggingface_hub 0.20+", &["the secret hf_token does not exist in your colab secrets"],
        "The secret `HF_TOKEN` does not exist in your Colab secrets."),
    any("H31", S::Vault, "Colab", &["secretnotfounderror"], "google.colab.userdata.SecretNotFoundError: Secret HF_TOKEN does not exist."),
    any("H31", S::Vault, "Colab", &["notebookaccesserror"], "google.colab.userdata.NotebookAccessError: Notebook does not have access to secret HF_TOKEN"),
    own("H32", S::OAuth, "huggingface_hub 1.20+", &["your hugging face access token has expired and could not be refreshed"],
        "Your Hugging Face access token has expired and could not be refreshed (session expired or revoked)."),
    own("H32", S::OAuth, "huggingface_hub 1.20+", &["could not refresh your hugging face access token"],
        "Could not refresh your Hugging Face access token: timeout. Will retry later."),
    any("H33", S::OAuth, "huggingface_hub 1.20+", &["device code expired"], "Device code expired. Please try again."),
    any("H33", S::OAuth, "huggingface_hub 1.20+", &["failed to request device code from"],
        "Failed to request device code from https://hf-mirror.com/oauth/device: 404"),
    own("H34", S::Oidc, "huggingface_hub 1.19+", &["hf_oidc_resource is set but"],
        "HF_OIDC_RESOURCE is set but no OIDC id token is available"),
    any("H34", S::Oidc, "huggingface_hub 1.19+", &["oidc exchange failed"], "OIDC Exchange failed. 401"),
    any("H35", S::Stored, "huggingface_hub 0.26+", &["error parsing stored tokens file"],
        "Error parsing stored tokens file: File contains no section headers."),
    any("H36", S::Stored, "huggingface_hub 0.26+", &["access token", "not found in", "stored_tokens"],
        "Access token work not found in /home/u/.cache/huggingface/stored_tokens"),
    own("H37", S::OldCommand, "huggingface_hub 1.11+", &["huggingface-cli is deprecated and no longer works"],
        "`huggingface-cli` is deprecated and no longer works. Use `hf` instead."),
    any("H37", S::OldCommand, "shells", &["huggingface-cli: command not found"], "bash: huggingface-cli: command not found"),
    any("H37", S::OldCommand, "shells", &["hf: command not found"], "zsh: hf: command not found"),
    own("H38", S::Gated, "hf 1.4+", &["access denied", "requires approval"], "Access denied. Model 'org/name' requires approval."),
    own("H39", S::WriteRefused, "huggingface_hub 0.30 to 1.18", &["you are unauthorized to upload to xet storage"],
        "You are unauthorized to upload to xet storage for model/org/name."),
    own("H43", S::Widget, "huggingface_hub, notebooks", &["notebook_login"], "from huggingface_hub import notebook_login; notebook_login()"),
    any("H43", S::Widget, "Jupyter", &["vbox(children=(html(value=<center> <img"], "VBox(children=(HTML(value='<center> <img\\nsrc=https://huggingface.co/front/assets/huggingface_logo-noborder.svg"),
    own("E20", S::GatedAnonymous, "the inference API, 2023", &["authorization header is invalid, use bearer api_token"],
        "ValueError: Error raised by inference API: Authorization header is invalid, use 'Bearer API_TOKEN'"),
    any("H44", S::BlankArgument, "hf, click", &["option --token requires an argument"], "Error: Option '--token' requires an argument."),
    any("H44", S::BlankArgument, "huggingface-cli, argparse", &["argument --token: expected one argument"], "error: argument --token: expected one argument"),
    own("H40", S::MissingFile, "huggingface_hub 0.9+", &["revision not found for url"], "Revision Not Found for url: https://huggingface.co/x"),
    own("H40", S::MissingFile, "huggingface_hub 0.9+", &["entry not found for url"], "Entry Not Found for url: https://huggingface.co/x/resolve/main/y"),
    own("H40", S::MissingFile, "huggingface_hub 0.9+", &["revisionnotfounderror"], "huggingface_hub.errors.RevisionNotFoundError: 404"),
    own("H40", S::MissingFile, "huggingface_hub 0.9+", &["errors.entrynotfounderror"], "huggingface_hub.errors.EntryNotFoundError: 404"),
    own("H40", S::MissingFile, "huggingface_hub 1.0+", &["remoteentrynotfounderror"], "huggingface_hub.errors.RemoteEntryNotFoundError: 404"),
    own("H41", S::BadName, "huggingface_hub 0.8+", &["repo id must"], "HFValidationError: Repo id must be in the form 'repo_name' or 'namespace/repo_name'"),
    own("H41", S::BadName, "huggingface_hub 0.8+", &["hfvalidationerror"], "huggingface_hub.errors.HFValidationError"),
    any("H42", S::Outdated, "Python", &["importerror: cannot import name", "from huggingface_hub"],
        "ImportError: cannot import name 'HfFolder' from 'huggingface_hub'"),
    any("H42", S::Outdated, "Python", &["unexpected keyword argument use_auth_token"],
        "TypeError: f() got an unexpected keyword argument 'use_auth_token'"),
    any("H42", S::Outdated, "transformers, pip", &["huggingface-hub>=", "is required for a normal functioning"],
        "huggingface-hub>=0.34.0,<1.0 is required for a normal functioning of this module, but found huggingface-hub==0.30.2."),
    any("H42", S::Outdated, "huggingface_hub 0.34+ needs it", &["no such command", "auth"], "Error: No such command 'auth'."),
    any("H42", S::Outdated, "huggingface_hub up to 0.33", &["invalid choice: auth"], "error: argument {download,upload}: invalid choice: 'auth'"),

    own("N01", S::Offline, "huggingface_hub 0.20+", &["offline mode is enabled"],
        "Cannot reach https://huggingface.co/x: offline mode is enabled. To disable it, please unset the `HF_HUB_OFFLINE` environment variable."),
    own("N03", S::Offline, "huggingface_hub 0.20+", &["set hf_hub_offline=0 as environment variable"],
        "To enable repo look-ups and downloads online, set 'HF_HUB_OFFLINE=0' as environment variable."),
    own("N01", S::Offline, "huggingface_hub 0.20+", &["offlinemodeisenabled"], "huggingface_hub.errors.OfflineModeIsEnabled"),
    any("N02", S::CacheOnly, "huggingface_hub 0.9+", &["outgoing traffic has been disabled"],
        "Cannot find the requested files in the disk cache and outgoing traffic has been disabled."),
    any("N03", S::CacheOnly, "huggingface_hub 0.20+", &["pass local_files_only=false as input"],
        "To enable repo look-ups and downloads online, pass 'local_files_only=False' as input."),
    any("N04", S::CacheMiss, "huggingface_hub 0.17+", &["an error happened while trying to locate the file"],
        "An error happened while trying to locate the file on the Hub and we cannot find the requested files in the local cache."),
    any("N04", S::CacheMiss, "huggingface_hub 0.1 to 0.25", &["connection error, and we cannot find the requested files"],
        "Connection error, and we cannot find the requested files in the cached path."),
    any("N04", S::CacheMiss, "huggingface_hub 0.14+", &["localentrynotfounderror"], "huggingface_hub.errors.LocalEntryNotFoundError"),
    any("N06", S::OtherServer, "huggingface_hub 0.9+", &["distant resource does not seem to be on huggingface.co"],
        "Distant resource does not seem to be on huggingface.co (missing commit header)."),
    any("N06", S::OtherServer, "huggingface_hub 0.9+", &["distant resource does not have"], "Distant resource does not have an ETag, we won't be able to reliably ensure reproducibility."),
    any("N09", S::Denied, "Python", &["permission denied", "huggingface/token"],
        "PermissionError: [Errno 13] Permission denied: '/root/.cache/huggingface/token'"),
    any("N09", S::Denied, "Python on Windows", &["permission denied", ".cachehuggingface"],
        "[Errno 13] Permission denied: 'C:\\Users\\u\\.cache\\huggingface\\token'"),
    any("N09", S::Denied, "Python on Windows", &["permissionerror", "huggingfacehub"],
        "PermissionError: [WinError 5] Access is denied: 'C:\\Users\\u\\.cache\\huggingface\\hub\\x'"),
    any("N09", S::Denied, "Python", &["permission denied", "stored_tokens"],
        "PermissionError: [Errno 13] Permission denied: '/home/u/.cache/huggingface/stored_tokens'"),
    any("N09", S::Denied, "Python", &["permission denied", ".cache/huggingface"],
        "PermissionError: [Errno 13] Permission denied: '/home/u/.cache/huggingface/hub/.locks'"),
    any("N09", S::Denied, "Python", &["permission denied", ".huggingface/"], "PermissionError: [Errno 13] Permission denied: '/root/.huggingface/token'"),
    any("N09", S::Denied, "Python, relocated homes", &["permission denied", "/token"], "PermissionError: [Errno 13] Permission denied: '/data/hf/token'"),
    any("N09", S::Denied, "Python, caches of others", &["permission denied", "/.locks"], "PermissionError: [Errno 13] Permission denied: '/models/hub/.locks/models--org--name'"),
    any("N09", S::Denied, "Python, caches of others", &["permission denied", "models--"], "[Errno 13] Permission denied: '/models/hub/models--org--name/refs/main'"),
    any("N10", S::Homeless, "Python in services and containers", &["permission denied: /.cache"],
        "PermissionError: [Errno 13] Permission denied: '/.cache'"),
    any("N10", S::Homeless, "Python in services and containers", &["permission denied: /nonexistent"], "PermissionError: [Errno 13] Permission denied: '/nonexistent'"),
    any("N11", S::Directory, "Python", &["is a directory", "/token"],
        "IsADirectoryError: [Errno 21] Is a directory: '/root/.cache/huggingface/token'"),
    any("N12", S::Undecodable, "Python", &["codec can't decode byte 0xff in position 0"],
        "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
    any("N13", S::Denied, "Python, read-only images", &["read-only file system", "huggingface"],
        "OSError: [Errno 30] Read-only file system: '/root/.cache/huggingface/token'"),

    any("B01", S::BadHeader, "Python http.client, requests", &["invalid header value b"],
        "ValueError: Invalid header value b'Bearer hf_\\n'"),
    any("B02", S::BadHeader, "requests 2.28+", &["return character(s) in header value"],
        "requests.exceptions.InvalidHeader: Invalid leading whitespace, reserved character(s), or return character(s) in header value: 'Bearer \\n'"),
    any("B02", S::BadHeader, "requests up to 2.27", &["invalid return character or leading space in header"],
        "InvalidHeader: Invalid return character or leading space in header: authorization"),
    any("B03", S::BadHeader, "httpx, huggingface_hub 1.0+", &["illegal header value b"],
        "httpx.LocalProtocolError: Illegal header value b'Bearer '"),
    any("B05", S::BadLetter, "requests, httpx", &["codec can't encode character", "ordinal not in range"],
        "UnicodeEncodeError: 'latin-1' codec can't encode character '\\ufeff' in position 7: ordinal not in range(256)"),
    any("B06", S::BadHeader, "Rust ureq, hf-hub up to 0.4", &["invalid header authorization"],
        "request error: Bad Header: invalid header 'Authorization: Bearer x\\n'"),
    any("B07", S::BadHeader, "Rust reqwest and http", &["invalidheadervalue"],
        "called `Result::unwrap()` on an `Err` value: InvalidHeaderValue"),
    any("B07", S::BadHeader, "Rust http", &["failed to parse header value"], "builder error: failed to parse header value"),
    any("B08", S::BadHeader, "Node", &["invalid character in header content", "authorization"],
        "TypeError [ERR_INVALID_CHAR]: Invalid character in header content [\"authorization\"]"),
    any("B08", S::BadHeader, "Node fetch, browsers", &["headers.append:", "is an invalid header value"],
        "TypeError: Headers.append: \"Bearer \\n\" is an invalid header value."),
    any("B09", S::BadHeader, "Go net/http", &["invalid header field value for authorization"],
        "net/http: invalid header field value for \"Authorization\""),

    own("T01", S::Missing, "transformers 4.22+, diffusers", &["is not a valid model identifier listed on"],
        "OSError: org/name is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'"),
    own("T01", S::Missing, "transformers 4.22+, diffusers", &["if this is a private repository, make sure to pass a token"],
        "If this is a private repository, make sure to pass a token having permission to this repo"),
    own("T02", S::Gated, "transformers 4.36+", &["you are trying to access a gated repo"],
        "OSError: You are trying to access a gated repo."),
    own("T05", S::Gated, "transformers 4.38+", &["is a gated repository. make sure to request access"],
        "org/name is a gated repository. Make sure to request access at https://huggingface.co/org/name"),
    any("T03", S::CacheMiss, "transformers 4.22+", &["there was a specific connection error when trying to load"],
        "OSError: There was a specific connection error when trying to load org/name:"),
    any("T04", S::CacheMiss, "transformers 4.22+", &["we couldn't connect to", "to load"],
        "We couldn't connect to 'https://huggingface.co' to load this file, couldn't find it in the cached files"),
    own("D01", S::Missing, "datasets 2.14+", &["doesn't exist on the hub"],
        "Dataset 'org/name' doesn't exist on the Hub or cannot be accessed."),
    own("D01", S::Gated, "datasets 2.21+", &["is a gated dataset on the hub"], "Dataset 'org/name' is a gated dataset on the Hub."),
    own("D02", S::AskedOnly, "datasets 1.x and 2.x", &["couldn't find a dataset script at"],
        "Couldn't find a dataset script at /x or any data file in the same directory."),
    own("T01", S::AskedOnly, "transformers up to 4.30", &["and pass use_auth_token=true"],
        "with `use_auth_token` or log in with `huggingface-cli login` and pass `use_auth_token=True`."),
    own("D02", S::Missing, "datasets 1.x and 2.x", &["on the hugging face hub either"],
        "Couldn't find a dataset script at /x or any data file in the same directory. Couldn't find 'name' on the Hugging Face Hub either"),
    own("D03", S::GatedAnonymous, "datasets, streaming", &["filenotfounderror: https://huggingface.co/datasets/"],
        "FileNotFoundError: https://huggingface.co/datasets/org/name/resolve/main/x.json"),
    own("D04", S::NoneFound, "datasets 2.14 to 2.21", &["please use the parameter token=true after logging in"],
        "Unauthorized for URL https://huggingface.co/x. Please use the parameter `token=True` after logging in with `huggingface-cli login`"),
    own("D05", S::NoneFound, "datasets 1.x and 2.x", &["please use the parameter use_auth_token=true"],
        "Unauthorized for URL https://huggingface.co/x. Please use the parameter ``use_auth_token=True``"),
    own("P01", S::GatedPipeline, "pyannote.audio 2 and 3", &["it might be because the", "is private or gated"],
        "It might be because the pipeline is private or gated so make\nsure to authenticate."),
    own("P01", S::GatedPipeline, "pyannote.audio 2 and 3", &["could not download", "pyannote/"],
        "Could not download 'pyannote/segmentation-3.0' model."),
    any("P01", S::GatedPipeline, "pyannote.audio 2 and 3", &["to accept the user conditions"], "visit https://hf.co/pyannote/x to accept the user conditions."),

    own("R01", S::Unauthenticated, "hf-hub 0.1 to 0.4 (Rust)", &["hf_hub:", "token file not found"],
        "INFO hf_hub: .cargo/registry/src/hf-hub-0.3.2/src/lib.rs:55: hf_hub: Token file not found \"/root/.cache/huggingface/token\""),
    own("R01", S::Unauthenticated, "hf-hub 0.1 to 0.4 (Rust)", &["token file not found", "huggingface/token"],
        "Token file not found \"/root/.cache/huggingface/token\""),
    own("R03", S::GatedAnonymous, "hf-hub 1.0 (Rust)", &["hferror", "authentication required"], "HFError: Authentication required"),
    own("R05", S::AnonymousOrMissing, "hf-mount", &["failed to get storage token"],
        "Failed to get storage token: Hub API error (401): CAS write token request: 401"),
    any("R06", S::BadName, "Rust url, hf-hub 0.3 to 0.4.1", &["relative url without a base"], "request error: builder error: relative URL without a base"),
    own("J01", S::Missing, "transformers.js 2 and 3", &["unauthorized access to file", "huggingface.co"],
        "Error: Unauthorized access to file: \"https://huggingface.co/org/name/resolve/main/config.json\"."),
    own("J01", S::Forbidden, "transformers.js 2 and 3", &["forbidden access to file", "huggingface.co"],
        "Error: Forbidden access to file: \"https://huggingface.co/org/name/resolve/main/config.json\"."),
    any("J02", S::Refused, "huggingface.js", &["your access token must start with hf_"], "TypeError: Your access token must start with 'hf_'"),

    any("G01", S::GitPassword, "the hub's git server, since 2023", &["password authentication in git is no longer supported"],
        "remote: Password authentication in git is no longer supported. You must use a user access token or an SSH key instead."),
    own("G04", S::GitRefused, "git", &["authentication failed for https://huggingface.co"],
        "fatal: Authentication failed for 'https://huggingface.co/org/name/'"),
    own("G04", S::GitRefused, "git", &["authentication failed for https://", "@huggingface.co"],
        "fatal: Authentication failed for 'https://alice@huggingface.co/org/name/'"),
    own("G05", S::GitNone, "git", &["could not read username for https://huggingface.co"],
        "fatal: could not read Username for 'https://huggingface.co': No such device or address"),
    own("G05", S::GitNone, "git", &["could not read password for https://", "@huggingface.co"],
        "fatal: could not read Password for 'https://alice@huggingface.co': No such device or address"),
    any("G02", S::GitLfs, "git-lfs", &["batch response: authentication required"], "batch response: Authentication required: x"),
    any("G03", S::GitLfs, "git-lfs", &["batch response: authorization error"], "batch response: Authorization error."),
    any("G06", S::GitDenied, "the hub's git server", &["denied update refs/"], "remote: DENIED update refs/heads/main: forbidden"),
    any("G06", S::GitDenied, "git", &["pre-receive hook declined"], " ! [remote rejected] main -> main (pre-receive hook declined)"),
    own("G07", S::GitRefused, "ssh", &["git@hf.co: permission denied"], "git@hf.co: Permission denied (publickey)."),
    own("G08", S::GitDenied, "the hub's git server", &["you are not authorized to push to this repo"], "remote: You are not authorized to push to this repo."),
    own("G09", S::GitRefused, "git", &["repository https://huggingface.co/", "not found"], "fatal: repository 'https://huggingface.co/org/name/' not found"),

    own("X01", S::RefusedSomewhere, "LangChain (community)", &["could not authenticate with huggingface_hub"],
        "Could not authenticate with huggingface_hub. Please check your API token."),
    own("X02", S::VariableMissing, "LangChain", &["did not find huggingfacehub_api_token"],
        "Did not find huggingfacehub_api_token, please add an environment variable `HUGGINGFACEHUB_API_TOKEN` which contains it"),
    own("X03", S::FixedPath, "SimpleTuner and others", &["no hugging face hub token found"],
        "No Hugging Face Hub token found (/root/.cache/huggingface/token). Please ensure you have logged in"),
    own("X03", S::NoneFound, "many programs", &["no huggingface token found"], "WARN  No HuggingFace token found"),
    own("X03", S::NoneFound, "many programs", &["no hugging face token"], "No Hugging Face token configured"),
    own("X03", S::NoneFound, "many programs", &["no hf token"], "No HF token found"),
    own("X03", S::NoneFound, "many programs", &["please login to hugging face"], "Please login to Hugging Face first"),
    own("X03", S::NoneFound, "many programs", &["missing hugging face token"], "Missing Hugging Face token"),
    own("X03", S::NoneFound, "many programs", &["hf_token is required"], "HF_TOKEN is required for gated models"),
    own("X04", S::Forbidden, "InvokeAI 5.4+", &["you do not have access to this hf model"], "You do not have access to this HF model"),
    own("X05", S::NoneFound, "InvokeAI 5.3+", &["no hugging face token detected"], "No Hugging Face token detected. Please add it below."),
    own("X05", S::RefusedFile, "InvokeAI 5.3+", &["your hf token is invalid"], "Your HF token is invalid or missing"),
    own("X05", S::RefusedFile, "InvokeAI 5.3+", &["invalid or missing hf token"], "Invalid or missing HF token"),
    own("X05", S::RefusedFile, "InvokeAI 5.3+", &["invalid or missing huggingface token"], "Invalid or missing HuggingFace token"),
    own("X05", S::RefusedFile, "InvokeAI 5.11+", &["unable to verify hf token"], "Unable to Verify HF Token"),
    own("X06", S::VariableMissing, "many programs", &["keyerror: hf_token"], "KeyError: 'HF_TOKEN'"),
    own("X06", S::VariableMissing, "many programs", &["keyerror: hugging"], "KeyError: 'HUGGINGFACE_TOKEN'"),
    own("X06", S::VariableMissing, "many programs", &["hf_token is not set"], "Error: HF_TOKEN is not set"),
    own("X06", S::VariableMissing, "many programs", &["hf_token not set"], "HF_TOKEN not set, skipping"),
    own("X06", S::VariableMissing, "many programs", &["hf_token environment variable"], "Please set the HF_TOKEN environment variable"),
    own("X06", S::VariableMissing, "many programs", &["please set hf_token"], "Please set HF_TOKEN"),
    own("X06", S::VariableMissing, "many programs", &["missing hf_token"], "missing HF_TOKEN"),
    own("X06", S::VariableMissing, "many programs", &["hf_token is missing"], "HF_TOKEN is missing"),
    own("X06", S::VariableMissing, "many programs", &["hf_token: unbound variable"], "run.sh: line 3: HF_TOKEN: unbound variable"),
    own("X06", S::VariableMissing, "docker compose", &["the hf_token variable is not set"], "WARN[0000] The \"HF_TOKEN\" variable is not set. Defaulting to a blank string."),
    own("X06", S::VariableMissing, "docker compose", &["the hugging_face_hub_token variable is not set"], "The \"HUGGING_FACE_HUB_TOKEN\" variable is not set. Defaulting to a blank string."),
    own("X08", S::Missing, "huggingface_hub 1.x, dry runs", &["dry run cannot be performed as the repository cannot be accessed"],
        "Dry run cannot be performed as the repository cannot be accessed. Please check your internet connection or authentication token."),
    own("X10", S::BadName, "any program", &["huggingface.co/none/resolve"], "401 Client Error: Unauthorized for url: https://huggingface.co/None/resolve/main/config.json"),
    any("X13", S::Missing, "llama.cpp", &["error from hf api"], "error from HF API (https://huggingface.co/v2/org/name/manifests/latest), response code: 401"),
    any("X14", S::Missing, "Ollama", &["pull model manifest: 401"], "Error: pull model manifest: 401: {\"error\":\"Invalid username or password.\"}"),
    any("X14", S::Gated, "Ollama", &["pull model manifest: 403"], "Error: pull model manifest: 403: x hf.co"),

    any("W01", S::Tls, "OpenSSL through Python", &["certificate_verify_failed"],
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate"),
    any("W01", S::Tls, "OpenSSL, curl, git", &["unable to get local issuer certificate"], "SSL certificate problem: unable to get local issuer certificate"),
    any("W01", S::Tls, "OpenSSL, curl, git, Node", &["self signed certificate"], "self signed certificate in certificate chain"),
    any("W01", S::Tls, "OpenSSL 3, Node", &["self-signed certificate"], "self-signed certificate in certificate chain"),
    any("W01", S::Tls, "rustls", &["invalid peer certificate"], "invalid peer certificate: UnknownIssuer"),
    any("W01", S::Tls, "requests", &["could not find a suitable tls ca certificate bundle"],
        "OSError: Could not find a suitable TLS CA certificate bundle, invalid path: /x.pem"),
    any("W02", S::Tls, "OpenSSL", &["wrong_version_number"], "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1129)"),
    any("W02", S::Tls, "requests, urllib3", &["sslerror("], "(Caused by SSLError(SSLEOFError(8, 'EOF occurred in violation of protocol')))"),
    any("W02", S::Tls, "OpenSSL", &["unexpected_eof_while_reading"], "[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol"),
    any("W03", S::Proxy, "requests", &["proxyerror"], "requests.exceptions.ProxyError: Cannot connect to proxy."),
    any("W03", S::Proxy, "http proxies", &["proxy authentication required"], "407 Proxy Authentication Required"),
    any("W03", S::Proxy, "httpx", &["unknown scheme for proxy url"], "ValueError: Unknown scheme for proxy URL URL('socks://127.0.0.1:1080/')"),
    any("W03", S::Proxy, "requests, httpx", &["missing dependencies for socks support"], "InvalidSchema: Missing dependencies for SOCKS support."),
    any("W03", S::Proxy, "httpx", &["using socks proxy, but the socksio package is not installed"], "ImportError: Using SOCKS proxy, but the 'socksio' package is not installed."),
    any("W03", S::Proxy, "http.client", &["tunnel connection failed"], "OSError: Tunnel connection failed: 403 Forbidden"),
    any("W03", S::Proxy, "urllib3", &["your proxy appears to only use http and not https"], "Your proxy appears to only use HTTP and not HTTPS, try changing your proxy URL to be HTTP."),
    any("W04", S::Connection, "resolvers", &["name resolution"], "Temporary failure in name resolution"),
    any("W04", S::Connection, "resolvers", &["failed to resolve"], "Failed to resolve 'huggingface.co' ([Errno -2] Name or service not known)"),
    any("W04", S::Connection, "resolvers", &["name or service not known"], "[Errno -2] Name or service not known"),
    any("W04", S::Connection, "resolvers", &["getaddrinfo failed"], "[Errno 11001] getaddrinfo failed"),
    any("W04", S::Connection, "Node", &["getaddrinfo enotfound"], "getaddrinfo ENOTFOUND huggingface.co"),
    any("W04", S::Connection, "curl, git", &["could not resolve host"], "Could not resolve host: huggingface.co"),
    any("W05", S::Connection, "requests, urllib3", &["max retries exceeded with url"], "HTTPSConnectionPool(host='huggingface.co', port=443): Max retries exceeded with url: /x"),
    any("W05", S::Connection, "requests, httpx", &["connecttimeout"], "httpx.ConnectTimeout: timed out"),
    any("W05", S::Connection, "requests, httpx", &["readtimeout"], "requests.exceptions.ReadTimeout: HTTPSConnectionPool(host='huggingface.co', port=443): Read timed out."),
    any("W05", S::Connection, "httpx", &["connecterror"], "httpx.ConnectError: All connection attempts failed"),
    any("W05", S::Connection, "Python", &["connectionerror: "], "requests.exceptions.ConnectionError: (MaxRetryError("),
    any("W05", S::Connection, "the kernel", &["connection refused"], "[Errno 111] Connection refused"),
    any("W05", S::Connection, "the kernel", &["network is unreachable"], "[Errno 101] Network is unreachable"),
    any("W05", S::Connection, "the kernel", &["connection reset by peer"], "[Errno 104] Connection reset by peer"),
    any("W05", S::Connection, "Node", &["fetch failed"], "TypeError: fetch failed"),
    any("W06", S::Server, "any server", &["internal server error"], "500 Server Error: Internal Server Error for url: https://huggingface.co/x"),
    any("W06", S::Server, "any server", &["bad gateway"], "502 Bad Gateway"),
    any("W06", S::Server, "any server", &["service unavailable"], "503 Service Unavailable"),
    any("W06", S::Server, "any server", &["gateway time-out"], "504 Gateway Time-out"),
    any("W06", S::Server, "any server", &["gateway timeout"], "504 Server Error: Gateway Timeout for url: https://huggingface.co/x"),
];

/// What a status beside an address of the hub says where no text does: found by its number, not by its words.
pub(crate) static STATUS: &[(u16, Text)] = &[
    (400, any("W400", S::BadRequest, "HTTP", &["400 Bad Request"], "")),
    (401, any("W401", S::Missing, "HTTP", &["401 Unauthorized"], "")),
    (403, any("W403", S::Forbidden, "HTTP", &["403 Forbidden"], "")),
    (404, any("W404", S::Missing, "HTTP", &["404 Not Found"], "")),
    (407, any("W407", S::Proxy, "HTTP", &["407 Proxy Authentication Required"], "")),
    (429, any("W429", S::Rate, "HTTP", &["429 Too Many Requests"], "")),
    (500, any("W500", S::Server, "HTTP", &["500 Internal Server Error"], "")),
    (502, any("W502", S::Server, "HTTP", &["502 Bad Gateway"], "")),
    (503, any("W503", S::Server, "HTTP", &["503 Service Unavailable"], "")),
    (504, any("W504", S::Server, "HTTP", &["504 Gateway Timeout"], "")),
];

/// The first address of whoami, which answers 401 to every token; `/api/whoami-v2` is the one that works.
pub(crate) static WHOAMI_V1: Text = own("X12", S::WhoamiV1, "the hub", &["/api/whoami"], "");

/// A token in the text, where nothing else is.
pub(crate) static TOKEN: Text = own("K01", S::Token, "any text", &["a token"], "");

/// A traceback through huggingface_hub that ends in an error which the table does not know.
pub(crate) static TRACEBACK: Text =
    own("H50", S::Traceback, "huggingface_hub", &["a traceback through huggingface_hub"], "");

/// A repository's name that no repository has: what a program made of a value that was not set.
pub(crate) static BAD_NAME: Text =
    own("X10", S::BadName, "any program", &["a repository's name that cannot be one"], "");

/// What only a text about Hugging Face holds: the texts that are not its own count beside one of these.
pub(crate) const MARKS: &[&str] = &[
    "huggingface",
    "hugging face",
    "hugging_face",
    "hf.co/",
    "hf-hub",
    "hf_hub",
    "hf_token",
    "hf-mirror",
    "hf auth",
    "hf_home",
    "hf_endpoint",
    "hf_api_token",
    "hf_api_key",
    "transformers/",
    "hf download",
    "hf upload",
    "text-generation-inference",
    "text-embeddings-inference",
    "hfapi",
    "hf_xet",
    "hf-xet",
    "hf repo",
    "hf-mount",
    "hf-mem",
    "hf_transfer",
    "hf download",
    "hf login",
    "huggingfacehub",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::log::Log;
    use crate::explain::recognise::recognise;

    #[test]
    fn every_text_is_found_as_printed_wrapped_and_coloured() {
        for text in TEXTS {
            // Wrapped in the middle of a word, in red, behind a bar of progress, in capitals where it is of the hub.
            let half = text.like.char_indices().nth(text.like.chars().count() / 2).map_or(0, |(at, _)| at);
            let (a, b) = text.like.split_at(half);
            for log in [
                text.like.to_owned(),
                format!("\u{1b}[31m{a}\r\n{b}\u{1b}[0m"),
                format!("model.safetensors:  12%|█▏        | 12/100 [00:01<00:09, 9.1it/s]{}\n", text.like),
                format!("│ {a} │\n│ {b} │"),
            ] {
                let log = format!("huggingface\n{log}");
                let found = recognise(&Log::new(log.as_bytes()));
                assert!(found.iter().any(|h| std::ptr::eq(h.text, text)), "{} {:?} in {log:?}", text.id, text.pieces);
            }
        }
    }

    #[test]
    fn what_is_not_about_hugging_face_is_nothing() {
        for log in [
            "",
            "401 Client Error: Unauthorized for url: https://api.openai.com/v1/models",
            "openai.AuthenticationError: Error code: 401 - {'error': {'message': 'Incorrect API key provided'}}",
            "httpx.LocalProtocolError: Illegal header value b'Bearer '",
            "fatal: Authentication failed for 'https://github.com/org/name/'",
            "remote: Invalid username or token. Password authentication is not supported for Git operations.",
            "PermissionError: [Errno 13] Permission denied: '/etc/shadow'",
            "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed",
            "docker: Error response from daemon: pull access denied, repository does not exist",
            "npm ERR! 403 Forbidden - GET https://registry.npmjs.org/x",
            "botocore.exceptions.ClientError: An error occurred (403) when calling the HeadObject operation: Forbidden",
            "psycopg2.OperationalError: FATAL:  password authentication failed for user \"u\"",
            "KeyError: 'HOME'",
            "InvalidHeaderValue",
        ] {
            let found = recognise(&Log::new(log.as_bytes()));
            assert!(found.is_empty(), "{:?} in {log:?}", found.iter().map(|h| h.text.id).collect::<Vec<_>>());
        }
    }

    #[test]
    fn every_text_has_a_source_and_is_long_enough() {
        for text in TEXTS {
            assert!(!text.source.is_empty() && text.pieces[0].len() >= 7, "{}", text.id);
        }
    }
}
