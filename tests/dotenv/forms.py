"""Files of variables in every form that some loader knows. `T` and `U` stand for two values, `X` for a variable that is
set, `N` for one that is not."""

import random

FORMS = [
    # The table: plain, quoted, with comments and blanks.
    "HF_TOKEN=T", "export HF_TOKEN=T", 'HF_TOKEN="T"', "HF_TOKEN='T'", "HF_TOKEN=`T`", "  HF_TOKEN=T", "\tHF_TOKEN=T",
    "HF_TOKEN=T # c", "HF_TOKEN=T#c", "HF_TOKEN=T\t# c", 'HF_TOKEN="T" # c', "HF_TOKEN='T'#c", 'HF_TOKEN="T # c"',
    "HF_TOKEN = T", "HF_TOKEN= T", "HF_TOKEN =T", "HF_TOKEN\t=\tT", "HF_TOKEN: T", "HF_TOKEN:T", "HF_TOKEN : T",
    "HF_TOKEN=T\r", "HF_TOKEN=T\r\nA=1\r", "\ufeffHF_TOKEN=T", "HF_TOKEN=T ", 'HF_TOKEN="T" ', "\n\nHF_TOKEN=T\n\n",
    # References and commands.
    "HF_TOKEN=${X}", "HF_TOKEN=$X", "HF_TOKEN='${X}'", 'HF_TOKEN="${X}"', "HF_TOKEN=${N:-T}", "HF_TOKEN=${N-T}",
    "HF_TOKEN=${X:-T}", "HF_TOKEN=${X:+T}", "HF_TOKEN=${N:?e}", 'HF_TOKEN="${N:-${X}}"', "HF_TOKEN=$X$X", 'HF_TOKEN="$X-$X"',
    "HF_TOKEN=$N", "A=T\nHF_TOKEN=${A}", "A=T\nA=U\nHF_TOKEN=$A", "HF_TOKEN=\\$X", 'HF_TOKEN="T\\$X"', "HF_TOKEN=$$",
    "HF_TOKEN=$", "HF_TOKEN=${", "HF_TOKEN=${}", "HF_TOKEN=${X", "HF_TOKEN=$1T", "HF_TOKEN=$(echo T)", "HF_TOKEN=$(cmd)",
    # Twice, empty, alone.
    "HF_TOKEN=T\nHF_TOKEN=U", "HF_TOKEN", "HF_TOKEN=", 'HF_TOKEN=""', "HF_TOKEN=''", "HF_TOKEN=T\nHF_TOKEN", "HF_TOKEN=T\nHF_TOKEN=",
    "# HF_TOKEN=T", "#HF_TOKEN=T", "HF_TOKEN=#T", "HF_TOKEN= #T", "# c\nHF_TOKEN=T", " # c\nHF_TOKEN=T",
    # Over several lines, escapes, quotes that do not close.
    'HF_TOKEN="T\nU"', "HF_TOKEN='T\nU'", 'HF_TOKEN="T\\nU"', "HF_TOKEN='T\\nU'", "HF_TOKEN=T\\nU", 'HF_TOKEN="T\\"U"',
    "HF_TOKEN='T\\'U'", 'HF_TOKEN="T', "HF_TOKEN='T", 'HF_TOKEN=T"', "HF_TOKEN=T's", 'HF_TOKEN="T" "U"', "HF_TOKEN='T''U'",
    'HF_TOKEN="T"U', "HF_TOKEN=\nT", 'HF_TOKEN=\n"T"', "HF_TOKEN\n=T", "HF_TOKEN=T\\", "HF_TOKEN=T\\\nU", 'HF_TOKEN="T\\\\"',
    'A="x\nHF_TOKEN=T', "A='\nHF_TOKEN=T\n'", "HF_TOKEN='\"T\"'", "HF_TOKEN=\"'T'\"", 'HF_TOKEN="`T`"',
    # What stands beside it: lines that some loaders give up on.
    "HF_TOKEN=T U", "export  HF_TOKEN=T", "exportHF_TOKEN=T", "export HF_TOKEN", "export=1\nHF_TOKEN=T", "A-B=1\nHF_TOKEN=T",
    "A.B=1\nHF_TOKEN=T", "1A=1\nHF_TOKEN=T", "A B=1\nHF_TOKEN=T", "A\nHF_TOKEN=T", "=x\nHF_TOKEN=T", "[a]\nHF_TOKEN=T",
    "HF_TOKEN=T\nA B", "HF_TOKEN==T", "HF_TOKEN=T=", "HF_TOKEN=T;", "HF_TOKEN=T|U", "HF_TOKEN=<T>", "HF_TOKEN=Bearer T",
    "HF_TOKEN=T\x0c", "HF_TOKEN=\u00a0T", "HF_TOKEN=T\u2028U", b"A=\xff\nHF_TOKEN=T", b"HF_TOKEN=T\n# \xff",
]

PIECES = ["HF_TOKEN", "=", "T", " ", '"', "'", "#", "\n", "\\", "$", "{", "}", "X", "`", "export ", "HF_TOKEN=", 'HF_TOKEN="',
          "HF_TOKEN='", "\nHF_TOKEN=", "${X}", "${N:-T}", ":", "U", "\t", " # c", "\r\n", "A=", "\\n", "-", "$X", '\\"', "\\'"]


def filled(form, tokens):
    """T and U become values; inside a longer word they stay."""
    text = form.decode("latin-1") if isinstance(form, bytes) else form
    out = []
    for i, char in enumerate(text):
        before, after = text[i - 1] if i else " ", text[i + 1] if i + 1 < len(text) else " "
        alone = not (before.isalnum() or before == "_") and not (after.isalnum() or after == "_")
        out.append(tokens[char] if char in "TU" and alone else char)
    return "".join(out).encode("latin-1" if isinstance(form, bytes) else "utf-8")


def pieces(rng: random.Random):
    return "".join(rng.choice(PIECES) for _ in range(rng.randint(2, 12)))


def lines(rng: random.Random):
    """Some lines as a person might write them."""
    out = ""
    for _ in range(rng.randint(1, 4)):
        out += rng.choice(["", "", "export ", " "]) + rng.choice(["HF_TOKEN", "HF_TOKEN", "A"])
        out += rng.choice(["=", "=", "=", " = ", "= ", ": "])
        out += rng.choice(["T", "'T'", '"T"', '"T', "'T", "T U", "${X}", "$X", '"${X}"', "'$X'", "${N:-T}", '"T\\nU"', "", "#T",
                           "`T`", '"T\nU"', '"T \\" U"', "$A", "${A}", '"$A"'])
        out += rng.choice(["", "", " # c", "#c", " ", '\t# "c"']) + rng.choice(["\n", "\n", "\r\n", "\n\n"])
    return out
