# hflint's hook for elvish 0.19 and later, as `hflint init elvish` prints it; docs/shells.md says how it works.
# Elvish has no builtin that tells a file's time: files are compared by what is in them, held in this shell's memory.
# Nothing here starts a process while nothing changed.
use file
use path
use re
use str

var binary = 'hflint'
var script = 2
var may = [
  &-=[HF_TOKEN HUGGING_FACE_HUB_TOKEN HF_ENDPOINT HF_TOKEN_PATH HF_HOME HF_HUB_CACHE HUGGINGFACE_HUB_CACHE HFLINT_PROJECT]
  &+=[HF_TOKEN_PATH HF_HOME HF_HUB_CACHE HUGGINGFACE_HUB_CACHE HFLINT_PROJECT]
  &f=[HF_TOKEN]
  &t=[HF_TOKEN HUGGING_FACE_HUB_TOKEN]
]

# The bytes from 0x80 on, of which the builtins make no text.
var high = ["\x80" "\x81" "\x82" "\x83" "\x84" "\x85" "\x86" "\x87" "\x88" "\x89" "\x8a" "\x8b" "\x8c" "\x8d" "\x8e" "\x8f" "\x90" "\x91" "\x92" "\x93" "\x94" "\x95" "\x96" "\x97" "\x98" "\x99" "\x9a" "\x9b" "\x9c" "\x9d" "\x9e" "\x9f" "\xa0" "\xa1" "\xa2" "\xa3" "\xa4" "\xa5" "\xa6" "\xa7" "\xa8" "\xa9" "\xaa" "\xab" "\xac" "\xad" "\xae" "\xaf" "\xb0" "\xb1" "\xb2" "\xb3" "\xb4" "\xb5" "\xb6" "\xb7" "\xb8" "\xb9" "\xba" "\xbb" "\xbc" "\xbd" "\xbe" "\xbf" "\xc0" "\xc1" "\xc2" "\xc3" "\xc4" "\xc5" "\xc6" "\xc7" "\xc8" "\xc9" "\xca" "\xcb" "\xcc" "\xcd" "\xce" "\xcf" "\xd0" "\xd1" "\xd2" "\xd3" "\xd4" "\xd5" "\xd6" "\xd7" "\xd8" "\xd9" "\xda" "\xdb" "\xdc" "\xdd" "\xde" "\xdf" "\xe0" "\xe1" "\xe2" "\xe3" "\xe4" "\xe5" "\xe6" "\xe7" "\xe8" "\xe9" "\xea" "\xeb" "\xec" "\xed" "\xee" "\xef" "\xf0" "\xf1" "\xf2" "\xf3" "\xf4" "\xf5" "\xf6" "\xf7" "\xf8" "\xf9" "\xfa" "\xfb" "\xfc" "\xfd" "\xfe" "\xff"]

var applied = [] # [name, old value, applied value], each value with = in front, or - for none
var taken = [] # by a fix: [name, id, old value, what stands there now]
var said = []
var told = []
var later = []
var every = $false
var down = $false
var seen = $nil # the directory and the values of the last look; $nil: look again
var kept = $nil # the same, while a message waits
var watched = [] # plain files, and below what was in them
var were = []
var large = [] # what is only looked at for being there
var absent = []
var kinds = [] # what `look-at` put for all of them
var now = $nil
var unchanged = $false

# -- the guard. To catch what a command puts costs as much as all else here, so what can be is caught at once, and functions
# leave what they find in variables.

fn value {|name|
  if (has-env $name) { put '='(get-env $name) } else { put - }
}

