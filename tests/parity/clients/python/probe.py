"""Ask a Python client's own code which token it would send.

    probe.py NAME            one answer for this environment and working directory, as JSON
    probe.py NAME --serve    one JSON job a line: {"cwd", "env": {hex: hex}, "passwd"}; an answer a line

Serving loads the heavy modules once and forks for each job. What reads the environment when it is imported
(huggingface_hub and all that imports it) is left to the fork.
"""
import importlib
import json
import os
import sys
import types

sys.dont_write_bytecode = True


def said(outcome, token=None, error=None):
    out = {"outcome": outcome, "error": error}
    if token is not None:
        out["token"] = token.encode("utf-8", "surrogateescape").hex()
    return out


def of(value):
    """A client's own `None or str`."""
    return said("anonymous") if value is None else said("token", value)


def of_header(value):
    return of(None) if value is None else of(value[len("Bearer "):])


def ramalama():
    from ramalama.transports.huggingface import huggingface_token
    return of(huggingface_token())


def comfy_cli():
    from comfy_cli import constants
    from comfy_cli.config_manager import ConfigManager
    return of(ConfigManager().get_or_override(constants.HF_API_TOKEN_ENV_KEY, constants.HF_API_TOKEN_KEY, None))


class Caught(BaseException):
    """Ends a call at the point where its header is made; no `except Exception` on the way stops it."""


def caught(owner, call):
    """The Authorization header that `owner.validate_environment` makes within `call`."""
    real = owner.validate_environment

    def stop(self, *args, **kw):
        raise Caught(real(self, *args, **kw).get("Authorization"))

    owner.validate_environment = stop
    try:
        call()
    except Caught as e:
        return of_header(e.args[0])
    return said("error", error="no header was made")


def litellm_chat():
    import litellm
    from litellm.llms.huggingface.chat.transformation import HuggingFaceChatConfig as owner
    return caught(owner, lambda: litellm.completion(model="huggingface/o/m", messages=[{"role": "user", "content": "x"}], api_base="http://127.0.0.1:1/v1"))


def litellm_embed():
    import litellm
    from litellm.llms.huggingface.embedding.transformation import HuggingFaceEmbeddingConfig as owner
    # The task is named, or it would be asked for on the network.
    return caught(owner, lambda: litellm.embedding(model="huggingface/o/m", input=["x"], api_base="http://127.0.0.1:1", input_type="sentence-similarity"))


def first_header(call, lookup=False):
    """The first Authorization header that `call` gives to huggingface_hub's HTTP client; what was raised before one.

    Caught where the header is still text: what the HTTP library refuses has no bytes on the wire, and offline mode none
    at all. With `lookup` a question about the model that carries no header is answered, and the next request decides.
    """
    try:
        import huggingface_hub.utils._http as hub
    except Exception:
        # The client imports it at its own time, and may make another error of that.
        call()
        raise
    http = next(vars(hub)[name] for name in ("httpx2", "httpx", "requests") if name in vars(hub))

    def look(url, headers):
        value = {k.lower(): v for k, v in (headers or {}).items()}.get("authorization")
        if str(url).endswith("/api/agent-harnesses"):
            # huggingface_hub asks for this list now and then, for its User-Agent.
            return http.Response(404, request=http.Request("GET", "https://h"))
        if value is None and lookup and "/api/models/" in str(url):
            body = {"id": "o/m", "pipeline_tag": "text-generation", "inferenceProviderMapping": {"hf-inference": {"status": "live", "providerId": "o/m", "task": "text-generation"}}}
            return http.Response(200, json=body, request=http.Request("GET", "https://h"))
        raise Caught(value)

    def stop(self, method, url, *args, headers=None, **more):
        return look(url, headers)

    async def stop_async(self, method, url, *args, headers=None, **more):
        return look(url, headers)

    if http.__name__ == "requests":
        http.Session.request = stop
    else:
        http.Client.request = http.Client.stream = stop
        http.AsyncClient.request = stop_async
        # This one is entered before it is awaited, so it is no coroutine.
        http.AsyncClient.stream = stop
    try:
        call()
    except Caught as e:
        return of_header(e.args[0])
    return said("error", error="no request was made")


