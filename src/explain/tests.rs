//! Whole cases, on a machine in memory.
use super::*;
use crate::rules::testing::{python, token};
use crate::state::State;
use crate::system::fake::Fake;

fn causes(text: &str, fake: &Fake) -> Vec<&'static str> {
    explain(text.as_bytes(), &Snapshot::new(State::new(fake))).causes.iter().map(|c| c.slug).collect()
}

const BAD: &str = "401 Client Error: Unauthorized for url: https://huggingface.co/o/n/resolve/main/config.json\n\nInvalid credentials in Authorization header";
const GATED: &str = "GatedRepoError: 401 Client Error.\nCannot access gated repo for url https://huggingface.co/o/n/resolve/main/x.\nAccess to model o/n is restricted. You must have access to it and be authenticated to access it. Please log in.";

#[test]
fn a_token_that_was_refused() {
    let file = "/home/u/.cache/huggingface/token";
    assert_eq!(causes(BAD, &Fake::home().file(file, token('A')))[0], "stale-token");
    let both = Fake::home().var("HF_TOKEN", token('A')).file(file, token('B'));
    assert_eq!(causes(BAD, &both)[..2], ["env-shadows-login", "stale-token"]);
    assert_eq!(causes(BAD, &Fake::home().var("HF_TOKEN", ""))[0], "empty-token");
    assert_eq!(causes(BAD, &Fake::home().var("HF_TOKEN", "your_token_here"))[0], "placeholder-token");
    assert_eq!(causes(BAD, &Fake::home().var("HF_TOKEN", format!("\"{}\"", token('A'))))[0], "token-whitespace");
    let netrc = format!("machine huggingface.co login u password {}\n", token('B'));
    let netrc = python(
        Fake::home().var("HF_TOKEN", token('A')).file("/home/u/.netrc", netrc),
        &[("huggingface_hub", "0.36.2")],
    );
    assert_eq!(causes(BAD, &netrc)[0], "netrc-override");
}

#[test]
fn an_install_of_invokeai_that_was_cut_off() {
    let marker = "/home/u/invokeai/models/tmpinstall_1/.invokeai_install.json";
    let holds = |letter| format!("{{\"access_token\": \"{}\"}}", token(letter));
    let fake = |letter| Fake::home().file("/home/u/.cache/huggingface/token", token('A')).file(marker, holds(letter));
    let log = format!("[InvokeAI]::ERROR --> {BAD}");
    let of = |fake: &Fake| explain(log.as_bytes(), &Snapshot::new(State::new(fake))).causes.remove(0);
    let old = of(&fake('B'));
    assert_eq!(old.slug, "stale-token");
    assert!(old.message.contains("tmpinstall_1/.invokeai_install.json"), "{}", old.message);
    assert_eq!(old.help.unwrap().command, "rm -r /home/u/invokeai/models/tmpinstall_1");
    // Today's own: it is not the marker's fault; and of another program's log nothing of it is said.
    assert!(!of(&fake('A')).message.contains("tmpinstall"));
    let others = explain(BAD.as_bytes(), &Snapshot::new(State::new(&fake('B')))).causes.remove(0);
    assert!(!others.message.contains("tmpinstall"));
}

#[test]
fn no_token_arrived() {
    assert_eq!(causes(GATED, &Fake::home())[0], "no-token");
    assert_eq!(causes(GATED, &Fake::home().var("HUGGINGFACEHUB_API_TOKEN", token('A')))[0], "wrong-variable");
    let moved = Fake::home().var("HF_HOME", "/data").file("/home/u/.cache/huggingface/token", token('A'));
    assert_eq!(causes(GATED, &moved)[0], "home-relocated");
    let docker = format!("$ docker run x\n{GATED}");
    assert_eq!(causes(&docker, &Fake::home().var("HF_TOKEN", token('A')))[0], "env-not-propagated");
    let rust = "Error: request error: https://huggingface.co/o/n/resolve/main/t.json: status code 401";
    assert_eq!(causes(rust, &Fake::home().var("HF_TOKEN", token('A')))[0], "client-ignores-env");
}

