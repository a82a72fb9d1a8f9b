# What `hflint init fish --remove` prints: takes the hook out of this shell and puts back what it changed.
if functions -q __hflint_remove
    __hflint_remove
end