def langchain_hf():
    from langchain_huggingface.llms.huggingface_endpoint import HuggingFaceEndpoint
    return first_header(lambda: HuggingFaceEndpoint(endpoint_url="https://router.huggingface.co/hf-inference/models/o/m").invoke("x"))


def old_langchain_hf():
    """On the wire: it logs in before anything else."""
    from langchain_huggingface.llms.huggingface_endpoint import HuggingFaceEndpoint
    HuggingFaceEndpoint(endpoint_url="https://router.huggingface.co/hf-inference/models/o/m").invoke("x")
    return {"outcome": "wire"}


def langchain_community():
    """It logs in first, where its variable is set. What it calls of huggingface_hub is gone since 0.31."""
    from langchain_community.llms.huggingface_endpoint import HuggingFaceEndpoint
    return first_header(lambda: HuggingFaceEndpoint(repo_id="o/m").invoke("x"))


def smolagents():
    from smolagents import InferenceClientModel
    return first_header(lambda: InferenceClientModel().generate([{"role": "user", "content": [{"type": "text", "text": "x"}]}]))


def pydantic_ai():
    from pydantic_ai import Agent
    return first_header(lambda: Agent("huggingface:o/m").run_sync("x"))


def haystack():
    from haystack.components.generators.chat.hugging_face_api import HuggingFaceAPIChatGenerator
    from haystack.dataclasses import ChatMessage
    return first_header(lambda: HuggingFaceAPIChatGenerator(api_type="serverless_inference_api", api_params={"model": "o/m"}).run([ChatMessage.from_user("x")]), lookup=True)


def duckdb_chain():
    """The token of the secret that the credential chain makes; DuckDB sends no header for an empty one."""
    import duckdb
    extension = os.path.join(folder_of("duckdb_extension_httpfs"), "extensions", "v" + duckdb.__version__, "httpfs.duckdb_extension")
    db = duckdb.connect(config={"allow_unredacted_secrets": "true"})
    db.execute("LOAD '%s'" % extension)
    db.execute("CREATE SECRET s (TYPE huggingface, PROVIDER credential_chain)")
    shown = db.execute("SELECT secret_string FROM duckdb_secrets(redact=false)").fetchone()[0]
    return of(shown.split(";token=", 1)[1] or None)


def absent(name, **attributes):
    """An empty module of this name, for what a client imports besides: it would bring half of PyPI with it."""
    module = types.ModuleType(name)
    vars(module).update(attributes)
    sys.modules[name] = module
    return module


def folder_of(package):
    return next(p for p in (os.path.join(d, package) for d in sys.path) if os.path.isdir(p))


def litgpt():
    """`litgpt download`: the package and its converter want PyTorch, the download itself does not."""
    absent("litgpt").__path__ = [folder_of("litgpt")]
    absent("litgpt.scripts").__path__ = [os.path.join(folder_of("litgpt"), "scripts")]
    absent("litgpt.scripts.convert_hf_checkpoint", convert_hf_checkpoint=None)
    from litgpt.scripts.download import download_from_hub
    return first_header(lambda: download_from_hub("EleutherAI/pythia-14m"))


def xinference():
    """What it does to its environment when it starts, and then what huggingface_hub makes of that."""
    absent("xinference").__path__ = [folder_of("xinference")]
    absent("xinference.core").__path__ = [os.path.join(folder_of("xinference"), "core")]
    from xinference.constants import XINFERENCE_SYSTEM_SETTINGS_PATH
    from xinference.core.system_settings_store import initialize_system_settings
    initialize_system_settings(XINFERENCE_SYSTEM_SETTINGS_PATH)
    import huggingface_hub.file_download  # noqa: F401 - as its downloads do
    from huggingface_hub.utils import build_hf_headers
    return of_header(build_hf_headers().get("authorization"))


