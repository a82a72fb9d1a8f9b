//! What in a log tells of the place where it was written, and of the client that wrote it: texts as data.

/// What shows in the log of the place where it was written, and of what was done there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Docker, Kubernetes, paths of images.
    pub(crate) container: bool,
    /// Paths that are usual in images, and on machines where one works as root.
    pub(crate) rooted: bool,
    /// A runner of GitHub, GitLab and others.
    pub(crate) ci: bool,
    /// Google Colab.
    pub(crate) colab: bool,
    /// Kaggle.
    pub(crate) kaggle: bool,
    /// A notebook of any kind.
    pub(crate) notebook: bool,
    /// Windows.
    pub(crate) windows: bool,
    /// A Space of the hub.
    pub(crate) space: bool,
    /// A service or a scheduled job.
    pub(crate) service: bool,
    /// Something is written to the hub.
    pub(crate) writes: bool,
    /// What is written goes to a repository that is there already: whoever may not make one fails before that.
    pub(crate) fills: bool,
    /// The login was asked for.
    pub(crate) login: bool,
    /// The cache was cleared.
    pub(crate) cleared: bool,
    /// A file was fetched to its end.
    pub(crate) fetched: bool,
    /// `.env` is loaded.
    pub(crate) dotenv: bool,
    /// A token is handed over in code or on the command line.
    pub(crate) explicit: bool,
    /// The saved token is asked for in code.
    pub(crate) asks: bool,
    /// The program that failed has the variable: it was handed to its container by value, or the log shows it.
    pub(crate) handed: bool,
    /// A variable is set in code, perhaps after the import.
    pub(crate) late: bool,
    /// A header with a token is given by hand.
    pub(crate) header: bool,
    /// A widget of a notebook.
    pub(crate) widget: bool,
    /// Python's traceback.
    pub(crate) traceback: bool,
    /// The program goes through Python's huggingface_hub.
    pub(crate) hub: bool,
    /// It may: a text that requests prints for others too.
    pub(crate) maybe_hub: bool,
    /// Frames of Python's.
    pub(crate) frames: bool,
    /// whoami was asked.
    pub(crate) whoami: bool,
    /// Through requests.
    pub(crate) requests: bool,
    /// Through httpx.
    pub(crate) httpx: bool,
    /// Through Rust's reqwest.
    pub(crate) reqwest: bool,
    /// transformers names the address where the files of the repository are listed.
    pub(crate) listed: bool,
    /// A file arrived whole.
    pub(crate) arrived: bool,
    /// Offline mode stopped a question that is about no file, so that no cache can answer it.
    pub(crate) lists: bool,
    /// Git, or git-lfs.
    pub(crate) git: bool,
    /// A registry of packages or images, which may have failed in place of the hub.
    pub(crate) registry: bool,
}

/// What a text in the log says of the place.
pub(super) type Mark = (&'static [&'static str], fn(&mut Marks));

