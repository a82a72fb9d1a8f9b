"""Random scenarios: several things changed at a time. The same seed gives the same scenarios.

Each kind of thing is drawn with a weight that lets it meet the others: where everything is odd,
the first oddity hides the rest.
"""
import os
import random
import re

from sandbox import OTHER_USER, tok

CACHE = "/.cache/huggingface"
DIRS = ["<HOME>/h", "<HOME>/h/", "h", "./h", "../cwd/h", "~/h", "~", "~/", "$HOME/h", "${HOME}/h", "$NOPE/h", "${NOPE}", "$", "~nosuchuser0/h", "", ".", "..",
        "<HOME>/a b", "$V1", "$V1/h", "~/$V2", "$V3", "${V2}x/h", "$HOMEx/h", "<HOME>//h", "~/../home/h", "$V4", "%HOME%/h", "<HOME>/$V2/h", "$V5", "/<HOME>/h",
        "<HOME>/l", "<HOME>/l/../h", "<HOME>/\u00e9", "<HOME>/d<xff>", "<HOME>/n\nl", "h ", " h", "<HOME>/h/..", "${V2", "$$HOME/h", "\"<HOME>/h\"", "/dev/null",
        "<HOME>/<256*n>", "<LONG>", "~%s/h" % OTHER_USER, "${V 6}/h", "$V2$V2", "<HOME>/h\\", "${\u00e9}/h"]
VARIABLES = {"V1": ["~/h", "~", "<HOME>", "h"], "V2": ["h", "", "$V1"], "V3": ["$V1", "$V4", "$V3"], "V4": ["$V1/h", "~/h", "<HOME>/h"],
             "V5": ["~nosuchuser0", "$HOME", "$$", "${V2}", "d<xff>"], "V 6": ["<HOME>", ""], "\u00e9": ["<HOME>", "$V1"]}
PLACES = [("<HOME>/h", "E"), ("<HOME>/h/huggingface", "F"), ("<CWD>/h", "G"), ("<CWD>/h/huggingface", "H"), ("<CWD>", "I"), ("<CWD>/huggingface", "J"), ("<HOME>", "K"),
          ("<CWD>/~/h", "P"), ("<CWD>/$HOME/h", "R"), ("<CWD>/${HOME}/h", "U"), ("<CWD>/$NOPE/h", "V"), ("<CWD>/~nosuchuser0/h", "a"), ("<CWD>/$V1", "b"), ("<CWD>/~", "d"),
          ("<HOME>/huggingface", "f"), ("<CWD>/$V3", "g"), ("<HOME>/a b", "i"), ("<HOME>/\u00e9", "l"), ("<HOME>/d<xff>", "m"), ("<HOME>/n\nl", "n"), ("<CWD>/h ", "o"),
          ("<SBX>", "p"), ("<PW>/h", "q"), ("<HOME>/x/h", "s"), ("<CWD>/hh", "t")]
FLAG = ["1", "true", "True", "On", "YES", "0", "no", "", "2", " 1", "1\n", "t", "ye\u017f", "1<xff>"]
INTS = ["10", "", "x", "1.5", " 3 ", "1_0", "+5", "0x10", "1e3", "\uff11\uff10", "5\n", "1__0", "\u00a07", "<4301*1>"]
ENDPOINTS = ["https://hub.example.test", "https://hub.example.test/", "", "hub.example.test", "http://[::1", "http://h:abc", "http://127.0.0.1:9/x//", "http://h:99999", "http://h:",
             "http://a\u2100b", " http://[::1", "http:[", "http://u:p@h:1", "//h:x", "http://h:\uff18", "http://[::1]:80", "http://]"]
