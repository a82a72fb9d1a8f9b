# Lets zsh plugin managers (oh-my-zsh, zinit, antidote and others) load the repository as it is.
# The first line is the one of the Zsh Plugin Standard; `hflint` itself must be in PATH.
0="${${ZERO:-${0:#$ZSH_ARGZERO}}:-${(%):-%N}}"
0="${${(M)0:#/*}:-$PWD/$0}"

\builtin source "${0:h}/shell/hflint.zsh"

# The standard's name for what undoes a plugin.
function hflint_plugin_unload {
    \builtin unfunction hflint_plugin_unload
    if \builtin typeset -f __hflint_remove >/dev/null; then __hflint_remove; fi
}
