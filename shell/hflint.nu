# hflint's hook for nushell 0.108 and later, as `hflint init nu` prints it; docs/shells.md says how it works.
# A look at a file's time costs nushell as much as reading a small file: they are compared by what is in them, held in
# this shell's memory. Nothing here starts a process while nothing changed.
# The state is a record, which nushell gives to no child; `$env.__hflint.segment` is for the person's own prompt.
module hflint_hook {
    const BINARY = 'hflint'
    const SCRIPT = '3'
    const MAY = {
        '-': [HF_TOKEN HUGGING_FACE_HUB_TOKEN HF_ENDPOINT HF_TOKEN_PATH HF_HOME HF_HUB_CACHE HUGGINGFACE_HUB_CACHE HFLINT_PROJECT]
        '+': [HF_TOKEN_PATH HF_HOME HF_HUB_CACHE HUGGINGFACE_HUB_CACHE HFLINT_PROJECT]
        'f': [HF_TOKEN]
        't': [HF_TOKEN HUGGING_FACE_HUB_TOKEN]
    }

    # -- the guard. The names spelled out: by name, each would cost a copy of the whole environment.

    def state [] {
        [$env.PWD $env.HFLINT? $env.HFLINT_PROJECT? $env.HF_TOKEN? $env.HUGGING_FACE_HUB_TOKEN? $env.HF_ACCESS_TOKEN? $env.HF_API_KEY? $env.HF_API_TOKEN? $env.HF_AUTH_TOKEN? $env.HF_HUB_TOKEN? $env.HUGGINGFACEHUB_API_KEY? $env.HUGGINGFACEHUB_API_TOKEN? $env.HUGGINGFACE_ACCESS_TOKEN? $env.HUGGINGFACE_API_KEY? $env.HUGGINGFACE_API_TOKEN? $env.HUGGINGFACE_HUB_TOKEN? $env.HUGGINGFACE_TOKEN? $env.HUGGING_FACE_LLM_API_KEY? $env.HUGGING_FACE_TOKEN? $env.USER_MANAGED_HF_API_KEY? $env.HF_TOKEN_PATH? $env.HF_HOME? $env.HF_ENDPOINT? $env.HF_HUB_CACHE? $env.HUGGINGFACE_HUB_CACHE? $env.HF_HUB_OFFLINE? $env.HF_HUB_DISABLE_IMPLICIT_TOKEN? $env.HF_HUB_ETAG_TIMEOUT? $env.HF_HUB_DOWNLOAD_TIMEOUT? $env.HF_OIDC_RESOURCE? $env.XDG_CACHE_HOME? $env.HOME? $env.NETRC? $env.VIRTUAL_ENV? $env.CONDA_PREFIX?]
    }

    # What is in a file; null where there is none. Only plain ones are read: a pipe would never end.
    def content [file: string] {
        match ($file | path expand | path type) {
            'file' => (try { open --raw $file | into binary } catch { false })
            null => null
            _ => true
        }
    }

    def same [] {
        let s = $env.__hflint
        if $s.seen == null or $s.seen != (state) { return false }
        for f in $s.files {
            # of a large file only that it is there
            if $f.was == true {
                if not ($f.path | path exists) { return false }
            } else if (content $f.path) != $f.was {
                return false
            }
        }
        for f in $s.absent {
            if ($f | path exists) { return false }
        }
        true
    }

    # -- talking

    # Whatever could steer a terminal is taken out here as well as in the binary.
    def say [text: string] {
        if $env.MC_SID? == null {
            print --stderr ($text | str replace --all --regex '[\x00-\x1f\x7f-\x{9f}]' '?')
        }
    }

    def --env trouble [text: string] {
        $env.__hflint.segment = ''
        if $text not-in $env.__hflint.said {
            $env.__hflint.said = ($env.__hflint.said | append $text)
            say $text
        }
    }

    # -- the binary

    # An absolute path as it is, a bare name along PATH, never by a relative entry.
    def find [] {
        let dirs = if ($BINARY | str starts-with '/') { [''] } else { $env.PATH | where {|d| $d | str starts-with '/' } }
        for d in $dirs {
            let path = if $d == '' { $BINARY } else { $d | path join $BINARY }
            if ($path | path expand | path type) == 'file' { return $path }
        }
        null
    }