#[test]
fn what_is_not_there_is_told_from_what_is_private() {
    let text = "RepositoryNotFoundError: 401 Client Error. (Request ID: Root=1-6)\n\nRepository Not Found for url: https://huggingface.co/o/n/resolve/main/x.\nIf you are trying to access a private or gated repo, make sure you are authenticated.\nInvalid username or password.";
    assert_eq!(causes(text, &Fake::home())[0], "wrong-repo-id");
    // Before 0.12 a gate was told by the same words, and who was given a token in code has a private repository.
    let old = text.replace("private or gated repo", "private repo").replace(" (Request ID: Root=1-6)", "");
    assert_eq!(causes(&old, &Fake::home())[0], "no-token");
    let given = format!("load(name, use_auth_token=hf_x)\n{text}");
    assert_eq!(causes(&given, &Fake::home())[0], "app-bug");
    let there = Fake::home().var("HUGGINGFACE_TOKEN", token('A'));
    assert_eq!(causes(text, &there)[0], "wrong-variable");
    assert!(!causes(GATED, &Fake::home()).contains(&"wrong-repo-id"));
}

#[test]
fn a_container_that_was_handed_the_variable() {
    let run = |variable: &str| format!("$ docker run -e {variable} image\n{GATED}");
    let fake = Fake::home().var("HF_TOKEN", token('A'));
    assert_eq!(causes(&run("X=1"), &fake)[0], "env-not-propagated");
    assert_eq!(causes(&run(&format!("HF_TOKEN={}", token('A'))), &fake)[0], "app-bug");
    assert_eq!(causes(&run("HF_TOKEN=$token"), &fake)[0], "env-not-propagated");
}

#[test]
fn what_is_refused_for_another_reason_than_the_token() {
    let home = Fake::home().file("/home/u/.cache/huggingface/token", token('A'));
    for (text, want) in [
        (
            "HfHubHTTPError: 403 Forbidden: Private repository storage limit reached, please upgrade your plan",
            "server-side",
        ),
        (
            "409 Client Error: Conflict for url: https://huggingface.co/api/repos/create\n\nYou already created this model repo",
            "wrong-repo-id",
        ),
        (
            "huggingface_hub 403 Client Error: Forbidden for url: https://hf-hub-lfs-us-east-1.s3-accelerate.amazonaws.com/repos/x?X-Amz-Expires=900",
            "server-side",
        ),
        (
            "huggingface_hub: 403 Forbidden: None.\nCannot access content at: https://api-inference.huggingface.co/models/o/n.\nModel requires a Pro subscription",
            "server-side",
        ),
        // Another service, of which the hub's token knows nothing.
        ("huggingface embedder: Error code: 401 - {'error': {'message': 'Incorrect API key provided: x'}}", ""),
        // Words of a program's own, where nothing else is known.
        ("Load of 'o/n' failed: Hugging Face rejected the token", "stale-token"),
    ] {
        assert_eq!(causes(text, &home).first().copied().unwrap_or_default(), want, "{text}");
    }
    for text in [
        "[my-app] Please provide a valid HF token",
        // Who wraps the hub's answer in a status of its own has not failed.
        "Error code: 500 - {'error': 'HuggingfaceException - {\"error\":\"Invalid username or password.\"}'}",
    ] {
        assert_eq!(causes(text, &Fake::home())[0], "no-token", "{text}");
    }
    // An empty text in the code is sent, and refused.
    let empty = "model = SentenceTransformer('o/n', token='')\nHTTPError: 401 Client Error: Unauthorized for url: https://huggingface.co/o/n/resolve/main/x";
    assert_eq!(causes(empty, &Fake::home())[0], "empty-token");
    // A warning, after which everything was fetched.
    let vault = "Error while fetching `HF_TOKEN` secret value from your vault: 'timed out'";
    assert_eq!(causes(vault, &Fake::home())[0], "colab-secret");
    assert_eq!(
        causes(&format!("{vault}\nmodel.gguf: 100% 5.94G/5.94G [00:33<00:00]"), &Fake::home())[0],
        "misleading-message"
    );
    // A token that was handed over under a name which is unknown is not sent.
    let dropped = "Tokenizer.from_pretrained() got an unexpected keyword argument 'auth_token'.";
    assert_eq!(causes(dropped, &Fake::home())[0], "client-version");
    assert_eq!(
        causes(
            &format!("{dropped}\n401 Client Error: Unauthorized for url: https://huggingface.co/o/n/resolve/main/x"),
            &Fake::home()
        )[0],
        "app-bug"
    );
}

