//! `set`, `setopt`, `shopt`.

use super::Dialect;
use super::arguments::Arguments;
use super::expand::Field;
use super::fault::Fault;
use super::run::{Flow, Run};
use crate::state::startup::value::Truth;

/// Options of `shopt` that are off in a fresh bash.
const SHOPT_OFF: [&[u8]; 7] =
    [b"dotglob", b"extglob", b"failglob", b"globstar", b"nocaseglob", b"nocasematch", b"nullglob"];

/// What `set -o` of dash knows.
const DASH_OPTIONS: [&[u8]; 17] = [
    b"errexit",
    b"noglob",
    b"ignoreeof",
    b"interactive",
    b"monitor",
    b"noexec",
    b"stdin",
    b"xtrace",
    b"verbose",
    b"vi",
    b"emacs",
    b"noclobber",
    b"allexport",
    b"notify",
    b"nounset",
    b"nolog",
    b"debug",
];

/// What `set -o` of zsh knows, each with `no` before it as well.
const ZSH_OPTIONS: &str = "\
    aliases aliasfuncdef allexport alwayslastprompt alwaystoend appendcreate appendhistory autocd \
    autocontinue autolist automenu autonamedirs autoparamkeys autoparamslash autopushd autoremoveslash \
    autoresume badpattern banghist bareglobqual bashautolist bashrematch beep bgnice \
    braceccl braceexpand bsdecho caseglob casematch casepaths cbases cdablevars \
    cdsilent chasedots chaselinks checkjobs checkrunningjobs clobber clobberempty combiningchars \
    completealiases completeinword continueonerror correct correctall cprecedences cshjunkiehistory cshjunkieloops \
    cshjunkiequotes cshnullcmd cshnullglob debugbeforecmd dotglob dvorak emacs equals \
    errexit errreturn evallineno exec extendedglob extendedhistory flowcontrol forcefloat \
    functionargzero glob globalexport globalrcs globassign globcomplete globdots globstarshort \
    globsubst hashall hashcmds hashdirs hashexecutablesonly hashlistall histallowclobber histappend \
    histbeep histexpand histexpiredupsfirst histfcntllock histfindnodups histignorealldups histignoredups histignorespace \
    histlexwords histnofunctions histnostore histreduceblanks histsavebycopy histsavenodups histsubstpattern histverify \
    hup ignorebraces ignoreclosebraces ignoreeof incappendhistory incappendhistorytime interactive interactivecomments \
    ksharrays kshautoload kshglob kshoptionprint kshtypeset kshzerosubscript listambiguous listbeep \
    listpacked listrowsfirst listtypes localloops localoptions localpatterns localtraps log \
    login longlistjobs magicequalsubst mailwarn mailwarning markdirs menucomplete monitor \
    multibyte multifuncdef multios nomatch notify nullglob numericglobsort octalzeroes \
    onecmd overstrike pathdirs pathscript physical pipefail posixaliases posixargzero \
    posixbuiltins posixcd posixidentifiers posixjobs posixstrings posixtraps printeightbit printexitvalue \
    privileged promptbang promptcr promptpercent promptsp promptsubst promptvars pushdignoredups \
    pushdminus pushdsilent pushdtohome rcexpandparam rcquotes rcs recexact rematchpcre \
    restricted rmstarsilent rmstarwait sharehistory shfileexpansion shglob shinstdin shnullcmd \
    shoptionletters shortloops shortrepeat shwordsplit singlecommand singlelinezle sourcetrace stdin \
    sunkeyboardhack trackall transientrprompt trapsasync typesetsilent typesettounset unset verbose \
    vi warncreateglobal warnnestedvar xtrace zle";

