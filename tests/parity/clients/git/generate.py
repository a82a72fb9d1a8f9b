"""Random scenarios for git: pieces of every kind, put together blindly."""
import edges as e
from common import tok
from common_scenarios import f

LETTERS = "abcdefgh"


def stores(rng):
    hosts = [e.HUB] * 6 + ["hf.co", "HuggingFace.co", e.HUB + ":443", "github.com"]
    tails = ["\n"] * 6 + ["/\n", "/o/m\n", "\r\n", " \n"]
    lines = [e.line(tok(rng.choice(LETTERS)), rng.choice(["u", "u", "v", "%75", ""]), rng.choice(hosts), rng.choice(tails)) for _ in range(rng.randint(0, 3))]
    if rng.random() < 0.15:
        lines.insert(0, rng.choice(["# c\n", "\n", "junk\n", "\ufeff"]))
    return "".join(lines)


def netrc(rng):
    parts = []
    for _ in range(rng.randint(1, 3)):
        token = tok(rng.choice(LETTERS))
        parts.append(rng.choice([
            e.entry(token), e.entry(token), e.entry(token, user="v"), e.entry(token, host="hf.co"), "default login d password %s\n" % token, "machine %s password %s\n" % (e.HUB, token), "# note\n", "macdef m\nx\n\n",
            'machine %s login "u" password "%s"\n' % (e.HUB, token), "machine %s\n\tlogin v\n\tpassword %s\n" % (e.HUB, token), "machine %s login u\n" % e.HUB]))
    return "".join(parts)


def config(rng):
    """One to four pieces of configuration."""
    urls = ["https://huggingface.co", "https://huggingface.co/", "https://*.co", "huggingface.co", "https://huggingface.co/o", "https://u@huggingface.co", "https://github.com", "http://huggingface.co"]

    def piece():
        token, u = tok(rng.choice(LETTERS)), rng.choice(urls)
        return rng.choice([
            e.HELPER, e.HELPER, e.HELPER, e.from_file(rng.choice("xyz")), e.section(u, rng.choice("xyz")), "[credential]\n\thelper =\n", '[credential "%s"]\n\thelper =\n' % u, "[credential]\n\tusername = %s\n" % rng.choice("uv"),
            '[credential "%s"]\n\tusername = %s\n' % (u, rng.choice("uv")), "[credential]\n\tuseHttpPath = true\n", e.header(e.bearer(token), rng.choice([None, u])), e.header("", rng.choice([None, u])),
            e.instead("https://i:%s@huggingface.co/" % token, rng.choice(["https://huggingface.co/", "https://huggingface.co/o/", "hf:"])), "[include]\n\tpath = <HOME>/more\n", '[includeIf "gitdir:<SBX>/"]\n\tpath = <HOME>/more\n', "[user]\n\tname = x # y\n",
            "[http]\n\tproactiveAuth = basic\n"])

    return "".join(piece() for _ in range(rng.randint(1, 4)))


def remote_url(rng):
    return rng.choice([e.url(user=None), e.url(user=None), e.url(tok(rng.choice(LETTERS))), e.url(user="u"), e.url(user="v"), "https://github.com/o/m", "hf:o/m"])


def one(rng, i):
    files, env = [], {}
    if rng.random() < 0.85:
        files.append(f(e.CONFIG, config(rng)))
    if rng.random() < 0.25:
        files.append(f(e.XDG_CONFIG, config(rng)))
    if rng.random() < 0.7:
        files.append(f(e.STORE, stores(rng)))
    if rng.random() < 0.3:
        files.append(f(e.XDG_STORE, stores(rng)))
    if rng.random() < 0.35:
        files.append(f(e.NETRC, netrc(rng)))
    files += [f("<HOME>/" + n, stores(rng)) for n in "xyz" if rng.random() < 0.6]
    files.append(f("<HOME>/more", config(rng)))
    if rng.random() < 0.35:
        inside = e.remote("origin", remote_url(rng)) if rng.random() < 0.7 else ""
        if rng.random() < 0.4:
            inside += config(rng)
        files += e.repo(inside, rng.choice(["<CWD>/.git", "<CWD>/.git", "<SBX>/.git"]))
    if rng.random() < 0.15:
        env.update(e.counted([("credential.helper", rng.choice(["", "store", "store --file <HOME>/x"]))]))
    if rng.random() < 0.1:
        env["XDG_CONFIG_HOME"] = rng.choice(["", "<HOME>/.config", "<HOME>/other"])
    if rng.random() < 0.1:
        env["GIT_CONFIG_GLOBAL"] = rng.choice(["", "<HOME>/more", "<HOME>/none"])
    return {"id": "r%04d" % i, "note": "random", "env": env, "files": files}


def random_scenarios(rng, count):
    return [one(rng, i) for i in range(count)]