#[test]
fn what_others_refuse_says_nothing_of_the_token() {
    let fake = Fake::home().file("/home/u/.cache/huggingface/token", token('A'));
    let storage = "RuntimeError: Data processing error: CAS service error : Reqwest Error: HTTP status client error (401 Unauthorized), domain: https://cas-server.xethub.hf.co/reconstruction/0";
    assert_eq!(causes(storage, &fake), ["client-version", "server-side"]);
    let ollama = "ollama pull hf.co/o/n\nhttp error=\"registry responded with status 401: Invalid credentials in Authorization header\"";
    assert_eq!(causes(ollama, &fake)[0], "app-bug");
    assert_eq!(causes(BAD, &fake)[0], "stale-token");
}

#[test]
fn writing_to_what_is_there() {
    let fake = Fake::home().file("/home/u/.cache/huggingface/token", token('A'));
    let text =
        |path: &str| format!("huggingface_hub\n403 Client Error: Forbidden for url: https://huggingface.co/{path}");
    assert_eq!(causes(&text("o/n.git/info/lfs/objects/batch"), &fake)[..2], ["wrong-namespace", "token-scope"]);
    assert_eq!(causes(&text("api/repos/create"), &fake)[..2], ["token-scope", "wrong-namespace"]);
    // A job writes to what is its own.
    let job = format!("##[group]Run hf sync\n{}", text("api/buckets/o/n/xet-write-token"));
    assert_eq!(causes(&job, &fake)[0], "token-scope");
}

#[test]
fn what_could_not_be_loaded() {
    let text = |name: &str, call: &str| {
        format!(
            "{call}\nOSError: Can't load tokenizer for '{name}'. If you were trying to load it from 'https://huggingface.co/models', make sure you don't have a local directory with the same name."
        )
    };
    for name in ["model-base", "o/n"] {
        assert_eq!(causes(&text(name, ""), &Fake::home())[..2], ["network", "wrong-repo-id"], "{name}");
    }
    for name in ["./out/model", "/data/model", "C:\\models\\x", "runs/7/checkpoint"] {
        assert_eq!(causes(&text(name, ""), &Fake::home())[0], "wrong-repo-id", "{name}");
    }
    let asks = text("o/n", "AutoModel.from_pretrained(\"o/n\", use_auth_token=True)");
    assert_eq!(causes(&asks, &Fake::home())[0], "no-token");
    let logged_in = Fake::home().file("/home/u/.cache/huggingface/token", token('A'));
    assert_eq!(causes(&asks, &logged_in)[0], "network");
}

#[test]
fn aria2_says_a_401_with_a_number_of_its_own() {
    let text = "[ERROR] CUID#7 - Download aborted. URI=https://huggingface.co/o/n/resolve/main/x\nException: [AbstractCommand.cc:351] errorCode=24 URI=https://huggingface.co/o/n/resolve/main/x\n  -> [HttpSkipResponseCommand.cc:215] errorCode=24 Authorization failed.";
    let out = explain(text.as_bytes(), &Snapshot::new(State::new(&Fake::home())));
    assert_eq!((out.request.status, out.request.client), (Some(401), Some("aria2")));
    assert_eq!(out.causes[0].slug, "no-token");
}

#[test]
fn nothing_to_say() {
    for text in
        ["", "make: *** [all] Error 1", "\u{7f}ELF", "Downloading https://huggingface.co/o/n/resolve/main/x: 100%"]
    {
        assert!(causes(text, &Fake::home()).is_empty(), "{text}");
    }
}