# The names spelled out: `$E:NAME` is no command. Unset and empty are told apart for one, of which that matters.
fn state {
  var here = ''
  try { set here = $pwd } catch _ { }
  set now = [$here (has-env HF_TOKEN) $E:HFLINT $E:HFLINT_PROJECT $E:HF_TOKEN $E:HUGGING_FACE_HUB_TOKEN $E:HF_ACCESS_TOKEN $E:HF_API_KEY $E:HF_API_TOKEN $E:HF_AUTH_TOKEN $E:HF_HUB_TOKEN $E:HUGGINGFACEHUB_API_KEY $E:HUGGINGFACEHUB_API_TOKEN $E:HUGGINGFACE_ACCESS_TOKEN $E:HUGGINGFACE_API_KEY $E:HUGGINGFACE_API_TOKEN $E:HUGGINGFACE_HUB_TOKEN $E:HUGGINGFACE_TOKEN $E:HUGGING_FACE_LLM_API_KEY $E:HUGGING_FACE_TOKEN $E:USER_MANAGED_HF_API_KEY $E:HF_TOKEN_PATH $E:HF_HOME $E:HF_ENDPOINT $E:HF_HUB_CACHE $E:HUGGINGFACE_HUB_CACHE $E:HF_HUB_OFFLINE $E:HF_HUB_DISABLE_IMPLICIT_TOKEN $E:HF_HUB_ETAG_TIMEOUT $E:HF_HUB_DOWNLOAD_TIMEOUT $E:HF_OIDC_RESOURCE $E:XDG_CACHE_HOME $E:HOME $E:NETRC $E:VIRTUAL_ENV $E:CONDA_PREFIX]
}

fn look-at {
  for file $watched { path:is-regular &follow-symlink=$true $file }
  for file $large {
    path:is-regular &follow-symlink=$true $file
    path:is-dir &follow-symlink=$true $file
  }
  for file $absent { path:is-regular &follow-symlink=$true $file }
}

# What is in a file. Only plain ones are read: a pipe would never end.
fn content {|file|
  try { slurp < $file } catch _ { put $false }
}

fn same {
  state
  set unchanged = $false
  if (eq $now $seen) {
    if (eq $kinds [(look-at)]) {
      if (eq $were [(for file $watched { content $file })]) { set unchanged = $true }
    }
  }
}

# -- talking

fn say {|hush text|
  # Whatever could steer a terminal is taken out here as well as in the binary.
  set text = (re:replace '[\x00-\x1f\x7f-\x{9f}]' '?' $text)
  if $hush {
    set later = [$@later $text]
  } elif (not (has-env MC_SID)) {
    echo $text >&2
  }
}

# Every variable that a prompt can see is exported, so HFLINT_PROMPT is kept only for those who asked for it, by
# exporting it before the hook is loaded.
fn draw {|text|
  if (has-env HFLINT_PROMPT) { set-env HFLINT_PROMPT $text }
}

fn trouble {|hush text|
  if (not (has-value $said $text)) {
    set said = [$@said $text]
    say $hush $text
  }
  draw ''
}

# -- the binary

# An absolute path as it is, a bare name along PATH, never by a relative entry.
fn find {
  var found = ''
  if (str:has-prefix $binary /) {
    if (has-external $binary) { set found = $binary }
  } else {
    for dir $paths {
      if (and (str:has-prefix $dir /) (has-external $dir/$binary)) {
        set found = $dir/$binary
        break
      }
    }
  }
  put $found
}

# As other shells count it.
fn status {|e|
  var code = 127
  try {
    var reason = $e[reason]
    if (eq $reason[type] external-cmd/exited) {
      set code = $reason[exit-status]
    } elif (eq $reason[type] external-cmd/signaled) {
      set code = (+ 128 $reason[signal-number])
    }
  } catch _ { }
  put $code
}

# -- variables

fn set-to {|name value|
  if (eq $value -) { unset-env $name } else { set-env $name $value[1..] }
}

