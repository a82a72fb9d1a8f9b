"""Forms that were once told wrong: what zsh alone has, files that the text itself writes, and people's own start-up files.

Tables as in forms.py, which takes them in; `T`, `U`, `V` and the files beside are those of forms.py.
"""

POSIX = {
}

BASH_AND_ZSH = {
    "tilde-plus": "cd /tmp; export HF_TOKEN=~+/T\n",
    "tilde-minus": "cd /tmp; cd /; export HF_TOKEN=~-/T\n",
    "short-for3": "for ((i=0;i<2;i++)) { export HF_TOKEN=T$i; }\n",
    "assoc-keyed": "typeset -A m=([k]=v [l]=T); export HF_TOKEN=${m[l]}\n",
    "assoc-count": "typeset -A m=([k]=v [l]=T); export HF_TOKEN=T${#m[@]}\n",
    "assoc-after": "typeset -A m=([k]=v)\nexport HF_TOKEN=T\n",
    "tilde-nosuch": "export HF_TOKEN=T\nexport A=~nosuchuser/x\nexport HF_TOKEN=U\n",
}

BASH = {
    "nocasematch": "shopt -s nocasematch; [[ ABC == abc ]] && export HF_TOKEN=T\n",
    "nocasematch-case": "shopt -s nocasematch; case ABC in abc) export HF_TOKEN=T;; esac\n",
    "nocasematch-re": "shopt -s nocasematch; [[ ABC =~ ^a ]] && export HF_TOKEN=T\n",
    "nocasematch-sub": "shopt -s nocasematch; X=xABC; export HF_TOKEN=T${X/abc/}\n",
    "nocasematch-trim": "shopt -s nocasematch; X=xABC; export HF_TOKEN=T${X%abc}\n",
    "nocasematch-test": "shopt -s nocasematch; [ ABC = abc ] && export HF_TOKEN=T\n",
    "nocasematch-neq": "shopt -s nocasematch; [[ ABC != abc ]] && export HF_TOKEN=T\n",
    "nocaseglob": "shopt -s nocaseglob; for f in ~/.PARTS*/A.sh; do . $f; done\n",
    "nocase-off": "shopt -s nocasematch; shopt -u nocasematch; [[ ABC == abc ]] && export HF_TOKEN=T\n",
    "nocase-fn": "if shopt -q nocasematch; then export HF_TOKEN=U; else shopt -s nocasematch; fi; case X in x) export HF_TOKEN=T;; esac\n",
}

