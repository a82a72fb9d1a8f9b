# What `hflint init elvish --remove` prints: takes the hook out of this shell and puts back what it changed.
fn ours {|f| and (has-key $f opt-names) (has-value $f[opt-names] hflint) }
for f $edit:before-readline { if (ours $f) { $f &hflint=leave } }
set edit:before-readline = [(for f $edit:before-readline { if (not (ours $f)) { put $f } })]
set after-chdir = [(for f $after-chdir { if (not (ours $f)) { put $f } })]
edit:add-var hflint~ (external hflint)