fn change {|mode hush op name value|
  if (not (has-value $may[(if (eq $op x) { put - } else { put $op })] $name)) {
    put $false
    return
  }
  if (has-value [f t] $op) {
    # The first line of a plain file of the person's own; a token has no blank in it.
    var file = $value
    set value = ''
    try {
      /usr/bin/env test -f $file -a -O $file
      set value = (str:trim-space (read-line < $file))
    } catch _ { }
    if (not (re:match '^[^\s[:cntrl:]]+$' $value)) {
      say $hush 'hflint: no token to export in '$file
      put $false
      return
    }
  }
  var now = (value $name)
  if (eq $op x) {
    if (not-eq $now -) {
      set taken = [$@taken [$name $value $now -]]
      unset-env $name
    }
    put $true
    return
  }
  var wanted = (if (eq $op -) { put - } else { put '='$value })
  if (eq $op t) {
    # Right after `x`, whose entry learns what stands there now, so that `b` knows it again.
    if (and (> (count $taken) 0) (eq $taken[-1][0] $name)) { set taken[-1][3] = $wanted }
    set-to $name $wanted
    put $true
    return
  }
  for i [(range (count $applied))] {
    if (eq $applied[$i][0] $name) {
      # where the person changed it since, it is theirs until they leave
      if (or (not-eq $mode hook) (eq $now $applied[$i][2])) {
        set applied[$i][2] = $wanted
        set-to $name $wanted
      }
      put $true
      return
    }
  }
  set applied = [$@applied [$name $now $wanted]]
  set-to $name $wanted
  put $true
}

# Leaving a project. drop: what to unset where the old values are not known, because the variables came from a parent
# shell: a shell without a token is safe, one with the wrong token is not.
fn leave {|drop|
  if (eq $applied []) {
    for name $may[-] {
      if (or (has-value [HF_TOKEN_PATH HFLINT_PROJECT] $name) (and (not-eq $name HF_ENDPOINT) (has-value [(str:split , $drop)] $name))) {
        unset-env $name
      }
    }
  }
  for entry [(order &reverse=$true &key={|e| put 0 } $applied)] {
    # changed by the person since: left alone
    if (eq (value $entry[0]) $entry[2]) { set-to $entry[0] $entry[1] }
  }
  set applied = []
}

# `hflint undo` of a variable that a fix unset in this shell: name, id of the fix
fn back {|hush name id|
  for i [(range (- (count $taken) 1) -1)] {
    var entry = $taken[$i]
    if (and (eq $entry[0] $name) (has-value ['' $entry[1]] $id)) {
      if (not (has-value [- $entry[3]] (value $name))) {
        say $hush 'hflint: '$name' was set again since and is left alone'
        put $false
        return
      }
      set-to $name $entry[2]
      set taken = [(take $i $taken) (drop (+ $i 1) $taken)]
      put $true
      return
    }
  }
  say $hush 'hflint: this shell does not hold the old value of '$name
  put $false
}

# -- directives: three lines each, unusual bytes written %XX. Nothing that the binary printed is evaluated, and no name
# outside $may is assigned to.

fn decode {|text|
  if (eq $text -) {
    put ''
  } elif (not (str:contains $text %)) {
    put $text
  } else {
    var first @rest = (str:split % $text)
    put (str:join '' [$first (for part $rest {
      var code = (num 0x$part[..2])
      if (< $code 128) { str:from-codepoints $code } else { put $high[(- $code 128)] }
      put $part[2..]
    })])
  }
}

# The lines after the version; $nil where it is another.
fn records {|text|
  var lines = $nil
  for line [(str:split "\n" $text)] {
    if (not-eq $lines $nil) {
      set lines = [$@lines $line]
    } elif (eq $line hflint1) {
      set lines = []
    }
  }
  put $lines
}