def vllm_cli():
    """The environment that it starts the server in, and then what huggingface_hub makes of that there."""
    absent("vllm_cli").__path__ = [folder_of("vllm_cli")]
    absent("vllm_cli.server").__path__ = [os.path.join(folder_of("vllm_cli"), "server")]
    from vllm_cli.server import manager

    def stop(*args, env, **more):
        # What subprocess itself would refuse.
        raise Caught({os.fsencode(k): os.fsencode(v) for k, v in env.items()})

    manager.subprocess.Popen = stop
    try:
        manager.VLLMServer({"model": "o/m"}).start()
    except Caught as e:
        os.environ.clear()
        os.environb.update(e.args[0])
        import huggingface_hub.file_download  # noqa: F401 - as vLLM's downloads do
        from huggingface_hub.utils import build_hf_headers
        return of_header(build_hf_headers().get("authorization"))
    return said("error", error="the server was not started")


def tgwui():
    """The session of its download-model.py: HTTP Basic of two variables, and the token of huggingface_hub."""
    import requests
    import tqdm.contrib.concurrent  # noqa: F401 - so does the script
    from huggingface_hub import get_token
    session, token = requests.Session(), get_token()
    if os.getenv("HF_USER") is not None and os.getenv("HF_PASS") is not None:
        session.auth = (os.getenv("HF_USER"), os.getenv("HF_PASS"))
    if token is not None:
        session.headers = {"authorization": "Bearer " + token}
    # A value that is no header text is still what it would send; everything else is in the prepared request.
    try:
        value = session.prepare_request(requests.Request("GET", "https://huggingface.co/o/m")).headers.get("authorization")
    except UnicodeError:
        value = None
    if isinstance(value, str) and value.startswith("Basic "):
        out = of(token) if session.auth is None else said("token", os.getenv("HF_PASS")) if os.getenv("HF_PASS") else of(None)
        return dict(out, overridden=session.auth is None)
    return dict(of(token), overridden=False)


URL = "https://huggingface.co/o/m/resolve/main/x-1.0-py3-none-any.whl"


def requests_get():
    import requests
    requests.get(URL)
    return {"outcome": "wire"}


def httpx_get():
    import httpx
    httpx.get(URL)
    return {"outcome": "wire"}


def pip_download():
    """pip ends with 1 for a refusal, which it says itself, and with 2 for what it did not expect."""
    from pip._internal.cli.main import main
    code = main(["download", "-q", "--no-deps", "--no-input", "--retries", "0", "--no-cache-dir", "--disable-pip-version-check", URL])
    return said("error", error=str(code)) if code == 2 else {"outcome": "wire"}


def skypilot(name):
    """One function of sky/adaptors/huggingface.py as it stands there: the package around it wants half of PyPI."""
    import ast
    import stat
    path = next(p for p in (os.path.join(d, "sky/adaptors/huggingface.py") for d in sys.path) if os.path.exists(p))
    with open(path, encoding="utf-8") as h:
        tree = ast.parse(h.read())
    plain = [n for n in tree.body if isinstance(n, ast.Assign) and isinstance(n.value, ast.Constant)]
    wanted = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name]
    space = {"os": os, "stat": stat, "Dict": dict, "Optional": __import__("typing").Optional}
    exec(compile(ast.Module(plain + wanted, []), path, "exec"), space)
    return space[name]()


def skypilot_mount():
    """The file that a cluster gets, read as huggingface_hub there reads it."""
    for source in skypilot("get_credential_file_mounts").values():
        with open(os.path.expanduser(source)) as h:
            return of(h.read().replace("\r", "").replace("\n", "").strip() or None)
    return of(None)


