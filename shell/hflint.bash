# shellcheck shell=bash
# shellcheck disable=SC2128 # a value kept in an array is its element 0
# shellcheck disable=SC2034 # HFLINT_PROMPT is the person's, for their prompt
# shellcheck disable=SC2016,SC2178 # text for later, with its dollar signs; PROMPT_COMMAND is a string or an array
# hflint's hook for bash 3.2 and later, as `hflint init bash` prints it; docs/shells.md says how it works.
# Everything is written so that it can be loaded under any option, alias or trap of the person:
# builtins by `\builtin`, variables prefixed (a local can't hide a read-only global), `local` without values
# (`set -k` would take them away), state in arrays (bash never exports an array, so not even `set -a` puts a
# remembered value into the environment).
# Aliases are off while the rest is read: one of a reserved word, or of a function below, would be put in for it.
__hflint_flags=("$-" '')
\builtin shopt -q expand_aliases && __hflint_flags[1]=-s
\builtin shopt -u expand_aliases
# Not loaded for another user's home (`sudo -s`), where it would leave root-owned state behind.
if [[ $- == *i* && -O ${HOME:-/nonexistent} ]]; then

    # Under `set -a` bash would export each function: 20 KB to every child, and a command `hflint` without its
    # state to every script. Put back at the end.
    \builtin set +a

    __hflint_bin=(hflint)
    __hflint_names=(HF_TOKEN HUGGING_FACE_HUB_TOKEN HF_ACCESS_TOKEN HF_API_KEY HF_API_TOKEN HF_AUTH_TOKEN HF_HUB_TOKEN HUGGINGFACEHUB_API_KEY HUGGINGFACEHUB_API_TOKEN HUGGINGFACE_ACCESS_TOKEN HUGGINGFACE_API_KEY HUGGINGFACE_API_TOKEN HUGGINGFACE_HUB_TOKEN HUGGINGFACE_TOKEN HUGGING_FACE_LLM_API_KEY HUGGING_FACE_TOKEN USER_MANAGED_HF_API_KEY HF_TOKEN_PATH HF_HOME HF_ENDPOINT HF_HUB_CACHE HUGGINGFACE_HUB_CACHE HF_HUB_OFFLINE HF_HUB_DISABLE_IMPLICIT_TOKEN HF_HUB_ETAG_TIMEOUT HF_HUB_DOWNLOAD_TIMEOUT HF_OIDC_RESOURCE XDG_CACHE_HOME HOME NETRC VIRTUAL_ENV CONDA_PREFIX)
    __hflint_script=(5)

    # By `printf`: where the person has made it read-only, an assignment would abandon the hook.
    __hflint_segment() {
        if [[ $- == *r* ]]; then HFLINT_PROMPT=$1; else \builtin printf -v HFLINT_PROMPT %s "$1" 2>/dev/null || \builtin :; fi
    }

    # What the last run left. Kept when the file is loaded again, or leaving a project could not put back what was there.
    # (A second element: a variable from the environment has none.)
    if [[ -z ${__hflint_mode[1]-} ]]; then
        __hflint_un=() __hflint_uv=() __hflint_us=() __hflint_ua=() # applied: name, old value, old state, applied value
        # unset or replaced by a fix: name, id, old value, old state, new value
        __hflint_bn=() __hflint_bi=() __hflint_bv=() __hflint_bs=() __hflint_ba=()
        __hflint_said=('') __hflint_later=('') __hflint_told=('')
        __hflint_segment ''
    fi
    __hflint_fp=('')     # what the guard compares; empty: look again
    __hflint_files=(0 0) # how many files are watched, how many are expected absent
    __hflint_code=('')   # the text of the guard in force
    __hflint_every=('')  # what was told is told at every prompt: `warn = "always"`
    __hflint_down=('')   # the last look failed; `busy`: it has not ended
    __hflint_vers=("$((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1]))")
    # Before 5.0 -nt and -ot compare whole seconds (4.3 has the code, but its configure never switches it on).
    __hflint_mode=(hook bash stamp "$__hflint_script")
    if [[ $__hflint_vers -lt 500 ]]; then __hflint_mode[4]=coarse; fi

    # True while nothing changed. Written anew by __hflint_learn; until then everything has.
    __hflint_same() { \builtin return 1; }

    # Returns 0 always: bash itself keeps $? and PIPESTATUS around an array element, and a failing
    # hook would end a shell under `set -e` and set off an ERR trap.
    __hflint_hook() {
        case $- in
            *x*)
                # Tracing would print what is compared. `local -` puts it back, also after Ctrl-C;
                # before 4.4 there is none, and the hook rests while tracing is on.
                if [[ $__hflint_vers -lt 404 ]]; then \builtin return 0; fi
                { \builtin local - && \builtin set +xv; } 2>/dev/null
                ;;
            # What is evaluated here is no input of the person's.
            *v*) if [[ $__hflint_vers -ge 404 ]]; then { \builtin local - && \builtin set +v; } 2>/dev/null; fi ;;
        esac
        if __hflint_same; then
            if [[ -n $__hflint_every && -z ${__hflint_hush-} ]]; then __hflint_say "$__hflint_told"; fi
            \builtin return 0
        fi
        __hflint_look
        \builtin return 0
    }

    # For PROMPT_COMMAND as a string, where later commands of it see what this returns. It is called as
    # `__hflint_kept && :`, in which a status that is not 0 sets off neither an ERR trap nor `set -e`.
    __hflint_kept() {
        \builtin set -- "$?"
        __hflint_hook
        \builtin return "$1"
    }

    # hush: set by the cd wrapper, which must not write between a command and its output
    __hflint_look() {
        if [[ -z ${__hflint_hush-} && -n $__hflint_later ]]; then
            __hflint_write "$__hflint_later"
            __hflint_later=('')
            if [[ -n ${__hflint_fp[1]-} ]]; then
                __hflint_fp=("${__hflint_fp[1]}")
                if __hflint_same; then \builtin return 0; fi
            fi
        fi
        # A restricted shell starts no program by its path and redirects nothing, not even what it would say.
        if [[ ${HFLINT-} == 0 || $- == *r* ]]; then
            __hflint_segment ''
            __hflint_files=(0 0) __hflint_every=('') __hflint_down=('')
            __hflint_learn
            \builtin return 0
        fi
        # Left by an interrupt the last time: the program hangs, and is not started again before something else changes.
        if [[ $__hflint_down == busy ]]; then
            __hflint_files=(0 0) __hflint_every=('') __hflint_down=(1)
            __hflint_learn
            \builtin return 0
        fi
        __hflint_down=(busy)
        \builtin local __hflint_out __hflint_rc __hflint_quiet
        __hflint_out='' __hflint_rc=0 __hflint_quiet=''
        __hflint_find
        if [[ -x ${__hflint_bin[1]-} ]]; then
            # Nobody would see a message in a subshell or under Midnight Commander's own prompt.
            if [[ $BASH_SUBSHELL -gt 0 || -n ${MC_SID-} ]]; then __hflint_quiet=quiet; fi
            # The redirections stay outside $(...): inside, bash would fork a second time.
            { __hflint_out=$("${__hflint_bin[1]}" "${__hflint_mode[@]}" ${__hflint_quiet:+"$__hflint_quiet"}) || __hflint_rc=$?; } 2>/dev/null </dev/null
        else
            __hflint_rc=127
        fi
        # A DEBUG trap under `set -T` may have written before the version line, and the title of a terminal ends in no line.
        if [[ $__hflint_rc -eq 0 && $__hflint_out == *$'hflint1\n'* ]]; then
            __hflint_down=('')
            __hflint_apply "$__hflint_out" hook
        else
            # Said once, and not tried again before something else changes.
            __hflint_files=(0 0) __hflint_every=('') __hflint_down=(1)
            __hflint_fail "$__hflint_rc"
        fi
        __hflint_learn
    }

    # The binary's path goes to __hflint_bin[1]: an absolute one as it is, a bare name along PATH, never
    # by a relative entry. Asked anew each time, so that a moved binary is found and a `cd` can't change it.
    __hflint_find() {
        if [[ $__hflint_bin == /* ]]; then
            __hflint_bin[1]=$__hflint_bin
            \builtin return 0
        fi
        __hflint_bin[1]=''
        \builtin local __hflint_p __hflint_d
        __hflint_p="${PATH-}:" __hflint_d=''
        while [[ -n $__hflint_p ]]; do
            __hflint_d=${__hflint_p%%:*} __hflint_p=${__hflint_p#*:}
            if [[ $__hflint_d == /* && -x $__hflint_d/$__hflint_bin && ! -d $__hflint_d/$__hflint_bin ]]; then
                __hflint_bin[1]=$__hflint_d/$__hflint_bin
                \builtin return 0
            fi
        done
    }

    __hflint_fail() {
        \builtin local __hflint_m
        __hflint_m="${__hflint_bin[1]:-$__hflint_bin}"
        __hflint_m=${__hflint_m//[[:cntrl:]]/?}
        if [[ $1 -eq 127 && ! -x ${__hflint_bin[1]-} ]]; then
            __hflint_m="hflint: $__hflint_m not found; the hook rests in this shell"
        elif [[ $1 -eq 0 ]]; then
            __hflint_m="hflint: $__hflint_m is of another version than this shell's hook; start a new shell"
        elif [[ $1 -eq 142 ]]; then
            __hflint_m='hflint: looking around took too long and was given up here'
        else
            __hflint_m="hflint: $__hflint_m hook failed with status $1"
        fi
        if [[ $'\n'$__hflint_said != *$'\n'"$__hflint_m"$'\n'* ]]; then
            __hflint_said=("$__hflint_said$__hflint_m"$'\n')
            __hflint_say "$__hflint_m"$'\n'
        fi
        __hflint_segment ''
    }

    __hflint_say() {
        if [[ -n ${__hflint_hush-} ]]; then
            __hflint_later=("$__hflint_later$1")
        elif [[ -z ${MC_SID-} ]]; then
            __hflint_write "$1"
        fi
    }

    # By `echo` where the person has switched `printf` off.
    __hflint_write() {
        { \builtin printf %s "$1" >&3 || \builtin echo -nE "$1" >&3 || \builtin :; } 3>&2 2>/dev/null
    }

    # Remembers the state and writes the guard for it: variables that are set are compared with their
    # values and attributes, the rest only tested for being unset, in one expansion each. The values stay
    # in arrays; the text that is evaluated holds names from the fixed list and numbers, nothing else.
    __hflint_learn() {
        \builtin local __hflint_c __hflint_z __hflint_f __hflint_n __hflint_i
        __hflint_c='${PWD-}' __hflint_z='' __hflint_f='' __hflint_n='' __hflint_i=0
        for __hflint_n in "${__hflint_names[@]}" HFLINT HFLINT_PROJECT; do
            if [[ -z ${!__hflint_n+x} ]]; then
                __hflint_z="$__hflint_z\${$__hflint_n+x}"
            elif [[ $__hflint_vers -ge 404 ]]; then
                __hflint_c="$__hflint_c|\${$__hflint_n+\${$__hflint_n@a}=}\${$__hflint_n-}"
            else
                __hflint_c="$__hflint_c|\${$__hflint_n+=}\${$__hflint_n-}"
            fi
        done
        # Paths from variables, not written out: bash takes a long word apart character by character.
        for ((__hflint_i = 0; __hflint_i < __hflint_files[0]; __hflint_i++)); do
            __hflint_n="\$__hflint_w$__hflint_i \$__hflint_s$__hflint_i"
            __hflint_f="$__hflint_f && ! ( ${__hflint_n/ / -nt } || ${__hflint_n/ / -ot } )"
        done
        for ((__hflint_i = 0; __hflint_i < __hflint_files[1]; __hflint_i++)); do
            __hflint_f="$__hflint_f && ! -e \$__hflint_a$__hflint_i"
        done
        # `test`, not [[ ]]: the latter ignores case under `shopt -s nocasematch`.
        __hflint_n="\\builtin test \"$__hflint_c\" = \"\$__hflint_fp\" && [[ -z \"$__hflint_z\"$__hflint_f ]]"
        # Switched off by the person: better a change of case missed than a process at each prompt.
        if [[ $- != *r* ]] && ! \builtin test x 2>/dev/null; then
            __hflint_n="[[ \"$__hflint_c\" == \"\$__hflint_fp\" ]]${__hflint_n#*\"\$__hflint_fp\"}"
        fi
        if [[ $__hflint_n != "$__hflint_code" ]]; then
            \builtin eval "__hflint_same() { $__hflint_n; }"
            if [[ $- == *a* ]]; then \builtin export -nf __hflint_same; fi
            __hflint_code=("$__hflint_n")
        fi
        \builtin eval "__hflint_fp=(\"$__hflint_c\")"
        # Look again at the next prompt: a racy file, or a message that waits.
        if [[ -n ${__hflint_files[2]-} ]]; then
            __hflint_fp=('')
        elif [[ -n $__hflint_later ]]; then
            __hflint_fp=('' "$__hflint_fp")
        fi
    }

    # Reads directives: three lines each, unusual bytes written %XX. Nothing that the binary printed is
    # evaluated, and no name outside the list of __hflint_set is assigned to.
    __hflint_apply() {
        # A fix of files alone has nothing for this shell.
        if [[ -z $1 ]]; then \builtin return 0; fi
        # Only the prefix before the version line may hold anything else; nothing that could glob goes on.
        \builtin local __hflint_t
        __hflint_t=${1#*$'hflint1\n'}
        if [[ $__hflint_t == "$1" ]]; then \builtin return 1; fi
        case $__hflint_t in *[\*\?\[\\\(]*) \builtin return 1 ;; esac
        \builtin local -a __hflint_r
        if \builtin local IFS 2>/dev/null; then
            IFS=$'\n'
            # shellcheck disable=SC2206 # the splitting is meant
            __hflint_r=($__hflint_t)
        else # read-only, and another one perhaps
            __hflint_t=$__hflint_t$'\n'
            while [[ -n $__hflint_t ]]; do
                __hflint_r[${#__hflint_r[@]}]=${__hflint_t%%$'\n'*}
                __hflint_t=${__hflint_t#*$'\n'}
            done
        fi
        \builtin local __hflint_i __hflint_n __hflint_a __hflint_b __hflint_m __hflint_bad __hflint_w __hflint_e __hflint_racy __hflint_k
        __hflint_k='' __hflint_i=0 __hflint_n="${#__hflint_r[@]}" __hflint_a='' __hflint_b='' __hflint_m='' __hflint_bad=0 __hflint_w=0 __hflint_e=0 __hflint_racy=''
        for ((__hflint_i = 0; __hflint_i + 2 < __hflint_n; __hflint_i += 3)); do
            __hflint_a=${__hflint_r[__hflint_i + 1]} __hflint_b=${__hflint_r[__hflint_i + 2]}
            if [[ $__hflint_a == - ]]; then __hflint_a=''; fi
            if [[ $__hflint_b == - ]]; then __hflint_b=''; fi
            case $__hflint_a$__hflint_b in
                *%*)
                    {
                        \builtin printf -v __hflint_a %b "${__hflint_a//%/\\x}"
                        \builtin printf -v __hflint_b %b "${__hflint_b//%/\\x}"
                    } 2>/dev/null
                    ;;
            esac
            case ${__hflint_r[__hflint_i]}:$__hflint_a in
                w:/*)
                    \builtin eval "__hflint_w$__hflint_w=(\"\$__hflint_a\") __hflint_s$__hflint_w=(\"\${__hflint_b:-\$__hflint_a}\")"
                    __hflint_w=$((__hflint_w + 1))
                    ;;
                a:/*)
                    \builtin eval "__hflint_a$__hflint_e=(\"\$__hflint_a\")"
                    __hflint_e=$((__hflint_e + 1))
                    ;;
                r:*) __hflint_racy=1 ;;
                p:*)
                    # A fixed alphabet: the text stands in prompts that are expanded again.
                    case $__hflint_a in *[!A-Za-z0-9:._\ -]*) __hflint_a='' ;; esac
                    __hflint_segment "$__hflint_a"
                    ;;
                m:?*)
                    __hflint_m="$__hflint_m${__hflint_a//[[:cntrl:]]/?}"$'\n'
                    if [[ $__hflint_b == always ]]; then __hflint_k=1; fi
                    ;;
                u:*) __hflint_undo "$__hflint_b" ;;
                b:*) __hflint_back "$__hflint_a" "$__hflint_b" || __hflint_bad=1 ;;
                [-+xft]:*) __hflint_set "${__hflint_r[__hflint_i]}" "$__hflint_a" "$__hflint_b" "${2-}" || __hflint_bad=1 ;;
            esac
        done
        if [[ ${2-} == hook ]]; then
            __hflint_files=("$__hflint_w" "$__hflint_e" "$__hflint_racy")
            __hflint_every=("$__hflint_k")
            if [[ -n $__hflint_k && -n ${__hflint_hush-} ]]; then
                __hflint_told=("$__hflint_m") # the prompt says it
            elif [[ -n $__hflint_k || $__hflint_m != "$__hflint_told" ]]; then
                __hflint_told=("$__hflint_m")
                __hflint_say "$__hflint_m"
            fi
        fi
        \builtin return "$__hflint_bad"
    }

    # unset, shell or exported, into __hflint_st
    __hflint_state() {
        __hflint_st=shell
        if [[ -z ${!1+x} ]]; then
            __hflint_st='unset'
        elif [[ $__hflint_vers -ge 404 ]]; then
            \builtin eval "case \${$1@a} in *x*) __hflint_st=exported ;; esac"
        else
            # A process, but only in old shells and only when something is applied.
            \builtin local __hflint_d
            __hflint_d=''
            __hflint_d=$(\builtin declare -p "$1" 2>/dev/null) || :
            __hflint_d=${__hflint_d%% "$1"*}
            case ${__hflint_d##*declare} in *x*) __hflint_st=exported ;; esac
        fi
    }

    # The person reads why a variable stayed as it was.
    __hflint_put() { # state name value
        {
            case $1 in
                unset) \builtin unset -v "$2" ;;
                exported) \builtin export "$2=$3" ;;
                shell) \builtin printf -v "$2" %s "$3" && \builtin export -n "${2?}" ;;
            esac
        } 2>/dev/null || {
            __hflint_say "hflint: $2 is read-only in this shell"$'\n'
            \builtin return 1
        }
    }

    __hflint_set() { # operation name value mode
        case $1$2 in
            [-x]HF_TOKEN | [-x]HUGGING_FACE_HUB_TOKEN | [-x]HF_ENDPOINT) ;;
            fHF_TOKEN | tHF_TOKEN | tHUGGING_FACE_HUB_TOKEN) ;;
            [-+x]HF_TOKEN_PATH | [-+x]HF_HOME | [-+x]HF_HUB_CACHE | [-+x]HUGGINGFACE_HUB_CACHE | [-+x]HFLINT_PROJECT) ;;
            *) \builtin return 1 ;;
        esac
        \builtin local __hflint_v __hflint_j __hflint_k __hflint_st __hflint_c
        __hflint_v="$3" __hflint_j=0 __hflint_k="${#__hflint_un[@]}" __hflint_st='' __hflint_c=''
        if [[ $1 == [ft] ]]; then
            # The first line of a plain file of the person's own; a token has no blank in it.
            __hflint_v=''
            if [[ -f $3 && -O $3 ]]; then { IFS=$' \t\n' \builtin read -r __hflint_v <"$3" || \builtin read -r __hflint_v <"$3" || :; } 2>/dev/null; fi
            __hflint_v=${__hflint_v%$'\r'}
            case $__hflint_v in
                '' | *[[:space:][:cntrl:]]*)
                    __hflint_say "hflint: no token to export in ${3//[[:cntrl:]]/?}"$'\n'
                    \builtin return 1
                    ;;
            esac
        fi
        __hflint_state "$2"
        if [[ $1 == x ]]; then
            if [[ $__hflint_st == unset ]]; then \builtin return 0; fi
            __hflint_k=${#__hflint_bn[@]}
            __hflint_bn[__hflint_k]=$2 __hflint_bi[__hflint_k]=$3 __hflint_bv[__hflint_k]=${!2-} __hflint_bs[__hflint_k]=$__hflint_st __hflint_ba[__hflint_k]=''
            __hflint_put unset "$2" ''
            \builtin return
        fi
        if [[ $1 == t ]]; then
            # Right after `x`, whose entry learns what stands there now, so that `b` knows it again.
            __hflint_k=${#__hflint_bn[@]}
            if [[ $__hflint_k -gt 0 && ${__hflint_bn[__hflint_k - 1]} == "$2" ]]; then __hflint_ba[__hflint_k - 1]=$__hflint_v; fi
            __hflint_put exported "$2" "$__hflint_v"
            \builtin return
        fi
        while [[ $__hflint_j -lt $__hflint_k && ${__hflint_un[__hflint_j]-} != "$2" ]]; do __hflint_j=$((__hflint_j + 1)); done
        if [[ $__hflint_st == unset ]]; then __hflint_c=-; else __hflint_c="=${!2-}"; fi
        if [[ $__hflint_j -eq $__hflint_k ]]; then
            __hflint_un[__hflint_j]=$2 __hflint_uv[__hflint_j]=${!2-} __hflint_us[__hflint_j]=$__hflint_st
        elif [[ $4 == hook ]] && ! \builtin test "$__hflint_c" = "${__hflint_ua[__hflint_j]}"; then
            \builtin return 0 # the person changed it since: theirs until they leave
        fi
        if [[ $1 == - ]]; then
            __hflint_ua[__hflint_j]=-
            __hflint_put unset "$2" ''
        else
            __hflint_ua[__hflint_j]="=$__hflint_v"
            __hflint_put exported "$2" "$__hflint_v"
        fi
    }

    # Leaving a project. $1: what to drop where the old values are not known, because the variables came
    # from a parent shell: a shell without a token is safe, one with the wrong token is not.
    __hflint_undo() {
        \builtin local __hflint_j __hflint_c __hflint_x
        __hflint_j="${#__hflint_un[@]}" __hflint_c='' __hflint_x=''
        if [[ $__hflint_j -eq 0 ]]; then
            for __hflint_x in HF_TOKEN HUGGING_FACE_HUB_TOKEN HF_HOME HF_HUB_CACHE HUGGINGFACE_HUB_CACHE; do
                case ",$1," in *",$__hflint_x,"*) __hflint_put unset "$__hflint_x" '' || : ;; esac
            done
            __hflint_put unset HF_TOKEN_PATH '' || :
            __hflint_put unset HFLINT_PROJECT '' || :
            \builtin return 0
        fi
        while [[ $__hflint_j -gt 0 ]]; do
            __hflint_j=$((__hflint_j - 1))
            __hflint_x=${__hflint_un[__hflint_j]}
            if [[ -z ${!__hflint_x+x} ]]; then __hflint_c=-; else __hflint_c="=${!__hflint_x}"; fi
            if \builtin test "$__hflint_c" = "${__hflint_ua[__hflint_j]}"; then
                __hflint_put "${__hflint_us[__hflint_j]}" "$__hflint_x" "${__hflint_uv[__hflint_j]}" || :
            fi
        done
        __hflint_un=() __hflint_uv=() __hflint_us=() __hflint_ua=()
    }

    # `hflint undo` of a variable that a fix unset in this shell: name, id of the fix
    __hflint_back() {
        \builtin local __hflint_j __hflint_x
        __hflint_j="${#__hflint_bn[@]}" __hflint_x="$1"
        while [[ $__hflint_j -gt 0 ]]; do
            __hflint_j=$((__hflint_j - 1))
            if [[ ${__hflint_bn[__hflint_j]} == "$1" && (-z $2 || ${__hflint_bi[__hflint_j]} == "$2") ]]; then
                if [[ -n ${!__hflint_x+x} ]] && { [[ -z ${__hflint_ba[__hflint_j]} ]] || ! \builtin test "${!__hflint_x}" = "${__hflint_ba[__hflint_j]}"; }; then
                    __hflint_say "hflint: $1 was set again since and is left alone"$'\n'
                    \builtin return 1
                fi
                __hflint_put "${__hflint_bs[__hflint_j]}" "$1" "${__hflint_bv[__hflint_j]}" || \builtin return 1
                __hflint_bn[__hflint_j]='' __hflint_bv[__hflint_j]='' __hflint_ba[__hflint_j]=''
                \builtin return 0
            fi
        done
        __hflint_say "hflint: this shell does not hold the old value of ${1//[!A-Z_]/?}"$'\n'
        \builtin return 1
    }

    # bash:VERSION:STATE, and the last trouble where there was any, for `hflint status -v`
    __hflint_health() {
        \builtin local __hflint_t
        __hflint_t=${__hflint_said%$'\n'}
        __hflint_t=${__hflint_t##*$'\n'}
        __hflint_h="bash:$__hflint_script:on"
        case "${PROMPT_COMMAND[*]-} ${precmd_functions[*]-}${BLE_VERSION-}" in
            *__hflint_*) ;;
            *) if [[ -z ${BLE_VERSION-} ]]; then __hflint_h="bash:$__hflint_script:lost"; fi ;;
        esac
        if [[ -n $__hflint_down ]]; then __hflint_h="bash:$__hflint_script:failed"; fi
        if [[ ${HFLINT-} == 0 ]]; then __hflint_h="bash:$__hflint_script:off"; fi
        __hflint_h="$__hflint_h${__hflint_t:+:$__hflint_t}"
    }

    # Only `fix` and `undo` need this shell; all else goes straight to the binary. Their directives come
    # on a descriptor of their own, so that standard output stays what the caller made it.
    # (`function`: an alias of that name would be expanded before `()`.)
    function hflint {
        if [[ $- == *r* ]]; then
            \command hflint "$@"
            \builtin return
        fi
        \builtin local __hflint_x __hflint_w __hflint_h
        __hflint_x='' __hflint_w='' __hflint_h=''
        for __hflint_x in "$@"; do
            case $__hflint_w$__hflint_x in
                skip*) __hflint_w='' ;;
                --format | --color | --config) __hflint_w=skip ;;
                -*) ;;
                *)
                    __hflint_w=$__hflint_x
                    \builtin break
                    ;;
            esac
        done
        __hflint_find
        __hflint_health
        __hflint_x=${__hflint_bin[1]}
        if [[ -z $__hflint_x ]]; then
            \builtin printf '%s\n' "hflint: command not found: $__hflint_bin" >&2
            \builtin return 127
        fi
        case $__hflint_w in
            fix | undo) ;;
            *)
                HFLINT_STATE=$__hflint_h "$__hflint_x" "$@"
                \builtin return
                ;;
        esac
        if [[ $BASH_SUBSHELL -gt 0 ]]; then
            HFLINT_STATE=$__hflint_h HFLINT_SUBSHELL=1 "$__hflint_x" "$@"
            \builtin return
        fi
        \builtin local __hflint_d __hflint_rc __hflint_hush __hflint_o
        __hflint_d='' __hflint_rc=0 __hflint_hush='' __hflint_o=''
        # What this shell cannot unset is said beforehand. Tried in a subshell: a list of them would show their values
        # to `set -x`.
        for __hflint_w in HF_TOKEN HUGGING_FACE_HUB_TOKEN HF_TOKEN_PATH HF_HOME HF_HUB_CACHE HUGGINGFACE_HUB_CACHE HF_ENDPOINT; do
            if [[ -n ${!__hflint_w+x} ]]; then
                (\builtin unset -v "$__hflint_w") 2>/dev/null || __hflint_o=$__hflint_o,$__hflint_w
            fi
        done
        { __hflint_d=$(HFLINT_STATE=$__hflint_h HFLINT_READONLY=$__hflint_o HFLINT_FD=3 "$__hflint_x" "$@" 3>&1 1>&4 4>&-) || __hflint_rc=$?; } 4>&1
        case $- in
            *x*)
                { \builtin set +x; } 2>/dev/null
                __hflint_apply "$__hflint_d" fix || __hflint_rc=$((__hflint_rc ? __hflint_rc : 1))
                \builtin set -x
                ;;
            *) __hflint_apply "$__hflint_d" fix || __hflint_rc=$((__hflint_rc ? __hflint_rc : 1)) ;;
        esac
        __hflint_fp=('') # look again at the next prompt
        \builtin return "$__hflint_rc"
    }

    # Takes everything back: `hflint init bash --remove` calls it.
    __hflint_remove() {
        \builtin local __hflint_x __hflint_hush
        __hflint_x='' __hflint_hush=''
        if \builtin local IFS 2>/dev/null; then IFS=$' \t\n'; fi
        \builtin local -a __hflint_l
        if [[ ${#__hflint_un[@]} -gt 0 ]]; then __hflint_undo ''; fi
        if \builtin declare -F __hflint_cd_remove >/dev/null; then __hflint_cd_remove; fi
        __hflint_l=()
        for __hflint_x in ${PROMPT_COMMAND[@]+"${PROMPT_COMMAND[@]}"}; do
            # (Quoted: from 5.2 on a `&` there stands for what was found.)
            __hflint_x=${__hflint_x//'"${__hflint_entry-:}" && :'/'__hflint_kept && :'}
            # What the person wrote behind it goes on without the `;` that parted them.
            __hflint_x=${__hflint_x//'__hflint_kept && :;'/}
            __hflint_x=${__hflint_x//$'\n''__hflint_kept && :'/}
            __hflint_x=${__hflint_x//'__hflint_kept && :'/}
            while [[ $__hflint_x == [$' \t\n;']* ]]; do __hflint_x=${__hflint_x#?}; done
            if [[ $__hflint_x != __hflint_hook && -n $__hflint_x ]]; then __hflint_l[${#__hflint_l[@]}]=$__hflint_x; fi
        done
        case "${PROMPT_COMMAND[*]-}" in
            *__hflint_*)
                if [[ ${#__hflint_l[@]} -gt 1 ]]; then
                    PROMPT_COMMAND=("${__hflint_l[@]}")
                elif [[ ${#__hflint_l[@]} -eq 1 ]]; then
                    # A single one was a string before, and is one again.
                    if [[ ${#PROMPT_COMMAND[@]} -gt 1 ]]; then \builtin unset -v PROMPT_COMMAND; fi
                    PROMPT_COMMAND=${__hflint_l[0]}
                else
                    \builtin unset -v PROMPT_COMMAND
                fi
                ;;
        esac
        __hflint_l=()
        for __hflint_x in ${precmd_functions[@]+"${precmd_functions[@]}"}; do
            if [[ $__hflint_x != __hflint_hook ]]; then __hflint_l[${#__hflint_l[@]}]=$__hflint_x; fi
        done
        if [[ ${#precmd_functions[@]} -gt 0 ]]; then precmd_functions=(${__hflint_l[@]+"${__hflint_l[@]}"}); fi
        if [[ -n ${BLE_VERSION-} ]]; then blehook PRECMD-=__hflint_hook; fi
        \builtin unset -f hflint
        for __hflint_x in $(\builtin compgen -A function __hflint_); do \builtin unset -f "$__hflint_x"; done
        \builtin unset -v HFLINT_PROMPT 2>/dev/null || \builtin :
        for __hflint_x in $(\builtin compgen -A arrayvar __hflint_); do
            case $__hflint_x in __hflint_l | __hflint_x) ;; *) \builtin unset -v "$__hflint_x" ;; esac
        done
    }

    if [[ $__hflint_flags == *a* ]]; then \builtin set -a; fi

    # Installation: last, so that what direnv or mise set for this directory is already there.
    if [[ -n ${BLE_VERSION-} ]] && \builtin declare -F blehook >/dev/null; then
        blehook PRECMD!=__hflint_hook
    elif [[ -n ${bash_preexec_imported-}${__bp_imported-} ]]; then
        case " ${precmd_functions[*]-} ${PROMPT_COMMAND[*]-} " in
            *__hflint_*) ;;
            *) precmd_functions=(${precmd_functions[@]+"${precmd_functions[@]}"} __hflint_hook) ;;
        esac
    else
        # `-`, then its attributes: r read-only, x exported, also where it has no value
        __hflint_entry=("$(\builtin declare -p PROMPT_COMMAND 2>/dev/null || \builtin :)")
        if [[ -z $__hflint_entry ]]; then # without a value, an old bash lists it here alone
            __hflint_entry=("$(\builtin readonly -p)")
            case $__hflint_entry$'\n' in *' PROMPT_COMMAND'$'\n'*) __hflint_entry=(-r) ;; *) __hflint_entry=('') ;; esac
        fi
        __hflint_entry=("${__hflint_entry%% PROMPT_COMMAND*}")
        __hflint_entry=("${__hflint_entry##*$'\n'}")
        __hflint_entry=("${__hflint_entry#declare }")
        case "${PROMPT_COMMAND[*]-}" in *__hflint_*) __hflint_entry=(here) ;; esac
        # By an expansion: to `case` under nocasematch every array is an associative one.
        if [[ $__hflint_entry == -* && -z ${__hflint_entry##*[Aciu]*} ]]; then __hflint_entry=(other); fi
        case $__hflint_entry in
            here) __hflint_entry=(__hflint_kept) ;;
            # Assigning to a read-only variable would abandon the rest of the person's rc file.
            -*r*)
                __hflint_entry=()
                \builtin printf '%s\n' 'hflint: PROMPT_COMMAND is read-only; no prompt hook in this shell' >&2
                ;;
            # What is put in would become another word or a number, and an associative array is not run at all.
            other)
                __hflint_entry=()
                \builtin printf '%s\n' 'hflint: PROMPT_COMMAND is declared in a way that takes no command; no prompt hook in this shell' >&2
                ;;
            # From 5.1 an array, each element with $? and PIPESTATUS restored. Older bash takes a string; so
            # does VS Code, whose script replaces element 0 alone and mistakes others for typed commands;
            # and an exported one stays a string, where in a child shell that lacks the function the entry
            # does nothing. After a newline, because the string may end in `;`, `&` or a comment.
            # Alone it is a string as well: `PROMPT_COMMAND="$PROMPT_COMMAND; mine"` further down in the rc file
            # changes element 0, and what is in it sees no status but that of the command before it.
            *)
                __hflint_code=(__hflint_hook)
                if [[ ${TERM_PROGRAM-} == vscode || $__hflint_vers -lt 501 || -z ${PROMPT_COMMAND[*]-} ]]; then
                    __hflint_code=('__hflint_kept && :')
                fi
                case $__hflint_entry in *x*) __hflint_code=('"${__hflint_entry-:}" && :') ;; esac
                __hflint_entry=(__hflint_kept)
                if [[ $__hflint_code == __hflint_hook ]]; then
                    PROMPT_COMMAND=(${PROMPT_COMMAND[@]+"${PROMPT_COMMAND[@]}"} __hflint_hook)
                elif [[ -n ${PROMPT_COMMAND-} ]]; then
                    PROMPT_COMMAND=$PROMPT_COMMAND$'\n'$__hflint_code
                else
                    PROMPT_COMMAND=$__hflint_code
                fi
                __hflint_code=('')
                ;;
        esac
    fi

fi
if [[ -n ${__hflint_flags[1]} ]]; then \builtin shopt -s expand_aliases; fi
\builtin unset -v __hflint_flags