#[rustfmt::skip]
pub(super) static MARKS: &[Mark] = &[
    (&["file/root/"], |m| m.rooted = true), (&["file/app/"], |m| m.container = true),
    (&["file/usr/src/"], |m| m.container = true), (&["file/opt/conda/"], |m| m.rooted = true),
    (&["file/workspace/"], |m| m.rooted = true), (&["file/opt/venv/"], |m| m.rooted = true),
    (&["/root/.cache/huggingface"], |m| m.rooted = true), (&["file/home/worker/app/"], |m| m.container = true), (&["/usr/src/.venv"], |m| m.container = true),
    (&["docker run"], |m| m.container = true), (&["docker compose"], |m| m.container = true),
    (&["docker-compose"], |m| m.container = true), (&["executeuserscripterror"], |m| m.container = true),
    (&["/opt/ml/code"], |m| m.container = true), (&["dockerfile"], |m| m.container = true),
    (&["docker build"], |m| m.container = true), (&["docker exec"], |m| m.container = true),
    (&["in container"], |m| m.container = true), (&["kubectl"], |m| m.container = true),
    (&["kubernetes"], |m| m.container = true), (&["crashloopbackoff"], |m| m.container = true),
    (&["helm install"], |m| m.container = true), (&["podman"], |m| m.container = true),
    (&["apptainer"], |m| m.container = true), (&["singularity"], |m| m.container = true),
    (&["/home/runner/work"], |m| m.ci = true), (&["/__w/"], |m| m.ci = true), (&["##[error]"], |m| m.ci = true),
    (&["##[group]"], |m| m.ci = true), (&["::error::"], |m| m.ci = true), (&["::error file="], |m| m.ci = true), (&["github_actions"], |m| m.ci = true),
    (&["github actions"], |m| m.ci = true), (&["gitlab-runner"], |m| m.ci = true), (&["circleci"], |m| m.ci = true),
    (&["buildkite"], |m| m.ci = true), (&["process completed with exit code"], |m| m.ci = true),
    (&["github_token"], |m| m.ci = true), (&["/builds/"], |m| m.ci = true), (&["jenkins"], |m| m.ci = true),
    (&["google.colab"], |m| m.colab = true), (&["/content/"], |m| m.colab = true), (&["google colab"], |m| m.colab = true),
    (&["colab secret"], |m| m.colab = true), (&["/usr/local/lib/python3", "/dist-packages/huggingface_hub"], |m| m.colab = true),
    (&["/kaggle/"], |m| m.kaggle = true), (&["kaggle_secrets"], |m| m.kaggle = true),
    (&["ipython-input"], |m| m.notebook = true), (&["ipykernel"], |m| m.notebook = true), (&["cell in["], |m| m.notebook = true),
    (&[".ipynb"], |m| m.notebook = true),
    (&["c:users"], |m| m.windows = true), (&["c:/users"], |m| m.windows = true), (&["appdata"], |m| m.windows = true),
    (&["c:programfiles"], |m| m.windows = true), (&["python_embeded"], |m| m.windows = true), (&[".exe"], |m| m.windows = true),
    (&["modal.com/secrets"], |m| m.container = true), (&["createcontainerconfigerror"], |m| m.container = true), (&["storage-initializer"], |m| m.container = true),
    (&["/home/user/app/"], |m| m.space = true), (&["hf.space"], |m| m.space = true),
    (&["systemd["], |m| m.service = true), (&["cron["], |m| m.service = true), (&["supervisord"], |m| m.service = true),
    (&["gunicorn"], |m| m.service = true), (&["sudo -u"], |m| m.service = true), (&["slurmstepd"], |m| m.service = true),
    (&["/api/repos/create"], |m| m.writes = true), (&["/commit/main"], |m| m.writes = true), (&["/preupload/"], |m| m.writes = true),
    (&["push_to_hub"], |m| m.writes = true), (&["create_repo"], |m| m.writes = true), (&["create_commit"], |m| m.writes = true),
    (&["upload_file"], |m| m.writes = true), (&["upload_folder"], |m| m.writes = true), (&["hf upload"], |m| m.writes = true),
    (&["huggingface-cli upload"], |m| m.writes = true), (&["git push"], |m| m.writes = true), (&["failed to push"], |m| m.writes = true),
    (&["/lfs.huggingface.co"], |m| m.writes = true), (&["method=post"], |m| m.writes = true),
    (&["xet-write-token"], |m| { m.writes = true; m.fills = true; }),
    // Python's client asks this address for nothing but an upload; git-lfs, which asks it for both, prints no such error.
    (&["client error: forbidden for url", ".git/info/lfs/objects/batch"], |m| { m.writes = true; m.fills = true; }),
    (&["notebook_login"], |m| { m.login = true; m.widget = true; }), (&["vboxchildren"], |m| m.widget = true),
    (&["jupyter-widgets"], |m| m.widget = true), (&["vbox("], |m| m.widget = true), (&["ipywidgets"], |m| m.widget = true),
    (&["huggingface-cli login"], |m| m.login = true), (&["hf auth login"], |m| m.login = true),
    (&["_login.py"], |m| m.login = true), (&["commands/user.py"], |m| m.login = true), (&["enter your token"], |m| m.login = true),
    (&["rm -rf ~/.cache/huggingface"], |m| m.cleared = true), (&["rm -r ~/.cache/huggingface"], |m| m.cleared = true),
    (&["rm -rf", ".cache/huggingface"], |m| m.cleared = true), (&["rm -rf ~/.cache"], |m| m.cleared = true),
    (&["rmtree", ".cache/huggingface"], |m| m.cleared = true), (&["hf cache rm"], |m| m.cleared = true),
    (&[":100%"], |m| m.fetched = true),
    (&["load_dotenv"], |m| m.dotenv = true), (&["dotenv"], |m| m.dotenv = true), (&["/.env"], |m| m.dotenv = true),
    (&["os.environ[hf_home]="], |m| m.late = true), (&["os.environ[hf_token]="], |m| m.late = true),
    (&["os.environ[huggingface_hub_cache]="], |m| m.late = true), (&["authorization: bearer"], |m| m.header = true), (&["traceback (most recent call last)"], |m| m.traceback = true),
    (&["use_auth_token=hf_"], |m| m.explicit = true), (&["token=hf_"], |m| m.explicit = true),
    (&["use_auth_token=hf"], |m| m.explicit = true), (&["--token"], |m| m.explicit = true), (&["hub_token"], |m| m.explicit = true),
    (&["token=token"], |m| m.explicit = true), (&["token=self."], |m| m.explicit = true), (&["token=args."], |m| m.explicit = true),
    (&["token=os."], |m| m.explicit = true), (&["token=config."], |m| m.explicit = true), (&["token=hf_token"], |m| m.explicit = true),
    (&[",use_auth_token=true"], |m| m.asks = true), (&[",token=true"], |m| m.asks = true),
    (&["-e hf_token=hf_"], |m| m.handed = true), (&["--env hf_token=hf_"], |m| m.handed = true),
    (&["--env=hf_token=hf_"], |m| m.handed = true), (&["-e hf_token=***"], |m| m.handed = true),
    (&["-e hugging_face_hub_token=hf_"], |m| m.handed = true), (&["--env hugging_face_hub_token=hf_"], |m| m.handed = true),
    (&["os.environ[hf_token]hf_"], |m| m.handed = true), (&["os.environ[hf_token]***"], |m| m.handed = true),
    (&["os.environ.get(hf_token)hf_"], |m| m.handed = true), (&["os.getenv(hf_token)hf_"], |m| m.handed = true),
    (&["echo $hf_tokenhf_"], |m| m.handed = true), (&["printenv hf_tokenhf_"], |m| m.handed = true),
    (&["does not appear to have a file named", "for available files"], |m| m.listed = true),
    // As bars of progress end, with the size and without.
    (&[".safetensors: 100%"], |m| m.arrived = true), (&[".gguf: 100%"], |m| m.arrived = true), (&[".json: 100%"], |m| m.arrived = true),
    (&[".bin: 100%"], |m| m.arrived = true), (&[".parquet: 100%"], |m| m.arrived = true),
    (&["cannot reach https://huggingface.co/api/models", "offline mode is enabled"], |m| m.lists = true),
    (&["cannot reach https://huggingface.co/api/datasets", "offline mode is enabled"], |m| m.lists = true),
    (&["huggingface_hub/"], |m| m.hub = true), (&["huggingface_hub."], |m| m.hub = true),
    // The number of the request, as Python's client writes it behind its errors.
    (&["(request id: root="], |m| m.hub = true),
    (&["huggingface_hubutils"], |m| m.hub = true), (&["transformers/"], |m| m.hub = true), (&["datasets/load.py"], |m| m.hub = true),
    (&["gatedrepoerror"], |m| m.hub = true), (&["repositorynotfounderror"], |m| m.hub = true), (&["hfhubhttperror"], |m| m.hub = true),
    (&["client error: unauthorized for url"], |m| m.maybe_hub = true), (&["client error: forbidden for url"], |m| m.maybe_hub = true),
    (&["client error 401 unauthorized for url"], |m| m.maybe_hub = true), (&["client error 403 forbidden for url"], |m| m.maybe_hub = true),
    (&[".py,line"], |m| m.frames = true), (&["/api/whoami"], |m| m.whoami = true), (&["cannot access gated repo"], |m| m.hub = true),
    (&["requests/models.py"], |m| m.requests = true), (&["requests.exceptions"], |m| m.requests = true), (&["urllib3/"], |m| m.requests = true),
    (&["httpx/"], |m| m.httpx = true), (&["httpx."], |m| m.httpx = true),
    // Since huggingface_hub 2.0.
    (&["httpx2/"], |m| m.httpx = true), (&["httpx2."], |m| m.httpx = true), (&["httpcore"], |m| m.httpx = true),
    (&["http status client error ("], |m| m.reqwest = true),
    (&["//pypi.org"], |m| m.registry = true), (&["host=pypi.org"], |m| m.registry = true), (&["files.pythonhosted.org"], |m| m.registry = true),
    (&["/simple/huggingface"], |m| m.registry = true), (&["could not install packages"], |m| m.registry = true),
    (&["registry.npmjs.org"], |m| m.registry = true), (&["npm err!"], |m| m.registry = true), (&["npm error code"], |m| m.registry = true),
    (&["conda.anaconda.org"], |m| m.registry = true), (&["index.crates.io"], |m| m.registry = true), (&["static.crates.io"], |m| m.registry = true),
    (&["error response from daemon"], |m| m.registry = true), (&["pull rate limit"], |m| m.registry = true), (&["registry-1.docker.io"], |m| m.registry = true),
    (&["fatal: "], |m| m.git = true), (&["remote: "], |m| m.git = true), (&["git-lfs"], |m| m.git = true), (&["batch response:"], |m| m.git = true),
];

