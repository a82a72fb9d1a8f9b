//! Which directories lie on another machine.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

/// File systems whose files live on another machine, as `/proc/self/mountinfo` names them.
const REMOTE: &[&str] = &[
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "autofs",
    "afs",
    "ceph",
    "lustre",
    "beegfs",
    "gpfs",
    "glusterfs",
    "fuse.sshfs",
    "fuse.glusterfs",
    "fuse.s3fs",
    "fuse.gcsfuse",
    "fuse.rclone",
    "fuse.juicefs",
];

/// The mount points of network file systems in a `/proc/self/mountinfo`.
pub(super) fn remote_mounts(mountinfo: &[u8]) -> Vec<PathBuf> {
    mountinfo
        .split(|&b| b == b'\n')
        .filter_map(|line| {
            let text = std::str::from_utf8(line).ok()?;
            let (fields, rest) = text.split_once(" - ")?;
            let kind = rest.split(' ').next()?;
            let point = fields.split(' ').nth(4)?;
            // Blanks and the like are written as octal: `\040`.
            REMOTE.contains(&kind).then(|| PathBuf::from(unescape(point)))
        })
        .collect()
}

fn unescape(text: &str) -> OsString {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let octal = bytes.get(i + 1..i + 4).and_then(|d| std::str::from_utf8(d).ok());
        match octal.and_then(|d| u8::from_str_radix(d, 8).ok()) {
            Some(b) if bytes[i] == b'\\' => {
                out.push(b);
                i += 4;
            }
            _ => {
                out.push(bytes[i]);
                i += 1;
            }
        }
    }
    OsStr::from_bytes(&out).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_file_systems_are_told_by_their_kind() {
        let mounts = b"36 35 98:0 / /mnt/a\\040b rw - nfs4 host:/x rw\n37 35 98:0 / /home/u rw - nfs host:/y rw\n38 1 1:1 / / rw - ext4 /dev/a rw\n";
        assert_eq!(remote_mounts(mounts), [PathBuf::from("/mnt/a b"), PathBuf::from("/home/u")]);
    }
}
