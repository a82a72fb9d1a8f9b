# shellcheck shell=bash
# What `hflint init bash --cd` prints after hflint.bash: bash has no chpwd, so in `cd project && hf upload`
# no prompt comes between. This wraps cd, pushd and popd, on request alone, because others wrap them too.
if [[ $- == *i* ]] && \builtin declare -F __hflint_hook >/dev/null; then

    # The person's own wrapper goes on working inside; its text is theirs, nothing of the binary's.
    __hflint_cd_wrap() {
        \builtin local __hflint_t
        __hflint_t=''
        if \builtin declare -F "$1" >/dev/null; then
            __hflint_t=$(\builtin declare -f "$1")
            case $__hflint_t in *__hflint_cd*) \builtin return 0 ;; esac
            \builtin eval "__hflint_was_${__hflint_t}"
        fi
        \builtin eval "function $1 { __hflint_cd $1 \"\$@\"; }"
    }

    __hflint_cd() {
        \builtin local __hflint_n __hflint_hush
        __hflint_n="$1" __hflint_hush=hush
        \builtin shift
        if \builtin declare -F "__hflint_was_$__hflint_n" >/dev/null; then
            "__hflint_was_$__hflint_n" "$@" || \builtin return
        else
            \builtin "$__hflint_n" "$@" || \builtin return
        fi
        __hflint_hook
    }

    __hflint_cd_remove() {
        \builtin local __hflint_n __hflint_t
        __hflint_n='' __hflint_t=''
        for __hflint_n in cd pushd popd; do
            __hflint_t=$(\builtin declare -f "$__hflint_n") || \builtin continue
            case $__hflint_t in *"__hflint_cd $__hflint_n "*) ;; *) \builtin continue ;; esac
            \builtin unset -f "$__hflint_n"
            if \builtin declare -F "__hflint_was_$__hflint_n" >/dev/null; then
                __hflint_t=$(\builtin declare -f "__hflint_was_$__hflint_n")
                \builtin eval "${__hflint_t#__hflint_was_}"
            fi
        done
    }

    __hflint_cd_wrap cd
    __hflint_cd_wrap pushd
    __hflint_cd_wrap popd

fi
