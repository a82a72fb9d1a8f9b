#!/usr/bin/env python3
"""Ask Python's own modules what they make of generated files, for tests/integration/python_modules.rs.

    python_modules.py configparser|netrc|dotenv SEED COUNT

Prints one JSON object a line: the file (hexadecimal), and what the module reads in it or the class it raises.
Python 3.11 is the reference; every later one reads the same here. python-dotenv is installed below target/ when it is
first asked for.
"""
import configparser
import json
import logging
import netrc
import os
import random
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True


class Files:
    """Writes each generated file to the same place: the modules are given a path, as the clients do."""

    def __init__(self):
        self.dir = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.dir.name, "file")

    def write(self, content):
        with open(self.path, "wb") as f:
            f.write(content)
        return self.path


def ini(rng):
    """Lines that hit the grammar's edges, glued with any line end."""
    names = ["s", "t", "DEFAULT", "default", "a b", "s]", "[s", "é", ""]
    keys = ["k", "K", "hf_token", "HF_Token", "refresh_token", "x y", "é", "É", "", "%", "a"]
    pieces = ["v", "w x", "%", "%%", "%(k)s", "%(a)s", "%(K)s", "%(k", "%()s", "%(x y)s", "; c", " # c", "[t]", "=", ":",
              "é", "\u00a0", "\u2028", "\x1c", "\x0b", "\t", "  ", ""]
    spaces = ["", "", "", " ", "  ", "    ", "\t", "\u00a0", "\x1c"]
    lines = []
    if rng.random() < 0.9:
        lines.append(rng.choice(spaces) + "[%s]" % rng.choice(names[:6]))
    for _ in range(rng.randrange(12)):
        kind = rng.random()
        if kind < 0.13:
            line = "[%s]%s" % (rng.choice(names), rng.choice(["", " ", "x", "]"]))
        elif kind < 0.6:
            value = "".join(rng.choice(pieces) for _ in range(rng.randrange(4)))
            line = rng.choice(keys) + rng.choice(spaces) + rng.choice("=:=") + rng.choice(spaces) + value
        elif kind < 0.7:
            line = rng.choice(["#", ";", "# k = v", "; [s]"])
        elif kind < 0.8:
            line = ""
        elif kind < 0.97:
            line = rng.choice(spaces[3:]) + rng.choice(pieces + ["k = v", "cont"])
        else:
            line = rng.choice(["word", "[]", "]", "[", "\ufeff"])
        lines.append(rng.choice(spaces) + line if rng.random() < 0.5 else line)
    text = ""
    for line in lines:
        text += line + rng.choice(["\n"] * 8 + ["\r\n", "\r"])
    if rng.random() < 0.2:
        text = text[:-1]
    if rng.random() < 0.03:
        text = "\ufeff" + text
    content = text.encode()
    if rng.random() < 0.03:
        at = rng.randrange(len(content) + 1)
        content = content[:at] + rng.choice([b"\xff", b"\xc3", b"\xe2\x82"]) + content[at:]
    if rng.random() < 0.02:
        # A fault beyond the first piece that is decoded.
        content += b"# " + b"x" * rng.randrange(8150, 8200) + b"\n" + rng.choice([b"\xff", "é".encode()]) + b"\nk = v\n"
    return content


def ask_configparser(path):
    plain = configparser.ConfigParser(interpolation=None)
    try:
        plain.read(path, encoding="utf-8")
    except UnicodeDecodeError:
        return {"error": "UnicodeDecodeError", "line": None}
    except configparser.ParsingError as e:
        line = e.lineno if isinstance(e, configparser.MissingSectionHeaderError) else e.errors[0][0]
        return {"error": type(e).__name__, "line": line}
    except configparser.Error as e:
        return {"error": type(e).__name__, "line": e.lineno}
    basic = configparser.ConfigParser()
    basic.read(path, encoding="utf-8")
    sections = []
    for name in plain.sections():
        followed = {}
        for key in plain.options(name):
            try:
                followed[key] = basic.get(name, key)
            except configparser.Error as e:
                followed[key] = {"error": type(e).__name__}
        sections.append({"name": name, "raw": dict(plain.items(name)), "followed": followed})
    return {"sections": sections}


def at_a_piece(rng, content):
    """Python decodes a file in pieces of 8,192 bytes: something delicate where the first one ends."""
    delicate = [b"\xff", b"\xc3", b"\xc3x", "é".encode(), "\u00a0".encode(), "\ufeff".encode(), b"\xe2\x82", b"\xe2\x82x", b"\xe0\x80", b"\xf0\x9f", b"\xf4\x90", b"\xed\xa0", b"\xc0",
                b"\x80", b"\r", b"\r\n", b"\n", b"\n\n", b"\\", b"\"", b"#", b" ", b"\r\xff", b"\r\xc3"]
    middle = rng.choice(delicate) + rng.choice([b"", rng.choice(delicate)])
    end = rng.choice([b"", b"", b"\xff", b"\n\xff", b"\xc3", b" x\n", b" machine k\n", "é".encode(), b"\x00"])
    pad = 8192 - len(content) - rng.randrange(-1, len(middle) + 2)
    filler = rng.choice([b" ", b"\n", b"\r", b"x", b"#", b" x", b"#x\n"])
    return content + (filler * pad)[:max(0, pad)] + middle + end


