# What `hflint init fish --remove` prints: takes the hook out of this shell and puts back what it changed.
functions -q __hflint_remove; and __hflint_remove
