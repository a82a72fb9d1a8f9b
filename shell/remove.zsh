# What `hflint init zsh --remove` prints: takes the hook out of this shell and puts back what it changed.
if \builtin typeset -f __hflint_remove >/dev/null; then __hflint_remove; fi