ZSH = {
    "anon-args": "() { export HF_TOKEN=$1 } T\n",
    "anon-args2": "function { export HF_TOKEN=$2 } T U\n",
    "anon-local": "() { local HF_TOKEN=U } ; export HF_TOKEN=T\n",
    "anon-local2": "export HF_TOKEN=T; () { local HF_TOKEN=U; }\n",
    "anon-return": "() { export HF_TOKEN=T; return; export HF_TOKEN=U }\nexport A=1\n",
    "anon-return-plain": "export HF_TOKEN=U\n() { return 1 } || export HF_TOKEN=T\n",
    "anon-fn-paren": "function () { export HF_TOKEN=$1 } T\n",
    "anon-lines": '() {\n  local f\n  for f in "$@"; do source $f; done\n} ~/.parts/*.sh(N)\n',
    "several-names": "a b() { export HF_TOKEN=T }\nb\n",
    "several-names-fn": "function a b { export HF_TOKEN=$0 }\nb\n",
    "chpwd": "chpwd() { export HF_TOKEN=T }\ncd /tmp\n",
    "chpwd-hook": "autoload -Uz add-zsh-hook\nf() { export HF_TOKEN=T }\nadd-zsh-hook chpwd f\ncd /tmp\n",
    "chpwd-functions": "f() { export HF_TOKEN=T }\nchpwd_functions+=(f)\ncd /tmp\n",
    "chpwd-functions-nocd": "export HF_TOKEN=T\nf() { export HF_TOKEN=U }\nchpwd_functions+=(f)\n",
    "ksharrays": "setopt ksharrays; a=(T U); export HF_TOKEN=${a[1]}\n",
    "ksharrays-plain": "setopt ksharrays; a=(T U); export HF_TOKEN=$a\n",
    "errreturn": "f() { setopt localoptions errreturn; false; export HF_TOKEN=T }\nf\n",
    "errreturn2": "setopt errreturn\nf() { false; export HF_TOKEN=T }\nf\nexport HF_TOKEN=U\n",
    "argc": "f() { export HF_TOKEN=T$ARGC }\nf a b\n",
    "path-array2": "path=(/a /b); export HF_TOKEN=T$PATH\n",
    "path-array3": "path=(/a $path); export HF_TOKEN=T$PATH\n",
    "path-array4": "path+=(/a); export HF_TOKEN=T$PATH\n",
    "path-array-typeset": "typeset -gU path; path=(/a /b /a); export HF_TOKEN=T$PATH\n",
    "path-read": "PATH=/a:/b; export HF_TOKEN=T$path[1]\n",
    "path-command": "path=(/nowhere); (( $+commands[cat] )) && export HF_TOKEN=T\n",
    "path-has": "path=(/nowhere); [[ $PATH == /nowhere ]] && export HF_TOKEN=T\n",
    "path-element": "path[1]=/q; export HF_TOKEN=T$PATH\n",
    "cdpath": "cdpath=(~ /tmp); cd .parts && . ./a.sh\n",
    "hash-d": "hash -d p=~/.parts; . ~p/a.sh\n",
    "hash-d-val": "hash -d p=/x; export HF_TOKEN=~p/T\n",
    "hash-d-param": "p=/x; export HF_TOKEN=~p/T\n",
    "hash-d-rel": "nameddirs[p]=/x; export HF_TOKEN=~p/T\n",
    "numeric-glob2": "[[ a12 == a<10-15> ]] && export HF_TOKEN=T\n",
    "numeric-glob3": "[[ a12 == a<-> ]] && export HF_TOKEN=T\n",
    "numeric-glob4": "case a12 in a<13->) export HF_TOKEN=T;; a<->) export HF_TOKEN=U;; esac\n",
    "short-if": "if [[ -f ~/.hf ]] export HF_TOKEN=T\n",
    "short-if-no": "export HF_TOKEN=U\nif [[ -f ~/.nope ]] export HF_TOKEN=T\n",
    "short-if-paren": "if (( 1 )) export HF_TOKEN=T\n",
    "short-if-brace": "if [[ -f ~/.nope ]] { export HF_TOKEN=T } elif [[ -f ~/.hf ]] { export HF_TOKEN=U } else { export HF_TOKEN=V }\n",
    "short-case": "case x { a) export HF_TOKEN=T;; x) export HF_TOKEN=U;; }\n",
    "short-case-lines": "case $HOME {\n  /nope) export HF_TOKEN=T;;\n  *) export HF_TOKEN=U;;\n}\nexport A=1\n",
    "short-while": "i=0\nwhile (( i < 2 )) { (( i++ )); export HF_TOKEN=T$i }\n",
    "short-for": "for t (T U) { export HF_TOKEN=$t }\n",
    "short-for2": "for t in T U; { export HF_TOKEN=$t }\n",
    "short-repeat": "repeat 2 HF_TOKEN+=T\nexport HF_TOKEN\n",
    "fn-short": "f() export HF_TOKEN=T\nf\n",
    "path-u": "typeset -gU PATH path\npath=(/a /b /a $path)\nexport HF_TOKEN=T$PATH\n",
    "path-prepend-app": "export PATH=$HOME/bin:$PATH\ntypeset -gU path fpath cdpath\npath=($HOME/bin $path[@])\nexport HF_TOKEN=T$PATH\n",
    "path-loop": "for d in ~/.parts ~/.none; do [[ -d $d ]] && path=($d $path); done\nexport HF_TOKEN=T$PATH\n",
    "path-n": "path=(~/.parts(N) ~/.nope(N) $path)\nexport HF_TOKEN=T$PATH\n",
    "path-count": "export HF_TOKEN=T$#path\n",
    "path-local": "f() { local path; path=(/x); }\nf\nexport HF_TOKEN=T$PATH\n",
    "path-unset": "path=()\n(( $+commands[cat] )) || export HF_TOKEN=T\n",
    "manpath": "manpath=(/a /b); export HF_TOKEN=T$MANPATH\n",
    "fpath-size": "fpath=(/a /b); export HF_TOKEN=T$FPATH\n",
    "anon-nested": "f() { () { local a=$1; () { export HF_TOKEN=$1 } $a } $1; }\nf T\n",
    "anon-nl": "() {\n  emulate -L zsh\n  setopt localoptions extendedglob\n  local key=$1\n  [[ -r $key ]] && export HF_TOKEN=$(<$key)\n} ~/.hf\n",
    "anon-redirect": "() { export HF_TOKEN=T } 2>/dev/null\n",
    "anon-and": "() { return 0 } && export HF_TOKEN=T\n",
    "anon-always": "() { { export HF_TOKEN=T; return } always { export HF_TOKEN=U } }\n",
    "anon-pipe": "echo T | () { read HF_TOKEN }\nexport HF_TOKEN\n",
    "anon-for": "for x in T U; do () { export HF_TOKEN=$1 } $x; done\n",
    "fn-nospace": "f(){ export HF_TOKEN=T }; f\n",
    "short-if-fn": "f() { if [[ -f ~/.hf ]] return; export HF_TOKEN=T }\nf\n",
    "short-if-and": "if [[ -f ~/.hf ]] && [[ -n $HOME ]] { export HF_TOKEN=T }\n",
    "short-while2": "while [[ -z $x ]] { x=1; export HF_TOKEN=T }\n",
    "short-until": "until [[ -n $x ]] { x=1; export HF_TOKEN=T }\n",
    "short-for-one": "for f (~/.parts/*.sh) source $f\n",
    "short-for-paren-arith": "for ((i=1;i<=2;i++)) export HF_TOKEN=T$i\n",
    "globnum-redirect": "cat <~/.hf >/dev/null; export HF_TOKEN=T\n",
    "globnum-fd": "exec 3<&-; export HF_TOKEN=T\n",
    "autoload-missing": "export HF_TOKEN=T\nfpath=(~/fns $fpath)\nautoload -Uz colors nope && colors\n",
    "chpwd-subshell": "chpwd() { echo T }\nexport HF_TOKEN=$(cd /tmp)\n",
    "chpwd-quiet": "export HF_TOKEN=T\nchpwd() { export HF_TOKEN=U }\ncd -q /tmp\n",
}

