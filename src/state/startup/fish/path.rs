//! PATH: `fish_user_paths` before it, and what adds to that.

use std::os::unix::ffi::OsStrExt as _;

use super::expand::elements;
use super::run::{Run, Scope, list_value};
use crate::state::startup::value::{Truth, Value, Variable};
use crate::system::Kind;

/// The paths that `fish_user_paths` has brought into PATH.
const ADDED: &[u8] = b"__fish_added_user_paths";

impl Run<'_> {
    /// PATH as it is once `fish_user_paths` has changed. Source: fish 3.6.0, `__fish_reconstruct_path`.
    pub(super) fn user_paths(&mut self) {
        let lists = [b"PATH".as_slice(), ADDED, b"fish_user_paths"].map(|name| match self.value(name) {
            Value::Known(list) => Some(elements(list.bytes())),
            Value::Unset => Some(Vec::new()),
            Value::Unknown => None,
        });
        let [Some(path), Some(added), Some(user)] = lists else {
            self.world.global.put(b"PATH", Variable::new(Value::Unknown, Truth::Yes, None));
            return;
        };
        // What came with the environment is not a list yet.
        let mut path: Vec<Vec<u8>> = split(&path);
        if added.is_empty() && user.is_empty() {
            return;
        }
        for one in &added {
            take(&mut path, one);
        }
        let mut new = Vec::new();
        for one in split(&user).into_iter().rev() {
            if !take(&mut path, &one) {
                new.push(one.clone());
            }
            path.insert(0, one);
        }
        self.world.global.put(b"PATH", Variable::new(list_value(&path), Truth::Yes, None));
        self.world.global.put(ADDED, Variable::new(list_value(&new), Truth::No, None));
    }

    /// `fish_add_path`: directories that are there, in `fish_user_paths` or, with `-P`, in PATH.
    pub(super) fn add_path(&mut self, rest: &[&[u8]]) {
        let (options, paths): (Vec<&[u8]>, Vec<&[u8]>) = rest.iter().partition(|a| a.starts_with(b"-"));
        let has = |letter: u8, long: &[u8]| {
            options.iter().any(|o| *o == long || !o.starts_with(b"--") && o.contains(&letter))
        };
        let global = self.world.global.value(b"fish_user_paths") != Value::Unset;
        let (name, scope): (&[u8], _) = if has(b'P', b"--path") {
            (b"PATH", Scope::Global)
        } else if has(b'g', b"--global") || global && !has(b'U', b"--universal") {
            (b"fish_user_paths", Scope::Global)
        } else {
            (b"fish_user_paths", Scope::Universal)
        };
        let mut list = match self.value(name) {
            Value::Known(list) => split(&elements(list.bytes())),
            Value::Unset => Vec::new(),
            Value::Unknown => return,
        };
        let mut new: Vec<Vec<u8>> = Vec::new();
        for path in paths {
            let path = self.absolute(path).filter(|p| self.system.stat(p).is_ok_and(|s| s.kind == Kind::Dir));
            let Some(path) = path else { continue };
            let path = super::builtins::shortened(&path).as_os_str().as_bytes().to_vec();
            let there = list.contains(&path);
            if new.contains(&path) || there && !has(b'm', b"--move") {
                continue;
            }
            take(&mut list, &path);
            new.push(path);
        }
        self.status = Truth::of(!new.is_empty());
        if new.is_empty() {
            return;
        }
        let list = if has(b'a', b"--append") { [list, new].concat() } else { [new, list].concat() };
        self.set_in(Some(scope), name, list_value(&list), (name == b"PATH").then_some(true));
    }
}

fn split(list: &[Vec<u8>]) -> Vec<Vec<u8>> {
    list.iter().flat_map(|one| one.split(|b| *b == b':')).map(<[u8]>::to_vec).collect()
}

/// Takes one out, where it is there.
fn take(list: &mut Vec<Vec<u8>>, one: &[u8]) -> bool {
    let found = list.iter().position(|other| other == one);
    if let Some(at) = found {
        list.remove(at);
    }
    found.is_some()
}
