//! `read`: a line of standard input, taken apart.

use std::rc::Rc;

use super::Dialect;
use super::declare::is_identifier;
use super::expand::Field;
use super::fault::Fault;
use super::parse::name_length;
use super::run::{Flow, Run};
use crate::secret::Token;
use crate::state::startup::value::{Elements, Truth, Value};

impl Run<'_> {
    /// `read [-r] [-s] NAME…`; with other options nothing is said of the values.
    pub(super) fn read(&mut self, arguments: &[Field]) -> Flow {
        let (mut raw, mut plain, mut array) = (false, true, false);
        let mut names: Vec<Vec<u8>> = Vec::new();
        let of_array = if self.dialect == Dialect::Zsh { b'A' } else { b'a' };
        for field in arguments {
            match field.bytes() {
                Some(option) if names.is_empty() && option.starts_with(b"-") => {
                    raw |= option.contains(&b'r');
                    array |= option.contains(&of_array);
                    plain &= option[1..].iter().all(|b| matches!(b, b'r' | b's') || *b == of_array);
                }
                Some(name) if name_length(name) == name.len() && !name.is_empty() => names.push(name.to_vec()),
                Some(name) if self.dialect == Dialect::Zsh && name.first().is_some_and(u8::is_ascii_digit) => {
                    return self.fault(Fault::Builtin);
                }
                _ => plain = false,
            }
        }
        if names.is_empty() && !self.dialect.is_sh() {
            names.push(b"REPLY".to_vec());
        }
        let line = self.next_line();
        self.suspect_lines();
        if array && names.len() == 1 {
            let parts = line.as_ref().filter(|(line, _)| plain && (raw || !line.contains(&b'\\')));
            let parts = parts.and_then(|(line, _)| self.taken_apart(line, usize::MAX));
            self.assign_array(&names[0], parts.map(elements), false);
            self.status = line.filter(|_| plain).map_or(Truth::Maybe, |(_, whole)| Truth::of(whole));
            return Flow::Go;
        }
        plain &= !array;
        let values = match &line {
            Some((line, _)) if plain && (raw || !line.contains(&b'\\')) => self.taken_apart(line, names.len()),
            _ => None,
        };
        match values {
            Some(values) => {
                for (name, value) in names.iter().zip(values) {
                    self.assign(name, Value::of(&value));
                }
            }
            None => {
                for name in &names {
                    self.assign(name, Value::Unknown);
                }
            }
        }
        self.status = match line {
            Some((_, whole)) if plain => Truth::of(whole),
            _ => Truth::Maybe,
        };
        Flow::Go
    }

    /// A line in as many parts; the last takes all that is left.
    fn taken_apart(&self, line: &[u8], count: usize) -> Option<Vec<Vec<u8>>> {
        let separators = match self.value(b"IFS") {
            Value::Known(token) => token.bytes().to_vec(),
            Value::Unset => b" \t\n".to_vec(),
            Value::Unknown => return None,
        };
        let blank = |b: &u8| separators.contains(b) && matches!(b, b' ' | b'\t' | b'\n');
        let separates = |b: &u8| separators.contains(b);
        let trimmed = |text: &[u8]| {
            let start = text.iter().take_while(|b| blank(b)).count();
            let end = text[start..].iter().rev().take_while(|b| blank(b)).count();
            text[start..text.len() - end].to_vec()
        };
        let mut rest = trimmed(line);
        let mut out = Vec::new();
        let is_array = count == usize::MAX;
        while out.len() + 1 < count && !(is_array && rest.is_empty()) {
            let length = rest.iter().position(separates).unwrap_or(rest.len());
            out.push(rest[..length].to_vec());
            let mut after = rest[length..].iter().take_while(|b| blank(b)).count() + length;
            if rest.get(after).is_some_and(|b| separates(b) && !blank(b)) {
                after += 1;
                after += rest[after..].iter().take_while(|b| blank(b)).count();
            }
            rest.drain(..after);
        }
        // A separator at the end goes or stays as the shell has it.
        if is_array && line.last().is_some_and(|b| separates(b) && !blank(b)) {
            return None;
        }
        if rest.last().is_some_and(|b| separates(b) && !blank(b)) {
            return None;
        }
        if !is_array {
            out.push(rest);
        }
        Some(out)
    }

    /// bash: `mapfile [-t] NAME`, the lines of standard input; with other options nothing is said of them.
    pub(super) fn reads_lines(&mut self, arguments: &[Field]) {
        let words: Vec<Option<&[u8]>> = arguments.iter().map(Field::bytes).collect();
        let (cut, name) = match words.as_slice() {
            [] => (false, Some(&b"MAPFILE"[..])),
            [Some(b"-t")] => (true, Some(&b"MAPFILE"[..])),
            [Some(b"-t"), Some(name)] if is_identifier(name) => (true, Some(*name)),
            [Some(name)] if is_identifier(name) => (false, Some(*name)),
            _ => (false, None),
        };
        self.suspect_lines();
        let Some(name) = name else {
            for name in words.into_iter().flatten().filter(|name| is_identifier(name)) {
                self.assign(name, Value::Unknown);
            }
            self.status = Truth::Maybe;
            return;
        };
        let text = self.rest_of_input();
        let parts = text.map(|text| {
            let lines = text.split_inclusive(|b| *b == b'\n');
            let end = |line: &[u8]| if cut { line.strip_suffix(b"\n").unwrap_or(line).to_vec() } else { line.to_vec() };
            lines.map(end).collect()
        });
        self.assign_array(name, parts.map(elements), false);
    }
}