    # -- variables: null is none

    def value [name: string] {
        try { $env | get $name } catch { null }
    }

    def --env put [name: string, value: any] {
        if $value != null {
            load-env {$name: $value}
        } else if (value $name) != null {
            hide-env $name
        }
    }

    # The first line of a plain file of the person's own; a token has no blank in it.
    def first-line [file: string] {
        let own = try { (^/usr/bin/env test -f $file -a -O $file | complete).exit_code == 0 } catch { false }
        let line = if $own { try { open --raw $file | into binary | decode utf-8 | lines | get 0 | str trim } catch { '' } } else { '' }
        if $line =~ '^[^\s[:cntrl:]]+$' { $line } else { null }
    }

    # Puts nothing: whether it could be done is left in the state.
    def --env change [mode: string, op: string, name: string, given: string] {
        if $name not-in ($MAY | get (if $op == 'x' { '-' } else { $op })) {
            $env.__hflint.good = false
            return
        }
        let value = if $op in [f t] { first-line $given } else { $given }
        if $value == null {
            say $'hflint: no token to export in ($given)'
            $env.__hflint.good = false
            return
        }
        let now = value $name
        if $op == 'x' {
            if $now != null {
                $env.__hflint.taken = ($env.__hflint.taken | append {name: $name, id: $value, old: $now, put: null})
                put $name null
            }
            return
        }
        let wanted = if $op == '-' { null } else { $value }
        if $op == 't' {
            # Right after `x`, whose entry learns what stands there now, so that `b` knows it again.
            let last = ($env.__hflint.taken | length) - 1
            if $last >= 0 and ($env.__hflint.taken | get $last | get name) == $name {
                $env.__hflint.taken = ($env.__hflint.taken | update $last {|e| $e | update put $wanted })
            }
            put $name $wanted
            return
        }
        let known = $env.__hflint.applied | where name == $name
        if ($known | is-empty) {
            $env.__hflint.applied = ($env.__hflint.applied | append {name: $name, old: $now, put: $wanted})
        } else if $mode == 'hook' and $now != ($known | get 0 | get put) {
            return # the person changed it since: theirs until they leave
        } else {
            $env.__hflint.applied = ($env.__hflint.applied | each {|e| if $e.name == $name { $e | update put $wanted } else { $e } })
        }
        put $name $wanted
    }

    # Leaving a project. drop: what to unset where the old values are not known, because the variables came from a parent
    # shell: a shell without a token is safe, one with the wrong token is not.
    def --env leave [drop: string] {
        if ($env.__hflint.applied | is-empty) {
            for name in ($MAY | get '-') {
                if $name in [HF_TOKEN_PATH HFLINT_PROJECT] or ($name != 'HF_ENDPOINT' and $name in ($drop | split row ',')) {
                    put $name null
                }
            }
        }
        for entry in ($env.__hflint.applied | reverse) {
            # changed by the person since: left alone
            if (value $entry.name) == $entry.put { put $entry.name $entry.old }
        }
        $env.__hflint.applied = []
    }

    # `hflint undo` of a variable that a fix unset in this shell: name, id of the fix
    def --env back [name: string, id: string] {
        let found = $env.__hflint.taken | enumerate | where {|e| $e.item.name == $name and $id in ['' $e.item.id] } | reverse
        if ($found | is-empty) {
            say $'hflint: this shell does not hold the old value of ($name)'
            $env.__hflint.good = false
            return
        }
        let entry = $found | get 0
        if (value $name) not-in [null $entry.item.put] {
            say $'hflint: ($name) was set again since and is left alone'
            $env.__hflint.good = false
            return
        }
        put $name $entry.item.old
        $env.__hflint.taken = ($env.__hflint.taken | drop nth $entry.index)
    }

    # -- directives: three lines each, unusual bytes written %XX. Nothing that the binary printed is evaluated, and no
    # name outside MAY is assigned to.

    # The lines after the version; null where it is another.
    def records [out: any] {
        let lines = $out | into binary | decode utf-8 | split row "\n"
        let at = $lines | enumerate | where item == 'hflint1'
        if ($at | is-empty) { null } else { $lines | skip (($at | get 0 | get index) + 1) }
    }