#[test]
fn a_secret_in_the_log_is_counted_and_never_shown() {
    let a = token('A');
    let fake = Fake::home().var("HF_TOKEN", &a);
    let text = format!("{BAD}\nheaders: Bearer {a}\nhttps://u:{a}@huggingface.co");
    let out = explain(text.as_bytes(), &Snapshot::new(State::new(&fake)));
    assert_eq!(out.redacted, 2);
    assert!(out.causes.iter().any(|c| c.slug == "leaked-token"));
    assert!(out.notes.iter().any(|n| n.contains("the token of HF_TOKEN")));
    assert!(!format!("{out:?}").contains(&a));
}

#[test]
fn a_limit_says_whose_it_is() {
    let limit = |says: &str| {
        format!(
            "429 Client Error: Too Many Requests for url: https://huggingface.co/api/models/o/n\n\nWe had to rate limit {says}"
        )
    };
    let account = limit("you, you hit the quota of 1000 api requests per 5 minutes period.");
    let address = limit("your IP (192.0.2.1). To continue using our service, create a HF account");
    let logged_in = Fake::home().file("/home/u/.cache/huggingface/token", token('A'));
    for fake in [&Fake::home(), &logged_in] {
        assert_eq!(causes(&account, fake), ["server-side"]);
        assert_ne!(causes(&address, fake)[0], "server-side");
    }
    assert_eq!(causes(&address, &Fake::home())[0], "no-token");
    let there = Fake::home().var("HUGGINGFACE_TOKEN", token('A'));
    assert_eq!(causes(&address, &there)[0], "wrong-variable");
}

#[test]
fn a_page_in_place_of_a_file_is_a_proxys() {
    let text = |got: u32| {
        format!(
            "OSError: Consistency check failed: file should be of size 133466304 but has size {got} (x.safetensors).\nhttps://github.com/huggingface/huggingface_hub"
        )
    };
    assert_eq!(causes(&text(635), &Fake::home())[0], "tls-proxy");
    assert_eq!(causes(&text(118_991_296), &Fake::home())[0], "network");
}

#[test]
fn a_container_was_not_given_the_token_of_this_machine() {
    let text = "$ docker run image\nrequests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: https://huggingface.co/api/models/o/n/tree/main";
    let fake = Fake::home().file("/home/u/.cache/huggingface/token", token('A'));
    assert_eq!(causes(text, &fake)[0], "env-not-propagated");
}

#[test]
fn a_login_that_a_program_makes_by_itself() {
    let text = "1 validation error for HuggingFaceEndpoint\n  Could not authenticate with huggingface_hub. Please check your API token. (type=value_error)";
    assert_eq!(causes(text, &Fake::home())[..2], ["no-token", "app-bug"]);
    assert_eq!(causes(text, &Fake::home().var("HUGGINGFACEHUB_API_TOKEN", token('A')))[0], "stale-token");
}

#[test]
fn a_companys_copy_below_a_directory_of_its_own() {
    let text = "ConnectionError: Network error: Request error: HTTP status client error (404 Not Found), domain: https://a.corp.example/hf/remote/api/models/o/n/xet-read-token/0\nhuggingface_hub";
    let out = explain(text.as_bytes(), &Snapshot::new(State::new(&Fake::home())));
    assert_eq!((out.request.repository.as_deref(), out.request.status), (Some("o/n"), Some(404)));
    assert_eq!(out.causes[0].slug, "endpoint-mirror");
}

#[test]
fn who_has_no_token_may_have_to_pass_the_gate_too() {
    let text = "Access to model o/n is restricted. You must have access to it and be authenticated to access it. Please log in.";
    assert_eq!(causes(text, &Fake::home())[..2], ["no-token", "gate-not-accepted"]);
}

#[test]
fn what_a_connection_says_in_other_words() {
    for (text, want) in [
        ("Cannot connect to host huggingface.co:443 ssl:default [None]", "network"),
        ("Get \"https://huggingface.co/v2/o/n\": net/http: TLS handshake timeout", "network"),
        ("huggingface_hub [WinError 10054] An existing connection was forcibly closed by the remote host", "network"),
        ("huggingface_hub ssl.SSLError: [SSL] record layer failure (_ssl.c:2580)", "tls-proxy"),
        (
            "PermissionError: [Errno 13] Permission denied: '/data/hub/.locks/models--o--n/1.lock'",
            "token-file-permission",
        ),
        ("Error no file named x.bin found in directory /data/hub/models--o--n/snapshots/1/vae.", "cache-path-mismatch"),
        (
            "None is not a valid git identifier (branch name, tag name or commit id) that exists for this model name. Check the model page at 'https://huggingface.co/o/n'",
            "server-side",
        ),
        (
            "fp16 is not a valid git identifier (branch name, tag name or commit id) that exists for this model name. Check the model page at 'https://huggingface.co/o/n'",
            "wrong-repo-id",
        ),
    ] {
        assert_eq!(causes(text, &Fake::home())[0], want, "{text}");
    }
}

