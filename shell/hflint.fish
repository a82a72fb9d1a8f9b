# hflint's hook for fish 3.4 and later, as `hflint init fish` prints it; docs/shells.md says how it works.
# Variables are watched by fish's own events, so the guard only tests files; nothing here starts a process
# while nothing changed. State is global and unexported (-gu), never universal.
# Not loaded for another user's home (`sudo -s`), where it would leave root-owned state behind.
if status is-interactive; and test -O "$HOME"

    set -gu __hflint_bin hflint
    set -gu __hflint_names HF_TOKEN HUGGING_FACE_HUB_TOKEN HF_ACCESS_TOKEN HF_API_KEY HF_API_TOKEN HF_AUTH_TOKEN HF_HUB_TOKEN HUGGINGFACEHUB_API_KEY HUGGINGFACEHUB_API_TOKEN HUGGINGFACE_ACCESS_TOKEN HUGGINGFACE_API_KEY HUGGINGFACE_API_TOKEN HUGGINGFACE_HUB_TOKEN HUGGINGFACE_TOKEN HUGGING_FACE_LLM_API_KEY HUGGING_FACE_TOKEN USER_MANAGED_HF_API_KEY HF_TOKEN_PATH HF_HOME HF_ENDPOINT HF_HUB_CACHE HUGGINGFACE_HUB_CACHE HF_HUB_OFFLINE HF_HUB_DISABLE_IMPLICIT_TOKEN HF_HUB_ETAG_TIMEOUT HF_HUB_DOWNLOAD_TIMEOUT HF_OIDC_RESOURCE XDG_CACHE_HOME HOME NETRC VIRTUAL_ENV CONDA_PREFIX
    set -gu __hflint_script 2

    # What the last run left. Kept when the file is loaded again, or leaving a project could not put back
    # what was there.
    if not builtin functions -q __hflint_hook
        # applied: name, old value, old state, applied value
        set -gu __hflint_un
        set -gu __hflint_uv
        set -gu __hflint_us
        set -gu __hflint_ua
        # unset by a fix: name, id, old value, old state
        set -gu __hflint_bn
        set -gu __hflint_bi
        set -gu __hflint_bv
        set -gu __hflint_bs
        set -gu __hflint_ba
        set -gu __hflint_said
        set -gu __hflint_later
        set -gu __hflint_told
        # Without -u: who exported it, for a prompt drawn by another program, keeps it exported.
        set -g HFLINT_PROMPT ''
    end
    set -gu __hflint_ok # the directory and token of the last look; empty: look again
    set -gu __hflint_kept # the same, while a message waits
    set -gu __hflint_files 0
    set -gu __hflint_code
    set -gu __hflint_every # what was told is told at every prompt: `warn = "always"`
    set -gu __hflint_down # the last look failed

    # How files are compared: `test -nt` against a stamp (nanoseconds, from 3.6), `path mtime` (whole seconds,
    # from 3.5), or not at all: then a look after each command. One `path mtime` costs as much as two files by
    # stamp, whatever their number: so all by stamp up to three, and of more the token file alone.
    set -gu __hflint_near 3
    set -gu __hflint_far 1
    begin
        set -l v (string split . -- $version)
        if test "$v[1]" -lt 3 -o "$v[1]" -eq 3 -a "$v[2]" -lt 6
            set -gu __hflint_near 0
            test "$v[1]" -eq 3 -a "$v[2]" -eq 5; or set -gu __hflint_far 0
        end
    end

    # True while nothing changed. Written anew by __hflint_learn; until then everything has.
    function __hflint_same
        return 1
    end

    function __hflint_hook --on-event fish_prompt
        # Tracing would print what is applied.
        set -q fish_trace[1]; and set -lx fish_trace ''
        __hflint_same; and return
        __hflint_look ''
    end

    # Part of the guard under `warn = "always"`.
    function __hflint_tell
        for m in $__hflint_told
            __hflint_say '' $m
        end
        return 0
    end

    # In `cd project; and python train.py` no prompt comes between. It applies, and keeps what there is to
    # say for the prompt: here it would stand amid the person's own output.
    function __hflint_chdir --on-variable PWD
        set -q fish_trace[1]; and set -lx fish_trace ''
        test "$PWD|$HF_TOKEN" = "$__hflint_ok"; and return
        __hflint_look hush
    end

    # Fires for set, erase, export and universal changes alike. (The text holds names of the list alone.)
    eval "function __hflint_touched --on-variable "(string join -- ' --on-variable ' $__hflint_names HFLINT HFLINT_PROJECT)"
        set -g __hflint_ok
        set -g __hflint_kept
    end"

    if test $__hflint_far = 0
        function __hflint_ran --on-event fish_postexec
            test $__hflint_files -gt 0; and set -g __hflint_ok
        end
    end

    function __hflint_look -a hush
        set -l IFS \n # while it is empty, fish splits no output into lines
        if test -z "$hush"; and set -q __hflint_later[1]
            builtin printf '%s\n' $__hflint_later >&2
            set -g __hflint_later
            if set -q __hflint_kept[1]
                set -g __hflint_ok $__hflint_kept
                set -g __hflint_kept
                __hflint_same; and return
            end
        end
        if test "$HFLINT" = 0
            set -g HFLINT_PROMPT ''
            set -g __hflint_every
            set -g __hflint_down
            __hflint_learn '' '' 0
            return
        end
        set -l bin (__hflint_find)
        set -l out
        set -l rc 127
        # Nobody would see a message under Midnight Commander's own prompt.
        set -l words hook fish stamp $__hflint_script
        test $__hflint_near -lt "$__hflint_files"; and set -a words coarse
        set -q MC_SID; and set -a words quiet
        if test -x "$bin" -a -f "$bin" # fish says more than one line of what it can't start
            set out (command $bin $words 2>/dev/null </dev/null)
            set rc $status
        end
        set -l at (builtin contains -i -- hflint1 $out)
        if test "$rc" = 0 -a -n "$at"
            set -e out[1..$at]
            set -g __hflint_down
            __hflint_apply hook "$hush" $out
        else
            # Said once, and not tried again before something else changes.
            set -g __hflint_every
            set -g __hflint_down 1
            __hflint_fail $rc "$bin" "$hush"
            __hflint_learn '' '' 0
        end
    end

    # The binary's path: an absolute one as it is, a bare name along PATH, never by a relative entry.
    function __hflint_find
        if string match -q '/*' -- $__hflint_bin
            builtin echo -- $__hflint_bin
            return
        end
        for d in $PATH
            if string match -q '/*' -- $d; and test -x $d/$__hflint_bin -a ! -d $d/$__hflint_bin
                builtin echo -- $d/$__hflint_bin
                return
            end
        end
    end

    function __hflint_fail -a rc bin hush
        test -n "$bin"; or set bin $__hflint_bin
        set -l m "hflint: $bin hook failed with status $rc"
        if test "$rc" = 127; and not test -x "$bin"
            set m "hflint: $bin not found; the hook rests in this shell"
        else if test "$rc" = 0
            set m "hflint: $bin is of another version than this shell's hook; start a new shell"
        else if test "$rc" = 142
            set m 'hflint: looking around took too long and was given up here'
        end
        if not builtin contains -- "$m" $__hflint_said
            set -ga __hflint_said "$m"
            __hflint_say "$hush" "$m"
        end
        set -g HFLINT_PROMPT ''
    end

    function __hflint_say -a hush text
        # Whatever could steer a terminal is taken out here as well as in the binary.
        set text (string replace -ra '[\x00-\x1f\x7f-\x{9f}]' '?' -- "$text")
        if test -n "$hush"
            set -ga __hflint_later "$text"
        else if not set -q MC_SID
            builtin printf '%s\n' "$text" >&2
        end
    end

    # Remembers the state and writes the guard: the text that is evaluated holds numbers and names from
    # here, paths stay in variables.
    function __hflint_learn -a near far absent racy
        # near, far: how many files are compared by stamp and by second
        # The one variable that is worth a second look: `string match` sets without an event.
        set -l code 'test "$PWD|$HF_TOKEN" = "$__hflint_ok"'
        set -l i 0
        while test $i -lt "0$near"
            set i (builtin math $i + 1)
            set -a code "not test \$__hflint_w$i -nt \$__hflint_s$i -o \$__hflint_w$i -ot \$__hflint_s$i"
        end
        if test "0$far" -gt 0
            if test $__hflint_far = 1
                set -a code "test \"\$(builtin path mtime -- \$__hflint_wf)\" = \"\$__hflint_sf\""
            else
                set -a code 'not __hflint_missing $__hflint_wf'
            end
        end
        if test "$absent" -gt 0
            # `path is` takes them in one call
            if test $__hflint_far = 1
                set -a code 'not builtin path is -- $__hflint_a'
            else
                set -a code 'not __hflint_exists $__hflint_a'
            end
        end
        set -q __hflint_every[1]; and set -a code __hflint_tell # one that is always true
        set code (string join -- '; and ' $code)
        if test "$code" != "$__hflint_code"
            eval "function __hflint_same; $code; end"
            set -g __hflint_code $code
        end
        set -g __hflint_ok "$PWD|$HF_TOKEN"
        set -g __hflint_kept
        set -g __hflint_files (builtin math "0$near + 0$far")
        # Look again at the next prompt: a racy file, or a message that waits.
        if test -n "$racy"
            set -g __hflint_ok
        else if set -q __hflint_later[1]
            set -g __hflint_kept $__hflint_ok
            set -g __hflint_ok
        end
    end

    function __hflint_exists
        for f in $argv
            test -e $f; and return
        end
        return 1
    end

    function __hflint_missing
        for f in $argv
            test -e $f; or return 0
        end
        return 1
    end

    # Reads directives: three lines each, unusual bytes written %XX. Nothing that the binary printed is
    # evaluated, and no name outside the list of __hflint_set is assigned to.
    function __hflint_apply -a mode hush
        set -l racy
        set -l msgs
        set -l wf
        set -l sf
        set -l absent
        set -l every
        set -l bad 0
        set -l rest $argv[3..]
        while set -q rest[3]
            set -l r $rest[1..3]
            set -e rest[1..3]
            if test "$r[2]" = -
                set r[2] ''
            end
            if test "$r[3]" = -
                set r[3] ''
            end
            if string match -q '*%*' -- "$r[2]$r[3]"
                # not `string unescape --style=url`, which adds a line end
                for i in 2 3
                    set -l v (builtin printf %b (string replace -a % '\\x' -- "$r[$i]") 2>/dev/null | string collect -N)
                    set r[$i] "$v"
                end
            end
            switch $r[1]
                case w
                    string match -q '/*' -- "$r[2]"; or continue
                    test -n "$r[3]"; or set r[3] $r[2]
                    set -l place -a
                    string match -q '*/token' -- "$r[2]"; and set place -p
                    set $place wf $r[2]
                    set $place sf $r[3]
                case a
                    string match -q '/*' -- "$r[2]"; and set -a absent $r[2]
                case r
                    set racy 1
                case p
                    # A fixed alphabet: the text stands in prompts that may be expanded again.
                    string match -qr '^[A-Za-z0-9:._ -]*\z' -- "$r[2]"; or set r[2] ''
                    set -g HFLINT_PROMPT $r[2]
                case m
                    test -n "$r[2]"; and set -a msgs $r[2]
                    test "$r[3]" = always; and set every 1
                case u
                    __hflint_undo "$hush" "$r[3]"
                case b
                    __hflint_back "$hush" "$r[2]" "$r[3]"; or set bad 1
                case + - x f t
                    __hflint_set $mode "$hush" $r; or set bad 1
            end
        end
        if test $mode = hook
            set -l near $__hflint_near
            set -l far (builtin count $wf)
            test $near -gt 0 -a $near -lt $far; and set near 1
            test $near -gt $far; and set near $far
            set far (builtin math $far - $near)
            set -l i 0
            while test $i -lt $near
                set i (builtin math $i + 1)
                set -gu __hflint_w$i $wf[1]
                set -gu __hflint_s$i $sf[1]
                set -e wf[1]
                set -e sf[1]
            end
            set -gu __hflint_wf $wf
            set -gu __hflint_a $absent
            if test $far -gt 0 -a $__hflint_far = 1
                # Of the stamps, not of the files: they say what the binary saw, even if a file changed since.
                set -gu __hflint_sf "$(builtin path mtime -- $sf)"
                # It was asked without `coarse`, so once more.
                test $__hflint_near -lt $__hflint_files; or set racy 1
            end
            set -g __hflint_every $every
            if test -n "$every" -a -n "$hush"
                set -g __hflint_told $msgs # the prompt says it
            else if test -n "$every" -o "$msgs" != "$__hflint_told"
                set -g __hflint_told $msgs
                for m in $msgs
                    __hflint_say "$hush" $m
                end
            end
            __hflint_learn $near $far (builtin count $absent) "$racy"
        end
        return $bad
    end

    function __hflint_put -a state name value
        switch $state
            case unset
                set -qg $name; and set -eg $name
                # A universal variable outlives this shell: hidden here, not deleted for all. By an exported
                # empty value, since behind an unexported global fish hands the universal one to children.
                set -q $name; and set -gx $name ''
            case universal
                set -qg $name; and set -eg $name
            case exported
                set -gx $name $value
            case shell
                set -gu $name $value
        end
        # `set` leaves $status as it was
        return 0
    end

    # unset, shell, exported or universal
    function __hflint_state -a name
        if not set -q $name
            builtin echo unset
        else if not set -qg $name
            builtin echo universal
        else if set -qgx $name
            builtin echo exported
        else
            builtin echo shell
        end
    end

    function __hflint_set -a mode hush op name value
        switch $op$name
            case -HF_TOKEN xHF_TOKEN fHF_TOKEN tHF_TOKEN tHUGGING_FACE_HUB_TOKEN -HUGGING_FACE_HUB_TOKEN xHUGGING_FACE_HUB_TOKEN -HF_ENDPOINT xHF_ENDPOINT
            case {-,+,x}{HF_TOKEN_PATH,HF_HOME,HF_HUB_CACHE,HUGGINGFACE_HUB_CACHE,HFLINT_PROJECT}
            case '*'
                return 1
        end
        if test $op = f -o $op = t
            # The first line of a plain file of the person's own; a token has no blank in it.
            set -l path $value
            set value ''
            test -f "$path"; and test -O "$path"; and read value <"$path"
            set value (string trim -- "$value")
            if not string match -qr '^[^\s[:cntrl:]]+\z' -- "$value"
                __hflint_say "$hush" "hflint: no token to export in $path"
                return 1
            end
        end
        set -l state (__hflint_state $name)
        if test $op = x
            test $state = unset; and return
            set -ga __hflint_bn $name
            set -ga __hflint_bi "$value"
            set -ga __hflint_bv "$$name"
            set -ga __hflint_bs $state
            set -ga __hflint_ba ''
            __hflint_put unset $name
            return 0
        end
        if test $op = t
            # Right after `x`, whose entry learns what stands there now, so that `b` knows it again.
            test "$__hflint_bn[-1]" = $name; and set __hflint_ba[-1] "$value"
            __hflint_put exported $name "$value"
            return
        end
        set -l now -
        test $state != unset; and set now "=$$name"
        set -l i (builtin contains -i -- $name $__hflint_un)
        if test -z "$i"
            set -ga __hflint_un $name
            set -ga __hflint_uv "$$name"
            set -ga __hflint_us $state
            set -ga __hflint_ua ''
            set i (builtin count $__hflint_un)
        else
            set -qU $name; and test "$now" = '='; and set now - # hidden
            # the person changed it since: theirs until they leave
            test $mode = hook -a "$now" != "$__hflint_ua[$i]"; and return 0
        end
        if test $op = -
            set __hflint_ua[$i] -
            __hflint_put unset $name
        else
            set __hflint_ua[$i] "=$value"
            __hflint_put exported $name "$value"
        end
    end

    # Leaving a project. drop: what to unset where the old values are not known, because the variables came
    # from a parent shell: a shell without a token is safe, one with the wrong token is not.
    function __hflint_undo -a hush drop
        if not set -q __hflint_un[1]
            for name in HF_TOKEN HUGGING_FACE_HUB_TOKEN HF_HOME HF_HUB_CACHE HUGGINGFACE_HUB_CACHE
                string match -q "*,$name,*" -- ",$drop,"; and __hflint_put unset $name
            end
            __hflint_put unset HF_TOKEN_PATH
            __hflint_put unset HFLINT_PROJECT
            return
        end
        while set -q __hflint_un[1]
            set -l name $__hflint_un[-1]
            set -l now -
            set -q $name; and set now "=$$name"
            set -qU $name; and test "$now" = '='; and set now - # hidden
            # changed by the person since: left alone
            test "$now" = "$__hflint_ua[-1]"; and __hflint_put $__hflint_us[-1] $name "$__hflint_uv[-1]"
            set -e __hflint_un[-1]
            set -e __hflint_uv[-1]
            set -e __hflint_us[-1]
            set -e __hflint_ua[-1]
        end
    end

    # `hflint undo` of a variable that a fix unset in this shell: name, id of the fix
    function __hflint_back -a hush name id
        set -l i (builtin count $__hflint_bn)
        while test $i -gt 0
            if test "$__hflint_bn[$i]" = "$name"; and test -z "$id" -o "$__hflint_bi[$i]" = "$id"
                set -l state (__hflint_state $name)
                set -qU $name; and test -z "$$name"; and set state unset # hidden
                test -n "$__hflint_ba[$i]"; and test "$$name" = "$__hflint_ba[$i]"; and set state unset # replaced
                if test $state != unset
                    __hflint_say "$hush" "hflint: $name was set again since and is left alone"
                    return 1
                end
                __hflint_put $__hflint_bs[$i] $name "$__hflint_bv[$i]"
                set __hflint_bn[$i] ''
                set __hflint_bv[$i] ''
                set __hflint_ba[$i] ''
                return 0
            end
            set i (builtin math $i - 1)
        end
        __hflint_say "$hush" "hflint: this shell does not hold the old value of $name"
        return 1
    end

    # Only `fix` and `undo` need this shell; all else goes straight to the binary. Their directives come
    # on a descriptor of their own, piped into a block of this very shell; stdout stays the caller's.
    function hflint --description 'check Hugging Face credentials'
        set -q fish_trace[1]; and set -lx fish_trace ''
        set -l word
        set -l skip
        for a in $argv
            if set -q skip[1]
                set -e skip
            else if builtin contains -- $a --format --color --config
                set skip 1
            else if not string match -q -- '-*' $a
                set word $a
                break
            end
        end
        set -l bin (__hflint_find)
        if test -z "$bin"
            builtin echo "hflint: command not found: $__hflint_bin" >&2
            return 127
        end
        # fish:VERSION:STATE, and the last trouble where there was any, for `hflint status -v`
        set -l health on
        set -q __hflint_down[1]; and set health failed
        test "$HFLINT" = 0; and set health off
        set -q __hflint_said[1]; and set health "$health:$__hflint_said[-1]"
        if not builtin contains -- "$word" fix undo
            HFLINT_STATE=fish:$__hflint_script:$health command $bin $argv
            return
        end
        set -l out
        HFLINT_STATE=fish:$__hflint_script:$health HFLINT_FD=3 command $bin $argv 3>| while read -l line
            set -a out $line
        end
        set -l rc $pipestatus[1]
        set -l at (builtin contains -i -- hflint1 $out)
        if test -n "$at"
            set -e out[1..$at]
            if not __hflint_apply fix '' $out
                test $rc = 0; and set rc 1
            end
        end
        set -g __hflint_ok # look again at the next prompt
        return $rc
    end

    # Takes everything back: `hflint init fish --remove` calls it, and fisher when it removes the plugin.
    function __hflint_remove --on-event hflint_uninstall
        set -q __hflint_un[1]; and __hflint_undo ''
        set -l IFS \n
        for name in (builtin functions -an | string match '__hflint_*') hflint
            builtin functions -e $name
        end
        for name in (set -ng | string match '__hflint_*') HFLINT_PROMPT
            set -eg $name
        end
    end
end