    def unescape [text: string] {
        if $text == '-' { '' } else { $text | url decode }
    }

    # Leaves in the state whether all could be done; of the hook, the files to watch, those that are not there, and
    # whether to look again.
    def --env apply [mode: string, lines: list<string>] {
        $env.__hflint.good = true
        mut watch = []
        mut absent = []
        mut messages = []
        mut racy = false
        mut every = false
        for r in ($lines | drop 1 | chunks 3 | where {|r| ($r | length) == 3 }) {
            let op = $r.0
            # In no form that it should have, or a name that nushell has no text for: only looked at again.
            let words = try { [(unescape $r.1) (unescape $r.2)] } catch { null }
            if $words == null or "\u{fffd}" in ($words | str join) {
                $racy = true
                continue
            }
            let a = $words.0
            let b = $words.1
            if $op == 'w' {
                if ($a | str starts-with '/') { $watch = ($watch | append {path: $a, read: ($b == 'content')}) }
            } else if $op == 'a' {
                if ($a | str starts-with '/') { $absent = ($absent | append $a) }
            } else if $op == 'r' {
                $racy = true
            } else if $op == 'p' {
                # A fixed alphabet: the text stands in prompts that may be expanded again.
                if $mode == 'hook' { $env.__hflint.segment = (if $a =~ '^[A-Za-z0-9:._ -]*$' { $a } else { '' }) }
            } else if $op == 'm' {
                if $a != '' { $messages = ($messages | append $a) }
                if $b == 'always' { $every = true }
            } else if $op == 'u' {
                leave $b
            } else if $op == 'b' {
                back $a $b
            } else if $op in ['+' '-' 'x' 'f' 't'] {
                change $mode $op $a $b
            }
        }
        if $mode != 'hook' { return }
        $env.__hflint.every = $every
        if $every or $messages != $env.__hflint.told {
            $env.__hflint.told = $messages
            for text in $messages { say $text }
        }
        $env.__hflint.answer = {watch: $watch, absent: $absent, racy: $racy}
    }

    def --env learn [files: list, absent: list, racy: bool] {
        $env.__hflint.files = $files
        $env.__hflint.absent = $absent
        $env.__hflint.seen = (if $racy { null } else { state })
    }

    # Asks until what is in the files now is what was in them before the binary looked: between its look and ours one may
    # have changed. Twice where a file is new to us, once at other changes.
    def --env look [] {
        if ($env.HFLINT? | default '' | into string) == '0' {
            $env.__hflint.segment = ''
            $env.__hflint.every = false
            $env.__hflint.down = false
            learn [] [] false
            return
        }
        let program = find
        mut code = 127
        mut paths = $env.__hflint.due | where was != true | get path
        # Nobody would see a message under Midnight Commander's own prompt.
        let quiet = if $env.MC_SID? == null { [] } else { [quiet] }
        for turn in 1..3 {
            let before = $paths | each {|p| {path: $p, was: (content $p)} }
            let done = try { '' | ^$program hook nu content $SCRIPT ...$quiet | complete } catch { {exit_code: 126, stdout: ''} }
            $code = if $program == null { 127 } else if $done.exit_code < 0 { 128 - $done.exit_code } else { $done.exit_code }
            let lines = if $code == 0 { records $done.stdout } else { null }
            if $lines == null { break }
            $code = -1
            $env.__hflint.down = false
            apply hook $lines
            let answer = $env.__hflint.answer
            let after = $answer.watch | each {|w| {path: $w.path, was: (if $w.read { content $w.path } else { true })} }
            let settled = $after | all {|a| $a.was == true or $a in $before }
            learn $after $answer.absent ($answer.racy or not $settled)
            if $settled or $answer.racy { break }
            $paths = ($answer.watch | where read | get path)
        }
        if $code == -1 { return }
        # Said once, and not tried again before something else changes.
        $env.__hflint.every = false
        $env.__hflint.down = true
        let name = $program | default $BINARY
        trouble (if $program == null {
            $'hflint: ($name) not found; the hook rests in this shell'
        } else if $code == 0 {
            $"hflint: ($name) is of another version than this shell's hook; start a new shell"
        } else if $code == 142 {
            'hflint: looking around took too long and was given up here'
        } else {
            $'hflint: ($name) hook failed with status ($code)'
        })
        learn [] [] false
    }