#[test]
fn a_path_is_taken_for_a_name() {
    let text = |name: &str| {
        format!(
            "We couldn't connect to 'https://huggingface.co' to load this model, couldn't find it in the cached files and it looks like {name} is not the path to a directory containing a config.json file."
        )
    };
    for name in ["./checkpoints/model", "/content/app/checkpoints/net", "runs/7/checkpoint"] {
        assert_eq!(causes(&text(name), &Fake::home())[0], "wrong-repo-id", "{name}");
    }
    for name in ["o/n", "model-base", "/root/.cache/huggingface/hub/models--o--n/snapshots/1"] {
        assert_eq!(causes(&text(name), &Fake::home())[0], "network", "{name}");
    }
}

#[test]
fn a_name_that_was_not_set() {
    let text = "We couldn't connect to 'https://huggingface.co' to load this file, couldn't find it in the cached files and it looks like None is not the path to a directory containing a file named config.json.";
    assert_eq!(causes(text, &Fake::home())[0], "wrong-repo-id");
    assert_eq!(causes(&text.replace("None", "o/n"), &Fake::home())[0], "network");
}

#[test]
fn a_directory_that_is_not_there_is_taken_for_a_name() {
    let text = |name: &str, hint: &str| {
        format!(
            "OSError: {name} is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'\nIf this is a private repository, make sure to pass a token having permission to this repo {hint}"
        )
    };
    let asks = "with `use_auth_token` or log in with `huggingface-cli login` and pass `use_auth_token=True`.";
    let today = "either by logging in with `hf auth login` or by passing `token=<your_token>`";
    let logged_in = Fake::home().file("/home/u/.cache/huggingface/token", token('A'));
    for fake in [&Fake::home(), &logged_in] {
        for name in ["output_dir/checkpoint-1398", "model_epoch40"] {
            assert_eq!(causes(&text(name, asks), fake)[0], "wrong-repo-id", "{name}");
        }
    }
    assert_eq!(causes(&text("o/n", today), &Fake::home())[0], "wrong-repo-id");
    // Its releases of then said the same of a gate.
    assert_eq!(causes(&text("o/n", asks), &Fake::home())[0], "no-token");
    let refused = format!("{}\nInvalid credentials in Authorization header", text("model", today));
    assert_eq!(causes(&refused, &logged_in)[0], "stale-token");
}

#[test]
fn a_release_that_sends_the_token_where_it_is_asked_to() {
    let text = "  File \"/x/transformers/utils/hub.py\", line 502, in get_from_cache\nrequests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: https://huggingface.co/o/n/resolve/main/vocab.json";
    let fake = Fake::home().file("/home/u/.huggingface/token", token('A'));
    assert_eq!(causes(text, &fake)[0], "client-version");
    // Where this machine's login is not seen, how it would be asked for says nothing.
    let job = format!("AlgorithmError: ExecuteUserScriptError:\n{text}");
    assert_eq!(causes(&job, &fake)[0], "env-not-propagated");
    assert_eq!(causes(&job, &Fake::home())[0], "no-token");
}

#[test]
fn an_answer_of_the_inference_service_is_no_failed_paste() {
    let text = "$ huggingface-cli login\nHTTP Error 400 Bad Request: {\"error\":\"Authorization header is correct, but the token seems invalid\"}";
    let fake = Fake::home().file("/home/u/.cache/huggingface/token", token('A'));
    assert_eq!(causes(text, &fake), ["server-side", "token-scope"]);
}