PRELOAD = {
    "requests": ["requests"],
    "httpx": ["httpx"],
    "pip": ["pip._internal.cli.main", "pip._internal.commands.download"],
    "skypilot-api": ["ast", "stat", "typing"],
    "skypilot-mount": ["ast", "stat", "typing"],
    "ramalama": ["ramalama.transports.huggingface"],
    "comfy-cli": ["rich", "typer", "psutil", "configparser", "tomlkit"],
    "litellm-chat": ["litellm", "litellm.llms.huggingface.chat.transformation"],
    "litellm-embed": ["litellm", "litellm.llms.huggingface.embedding.transformation"],
    "langchain-hf": ["pydantic", "langchain_core.language_models.llms", "langchain_core.callbacks", "tqdm.auto", "fsspec", "yaml"],
    "langchain-hf-old": ["pydantic", "langchain_core.language_models.llms", "langchain_core.callbacks", "requests", "tqdm.auto", "fsspec", "yaml"],
    "langchain-community": ["pydantic", "langchain_core.language_models.llms", "langchain_core.callbacks", "requests", "tqdm.auto", "fsspec", "yaml"],
    "smolagents": ["requests", "PIL.Image", "rich.console", "jinja2", "httpx2", "tqdm.auto", "fsspec", "yaml"],
    "pydantic-ai": ["pydantic", "httpx", "opentelemetry.trace", "anyio", "tqdm.auto", "fsspec", "yaml"],
    "haystack": ["pydantic", "jsonschema", "networkx", "openai", "httpx2", "tqdm.auto", "fsspec", "yaml"],
    "duckdb": ["duckdb"],
    "litgpt": ["httpx", "tqdm.auto", "fsspec", "yaml"],
    "xinference": ["httpx2", "tqdm.auto", "fsspec", "yaml"],
    "tgwui": ["requests"],
    "vllm-cli": ["requests", "httpx2", "tqdm.auto", "fsspec", "yaml"],
}
ASK = {"requests": requests_get, "httpx": httpx_get, "pip": pip_download, "skypilot-api": lambda: of(skypilot("get_token")), "skypilot-mount": skypilot_mount, "ramalama": ramalama, "comfy-cli": comfy_cli, "litellm-chat": litellm_chat, "litellm-embed": litellm_embed, "langchain-hf": langchain_hf, "langchain-hf-old": old_langchain_hf, "tgwui": tgwui,
       "langchain-community": langchain_community, "smolagents": smolagents, "pydantic-ai": pydantic_ai, "haystack": haystack, "litgpt": litgpt, "xinference": xinference, "duckdb": duckdb_chain, "vllm-cli": vllm_cli}


def answer(name):
    try:
        return ASK[name]()
    except Exception as e:  # noqa: BLE001 - its class is the answer
        return said("error", error=type(e).__name__)


def one_job(name, job):
    """In a fork: become the process that the job describes, and answer."""
    if job["passwd"]:
        sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        importlib.import_module("common").fake_passwd(job["passwd"])
    os.chdir(job["cwd"])
    os.environ.clear()
    for key, value in job["env"].items():
        os.environb[bytes.fromhex(key)] = bytes.fromhex(value)
    if any(key.startswith("TQDM_") for key in os.environ):
        # The one that is loaded has read other variables.
        for module in [m for m in sys.modules if m.split(".")[0] == "tqdm"]:
            del sys.modules[module]
    return answer(name)


def serve(name):
    # Nothing that is loaded here may see a .env file or ask the network at import.
    os.environ.update(LITELLM_MODE="PRODUCTION", LITELLM_LOCAL_MODEL_COST_MAP="True")
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for module in PRELOAD[name]:
        importlib.import_module(module)
    for line in sys.stdin:
        r, w = os.pipe()
        pid = os.fork()
        if pid == 0:
            with os.fdopen(w, "w") as h:
                json.dump(one_job(name, json.loads(line)), h)
            os._exit(0)
        os.close(w)
        with os.fdopen(r) as h:
            text = h.read()
        os.waitpid(pid, 0)
        print(text or json.dumps(said("error", error="the probe died")), file=out, flush=True)


if __name__ == "__main__":
    if "--serve" in sys.argv:
        serve(sys.argv[1])
    else:
        print(json.dumps(answer(sys.argv[1])))