# Puts whether all could be done, and whether to look again; of the hook, leaves what to watch.
fn apply {|mode hush lines|
  var files big none = [] [] []
  var messages = []
  var always = $false
  var racy = $false
  var good = $true
  for i [(range 0 (- (count $lines) 3) &step=3)] {
    var op = $lines[$i]
    var a = ''
    var b = ''
    try {
      set a = (decode $lines[(+ $i 1)])
      set b = (decode $lines[(+ $i 2)])
    } catch _ {
      set good = $false # not in the form that it should have
      continue
    }
    if (eq $op w) {
      if (str:has-prefix $a /) { if (eq $b content) { set files = [$@files $a] } else { set big = [$@big $a] } }
    } elif (eq $op a) {
      if (str:has-prefix $a /) { set none = [$@none $a] }
    } elif (eq $op r) {
      set racy = $true
    } elif (eq $op p) {
      # A fixed alphabet: the text stands in prompts that may be expanded again.
      if (eq $mode hook) { draw (if (re:match '^[A-Za-z0-9:._ -]*$' $a) { put $a } else { put '' }) }
    } elif (eq $op m) {
      if (not-eq $a '') { set messages = [$@messages $a] }
      if (eq $b always) { set always = $true }
    } elif (eq $op u) {
      leave $b
    } elif (eq $op b) {
      if (not (back $hush $a $b)) { set good = $false }
    } elif (has-value [+ - x f t] $op) {
      if (not (change $mode $hush $op $a $b)) { set good = $false }
    }
  }
  if (eq $mode hook) {
    set watched large absent = $files $big $none
    set every = $always
    if (and $always $hush) {
      set told = $messages # the prompt says it
    } elif (or $always (not-eq $messages $told)) {
      set told = $messages
      for text $messages { say $hush $text }
    }
  }
  put $good $racy
}

fn learn {|racy|
  state
  set seen = $now
  set kept = $nil
  # Look again at the next prompt: a file that changed meanwhile, or a message that waits.
  if $racy {
    set seen = $nil
  } elif (not-eq $later []) {
    set kept = $seen
    set seen = $nil
  }
}

fn forget {
  set watched were large absent kinds = [] [] [] [] []
  learn $false
}

# Asks until what is in the files now is what was in them before the binary looked: between its look and ours one may
# have changed. Twice where a file is new to us, once at other changes.
fn ask {|hush program|
  # Nobody would see a message under Midnight Commander's own prompt.
  var words = [hook elvish content $script (if (has-env MC_SID) { put quiet })]
  for turn [1 2 3] {
    var before = [&]
    for file $watched { set before[$file] = (if (path:is-regular &follow-symlink=$true $file) { content $file } else { put $false }) }
    var text = ''
    var code = 0
    try {
      set text = ((external $program) $@words < /dev/null 2> /dev/null | slurp)
    } catch e {
      set code = (status $e)
    }
    var lines = (if (eq $code 0) { records $text } else { put $nil })
    if (eq $lines $nil) {
      put $code
      return
    }
    set down = $false
    var _ racy = (apply hook $hush $lines)
    set were = [(for file $watched { if (path:is-regular &follow-symlink=$true $file) { content $file } else { put $false } })]
    var settled = $true
    for i [(range (count $watched))] {
      if (or (not (has-key $before $watched[$i])) (not-eq $before[$watched[$i]] $were[$i])) { set settled = $false }
    }
    # What the binary saw, whatever there is by now; of the large ones, what is there.
    set kinds = [(repeat (count $watched) $true) (for file $large {
      path:is-regular &follow-symlink=$true $file
      path:is-dir &follow-symlink=$true $file
    }) (repeat (count $absent) $false)]
    learn (or $racy (not $settled))
    if (or $settled $racy) { break }
  }
  put $nil
}

fn look {|hush|
  if (and (not $hush) (not-eq $later [])) {
    for text $later { say $false $text }
    set later = []
    if (not-eq $kept $nil) {
      set seen = $kept
      set kept = $nil
      same
      if $unchanged { return }
    }
  }
  if (eq (value HFLINT) =0) {
    draw ''
    set every = $false
    set down = $false
    forget
    return
  }
  var program = (find)
  var code = 127
  if (not-eq $program '') { set code = (ask $hush $program) }
  if (is $code $nil) { return }
  # Said once, and not tried again before something else changes.
  set every = $false
  set down = $true
  var text = 'hflint: '(if (eq $program '') { put $binary } else { put $program })
  if (eq $program '') {
    set text = $text' not found; the hook rests in this shell'
  } elif (== $code 0) {
    set text = $text" is of another version than this shell's hook; start a new shell"
  } elif (== $code 142) {
    set text = 'hflint: looking around took too long and was given up here'
  } else {
    set text = $text' hook failed with status '$code
  }
  trouble $hush $text
  forget
}