#[test]
fn a_push_that_is_refused_for_what_is_in_it() {
    let end = "To https://huggingface.co/o/n\n ! [remote rejected] main -> main (pre-receive hook declined)";
    for line in [
        "remote: Your push was rejected because it contains binary files.",
        "remote: Your push was rejected because it contains files larger than 10M.",
        "remote: Your push was rejected because an LFS pointer pointed to a file that does not exist.",
        "remote: Sorry, your push was rejected during YAML metadata verification:",
    ] {
        assert_eq!(causes(&format!("{line}\n{end}"), &Fake::home()), ["unknown-local"], "{line}");
    }
    let right =
        "remote: Your push was rejected for the following reasons:\nremote: DENIED update refs/heads/main: forbidden";
    assert_eq!(causes(&format!("{right}\n{end}"), &Fake::home())[0], "token-scope");
}

#[test]
fn a_token_that_its_client_left_out() {
    let log = "api_get: invalid token, authentication disabled\nget_repo_commit: error: GET failed (401): Access to model o/n is restricted. You must have access to it and be authenticated to access it. Please log in.";
    assert_eq!(causes(log, &Fake::home().var("HF_TOKEN", "your_token_here"))[0], "placeholder-token");
    assert_eq!(causes(log, &Fake::home().var("HF_TOKEN", format!("{}\n", token('A'))))[0], "token-whitespace");
    assert_eq!(causes(log, &Fake::home())[..2], ["placeholder-token", "token-whitespace"]);
}

#[test]
fn llama_cpp_says_it_by_numbers() {
    let get = |what: &str| format!("get_repo_commit: error: {what}\nget_repo_files: failed to resolve commit for o/n");
    let missing = get("GET failed (404): Repository not found");
    assert_eq!(causes(&missing, &Fake::home())[0], "wrong-repo-id");
    // A commit that is not found is no name that was not resolved.
    assert!(!causes(&missing, &Fake::home()).contains(&"network"));
    assert_eq!(causes(&get("GET failed (401): Invalid username or password."), &Fake::home())[0], "no-token");
    assert_eq!(causes(&get("HTTPLIB failed: Could not establish connection"), &Fake::home())[0], "network");
    assert_eq!(causes(&get("HTTPLIB failed: SSL server verification failed"), &Fake::home())[0], "tls-proxy");
}

#[test]
fn a_403_without_a_word_and_without_a_token() {
    let log = "HTTP status client error (403 Forbidden) for url (https://huggingface.co/o/n/resolve/main/x.bin)";
    assert!(causes(log, &Fake::home()).contains(&"tls-proxy"));
    let sent = Fake::home().file("/home/u/.cache/huggingface/token", token('A'));
    assert!(!causes(log, &sent).contains(&"tls-proxy"));
    // The storage judges no tokens: an address that was signed ran out there, or is not let through.
    let storage =
        "huggingface_hub\n403 Client Error: Forbidden for url: https://cdn-lfs-us-1.hf.co/repos/d6/a0?Expires=1";
    assert_eq!(causes(storage, &sent)[0], "server-side");
}

#[test]
fn a_program_that_is_given_its_token_by_options_alone() {
    let log = "The repository requires authentication, but --hf_username and --hf_token is not passed. Please get token from https://huggingface.co/settings/tokens.\nExiting.";
    assert_eq!(causes(log, &Fake::home())[0], "no-token");
    assert_eq!(causes(log, &Fake::home().var("HF_TOKEN", token('A')))[0], "client-ignores-env");
    let file = Fake::home().file("/home/u/.cache/huggingface/token", token('A'));
    assert_eq!(causes(log, &file)[0], "client-ignores-file");
}

#[test]
fn a_model_that_no_provider_serves() {
    for log in [
        "400 The requested model 'o/n' is not supported by any provider you have enabled.",
        "ValueError: Model o/n is not supported for task text-generation and provider together. Supported task: conversational.",
    ] {
        assert_eq!(causes(log, &Fake::home())[0], "server-side", "{log}");
    }
}

#[test]
fn a_permission_error_is_pythons_own() {
    let other = "nim: Permission error: The requested operation requires permissions that the user does not have. (huggingface)";
    assert!(!causes(other, &Fake::home()).contains(&"token-file-permission"));
}