impl Run<'_> {
    /// `set -a`.
    pub(in crate::state::startup) fn export_all(&mut self) {
        self.option_set(b"allexport", true);
    }

    pub(super) fn option_set(&mut self, name: &[u8], on: bool) {
        let mut name: Vec<u8> =
            name.iter().filter(|b| **b != b'_' && **b != b'-').map(u8::to_ascii_lowercase).collect();
        let mut on = on;
        if self.dialect == Dialect::Zsh && name.starts_with(b"no") && name != b"notify" && name != b"nomatch" {
            name.drain(..2);
            on = !on;
        }
        // zsh turns these off, and the rest of the files is not read.
        if on {
            self.options.insert(name.clone());
            self.options.remove([b"no", name.as_slice()].concat().as_slice());
        } else {
            self.options.remove(&name);
            self.options.insert([b"no", name.as_slice()].concat());
        }
    }

    pub(super) fn set(&mut self, arguments: &[Field]) -> Flow {
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let Some(text) = argument.bytes() else {
                self.arguments = Arguments::unknown();
                return Flow::Go;
            };
            let on = text.starts_with(b"-");
            if text == b"--" || !(on || text.starts_with(b"+")) {
                let first = (text != b"--").then_some(argument);
                self.arguments = Arguments::of(first.into_iter().chain(rest));
                return Flow::Go;
            }
            let letters = text[1..].to_vec();
            for letter in letters {
                match letter {
                    b'a' => self.option_set(b"allexport", on),
                    b'u' => self.option_set(b"nounset", on),
                    b'e' => self.option_set(b"errexit", on),
                    b'x' => self.option_set(b"xtrace", on),
                    b'v' => self.option_set(b"verbose", on),
                    b'C' => self.option_set(b"noclobber", on),
                    b'k' if self.dialect == Dialect::Bash => self.option_set(b"keyword", on),
                    // zsh's is `-F`.
                    b'f' if self.dialect != Dialect::Zsh => self.option_set(b"noglob", on),
                    b'F' if self.dialect == Dialect::Zsh => self.option_set(b"noglob", on),
                    b'o' => {
                        if let Some(name) = rest.next().and_then(Field::bytes) {
                            let name = name.to_vec();
                            if self.dialect.is_sh() && !DASH_OPTIONS.contains(&name.as_slice()) {
                                return self.fault(Fault::Usage);
                            }
                            if self.dialect == Dialect::Zsh && !is_zsh_option(&name) {
                                return self.fault(Fault::Builtin);
                            }
                            self.option_set(&name, on);
                        }
                    }
                    _ if self.dialect.is_sh() && !b"efIimnsxvVECbp".contains(&letter) => {
                        return self.fault(Fault::Usage);
                    }
                    _ => {}
                }
            }
        }
        Flow::Go
    }

    pub(super) fn setopt(&mut self, on: bool, arguments: &[Field]) {
        for argument in arguments {
            match argument.bytes() {
                Some(b"-a") => self.option_set(b"allexport", on),
                Some(name) if name != b"-o" => {
                    let name = name.to_vec();
                    self.option_set(&name, on);
                }
                _ => {}
            }
        }
    }

    /// `shopt`: the options that count here are those of patterns and aliases.
    pub(super) fn shopt(&mut self, arguments: &[Field]) {
        let (mut set, mut asks) = (None, false);
        let mut known = Truth::Yes;
        for argument in arguments {
            match argument.bytes() {
                Some(option) if option.starts_with(b"-") => {
                    asks |= option.contains(&b'q');
                    if option.contains(&b's') {
                        set = Some(true);
                    } else if option.contains(&b'u') {
                        set = Some(false);
                    }
                }
                Some(name) => match set {
                    Some(on) => self.option_set(name, on),
                    None if name == b"login_shell" => known = Truth::of(self.login),
                    None if SHOPT_OFF.contains(&name) => {
                        let name: Vec<u8> = name.iter().filter(|b| **b != b'_').copied().collect();
                        known = Truth::of(self.options.contains(&name));
                    }
                    None => known = Truth::Maybe,
                },
                None => known = Truth::Maybe,
            }
        }
        if set.is_none() {
            self.status = if asks || !arguments.is_empty() { known } else { Truth::Yes };
        }
    }
}

fn is_zsh_option(name: &[u8]) -> bool {
    let name: Vec<u8> = name.iter().filter(|b| **b != b'_').map(u8::to_ascii_lowercase).collect();
    let is_known = |name: &[u8]| ZSH_OPTIONS.split(' ').any(|option| option.as_bytes() == name);
    is_known(&name) || name.strip_prefix(b"no").is_some_and(is_known)
}