# -- the hooks. `&hflint` is how another loading of this file, or its removal, finds this one and asks for what it holds.

fn prompt {|&hflint=$nil|
  if (eq $hflint state) {
    put [$applied $taken $said]
    return
  }
  if (eq $hflint leave) {
    if (not-eq $applied []) { leave '' }
    return
  }
  try {
    same
    if (not $unchanged) {
      look $false
    } elif $every {
      for text $told { say $false $text }
    }
  } catch e {
    trouble $false 'hflint: the hook failed: '(to-string $e[reason])
  }
}

# In `cd project; python train.py` no prompt comes between. It applies, and keeps what there is to say for the prompt:
# here it would stand amid the person's own output.
fn chdir {|_ &hflint=$nil|
  try {
    same
    if (not $unchanged) { look $true }
  } catch e {
    trouble $true 'hflint: the hook failed: '(to-string $e[reason])
  }
}

# Only `fix` and `undo` need this shell; all else goes straight to the binary. Their directives come on a descriptor of
# their own; stdout stays the caller's.
fn command {|@args|
  var program = (find)
  if (eq $program '') { fail 'hflint: command not found: '$binary }
  var word = ''
  var skip = $false
  for arg $args {
    if $skip {
      set skip = $false
    } elif (has-value [--format --color --config] $arg) {
      set skip = $true
    } elif (not (str:has-prefix $arg -)) {
      set word = $arg
      break
    }
  }
  # elvish:VERSION:STATE, and the last trouble where there was any, for `hflint status -v`
  var health = (if (eq (value HFLINT) =0) { put off } elif $down { put failed } else { put on })
  tmp E:HFLINT_STATE = (str:join : [elvish $script $health (if (not-eq $said []) { put $said[-1] })])
  if (not (has-value [fix undo] $word)) {
    (external $program) $@args
    return
  }
  var pipe = (file:pipe)
  var failed = $nil
  {
    tmp E:HFLINT_FD = 3
    try { (external $program) $@args 3>$pipe } catch e { set failed = $e }
  }
  file:close $pipe[w]
  var text = (slurp < $pipe[r])
  file:close $pipe[r]
  var lines = (records $text)
  var good = $true
  if (not-eq $lines $nil) { set good _ = (apply fix $false $lines) }
  set seen = $nil # look again at the next prompt
  if (not-eq $failed $nil) { fail $failed }
  if (not $good) { fail 'hflint: not all of it could be done in this shell' }
}

# -- loading. What names `edit:` is a text of its own, which no elvish but an interactive one can compile.

var found = $nil
try {
  # Not for another user's home (`sudo -s`), where the hook would leave root-owned state behind.
  eval 'nop $edit:before-readline'
  /usr/bin/env test -O $E:HOME
  set found = []
} catch _ { }
if (not-eq $found $nil) {
  # What the last run left is kept when the file is loaded again, or leaving a project could not put back what was there.
  eval &ns=(ns [&prompt=$prompt~ &chdir=$chdir~ &command~=$command~ &keep={|kept| set applied taken said = $@kept }]) '
    fn ours {|f| and (has-key $f opt-names) (has-value $f[opt-names] hflint) }
    for f $edit:before-readline { if (ours $f) { $keep ($f &hflint=state) } }
    set edit:before-readline = [(for f $edit:before-readline { if (not (ours $f)) { put $f } }) $prompt]
    set after-chdir = [(for f $after-chdir { if (not (ours $f)) { put $f } }) $chdir]
    edit:add-var hflint~ $command~
  '
  draw ''
}