/// A client by what its logs hold: its name for `--client`, or what people call a program that has none.
#[derive(Clone, Copy)]
pub(super) enum Who {
    /// One of the tables.
    Known(&'static str),
    /// A program whose way of finding a token is not in the tables.
    Program(&'static str),
    /// A program that asks Python's huggingface_hub.
    Over(&'static str),
}

/// The first that is found counts: those that are more than a library come first.
#[rustfmt::skip]
pub(super) static CLIENTS: &[(&[&str], Who)] = &[
    (&["hf-mount"], Who::Program("hf-mount")), (&["cas write token request"], Who::Program("hf-mount")),
    (&["hf-mem"], Who::Program("hf-mem")), (&["hf_mem"], Who::Program("hf-mem")),
    (&["text_embeddings_router"], Who::Known("tei")), (&["text-embeddings-router"], Who::Known("tei")),
    (&["text_embeddings_backend"], Who::Known("tei")), (&["text-embeddings-inference"], Who::Known("tei")),
    (&["text_generation_router"], Who::Known("tgi-router")),
    (&["text_generation_server"], Who::Known("tgi-children")), (&["text_generation_launcher"], Who::Known("tgi-children")),
    (&["mistralrs"], Who::Known("mistralrs")), (&["mistral.rs"], Who::Known("mistralrs")), (&["candle-vllm"], Who::Known("candle-vllm")),
    (&["hf_hub::"], Who::Known("hf-hub")), (&["hf_hub:"], Who::Known("hf-hub")), (&["hf-hub-0"], Who::Known("hf-hub")),
    (&["request error: https://huggingface.co", "status code"], Who::Known("hf-hub")), (&["candle"], Who::Known("hf-hub")),
    (&["cargo run"], Who::Known("hf-hub")), (&["src/main.rs"], Who::Known("hf-hub")),
    (&["@xenova/transformers"], Who::Known("transformersjs")), (&["@huggingface/transformers"], Who::Known("transformersjs")),
    (&["transformers.js"], Who::Known("transformersjs")), (&["access to file: https://huggingface.co"], Who::Known("transformersjs")),
    (&["@huggingface/hub"], Who::Known("hfjs-lib")), (&["@huggingface/inference"], Who::Known("hf-inference-js")),
    (&["langchain/llms"], Who::Known("langchain-community")), (&["huggingfacehub_api_token"], Who::Known("langchain-community")),
    (&["huggingface_endpoint"], Who::Known("langchain-community")), (&["could not authenticate with huggingface_hub"], Who::Known("langchain-community")), (&["langchain_huggingface"], Who::Known("langchain-hf")),
    (&["langchain/js"], Who::Known("langchain-js")), (&["@langchain"], Who::Known("langchain-js")),
    (&["swift-transformers"], Who::Known("swift-transformers")),
    (&["authentication required. please provide a valid hugging face token"], Who::Known("swift-transformers")), (&["hfdownloader"], Who::Known("hfdownloader")),
    (&["--hf_username"], Who::Program("hfd.sh")), (&["get_repo_commit:"], Who::Program("llama.cpp")), (&["get_repo_files:"], Who::Program("llama.cpp")),
    (&["common_download"], Who::Program("llama.cpp")), (&["common_get_hf_file"], Who::Program("llama.cpp")),
    (&["error from hf api"], Who::Program("llama.cpp")), (&["llama-server"], Who::Program("llama.cpp")), (&["llama-cli"], Who::Program("llama.cpp")),
    (&["ollama"], Who::Program("Ollama")), (&["lm studio"], Who::Program("LM Studio")), (&["lmstudio"], Who::Program("LM Studio")),
    (&["rstudio"], Who::Known("hfhub-r")), (&["hfhub::"], Who::Known("hfhub-r")),
    (&["batch response:"], Who::Known("git")), (&["fatal: authentication failed"], Who::Known("git")), (&["fatal: could not read"], Who::Known("git")),
    (&["password authentication in git"], Who::Known("git")), (&["denied update refs/"], Who::Known("git")),
    (&["pre-receive hook declined"], Who::Known("git")),
    (&["curl: (22)"], Who::Known("curl")), (&["http request sent, awaiting response"], Who::Known("wget")), (&["aria2"], Who::Known("aria2")), (&["[abstractcommand.cc:"], Who::Known("aria2")),
    (&["invokeai"], Who::Over("InvokeAI")), (&["]::[", "]::", " --> "], Who::Over("InvokeAI")), (&["comfyui"], Who::Over("ComfyUI")), (&["langchain"], Who::Over("LangChain")),
    (&["vllm"], Who::Over("vLLM")), (&["sglang"], Who::Over("SGLang")), (&["simpletuner"], Who::Program("SimpleTuner")),
    (&["unsloth"], Who::Over("Unsloth")), (&["axolotl"], Who::Over("Axolotl")), (&["pyannote"], Who::Over("pyannote.audio")),
    (&["sentence_transformers"], Who::Over("sentence-transformers")), (&["diffusers/"], Who::Over("diffusers")),
    (&["datasets/load.py"], Who::Over("datasets")), (&["transformers/"], Who::Over("transformers")),
];
