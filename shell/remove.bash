# shellcheck shell=bash
# What `hflint init bash --remove` prints: takes the hook out of this shell and puts back what it changed.
if \builtin declare -F __hflint_remove >/dev/null; then __hflint_remove; fi