def netrc_file(rng):
    words = ["machine", "machine", "machine h", "machine h", "default", "default", "\0", "a\0", "machine default", "login", "user", "account", "password",
             "password", "macdef", "macdef m\n", "h", "H", "a", "b", "#", "#c", "# c d", "#\n", '"', '""', '"a b"', '"a\\"b"',
             "\\", "a\\ b", "\\\n", 'a"b', "é", "\u00a0", "\x0b", "login a password b", "login a", "password b"]
    gaps = [" "] * 6 + ["\n"] * 4 + ["\n\n", "\t", "\r\n", "\r", "  ", "", "\n "]
    text = rng.choice(["", "", "machine h ", "default ", "\n", "# c\n", "\ufeff"] if rng.random() < 0.5 else ["machine h "])
    if rng.random() < 0.5:
        # Mostly sound: whole phrases.
        words = ["machine h", "machine k", "default", "login a", "user é", "account b", "password c", 'password "d \\" e"',
                 "password f#g", "# note\n", "#note", "macdef m\nmachine h\n\n", "password \\#", '""', '"login" z']
    for _ in range(rng.randrange(14)):
        text += rng.choice(words) + rng.choice(gaps)
    content = text.encode()
    if rng.random() < 0.03:
        at = rng.randrange(len(content) + 1)
        content = content[:at] + rng.choice([b"\xff", b"\xc3"]) + content[at:]
    if rng.random() < 0.02:
        content += b"\n#" + b" x" * 4096 + b"\n" + rng.choice([b"\xff", "é".encode()])
    return at_a_piece(rng, content) if rng.random() < 0.05 else content


def ask_netrc(path):
    try:
        read = netrc.netrc(path)
    except netrc.NetrcParseError:
        return {"error": "NetrcParseError"}
    except UnicodeDecodeError:
        return {"error": "UnicodeDecodeError"}
    return {"hosts": {host: list(fields) for host, fields in read.hosts.items()}}


DOTENV = "1.2.4"


def install_dotenv():
    """The pinned release, below target/, so that the tree stays clean."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    place = os.path.join(root, "target", "parity", "python-dotenv-" + DOTENV)
    if not os.path.isdir(place):
        os.makedirs(os.path.dirname(place), exist_ok=True)
        made = tempfile.mkdtemp(dir=os.path.dirname(place))
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", made, "python-dotenv==" + DOTENV],
                       check=True, stdout=sys.stderr)
        try:
            os.rename(made, place)
        except OSError:  # another run was faster
            shutil.rmtree(made)
    sys.path.insert(0, place)


# What the Rust side gives as its environment, too.
ENVIRONMENT = {"E": "env", "EMPTY": ""}


def dotenv_file(rng):
    names = ["A", "B", "K", "A B", "'q'", "'q", "''", "a.b", '"d"', "é", "export", "#A", "", "A#b", "E"]
    pieces = ["v", "w x", "#", " # c", "#c", "'", '"', "'a b'", '"a b"', "\\", "\\'", '\\"', "\\n", "\\\\", "\\q", "$A", "${A}", "${E}",
              "${EMPTY:-d}", "${NO:-d e}", "${NO}", "${NO-d}", "${a${E}}", "${A:x}", "${", "}", ":-", "=", "é", "\u00a0", "\x0b",
              "\x1c", "\u2028", "\n", " ", "\t", "export "]
    spaces = ["", "", "", " ", "\t", "\u00a0", "\x0c"]
    text = "\ufeff" if rng.random() < 0.05 else ""
    for _ in range(rng.randrange(8)):
        text += rng.choice(spaces) + rng.choice(["", "", "", "export ", "export\t", "export"]) + rng.choice(names)
        text += rng.choice(spaces) + rng.choice(["=", "=", "=", "=", "", "=="]) + rng.choice(spaces)
        quote = rng.choice(["", "", "'", '"'])
        text += quote + "".join(rng.choice(pieces) for _ in range(rng.randrange(4))) + quote + rng.choice(["", "", " ", " # c", "x"])
        text += rng.choice(["\n"] * 6 + ["\r\n", "\r", "\n\n \n"])
    if rng.random() < 0.2:
        text = text[:-1]
    content = text.encode()
    if rng.random() < 0.02:
        content += b"\xff"
    return content


def ask_dotenv(path):
    from dotenv.main import DotEnv
    from dotenv.parser import parse_stream
    values = DotEnv(path, encoding="utf-8", override=False)
    try:
        values = values.dict()
    except UnicodeDecodeError:
        return {"error": "UnicodeDecodeError"}
    names, senseless = [], []
    with open(path, encoding="utf-8") as f:
        for b in parse_stream(f):
            # The parser counts from before the blank lines above.
            text = b.original.string
            line = b.original.line + text[:len(text) - len(text.lstrip())].count("\n")
            if b.error:
                senseless.append(line)
            elif b.key is not None:
                names.append([b.key, line])
    return {"values": dict(values), "names": names, "senseless": senseless}


KINDS = {"configparser": (ini, ask_configparser), "netrc": (netrc_file, ask_netrc), "dotenv": (dotenv_file, ask_dotenv)}


def main():
    kind, seed, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    make, ask = KINDS[kind]
    if kind == "dotenv":
        install_dotenv()
        logging.disable()
        os.environ.clear()
        os.environ.update(ENVIRONMENT)
    rng = random.Random("%s %s" % (kind, seed))
    files = Files()
    for _ in range(count):
        content = make(rng)
        print(json.dumps({"file": content.hex(), "says": ask(files.write(content))}))


if __name__ == "__main__":
    main()