    # What runs before each prompt, in two. Ctrl-C ends the second, and nushell forgets what that has changed: what the
    # first has left stays, by which a program that hangs is not started again before something else changes.
    def --env due [] {
        $env.__hflint.due = (if (same) { null } else { $env.__hflint.files })
        if $env.__hflint.due != null { learn [] [] false }
    }

    def --env prompt [] {
        let status = $env.LAST_EXIT_CODE?
        if $env.__hflint.due != null {
            look
            $env.__hflint.due = null
            if $status != null { $env.LAST_EXIT_CODE = $status }
        } else if $env.__hflint.every {
            for text in $env.__hflint.told { say $text }
        }
    }

    # -- the command. Only `fix` and `undo` need this shell; all else goes straight to the binary. Their directives come in
    # a file, since nushell has no descriptors but the first three; none of them holds a token.

    def changes [args: list] {
        mut skip = false
        for a in $args {
            if $skip {
                $skip = false
            } else if $a in ['--format' '--color' '--config'] {
                $skip = true
            } else if not ($a | into string | str starts-with '-') {
                return ($a in [fix undo])
            }
        }
        false
    }

    # nu:VERSION:STATE, and the last trouble where there was any, for `hflint status -v`
    def health [] {
        let s = $env.__hflint
        let word = if ($env.HFLINT? | default '' | into string) == '0' { 'off' } else if $s.down { 'failed' } else { 'on' }
        [nu $SCRIPT $word] | append ($s.said | last 1) | str join ':'
    }

    # Check Hugging Face credentials.
    export def --env --wrapped hflint [...args: string] {
        if $env.__hflint.off or not (changes $args) {
            with-env (if $env.__hflint.off { {} } else { {HFLINT_STATE: (health)} }) { ^(find | default $BINARY) ...$args }
        } else {
            let program = find | default $BINARY
            let out = mktemp --tmpdir hflint.XXXXXXXXXX
            let code = with-env {HFLINT_STATE: (health), HFLINT_FD: '3'} {
                try {
                    ^/bin/sh -c 'exec 3>"$1" && shift && exec "$@"' sh $out $program ...$args
                    0
                } catch {
                    $env.LAST_EXIT_CODE? | default 1
                }
            }
            let lines = records (open --raw $out)
            rm --force $out
            if $lines != null { apply fix $lines }
            $env.__hflint.seen = null # look again at the next prompt
            let good = $lines == null or $env.__hflint.good
            if $code != 0 or not $good { ^/bin/sh -c $'exit (if $code != 0 { $code } else { 1 })' }
        }
    }

    # Takes everything back; what is left passes on to the program.
    export def --env __hflint_remove [] {
        if not ($env.__hflint.applied | is-empty) { leave '' }
        $env.__hflint.off = true
        $env.__hflint.segment = ''
    }

    export-env {
        # What the last run left is kept when the file is loaded again, or leaving a project could not put back what was there.
        let before = $env.__hflint?
        # Not for another user's home (`sudo -s`), where the hook would leave root-owned state behind.
        let own = $nu.is-interactive and (try { (^/usr/bin/env test -O $env.HOME | complete).exit_code == 0 } catch { false })
        $env.__hflint = {
            off: (not $own)
            applied: ($before.applied? | default [])
            taken: ($before.taken? | default [])
            said: ($before.said? | default [])
            segment: ''
            told: []
            every: false
            down: false
            good: true
            answer: null
            due: null
            seen: null
            files: []
            absent: []
        }
        if $before == null and $own {
            $env.config.hooks.pre_prompt = ($env.config.hooks.pre_prompt? | default [] | append [{||
                # Called only where there is something to do: a call that may change variables costs as much as a process.
                if not $env.__hflint.off and ($env.__hflint.due != null or not (same)) { due }
            } {||
                if not $env.__hflint.off and ($env.__hflint.every or $env.__hflint.due != null) { prompt }
            }])
        }
    }
}
use hflint_hook *