OTHERS = [("HUGGINGFACE_CO_STAGING", FLAG, 0.12), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", FLAG, 0.2), ("HF_HUB_OFFLINE", FLAG + ["AUTO"], 0.1), ("TRANSFORMERS_OFFLINE", ["1", "0"], 0.05),
          ("HF_ENDPOINT", ENDPOINTS, 0.15), ("HF_OIDC_RESOURCE", ["ns/name", "", " "], 0.08), ("HF_OIDC_ID_TOKEN", ["x.y.z", ""], 0.06), ("GITHUB_ACTIONS", ["true", "True", "1"], 0.05),
          ("ACTIONS_ID_TOKEN_REQUEST_URL", ["http://oidc.example.test/x", ""], 0.04), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", ["abc", ""], 0.04),
          ("HF_HUB_ETAG_TIMEOUT", INTS, 0.05), ("HF_HUB_DOWNLOAD_TIMEOUT", INTS, 0.04), ("HF_HUB_LOCAL_DIR_AUTO_SYMLINK_THRESHOLD", INTS, 0.04),
          ("HUGGINGFACE_HUB_CACHE", ["<HOME>/c", "~/c", "$HOME/c"], 0.05), ("HF_HUB_CACHE", ["<HOME>/c2", "~/c2", "$HOME/c2", "", "<HOME>/h"], 0.08),
          ("HUGGINGFACE_TOKEN", [tok("Y")], 0.03), ("HF_API_TOKEN", [tok("X")], 0.03), ("HF_HUB_USER_AGENT_ORIGIN", ["x", "\n<xff>"], 0.03), ("HF_HUB_VERBOSITY", ["debug", "x"], 0.03),
          ("PATH", ["/usr/bin:/bin", ""], 0.1), ("VIRTUAL_ENV", ["<HOME>/venv"], 0.05), ("XDG_CONFIG_HOME", ["<HOME>/c", ""], 0.05), ("LD_LIBRARY_PATH", [""], 0.02)]