#[test]
fn files_say_nothing_of_a_token() {
    let fake = Fake::home().file("/home/u/.cache/huggingface/token", token('A'));
    for (text, want) in [
        (
            "403 Forbidden: None.\nCannot access content at: https://cdn-lfs-us-1.hf.co/a.\nMake sure your token has the correct permissions.",
            "server-side",
        ),
        (
            "https://huggingface.co/o/n/resolve/main/x: HTTP status 403 Forbidden, <Error><Code>AccessDenied</Code></Error>",
            "server-side",
        ),
        ("SafetensorError: Error while deserializing header: HeaderTooLarge", "cache-path-mismatch"),
        (
            "Still waiting to acquire lock on /x/.cache/huggingface/.gitignore.lock (elapsed: 30.7 seconds)",
            "unknown-local",
        ),
        (
            "OSError: [WinError 206] The filename or extension is too long: 'C:\\x\\.cache\\huggingface\\hub'",
            "unknown-local",
        ),
        ("RuntimeError: Dataset scripts are no longer supported, but found superb.py", "client-version"),
        (
            "ValueError: The current space is in the invalid state: PAUSED. Please contact the owner to fix this.",
            "server-side",
        ),
        (
            "SyntaxError: Unexpected token '<', \"<!doctype \"... is not valid JSON\n at getModelJSON (http://localhost:3025/x.js)",
            "wrong-endpoint",
        ),
        (
            "ValueError: To use optimized download using Xet storage, you need to install the hf_xet package.",
            "client-version",
        ),
        ("HTTPS is not supported. Please rebuild with one of:\n  -DLLAMA_OPENSSL=ON\nhuggingface", "client-version"),
        (
            "Failed to request /api/whoami-v2 - 429\nInvalid token (/api/whoami-v2). Please login with a write token.",
            "server-side",
        ),
    ] {
        assert_eq!(causes(text, &fake)[0], want, "{text}");
    }
}

#[test]
fn what_diffusers_says_of_a_hub_that_was_not_reached() {
    let diffusers = "OSError: o/n does not appear to have a file named config.json.";
    assert_eq!(causes(diffusers, &Fake::home())[..2], ["network", "wrong-repo-id"]);
    let transformers = format!("{diffusers} Checkout 'https://huggingface.co/o/n/tree/main' for available files.");
    assert_eq!(causes(&transformers, &Fake::home())[0], "wrong-repo-id");
    let directory = diffusers.replace("o/n", "models/o_n");
    assert_eq!(causes(&directory, &Fake::home())[0], "wrong-repo-id");
}

#[test]
fn the_endpoint_that_a_log_names() {
    let error = "FileMetadataError: Distant resource does not have a Content-Length.";
    for named in ["$ HF_ENDPOINT=https://example.org/hf hf download o/n", "- ENDPOINT: https://example.org"] {
        assert_eq!(causes(&format!("{named}\nhuggingface_hub {error}"), &Fake::home())[0], "endpoint-mirror");
    }
    let hub = format!("- ENDPOINT: https://huggingface.co\nhuggingface_hub {error}");
    assert_eq!(causes(&hub, &Fake::home())[0], "tls-proxy");
}

#[test]
fn datasets_tells_who_was_not_let_in() {
    let gone = "DatasetNotFoundError: Dataset 'o/n' doesn't exist on the Hub or cannot be accessed.";
    assert_eq!(causes(gone, &Fake::home())[0], "wrong-repo-id");
    let old = "FileNotFoundError: Dataset 'o/n' doesn't exist on the Hub. If the repo is private or gated, make sure to log in with `huggingface-cli login`.";
    assert_eq!(causes(old, &Fake::home())[0], "no-token");
}

#[test]
fn a_warning_of_the_vault_is_no_error_of_its_own() {
    let vault = "The secret `HF_TOKEN` does not exist in your Colab secrets.";
    assert_eq!(causes(vault, &Fake::home())[0], "colab-secret");
    let arrived = format!("{vault}\nmodel.gguf: 100% 5.94G/5.94G [00:33<00:00, 259MB/s]");
    assert_eq!(causes(&arrived, &Fake::home())[0], "misleading-message");
    let failed = format!("{vault}\nRuntimeError: Dataset scripts are no longer supported, but found x.py");
    assert_eq!(causes(&failed, &Fake::home())[0], "client-version");
}