fn elements(parts: Vec<Vec<u8>>) -> Elements {
    parts.into_iter().map(|part| Rc::new(Token::new(part))).collect()
}

#[cfg(test)]
mod tests {
    use crate::state::startup::{From, Mode, Shell, Value, start};
    use crate::system::fake::Fake;

    fn next(shell: Shell, text: &str) -> Value {
        let fake = Fake::home()
            .file("/home/u/.bashrc", text)
            .file("/home/u/.zshrc", text)
            .file("/home/u/.env", "# x\nHF_TOKEN=a\n")
            .file("/home/u/d/s.sh", "export HF_TOKEN=b\n")
            .mode("/usr/bin/some-program", "\x7fELF", 0o755)
            .var("PATH", "/usr/bin");
        start(&fake, shell, Mode::Interactive, From::Terminal, &["HF_TOKEN"]).variable("HF_TOKEN").value
    }

    #[test]
    fn arrays_that_are_read_and_groups_that_match() {
        for text in [
            "mapfile -t l < ~/.env\nexport \"${l[1]}\"\n",
            "readarray -t l <<< $'x\\na'\nexport HF_TOKEN=${l[1]}\n",
            "IFS=, read -ra p <<< x,a,y\nexport HF_TOKEN=${p[1]}\n",
            "re='^([A-Z_]+)=(.*)$'\n[[ HF_TOKEN=a =~ $re ]] && export \"${BASH_REMATCH[1]}=${BASH_REMATCH[2]}\"\n",
            "[[ x =~ x ]]; [[ ba =~ b(.) ]] && export HF_TOKEN=${BASH_REMATCH[1]}\n",
            "p=(x)\np=(x a)\nexport HF_TOKEN=${p[1]}\n",
            "export HF_TOKEN=$(sed -n 's/^HF_TOKEN=//p' ~/.env)\n",
            "set -o pipefail\nfalse | true || export HF_TOKEN=a\n",
            "declare -A m=([x]=a ['y z']=b)\nexport HF_TOKEN=${m[${E:-x}]}\n",
            "declare -A m\nm[x]=b; k='y z'; m[$k]=a\nexport HF_TOKEN=${m[y z]:-${m['y z']}}\n",
            "declare -A m=([HF_TOKEN]=a)\nfor k in \"${!m[@]}\"; do export \"$k=${m[$k]}\"; done\n",
            "eval -- 'export HF_TOKEN=a'\n",
            "f() { local -a l=(); l+=(x a); export HF_TOKEN=${l[1]}; }\nf\n",
            "eval \"$(grep -v '^#' ~/.env | sed 's/^/export /')\"\n",
            "export HF_TOKEN=$(awk -F= '/^HF_TOKEN/ {print $2}' ~/.env)\n",
        ] {
            assert_eq!(next(Shell::Bash, text), Value::of(b"a"), "{text}");
        }
        for text in [
            "[[ HF_TOKEN=a =~ '^([A-Z_]+)=(.*)$' ]] && export \"$match[1]=$match[2]\"\n",
            "[[ xa =~ a ]] && export HF_TOKEN=$MATCH\n",
            "typeset -A m=(x a y b)\nexport HF_TOKEN=$m[x]\n",
            "typeset -A m\nm=(x b)\nm+=(x a)\n(( $+m[y] )) || export HF_TOKEN=${m[x]}\n",
            "typeset -gA m=( [x]=a [y]=b )\n(( $+m[x] )) && export HF_TOKEN=$m[x]\n",
            "[[ -z $commands[none] ]] && export HF_TOKEN=a\n",
            "IFS=: read -rA p <<< x:a\nexport HF_TOKEN=$p[2]\n",
            "autoload -Uz is-at-least\nis-at-least 5.0.8 && export HF_TOKEN=a\nis-at-least 17.2 && export HF_TOKEN=b\n",
        ] {
            assert_eq!(next(Shell::Zsh, text), Value::of(b"a"), "{text}");
        }
    }

    #[test]
    fn what_nobody_can_tell_is_not_passed_over() {
        for text in [
            "cd \"$(some-program)\" && . ./s.sh\n",
            "cd \"$(some-program)\"\nexport HF_TOKEN=$PWD\n",
            "l=$(echo 'export HF_TOKEN=b' | some-program)\n$l\n",
            "$(some-program) HF_TOKEN=b\n",
            "cat > ~/x$$.sh <<< 'export HF_TOKEN=b'\n. ~/x$$.sh\n",
        ] {
            assert_eq!(next(Shell::Bash, text), Value::Unknown, "{text}");
            assert_eq!(next(Shell::Zsh, text), Value::Unknown, "{text}");
        }
        for text in [
            "zstyle ':x' y $(some-program)\nzstyle -t ':x' y && export HF_TOKEN=b\n",
            "setopt extendedglob\n[[ k=v == (#b)(*)=(*) ]] && export HF_TOKEN=$match[2]\n",
        ] {
            assert_eq!(next(Shell::Zsh, text), Value::Unknown, "{text}");
        }
        let text = "coproc CP { export HF_TOKEN=b; }\nexport HF_TOKEN=a\n";
        assert_eq!(next(Shell::Bash, text), Value::of(b"a"));
    }
}
