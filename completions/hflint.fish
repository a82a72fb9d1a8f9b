complete --keep-order --exclusive --command hflint --arguments "(_HFLINT_COMPLETE=fish hflint -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