#[test]
fn a_question_that_no_cache_answers() {
    let offline = |path: &str| {
        format!("OfflineModeIsEnabled: Cannot reach https://huggingface.co/{path}: offline mode is enabled.")
    };
    assert!(causes(&offline("api/models/o/n/tree/main"), &Fake::home()).contains(&"app-bug"));
    assert!(!causes(&offline("o/n/resolve/main/config.json"), &Fake::home()).contains(&"app-bug"));
}

#[test]
fn a_mirror_that_sends_another_length() {
    let text = "OSError: Consistency check failed: file should be of size 440449768 but has size 4122356 (x.bin).";
    assert_eq!(causes(text, &Fake::home())[0], "network");
    let mirror = Fake::home().var("HF_ENDPOINT", "https://hf-mirror.com");
    assert_eq!(causes(text, &mirror)[0], "endpoint-mirror");
}

#[test]
fn a_release_that_does_not_know_hf_token() {
    let old = "$ docker run image\n  File \"/x/huggingface_hub/utils/_errors.py\", line 261, in hf_raise_for_status\n";
    assert!(causes(&format!("{old}{GATED}"), &Fake::home())[..3].contains(&"client-version"));
    let new = old.replace("_errors.py\", line 261", "_http.py\", line 409");
    assert!(!causes(&format!("{new}{GATED}"), &Fake::home()).contains(&"client-version"));
}

#[test]
fn what_newer_releases_have_no_more() {
    let help = |name: &str| {
        let text = format!("ImportError: cannot import name '{name}' from 'huggingface_hub'");
        let fake = Fake::home();
        explain(text.as_bytes(), &Snapshot::new(State::new(&fake))).causes.remove(0).help.unwrap().command
    };
    assert_eq!(help("cached_download"), "pip install 'huggingface_hub<0.26'");
    assert_eq!(help("HfFolder"), "pip install 'huggingface_hub<1.0'");
    assert!(help("split_torch_state_dict_into_shards").contains("--upgrade"));
}

#[test]
fn a_build_that_cannot_reach_the_hub() {
    for log in [
        "HTTPS is not supported. Please rebuild with one of:\n  -DLLAMA_BUILD_BORINGSSL=ON",
        "error: built without CURL, cannot download model from the internet",
        "common_get_hf_file: llama.cpp built without libcurl, downloading from Hugging Face not supported.",
    ] {
        assert_eq!(causes(log, &Fake::home().var("HF_TOKEN", token('A'))), ["client-version"], "{log}");
    }
}

#[test]
fn what_is_possible_where_little_is_known() {
    // Where no token is kept, what the program was given may be none.
    assert!(causes(BAD, &Fake::home()).contains(&"placeholder-token"));
    assert!(!causes(BAD, &Fake::home().var("HF_TOKEN", token('A'))).contains(&"placeholder-token"));
    let unreached = "OSError: We couldn't connect to 'https://huggingface.co' to load this file, couldn't find it in the cached files";
    assert_eq!(causes(unreached, &Fake::home()), ["network", "cache-path-mismatch", "server-side"]);
}

#[test]
fn a_clone_that_fails_within_a_program() {
    let mlc =
        "Command '['git', 'clone', 'https://huggingface.co/org/name.git', '.tmp']' returned non-zero exit status 128.";
    assert_eq!(causes(mlc, &Fake::home().var("HF_TOKEN", token('A'))), ["git-credential", "wrong-repo-id", "network"]);
    let told = format!("remote: Password authentication in git is no longer supported.\n{mlc}");
    assert_eq!(causes(&told, &Fake::home())[0], "git-credential");
    assert!(!causes(&told, &Fake::home()).contains(&"network"));
}

#[test]
fn an_answer_whose_number_is_not_shown() {
    let text = "OSError: There was a specific connection error when trying to load org/name:\n<class 'requests.exceptions.HTTPError'> (Request ID: x)";
    assert_eq!(causes(text, &Fake::home().var("HF_TOKEN", token('A'))), ["gate-not-accepted", "server-side"]);
}