# Those of several files.
FILES = {
    "bash": {
        "CDPATH": {
            ".bashrc": "CDPATH=~/.parts2; cd x >/dev/null && export HF_TOKEN=$(cat tok)\n",
            ".parts2/x/tok": "T\n",
        },
    },
    "zsh": {
        "autoload": {
            ".zshrc": "fpath=(~/fns $fpath); autoload -Uz tok; tok\n",
            "fns/tok": "export HF_TOKEN=T\n",
        },
        "autoload-fn": {
            ".zshrc": "fpath+=(~/fns); autoload tok\ntok\n",
            "fns/tok": 'tok() { export HF_TOKEN=T }\ntok "$@"\n',
        },
        "cdpath2": {
            ".zshrc": "cdpath=(~/.parts2 ~/.config2); cd /; cd x && export HF_TOKEN=$(cat tok)\n",
            ".parts2/x/tok": "T\n",
        },
        "CDPATH": {
            ".zshrc": "CDPATH=~/.parts2; cd x >/dev/null && export HF_TOKEN=$(cat tok)\n",
            ".parts2/x/tok": "T\n",
        },
        "numeric-glob": {
            ".zshrc": "for f in ~/n/f<10-15>; do . $f; done\n",
            "n/f9": "export HF_TOKEN=U\n",
            "n/f12": "export HF_TOKEN=T\n",
            "n/f20": "export HF_TOKEN=V\n",
        },
        "autoload-glob": {
            ".zshrc": "fpath=(~/fns $fpath)\nautoload -Uz ~/fns/*(:t)\ntok\n",
            "fns/tok": "export HF_TOKEN=T\n",
        },
        "autoload-not-called": {
            ".zshrc": "export HF_TOKEN=T\nfpath=(~/fns $fpath)\nautoload -Uz tok\n",
            "fns/tok": "export HF_TOKEN=U\n",
        },
        "autoload-FPATH": {
            ".zshrc": 'FPATH="$HOME/fns:$FPATH"\nautoload -Uz tok; tok x\n',
            "fns/tok": "tok() {\n  [[ $1 == x ]] && export HF_TOKEN=T\n}\n",
        },
        "autoload-plus": {
            ".zshrc": "fpath+=~/fns\nautoload -Uz tok compinit\ntok\n",
            "fns/tok": "# says it\nlocal a=T\nexport HF_TOKEN=$a\n",
        },
    },
}
