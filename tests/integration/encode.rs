//! Encodings that other programs use in the environment: what direnv and mise leave there.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Which alphabet, and whether `=` fills the end.
#[derive(Clone, Copy)]
pub(crate) enum Base64 {
    /// direnv 2.32: URL-safe, padded.
    Url,
    /// mise 2026.9: standard, not padded.
    StandardBare,
    /// Kubernetes and most others: standard, padded.
    Standard,
}

pub(crate) fn base64(data: &[u8], kind: Base64) -> String {
    let mut alphabet = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if matches!(kind, Base64::Url) {
        alphabet[62..].copy_from_slice(b"-_");
    }
    let mut out = String::new();
    for chunk in data.chunks(3) {
        let bits = chunk.iter().fold(0u32, |acc, b| (acc << 8) | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..=chunk.len() {
            out.push(char::from(alphabet[(bits >> (18 - 6 * i)) as usize & 63]));
        }
    }
    while !matches!(kind, Base64::StandardBare) && !out.len().is_multiple_of(4) {
        out.push('=');
    }
    out
}

/// zlib with one block of fixed codes: a real compressor would be a dependency, stored blocks would leave the
/// decoder's Huffman half untried.
pub(crate) fn zlib(data: &[u8]) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.push_lsb(0b011, 3);
    for byte in data {
        let lit = u32::from(*byte);
        if lit < 144 { bits.push_msb(0x30 + lit, 8) } else { bits.push_msb(0x190 + lit - 144, 9) }
    }
    bits.push_msb(0, 7);
    let mut out = vec![0x78, 0x9c];
    out.extend(bits.finish());
    let (a, b) = data.iter().fold((1u32, 0u32), |(a, b), x| {
        let a = (a + u32::from(*x)) % 65521;
        (a, (b + a) % 65521)
    });
    out.extend(((b << 16) | a).to_be_bytes());
    out
}

#[derive(Default)]
struct Bits {
    out: Vec<u8>,
    used: u32,
}

impl Bits {
    fn push(&mut self, bit: u32) {
        if self.used.is_multiple_of(8) {
            self.out.push(0);
        }
        if let Some(last) = self.out.last_mut() {
            *last |= u8::from(bit & 1 == 1) << (self.used % 8);
        }
        self.used += 1;
    }

    fn push_lsb(&mut self, value: u32, count: u32) {
        (0..count).for_each(|i| self.push(value >> i));
    }

    fn push_msb(&mut self, value: u32, count: u32) {
        (0..count).rev().for_each(|i| self.push(value >> i));
    }

    fn finish(self) -> Vec<u8> {
        self.out
    }
}

/// `DIRENV_DIFF` of direnv 2.32: previous and new values as JSON.
pub(crate) fn direnv_diff(previous: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> String {
    let json = serde_json::json!({ "p": previous, "n": new }).to_string();
    base64(&zlib(json.as_bytes()), Base64::Url)
}

/// `__MISE_DIFF` of mise 2026.9: a MessagePack map of old values, new values and PATH entries.
pub(crate) fn mise_diff(previous: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> String {
    let mut out = vec![0x83];
    for (key, map) in [("old", previous), ("new", new)] {
        pack_str(&mut out, key);
        out.push(0x80 | u8::try_from(map.len()).expect("a small map"));
        for (name, value) in map {
            pack_str(&mut out, name);
            pack_str(&mut out, value);
        }
    }
    pack_str(&mut out, "path");
    out.push(0x90);
    base64(&zlib(&out), Base64::StandardBare)
}

fn pack_str(out: &mut Vec<u8>, text: &str) {
    match u8::try_from(text.len()).expect("a short text") {
        short @ 0..32 => out.push(0xa0 | short),
        long => out.extend([0xd9, long]),
    }
    out.extend(text.as_bytes());
}

/// The fingerprint of `status --fingerprint`: the first 16 hexadecimal digits of SHA-256.
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(bytes).iter().take(8).fold(String::new(), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

#[test]
fn base64_of_known_texts() {
    assert_eq!(base64(b"hf_", Base64::Standard), "aGZf");
    assert_eq!(base64(b"a", Base64::Standard), "YQ==");
    assert_eq!(base64(b"a", Base64::StandardBare), "YQ");
    assert_eq!(base64(&[0xfb, 0xff], Base64::Url), "-_8=");
}

#[test]
fn zlib_of_a_known_text() {
    // The block and the checksum are those of zlib.compressobj(strategy=zlib.Z_FIXED) in Python 3.11.
    assert_eq!(zlib(b"a\xff"), [0x78, 0x9c, 0x4b, 0xfc, 0x0f, 0x00, 0x01, 0xc3, 0x01, 0x61]);
}

#[test]
fn fingerprint_of_the_empty_token() {
    assert_eq!(fingerprint(b""), "e3b0c44298fc1c14");
}