def token_path(directory):
    return directory + ("t" if directory.endswith("/") or directory == "" else "/t")


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.env, self.files, self.extra = {}, [], {}

    def pick(self, *weighted):
        return self.r.choices([w[0] for w in weighted], [w[1] for w in weighted])[0]

    def value(self, letter):
        """What a person, an editor or a shell makes of a token."""
        t, z = tok(letter), tok("z")
        return self.pick(
            (t, 10), (t + "\n", 3), (t + "\r\n", 2), (t + "\r", 1), (" " + t, 1), (t + " ", 1), ("\t" + t + "\n\n", 1), ('"%s"' % t, 1), ("'%s'" % t, 1),
            (t + "\n" + z + "\n", 2), (t + "\r\n" + z, 1), (t + " " + z, 1), ("\ufeff" + t, 1), ("\u00a0" + t, 1), (t + "\u2003", 1), ("\u3000" + t + "\u2028", 1),
            ("\u200b" + t, 1), (t + "\x1c", 1), (t + "\x1f\n", 1), (t + "\x85", 1), (t + "\x0b\x0c", 1), ("api_org_<34*%s>" % letter[0], 1), ("Bearer " + t, 1),
            ("$HF_SECRET", 1), (letter, 1), (t + "\u00e9", 1), (t + "<xe9>", 1), ("<xa0>" + t + " ", 1), (" \r " + t + " \n\n ", 1),
            ("", 5), (" ", 2), ("\n", 2), ("\r\n", 1), ("\t \n", 1), ("\u00a0", 1), ("\x1c", 1), ("\u200b", 1))

    def put(self, path, letter, p):
        """With probability p something stands at `path`, mostly a token file."""
        if self.r.random() >= p:
            return
        parent, name = path.rsplit("/", 1)
        inner = parent not in ("<HOME>", "<CWD>", "<PW>", "<SBX>")
        add = self.files.append
        kind = self.pick(("value", 26), ("dir", 2), ("mode", 2), ("utf16", 1), ("link", 5), ("nul", 1), ("cut", 1), ("socket", 1),
                         ("parentfile", inner), ("parentmode", 2 * inner), ("parentlink", 2 * inner))
        if kind == "value":
            add({"path": path, "content": self.value(letter)})
        elif kind == "dir":
            add({"path": path, "type": "dir"})
        elif kind == "mode":
            add({"path": path, "content": tok(letter), "mode": self.r.choice(["0000", "0200", "0400", "0444"])})
        elif kind == "utf16":
            add({"path": path, "content": "<xff><xfe>h\x00f\x00_\x00"})
        elif kind == "nul":
            add({"path": path, "content": tok(letter) + "\x00"})
        elif kind == "cut":
            add({"path": path, "content": tok(letter) + self.r.choice(["<xe2><x82>", "<xed><xa0><x80>", "<xff>\n", "<xc3>\n"])})
        elif kind == "socket":
            add({"path": path, "type": "socket"})
        elif kind == "link":
            target = self.r.choice(["<SBX>/real-" + letter, "<SBX>/real-" + letter, "<HOME>/nowhere", "<HOME>/no/where", name, "<HOME>", "<HOME>/ro/x", "/dev/null"])
            if target.startswith("<SBX>"):
                add({"path": target, "content": self.value(letter)})
            if target == "<HOME>/ro/x":
                add({"path": "<HOME>/ro", "type": "dir", "mode": "0555"})
            add({"path": path, "type": "symlink", "content": target})
        elif kind == "parentfile":
            add({"path": parent, "content": "x"})
        elif kind == "parentmode":
            if self.r.random() < 0.8:
                add({"path": path, "content": tok(letter)})
            add({"path": parent, "type": "dir", "mode": self.r.choice(["0000", "0444", "0555", "0111", "0300", "0600"])})
        elif kind == "parentlink":
            target = self.r.choice(["<SBX>/dir-" + letter, "<SBX>/dir-" + letter, "<HOME>/nowhere", os.path.basename(parent)])
            if target.startswith("<SBX>"):
                add({"path": target + "/" + name, "content": tok(letter)})
            add({"path": parent, "type": "symlink", "content": target})

    def environment(self):
        r, env = self.r, self.env
        if r.random() < 0.35:
            env["HF_TOKEN"] = self.value("A")
        if r.random() < 0.3:
            env["HUGGING_FACE_HUB_TOKEN"] = self.value("B")
        home = self.pick(("<HOME>", 40), (None, 2), ("<HOME>/", 2), ("rh", 2), ("", 2), ("<HOME>/$V2", 1), ("~", 1), ("<HOME>/l", 1), ("<HOME>/<xff>", 1))
        if home != "<HOME>":
            env["HOME"] = home
        if home is None and r.random() < 0.25:
            self.extra["passwd"] = "none"
        if r.random() < 0.45:
            env["HF_HOME"] = r.choice(DIRS)
        if r.random() < 0.3:
            env["XDG_CACHE_HOME"] = r.choice(DIRS)
        if r.random() < 0.3:
            env["HF_TOKEN_PATH"] = r.choice([token_path(d) for d in DIRS] + ["", "t", "<HOME>", "~", "<HOME>/h", "$V1", "<HOME>/h/t/", "<HOME>/t/.", "<HOME>/t\n", "./", "~%s" % OTHER_USER])
        used = " ".join(v for v in env.values() if v)
        if "~" + OTHER_USER in used and "passwd" not in self.extra:
            self.extra["passwd"] = "own"
        for k, vs in VARIABLES.items():
            if k in used or r.random() < 0.2:
                env[k] = r.choice(vs)
        for k, vs, p in OTHERS:
            if r.random() < p:
                env[k] = r.choice(vs)
        if r.random() < 0.02:
            self.extra["cwd"] = "gone"
        return {"<HOME>": "<HOME>", None: "<PW>" if self.extra.get("passwd") != "none" else "<CWD>/~", "<HOME>/": "<HOME>", "rh": "<CWD>/rh", "": "<HOME>",
                "<HOME>/$V2": "<HOME>/$V2", "~": "<CWD>/~", "<HOME>/l": "<HOME>/l", "<HOME>/<xff>": "<HOME>/<xff>"}[home]

    def stored(self, base):
        """stored_tokens, with what people and editors do to INI files."""
        r, body = self.r, ""
        for name, letter in r.sample([("one", "C"), ("two words", "B"), ("oauth-me", "C"), ("three", "k"), ("DEFAULT", "A"), ("pct%x", "C"), ("\u00e9", "C"), ("a]b", "E"), ("one", "M")], r.randint(1, 3)):
            body += "[%s]\n" % name
            body += r.choice(["hf_token", "hf_token", "hf_token", "HF_Token", "token", "  hf_token"]) + r.choice([" = ", "=", ": ", " "])
            body += r.choice([tok(letter), tok("C"), tok(letter), "hf_%x", "hf_%(hf_token)s", "", tok(letter) + " ; c"]) + "\n"
            if r.random() < 0.5:
                body += "refresh_token = " + r.choice([tok("r"), ""]) + "\n"
            if r.random() < 0.6:
                body += "expires_at = " + r.choice(["<NOW+200000>", "<NOW+3600>", "<NOW-9999>", "soon", "", "1_0", "<5000*9>", "<NOW-9999>.5"]) + "\n"
            body += r.choice(["\n", "", "# c\n", "; c\n", "   cont\n", "x\n", "hf_token = y\n"])
        if r.random() < 0.15:
            body = r.choice(["junk\n", "\ufeff", "[", "= x\n", "#\n"]) + body
        if r.random() < 0.2:
            body += r.choice(["<xff>\n", "<xe2><x82>", "# <9000*#>\n<xff>\n"])
        if r.random() < 0.1:
            body = body.replace("\n", "\r\n")
        path = r.choice([base + CACHE] * 4 + [base + "/h", "<CWD>", base, base + "/.cache/huggingface_staging"]) + "/stored_tokens"
        spec = {"path": path, "content": body}
        if r.random() < 0.07:
            spec["mode"] = r.choice(["0000", "0200"])
        if r.random() < 0.05:
            spec = {"path": path, "type": r.choice(["dir", "socket"])}
        self.files.append(spec)

    def scenario(self, name):
        r = self.r
        base = self.environment()
        env = self.env
        self.put(base + CACHE + "/token", "C", 0.55)
        self.put(base + "/.huggingface/token", "D", 0.35)
        self.put(base + "/.cache/huggingface_staging/token", "S", 0.1 + 0.4 * ("HUGGINGFACE_CO_STAGING" in env))
        near = 0.3 if any(n in env for n in ("HF_HOME", "XDG_CACHE_HOME", "HF_TOKEN_PATH")) else 0.03
        if any("/l" in str(env.get(n)) for n in ("HOME", "HF_HOME", "XDG_CACHE_HOME", "HF_TOKEN_PATH")):
            self.files.append({"path": "<HOME>/l", "type": "symlink", "content": r.choice(["<HOME>/x/y", "<HOME>/h", "<HOME>", "l", "<HOME>/nowhere"])})
            if r.random() < 0.7:
                self.files.append({"path": "<HOME>/x/y", "type": "dir"})
        for place, letter in PLACES:
            place = place.replace("<HOME>", base)
            self.put(place + "/token", letter, near)
            self.put(place + "/t", letter + "t", near)
        if r.random() < 0.35:
            self.stored(base)
        if r.random() < 0.03:
            self.files.append({"path": r.choice(["<CWD>", base, base + "/.cache"]), "type": "dir", "mode": r.choice(["0000", "0111", "0555"])})
        return dict({"id": name, "env": env, "files": self.files}, **self.extra)


def generate(seed, count):
    return [Maker("%s/%d" % (seed, i)).scenario("r%s-%04d" % (re.sub(r"\W", "", str(seed)), i)) for i in range(count)]
