'builtin' 'typeset' '-ga' '__hflint_aliases' '__hflint_histchars'
'builtin' 'alias' '-g' "__hflint_word='on'"
'builtin' 'eval' '__hflint_aliases=(__hflint_word)'
'builtin' 'unalias' '__hflint_word'
__hflint_histchars=("${histchars-}")
'builtin' 'setopt' 'noaliases'
'builtin' 'eval' '[[ "${histchars-}" == "!^#" ]] || histchars="!^#"'
# hflint's hook for zsh 5.0 and later, as `hflint init zsh` prints it; docs/shells.md says how it works.
# It is read under the person's options, so: commands by `\builtin`, and nothing that SH_GLOB, IGNORE_BRACES or
# CSH_JUNKIE_* read otherwise, and `emulate -L` where a function does more than compare. State lives in arrays:
# AUTO_NAME_DIRS would turn a scalar that holds a path into a named directory, ALL_EXPORT would export it; arrays
# escape both.
# So far: aliases are off while the rest is read, since one of any word, reserved or not, would be put in for it (whether
# they were on shows by one of our own); and `#` begins a comment, which is only the third of `histchars`.
# Not loaded for another user's home (`sudo -s`), where it would leave root-owned state behind.
if [[ -o interactive && -O "${HOME:-/nonexistent}" ]]; then

    \builtin typeset -ga __hflint_bin __hflint_names __hflint_script
    __hflint_bin=(hflint)
    __hflint_names=(HF_TOKEN HUGGING_FACE_HUB_TOKEN HF_ACCESS_TOKEN HF_API_KEY HF_API_TOKEN HF_AUTH_TOKEN HF_HUB_TOKEN HUGGINGFACEHUB_API_KEY HUGGINGFACEHUB_API_TOKEN HUGGINGFACE_ACCESS_TOKEN HUGGINGFACE_API_KEY HUGGINGFACE_API_TOKEN HUGGINGFACE_HUB_TOKEN HUGGINGFACE_TOKEN HUGGING_FACE_LLM_API_KEY HUGGING_FACE_TOKEN USER_MANAGED_HF_API_KEY HF_TOKEN_PATH HF_HOME HF_ENDPOINT HF_HUB_CACHE HUGGINGFACE_HUB_CACHE HF_HUB_OFFLINE HF_HUB_DISABLE_IMPLICIT_TOKEN HF_HUB_ETAG_TIMEOUT HF_HUB_DOWNLOAD_TIMEOUT HF_OIDC_RESOURCE XDG_CACHE_HOME HOME NETRC VIRTUAL_ENV CONDA_PREFIX)
    __hflint_script=('5')

    # Where the person has made it read-only, an assignment would abandon the hook.
    function __hflint_segment { # text
        if [[ "${(t)HFLINT_PROMPT-}" != *readonly* ]]; then \builtin typeset -g HFLINT_PROMPT="$1"; fi
    }

    \builtin typeset -ga __hflint_un __hflint_uv __hflint_us __hflint_ua __hflint_bn __hflint_bi __hflint_bv __hflint_bs __hflint_ba
    \builtin typeset -ga __hflint_said __hflint_later __hflint_told __hflint_path __hflint_every __hflint_down
    \builtin typeset -ga __hflint_fp __hflint_w __hflint_s __hflint_a __hflint_c __hflint_racy __hflint_code __hflint_mode
    # What the last run left. Kept when the file is loaded again, or leaving a project could not put back what was there.
    if ! \builtin typeset -f __hflint_hook >/dev/null; then
        __hflint_un=() __hflint_uv=() __hflint_us=() __hflint_ua=() # applied: name, old value, old state, applied value
        # unset or replaced by a fix: name, id, old value, old state, new value
        __hflint_bn=() __hflint_bi=() __hflint_bv=() __hflint_bs=() __hflint_ba=()
        __hflint_said=('') __hflint_later=('') __hflint_told=('')
        __hflint_segment ''
    fi
    __hflint_fp=('')   # what the guard compares; empty: look again. A second element: what to go back to
    __hflint_w=() __hflint_s=() __hflint_a=() # watched files, what they were, files that are not there
    __hflint_c=() __hflint_racy=('') __hflint_code=('') __hflint_path=('')
    __hflint_every=('') # what was told is told at every prompt: `warn = "always"`
    __hflint_down=('')  # the last look failed; `busy`: it has not ended

    # With zsh/stat the guard reads the nanosecond ctime of all files in one call: it can't be set back, so
    # a replacement of the same age shows too. -F: zstat alone, or the external stat command is hidden.
    # Old ones don't know `%9.` and print something else than digits: then stamps, as without the module.
    # (With an empty module_path zsh 5.0 crashes on it.)
    __hflint_mode=('stamp')
    if [[ -n "${module_path[*]-}" ]] && \builtin zmodload -F zsh/stat b:zstat 2>/dev/null; then
        if \builtin zstat -F '%9.' -A __hflint_c +ctime / 2>/dev/null && [[ -n "${__hflint_c[*]}" && "${__hflint_c[*]}" != *[!0-9]* ]]; then
            __hflint_mode=('ctime')
        fi
    fi

    # True while nothing changed. Written anew by __hflint_learn; until then everything has.
    function __hflint_same {
        \builtin return 1
    }

    function __hflint_hook {
        # Tracing would print what is compared.
        if [[ -o xtrace ]]; then
            { \builtin emulate -L zsh && \builtin unsetopt xtrace; } 2>/dev/null
        fi
        if __hflint_same; then
            if [[ -n "${__hflint_every[*]}" && -z "${__p9k_instant_prompt_active-}" ]]; then __hflint_say "${__hflint_told[*]}"; fi
            \builtin return 0
        fi
        __hflint_look ''
        \builtin return 0
    }

    # chpwd as well: in `cd project && python train.py` no prompt comes between. It applies, and keeps what
    # there is to say for the prompt: here it would stand amid the person's own output.
    function __hflint_chpwd {
        # Completion of `cd` runs chpwd functions in a subshell, at each TAB.
        if [[ -n "${WIDGET-}" && $ZSH_SUBSHELL -gt 0 ]]; then \builtin return 0; fi
        if [[ -o xtrace ]]; then
            { \builtin emulate -L zsh && \builtin unsetopt xtrace; } 2>/dev/null
        fi
        if __hflint_same; then \builtin return 0; fi
        __hflint_look hush
        \builtin return 0
    }

    function __hflint_look { # hush
        \builtin emulate -L zsh
        \builtin local __hflint_out='' __hflint_quiet=''
        \builtin local -i __hflint_rc=0
        \builtin local __hflint_hush="$1"
        # powerlevel10k draws a prompt before zsh is ready; any output then breaks it.
        if [[ -n "${__p9k_instant_prompt_active-}" ]]; then __hflint_hush='hush'; fi
        if [[ -z "$__hflint_hush" && -n "$__hflint_later" ]]; then
            __hflint_write "$__hflint_later"
            __hflint_later=('')
            if [[ -n "${__hflint_fp[2]-}" ]]; then
                __hflint_fp=("$__hflint_fp[2]")
                if __hflint_same; then \builtin return 0; fi
            fi
        fi
        # A restricted shell starts no program by its path and redirects nothing, not even what it would say.
        if [[ "${HFLINT-}" == '0' || -o restricted ]]; then
            __hflint_segment ''
            __hflint_w=() __hflint_s=() __hflint_a=() __hflint_racy=('') __hflint_every=('') __hflint_down=('')
            __hflint_learn
            \builtin return 0
        fi
        # Left by an interrupt the last time: the program hangs, and is not started again before something else changes.
        if [[ "$__hflint_down" == 'busy' ]]; then
            __hflint_w=() __hflint_s=() __hflint_a=() __hflint_racy=('') __hflint_every=('') __hflint_down=('1')
            __hflint_learn
            \builtin return 0
        fi
        __hflint_down=('busy')
        # Another script may have unloaded the module, or switched its builtin off: from then on by stamps.
        # (The braces: zsh says so before it redirects.)
        if [[ "$__hflint_mode" == 'ctime' ]]; then
            { \builtin zstat -F '%9.' -A __hflint_c +ctime / || __hflint_mode=('stamp'); } 2>/dev/null
        fi
        __hflint_find
        if [[ -x "$__hflint_path" ]]; then
            # Nobody would see a message in a subshell or under Midnight Commander's own prompt.
            if [[ $ZSH_SUBSHELL -gt 0 || -n "${MC_SID-}" ]]; then __hflint_quiet='quiet'; fi
            # Without a descriptor left the pipe is an error, which would end all hooks after this one, at every prompt.
            {
                __hflint_out=$("$__hflint_path" 'hook' 'zsh' "$__hflint_mode" "$__hflint_script" ${__hflint_quiet:+"$__hflint_quiet"} 2>/dev/null </dev/null) || __hflint_rc=$?
            } always {
                if (( TRY_BLOCK_ERROR > 0 )); then TRY_BLOCK_ERROR=0 __hflint_rc=1; fi
            }
        else
            __hflint_rc=127
        fi
        # A TRAPDEBUG may have written before the version line, and the title of a terminal ends in no line.
        if (( __hflint_rc == 0 )) && [[ "$__hflint_out" == *$'hflint1\n'* ]]; then
            __hflint_down=('')
            __hflint_apply "$__hflint_out" 'hook'
        else
            # Said once, and not tried again before something else changes.
            __hflint_w=() __hflint_s=() __hflint_a=() __hflint_racy=('') __hflint_every=('') __hflint_down=('1')
            __hflint_fail $__hflint_rc
        fi
        __hflint_learn
        \builtin return 0
    }

    # The binary's path: an absolute one as it is, a bare name along PATH, never by a relative entry.
    # Not $commands, which would load zsh/parameter (a deadlock under Rosetta in login shells).
    function __hflint_find {
        \builtin emulate -L zsh
        \builtin local __hflint_d=''
        __hflint_path=("$__hflint_bin")
        if [[ "$__hflint_path" == /* ]]; then \builtin return 0; fi
        __hflint_path=('')
        for __hflint_d in "$path[@]"; do
            if [[ "$__hflint_d" == /* && -x "$__hflint_d/$__hflint_bin" && ! -d "$__hflint_d/$__hflint_bin" ]]; then
                __hflint_path=("$__hflint_d/$__hflint_bin")
                \builtin return 0
            fi
        done
        \builtin return 0
    }

    function __hflint_fail { # status
        \builtin local __hflint_m="${__hflint_path:-$__hflint_bin}"
        __hflint_m="${__hflint_m//[[:cntrl:]]/?}"
        if [[ $1 -eq 127 && ! -x "$__hflint_path" ]]; then
            __hflint_m="hflint: $__hflint_m not found; the hook rests in this shell"
        elif (( $1 == 0 )); then
            __hflint_m="hflint: $__hflint_m is of another version than this shell's hook; start a new shell"
        elif (( $1 == 142 )); then
            __hflint_m='hflint: looking around took too long and was given up here'
        else
            __hflint_m="hflint: $__hflint_m hook failed with status $1"
        fi
        if (( ! $__hflint_said[(Ie)$__hflint_m] )); then
            __hflint_said+=("$__hflint_m")
            __hflint_say "$__hflint_m"$'\n'
        fi
        __hflint_segment ''
    }

    function __hflint_say { # text
        if [[ -n "${__hflint_hush-}" ]]; then
            __hflint_later=("$__hflint_later$1")
        elif [[ -z "${MC_SID-}" ]]; then
            __hflint_write "$1"
        fi
        \builtin return 0
    }

    # By `printf` where the person has switched `print` off.
    function __hflint_write { # text
        { \builtin print -rnu3 -- "$1" || \builtin printf '%s' "$1" >&3; } 3>&2 2>/dev/null
        \builtin return 0
    }

    # Remembers the state and writes the guard for it: variables that are set are compared with their values
    # and types, the rest only tested for being unset, in one expansion each. The values stay in arrays; the
    # text that is evaluated holds names from the fixed list and numbers, nothing else. The guard runs under
    # the person's options (`emulate` costs as much as half the guard), so its text must not care for any.
    function __hflint_learn {
        \builtin emulate -L zsh
        \builtin unsetopt aliases
        \builtin local __hflint_t='${PWD-}' __hflint_z='' __hflint_f='' __hflint_n=''
        \builtin local -i __hflint_i=0
        for __hflint_n in "$__hflint_names[@]" HFLINT HFLINT_PROJECT; do
            if [[ -z "${(Pt)__hflint_n}" ]]; then
                __hflint_z+="\${$__hflint_n+x}"
            else
                __hflint_t+="|\${$__hflint_n-_}\${$__hflint_n+\${(t)$__hflint_n}}"
            fi
        done
        for ((__hflint_i = 1; __hflint_i <= $#__hflint_w; __hflint_i++)); do
            __hflint_f+=" && -e \"\${__hflint_w$__hflint_i[*]}\""
            \builtin typeset -ga __hflint_w$__hflint_i __hflint_s$__hflint_i
            \builtin set -A __hflint_w$__hflint_i "$__hflint_w[__hflint_i]"
            \builtin set -A __hflint_s$__hflint_i "$__hflint_s[__hflint_i]"
            if [[ "$__hflint_mode" == 'stamp' && -n "$__hflint_s[__hflint_i]" ]]; then
                # zsh's -nt and -ot are false where either file is missing
                __hflint_n="\"\${__hflint_w$__hflint_i[*]}\" - \"\${__hflint_s$__hflint_i[*]}\""
                __hflint_f+=" && -e \"\${__hflint_s$__hflint_i[*]}\" && ! ${__hflint_n/ - / -nt } && ! ${__hflint_n/ - / -ot }"
            fi
        done
        for ((__hflint_i = 1; __hflint_i <= $#__hflint_a; __hflint_i++)); do
            \builtin typeset -ga __hflint_a$__hflint_i
            \builtin set -A __hflint_a$__hflint_i "$__hflint_a[__hflint_i]"
            __hflint_f+=" && ! -e \"\${__hflint_a$__hflint_i[*]}\""
        done
        __hflint_n="[[ \"$__hflint_t\" == \"\${__hflint_fp[*]}\" && -z \"$__hflint_z\"$__hflint_f ]]"
        # Another script may have unloaded the module; to send what zstat says of it to /dev/null would cost a third more.
        if [[ "$__hflint_mode" == 'ctime' ]] && (( $#__hflint_w )); then
            __hflint_n+=" && \\builtin local -a __hflint_c && \\builtin zmodload -e zsh/stat && \\builtin zstat -F '%s.%9.' -A __hflint_c +ctime -- \"\${__hflint_w[@]}\" && [[ \"\${__hflint_c[*]}\" == \"\${__hflint_s[*]}\" ]]"
        fi
        if [[ "$__hflint_n" != "$__hflint_code" ]]; then
            \builtin eval "function __hflint_same { $__hflint_n; }"
            __hflint_code=("$__hflint_n")
        fi
        \builtin eval "__hflint_fp=(\"$__hflint_t\")"
        # Look again at the next prompt: a racy file, or a message that waits.
        if [[ -n "$__hflint_racy" ]]; then
            __hflint_fp=('')
        elif [[ -n "$__hflint_later" ]]; then
            __hflint_fp=('?' "$__hflint_fp") # not '': joined with an empty IFS, it would be the same again
        fi
        \builtin return 0
    }

    # Reads directives: three lines each, unusual bytes written %XX. Nothing that the binary printed is
    # evaluated, and no name outside the list of __hflint_set is assigned to.
    function __hflint_apply { # text mode
        \builtin emulate -L zsh
        # A fix of files alone has nothing for this shell.
        if [[ -z "$1" ]]; then \builtin return 0; fi
        \builtin local __hflint_o='' __hflint_p='' __hflint_q='' __hflint_m='' __hflint_k='' __hflint_t="${1#*$'hflint1\n'}"
        \builtin local -a __hflint_r __hflint_nw __hflint_ns __hflint_na
        \builtin local -i __hflint_i=0 __hflint_bad=0
        if [[ "$__hflint_t" == "$1" ]]; then \builtin return 1; fi
        __hflint_r=("${(@f)__hflint_t}")
        __hflint_racy=('')
        for ((__hflint_i = 1; __hflint_i + 2 <= $#__hflint_r; __hflint_i += 3)); do
            __hflint_o="$__hflint_r[__hflint_i]" __hflint_p="$__hflint_r[__hflint_i+1]" __hflint_q="$__hflint_r[__hflint_i+2]"
            if [[ "$__hflint_p" == '-' ]]; then __hflint_p=''; fi
            if [[ "$__hflint_q" == '-' ]]; then __hflint_q=''; fi
            if [[ "$__hflint_p$__hflint_q" == *%* ]]; then
                __hflint_p="${(g::)__hflint_p//\%/\\x}" __hflint_q="${(g::)__hflint_q//\%/\\x}"
            fi
            case "$__hflint_o" in
                'w')
                    if [[ "$__hflint_p" == /* ]]; then __hflint_nw+=("$__hflint_p") __hflint_ns+=("$__hflint_q"); fi
                    ;;
                'a')
                    if [[ "$__hflint_p" == /* ]]; then __hflint_na+=("$__hflint_p"); fi
                    ;;
                'r') __hflint_racy=('1') ;;
                'p')
                    # A fixed alphabet: the text stands in prompts that are expanded again.
                    if [[ "$__hflint_p" == *[^A-Za-z0-9:._\ -]* ]]; then __hflint_p=''; fi
                    __hflint_segment "$__hflint_p"
                    ;;
                'm')
                    if [[ -n "$__hflint_p" ]]; then __hflint_m+="${__hflint_p//[[:cntrl:]]/?}"$'\n'; fi
                    if [[ "$__hflint_q" == 'always' ]]; then __hflint_k=1; fi
                    ;;
                'u') __hflint_undo "$__hflint_q" ;;
                'b') __hflint_back "$__hflint_p" "$__hflint_q" || __hflint_bad=1 ;;
                '+'|'-'|'x'|'f'|'t') __hflint_set "$__hflint_o" "$__hflint_p" "$__hflint_q" "$2" || __hflint_bad=1 ;;
            esac
        done
        if [[ "$2" == 'hook' ]]; then
            __hflint_w=("$__hflint_nw[@]") __hflint_s=("$__hflint_ns[@]") __hflint_a=("$__hflint_na[@]")
            __hflint_every=("$__hflint_k")
            if [[ -n "$__hflint_k" && -n "${__hflint_hush-}" ]]; then
                __hflint_told=("$__hflint_m") # the prompt says it
            elif [[ -n "$__hflint_k" || "$__hflint_m" != "$__hflint_told" ]]; then
                __hflint_told=("$__hflint_m")
                if [[ -n "$__hflint_m" ]]; then __hflint_say "$__hflint_m"; fi
            fi
        fi
        \builtin return $__hflint_bad
    }

    # The person reads why a variable stayed as it was.
    function __hflint_put { # state name value
        if [[ "${(Pt)2}" == *readonly* ]]; then
            __hflint_say "hflint: $2 is read-only in this shell"$'\n'
            \builtin return 1
        fi
        case "$1" in
            'unset') \builtin unset "$2" ;;
            'exported') \builtin typeset -gx "$2=$3" ;;
            'shell') \builtin typeset -g +x "$2=$3" ;;
        esac
    }

    function __hflint_set { # operation name value mode
        case "$1$2" in
            [-x]HF_TOKEN|[-x]HUGGING_FACE_HUB_TOKEN|[-x]HF_ENDPOINT) ;;
            fHF_TOKEN|tHF_TOKEN|tHUGGING_FACE_HUB_TOKEN) ;;
            [-+x]HF_TOKEN_PATH|[-+x]HF_HOME|[-+x]HF_HUB_CACHE|[-+x]HUGGINGFACE_HUB_CACHE|[-+x]HFLINT_PROJECT) ;;
            *) \builtin return 1 ;;
        esac
        \builtin local __hflint_v="$3" __hflint_st='unset' __hflint_c='-' __hflint_ty="${(Pt)2}"
        \builtin local -i __hflint_j=0
        if [[ "$1" == [ft] ]]; then
            # The first line of a plain file of the person's own; a token has no blank in it.
            __hflint_v=''
            if [[ -f "$3" && -O "$3" ]]; then IFS=$' \t\n' \builtin read -r __hflint_v <"$3" || :; fi
            __hflint_v="${__hflint_v%$'\r'}"
            if [[ -z "$__hflint_v" || "$__hflint_v" == *[[:space:][:cntrl:]]* ]]; then
                __hflint_say "hflint: no token to export in ${3//[[:cntrl:]]/?}"$'\n'
                \builtin return 1
            fi
        fi
        if [[ "$__hflint_ty" == *export* ]]; then
            __hflint_st='exported' __hflint_c="=${(P)2}"
        elif [[ -n "$__hflint_ty" ]]; then
            __hflint_st='shell' __hflint_c="=${(P)2}"
        fi
        if [[ "$1" == 'x' ]]; then
            if [[ "$__hflint_st" == 'unset' ]]; then \builtin return 0; fi
            __hflint_bn+=("$2") __hflint_bi+=("$3") __hflint_bv+=("${__hflint_c#=}") __hflint_bs+=("$__hflint_st") __hflint_ba+=('')
            __hflint_put 'unset' "$2" ''
            \builtin return
        fi
        if [[ "$1" == 't' ]]; then
            # Right after `x`, whose entry learns what stands there now, so that `b` knows it again.
            if [[ $#__hflint_bn -gt 0 && "$__hflint_bn[-1]" == "$2" ]]; then __hflint_ba[-1]="$__hflint_v"; fi
            __hflint_put 'exported' "$2" "$__hflint_v"
            \builtin return
        fi
        __hflint_j="${__hflint_un[(Ie)$2]}"
        if (( ! __hflint_j )); then
            __hflint_un+=("$2") __hflint_uv+=("${__hflint_c#[=-]}") __hflint_us+=("$__hflint_st") __hflint_ua+=('')
            __hflint_j=$#__hflint_un
        elif [[ "$4" == 'hook' && "$__hflint_c" != "$__hflint_ua[__hflint_j]" ]]; then
            \builtin return 0 # the person changed it since: theirs until they leave
        fi
        if [[ "$1" == '-' ]]; then
            __hflint_ua[__hflint_j]='-'
            __hflint_put 'unset' "$2" ''
        else
            __hflint_ua[__hflint_j]="=$__hflint_v"
            __hflint_put 'exported' "$2" "$__hflint_v"
        fi
    }

    # Leaving a project. $1: what to drop where the old values are not known, because the variables came
    # from a parent shell: a shell without a token is safe, one with the wrong token is not.
    function __hflint_undo {
        \builtin local -i __hflint_j=0
        \builtin local __hflint_x='' __hflint_c=''
        if (( ! $#__hflint_un )); then
            for __hflint_x in HF_TOKEN HUGGING_FACE_HUB_TOKEN HF_HOME HF_HUB_CACHE HUGGINGFACE_HUB_CACHE; do
                if [[ ",$1," == *",$__hflint_x,"* ]]; then __hflint_put 'unset' "$__hflint_x" ''; fi
            done
            __hflint_put 'unset' HF_TOKEN_PATH ''
            __hflint_put 'unset' HFLINT_PROJECT ''
            \builtin return 0
        fi
        for ((__hflint_j = $#__hflint_un; __hflint_j >= 1; __hflint_j--)); do
            __hflint_x="$__hflint_un[__hflint_j]" __hflint_c='-'
            if [[ -n "${(Pt)__hflint_x}" ]]; then __hflint_c="=${(P)__hflint_x}"; fi
            if [[ "$__hflint_c" == "$__hflint_ua[__hflint_j]" ]]; then
                __hflint_put "$__hflint_us[__hflint_j]" "$__hflint_x" "$__hflint_uv[__hflint_j]"
            fi
        done
        __hflint_un=() __hflint_uv=() __hflint_us=() __hflint_ua=()
        \builtin return 0
    }

    # `hflint undo` of a variable that a fix unset in this shell: name, id of the fix
    function __hflint_back {
        \builtin local -i __hflint_j=0
        for ((__hflint_j = $#__hflint_bn; __hflint_j >= 1; __hflint_j--)); do
            if [[ "$__hflint_bn[__hflint_j]" == "$1" && ( -z "$2" || "$__hflint_bi[__hflint_j]" == "$2" ) ]]; then
                if [[ -n "${(Pt)1}" && ( -z "$__hflint_ba[__hflint_j]" || "${(P)1}" != "$__hflint_ba[__hflint_j]" ) ]]; then
                    __hflint_say "hflint: $1 was set again since and is left alone"$'\n'
                    \builtin return 1
                fi
                __hflint_put "$__hflint_bs[__hflint_j]" "$1" "$__hflint_bv[__hflint_j]" || \builtin return 1
                __hflint_bn[__hflint_j]='' __hflint_bv[__hflint_j]='' __hflint_ba[__hflint_j]=''
                \builtin return 0
            fi
        done
        __hflint_say "hflint: this shell does not hold the old value of ${1//[^A-Z_]/?}"$'\n'
        \builtin return 1
    }

    # Only `fix` and `undo` need this shell; all else goes straight to the binary. Their directives come
    # on a descriptor of their own, so that standard output stays what the caller made it.
    # (`function`: with an alias of that name, `name()` is an error.)
    function hflint {
        if [[ -o xtrace ]]; then
            { \builtin emulate -L zsh && \builtin unsetopt xtrace; } 2>/dev/null
        else
            \builtin emulate -L zsh
        fi
        if [[ -o restricted ]]; then
            \command hflint "$@"
            \builtin return
        fi
        \builtin unsetopt warncreateglobal # zsh 5.0 takes `A=b "$c"` for one
        \builtin local __hflint_x='' __hflint_v='' __hflint_d='' __hflint_hush='' __hflint_h='on'
        \builtin local -i __hflint_rc=0
        for __hflint_x in "$@"; do
            case "$__hflint_v$__hflint_x" in
                skip*) __hflint_v='' ;;
                --format|--color|--config) __hflint_v='skip' ;;
                -*) ;;
                *) __hflint_v="$__hflint_x"; \builtin break ;;
            esac
        done
        __hflint_find
        __hflint_x="$__hflint_path"
        if [[ -z "$__hflint_x" ]]; then
            __hflint_write "hflint: command not found: $__hflint_bin"$'\n'
            \builtin return 127
        fi
        # zsh:VERSION:STATE, and the last trouble where there was any, for `hflint status -v`
        if [[ " ${(j: :)precmd_functions[@]-} " != *' __hflint_hook '* ]]; then __hflint_h='lost'; fi
        if [[ -n "$__hflint_down" ]]; then __hflint_h='failed'; fi
        if [[ "${HFLINT-}" == '0' ]]; then __hflint_h='off'; fi
        __hflint_h="zsh:$__hflint_script:$__hflint_h${__hflint_said[-1]:+:$__hflint_said[-1]}"
        case "$__hflint_v" in
            fix|undo) ;;
            *)
                HFLINT_STATE="$__hflint_h" "$__hflint_x" "$@"
                \builtin return
                ;;
        esac
        if (( ZSH_SUBSHELL )); then
            HFLINT_STATE="$__hflint_h" HFLINT_SUBSHELL=1 "$__hflint_x" "$@"
            \builtin return
        fi
        # What this shell cannot unset is said beforehand.
        __hflint_v=''
        for __hflint_d in HF_TOKEN HUGGING_FACE_HUB_TOKEN HF_TOKEN_PATH HF_HOME HF_HUB_CACHE HUGGINGFACE_HUB_CACHE HF_ENDPOINT; do
            if [[ "${(Pt)__hflint_d}" == *readonly* ]]; then __hflint_v+=",$__hflint_d"; fi
        done
        __hflint_d=''
        { __hflint_d=$(HFLINT_STATE="$__hflint_h" HFLINT_READONLY="$__hflint_v" HFLINT_FD=3 "$__hflint_x" "$@" 3>&1 1>&4 4>&-) || __hflint_rc=$?; } 4>&1
        __hflint_apply "$__hflint_d" 'fix' || __hflint_rc=$(( __hflint_rc ? __hflint_rc : 1 ))
        __hflint_fp=('') # look again at the next prompt
        \builtin return $__hflint_rc
    }

    # Takes everything back: `hflint init zsh --remove` calls it.
    function __hflint_remove {
        \builtin emulate -L zsh
        \builtin local __hflint_x='' __hflint_hush=''
        if (( $#__hflint_un )); then __hflint_undo ''; fi
        if [[ " ${(j: :)precmd_functions[@]-} " == *' __hflint_hook '* ]]; then precmd_functions=("${(@)precmd_functions:#__hflint_hook}"); fi
        if [[ " ${(j: :)chpwd_functions[@]-} " == *' __hflint_chpwd '* ]]; then chpwd_functions=("${(@)chpwd_functions:#__hflint_chpwd}"); fi
        if [[ "${(t)HFLINT_PROMPT-}" != *readonly* ]]; then \builtin unset HFLINT_PROMPT; fi
        \builtin unset -m '__hflint_[^x]*'
        \builtin unfunction -m '__hflint_*'
        \builtin unfunction hflint
    }

    # After direnv and mise, which put themselves first. No add-zsh-hook: autoload needs an intact fpath.
    # Assigning to a read-only one would abandon the rest of the person's rc file.
    if [[ "${(t)precmd_functions-}" == *readonly* && " ${(j: :)precmd_functions[@]-} " != *' __hflint_hook '* ]]; then
        __hflint_write $'hflint: precmd_functions is read-only; no prompt hook in this shell\n'
    else
        if [[ " ${(j: :)precmd_functions[@]-} " != *' __hflint_hook '* ]]; then
            \builtin typeset -ga precmd_functions
            precmd_functions=("${precmd_functions[@]}" __hflint_hook)
        fi
        if [[ "${(t)chpwd_functions-}" != *readonly* && " ${(j: :)chpwd_functions[@]-} " != *' __hflint_chpwd '* ]]; then
            \builtin typeset -ga chpwd_functions
            chpwd_functions=("${chpwd_functions[@]}" __hflint_chpwd)
        fi
    fi

fi
'builtin' 'eval' '[[ "${histchars-}" == "${__hflint_histchars}" ]] || histchars="${__hflint_histchars}"'
'builtin' 'eval' '[[ "${__hflint_aliases}" != "on" ]] || \builtin setopt aliases'
'builtin' 'unset' '__hflint_aliases' '__hflint_histchars'
