# What `hflint init nu --remove` prints: takes the hook out of this shell and puts back what it changed.
__hflint_remove
