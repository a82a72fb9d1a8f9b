//! What is told of one repository, broken and whole.

use super::*;
use crate::system::fake::Fake;

const R: &str = "/h/models--o--n";

fn commit(c: char) -> String {
    c.to_string().repeat(40)
}

fn snapshot(fake: Fake, c: char) -> Fake {
    let at = format!("{R}/snapshots/{}/config.json", commit(c));
    fake.file(&format!("{R}/blobs/b{c}"), "{}").link(&at, &format!("../../blobs/b{c}"))
}

fn told(fake: &Fake) -> Vec<What> {
    let lens = Lens { is_deep: true, is_whole: true, resumes: true, uid: 1000 };
    let mut out = Vec::new();
    look(fake, Path::new(R), lens, &mut out);
    out.into_iter().map(|f| f.what).collect()
}

fn main(fake: Fake, text: impl AsRef<[u8]>) -> Fake {
    fake.file(&format!("{R}/refs/main"), text)
}

#[test]
fn a_healthy_repository_has_no_fault() {
    let fake = snapshot(snapshot(main(Fake::home(), commit('b')), 'a'), 'b');
    let fake = fake.file(&format!("{R}/.no_exist/{}/adapter_config.json", commit('b')), "").file(
        &format!("{R}/trees/{}.json", commit('b')),
        r#"{"format_version": 1, "files": {"config.json": {"size": 2, "blob_id": "b"}}}"#,
    );
    assert_eq!(told(&fake), []);
    // A refused first download leaves only the ref.
    assert_eq!(told(&main(Fake::home(), commit('b'))), []);
}

#[test]
fn a_ref_that_moved_on_without_its_files() {
    let lost = snapshot(main(Fake::home(), commit('b')), 'a');
    assert!(matches!(told(&lost)[..], [What::RefDangling { is_lost: true, is_empty: false, .. }]));
    let empty = lost.clone().dir(&format!("{R}/snapshots/{}", commit('b')), 0o755);
    assert!(matches!(told(&empty)[..], [What::RefDangling { is_lost: true, is_empty: true, .. }]));
    let busy = lost.clone().locked("/h/.locks/models--o--n/x.lock");
    assert_eq!(told(&busy), []);
    // Another branch was perhaps never here.
    let dev = snapshot(main(Fake::home(), commit('a')), 'a').file(&format!("{R}/refs/dev"), commit('c'));
    assert!(matches!(told(&dev)[..], [What::RefDangling { is_lost: false, .. }]));
}

#[test]
fn a_ref_that_is_none() {
    for (text, why) in [("", "is empty"), ("abc\n", "holds no commit"), ("\u{e9}", "holds no commit")] {
        let fake = snapshot(main(Fake::home(), text), 'a');
        let want = What::RefMalformed { name: "main".into(), why, has_snapshot: true };
        assert_eq!(told(&fake), [want]);
    }
    let newline = snapshot(main(Fake::home(), commit('a') + "\n"), 'a');
    assert!(matches!(told(&newline)[..], [What::RefMalformed { has_snapshot: true, .. }]));
}

#[test]
fn something_else_where_a_ref_should_be() {
    let of = |fake: Fake| match &told(&snapshot(fake, 'a'))[..] {
        [What::RefMalformed { why, has_snapshot: true, .. }] => *why,
        other => panic!("{other:?}"),
    };
    assert_eq!(of(Fake::home().dir(&format!("{R}/refs/main"), 0o755)), "is a directory");
    assert_eq!(of(Fake::home().file(&format!("{R}/refs/main/x"), commit('a'))), "is a directory");
    assert_eq!(of(Fake::home().link(&format!("{R}/refs/main"), "gone")), "is a link to nothing");
}

#[test]
fn no_ref_at_all() {
    let bare = snapshot(Fake::home(), 'a');
    assert_eq!(told(&bare), [What::NoRef { is_lost: false }]);
    assert_eq!(told(&bare.clone().dir(&format!("{R}/refs"), 0o755)), [What::NoRef { is_lost: true }]);
    assert_eq!(told(&bare.clone().file(&format!("{R}/refs"), "x")), [What::NoRef { is_lost: true }]);
    // A tag alone is what was asked for.
    assert_eq!(told(&bare.clone().file(&format!("{R}/refs/v1"), commit('a'))), []);
    let mut quick = Vec::new();
    look(&bare, Path::new(R), Lens { is_deep: false, is_whole: false, resumes: false, uid: 1000 }, &mut quick);
    assert_eq!(quick, []);
}

#[test]
fn an_empty_snapshot() {
    let fake = main(Fake::home(), commit('a')).dir(&format!("{R}/snapshots/{}/sub", commit('a')), 0o755);
    assert_eq!(told(&fake), [What::SnapshotEmpty { commit: commit('a'), named_by: Some("main".into()) }]);
}

#[test]
fn what_lies_in_blobs() {
    let fake = snapshot(main(Fake::home(), commit('a')), 'a')
        .file(&format!("{R}/blobs/e1.incomplete"), "123")
        .file(&format!("{R}/blobs/e2.0123abcd.incomplete"), "12345")
        .file(&format!("{R}/blobs/e3.incomplete"), "1")
        .locked("/h/.locks/models--o--n/e3.lock");
    let [What::Resumable(resumable), What::Waste(waste)] = &told(&fake)[..] else { panic!("{:?}", told(&fake)) };
    assert_eq!((resumable.count, resumable.bytes, waste.count, waste.bytes), (1, 3, 1, 5));
}

#[test]
fn what_snapshots_hold_against_links_markers_and_listings() {
    let a = commit('a');
    let fake = snapshot(main(Fake::home(), &a), 'a');
    let dangling = fake.clone().link(&format!("{R}/snapshots/{a}/w"), "../../blobs/gone");
    assert!(matches!(&told(&dangling)[..], [What::Dangling { links, .. }] if links.first == Path::new("w")));
    let marked = fake.clone().file(&format!("{R}/.no_exist/{a}/config.json"), "");
    assert!(matches!(&told(&marked)[..], [What::Markers(m)] if m.count == 1));
    let right =
        fake.clone().file(&format!("{R}/.no_exist/{a}/onnx"), "").file(&format!("{R}/.no_exist/{a}/.DS_Store"), "x");
    let right =
        right.file(&format!("{R}/snapshots/{a}/onnx/m"), "x").file(&format!("{R}/snapshots/{a}/.DS_Store"), "x");
    assert_eq!(told(&right), []);
    let tree = |files: &str| {
        let text = format!(r#"{{"format_version": 1, "files": {{{files}}}}}"#);
        told(&fake.clone().file(&format!("{R}/trees/{a}.json"), text))
    };
    assert!(
        matches!(&tree(r#""config.json": {"size": 3, "blob_id": "b"}"#)[..], [What::Truncated { files, names: 1 }] if files.bytes == 1)
    );
    let partial = tree(r#""config.json": {"size": 2, "blob_id": "b"}, "w": {"size": 2, "blob_id": "c"}"#);
    assert!(matches!(&partial[..], [What::Partial { files, of: 2, .. }] if files.first == Path::new("w")));
}

#[test]
fn a_blob_that_waits_for_its_link() {
    let a = commit('a');
    let etag = "e".repeat(64);
    let with = |size: usize, refs: Fake| {
        let tree = format!(
            r#"{{"format_version": 1, "files": {{"w": {{"size": 9, "blob_id": "x", "lfs_sha256": "{etag}", "lfs_size": 4}}}}}}"#
        );
        let fake = refs.file(&format!("{R}/trees/{a}.json"), tree).file(&format!("{R}/blobs/{etag}"), "x".repeat(size));
        told(&fake).into_iter().filter(|what| matches!(what, What::Truncated { .. })).collect::<Vec<_>>()
    };
    for fake in [main(Fake::home(), &a), snapshot(main(Fake::home(), &a), 'a')] {
        let found = with(1, fake.clone());
        let [What::Truncated { files, names: 0 }] = &found[..] else { panic!("{found:?}") };
        assert_eq!((files.first.as_path(), files.bytes), (Path::new("blobs").join(&etag).as_path(), 3));
        assert_eq!(with(4, fake), []);
    }
}

#[test]
fn a_folder_where_a_file_should_be() {
    let (a, e) = (commit('a'), "e".repeat(64));
    let fake = snapshot(main(Fake::home(), &a), 'a');
    let blob = format!("{R}/blobs/{e}");
    let of_blob = fake.clone().dir(&blob, 0o755).link(&format!("{R}/snapshots/{a}/w"), &format!("../../blobs/{e}"));
    assert_eq!(told(&of_blob), [What::Misplaced { path: blob.into(), is: Instead::Folder }]);
    let left_over = format!("{R}/blobs/{e}.incomplete");
    let resumed = fake.clone().dir(&left_over, 0o755);
    assert_eq!(told(&resumed), [What::Misplaced { path: left_over.into(), is: Instead::Folder }]);
    let lens = Lens { is_deep: true, is_whole: true, resumes: false, uid: 1000 };
    let mut out = Vec::new();
    look(&resumed, Path::new(R), lens, &mut out);
    assert_eq!(out, []);
    // Other folders are in nobody's way.
    assert_eq!(told(&fake.clone().dir(&format!("{R}/blobs/@eaDir"), 0o755)), []);
    // What the listing has is told once.
    let tree = r#"{"format_version": 1, "files": {"config.json": {"size": 2, "blob_id": "b"}, "w": {"size": 2, "blob_id": "c"}}}"#;
    let mounted = fake.file(&format!("{R}/trees/{a}.json"), tree).dir(&format!("{R}/snapshots/{a}/w"), 0o755);
    let path = format!("{R}/snapshots/{a}/w").into();
    assert_eq!(told(&mounted), [What::Misplaced { path, is: Instead::Folder }]);
}

#[test]
fn an_empty_blob_is_told_by_its_name() {
    let of = |name: &str| {
        let fake = main(Fake::home(), commit('a')).file(&format!("{R}/blobs/{name}"), "");
        told(&fake.link(&format!("{R}/snapshots/{}/x/__init__.py", commit('a')), &format!("../../../blobs/{name}")))
    };
    let nothing = NOTHING.iter().map(|name| std::str::from_utf8(name).unwrap());
    // What is no hash says nothing.
    for name in nothing.chain(["d41d8cd98f00b204e9800998ecf8427e", "b"]) {
        assert_eq!(of(name), [], "{name}");
    }
    for name in ["d".repeat(40), "d".repeat(64)] {
        assert!(matches!(&of(&name)[..], [What::Truncated { files, .. }] if (files.count, files.bytes) == (1, 0)));
    }
}

#[test]
fn a_file_that_two_snapshots_share_is_one() {
    let tree = r#"{"format_version": 1, "files": {"config.json": {"size": 3, "blob_id": "b"}}}"#;
    let shared =
        ['a', 'b'].into_iter().fold(main(Fake::home(), commit('b')).file(&format!("{R}/blobs/b"), "{}"), |fake, c| {
            let fake = fake.link(&format!("{R}/snapshots/{}/config.json", commit(c)), "../../blobs/b");
            fake.file(&format!("{R}/trees/{}.json", commit(c)), tree)
        });
    let [What::Truncated { files, names: 2 }] = &told(&shared)[..] else { panic!("{:?}", told(&shared)) };
    assert_eq!((files.count, files.bytes), (1, 1));
}

#[test]
fn whose_it_is() {
    let fake = snapshot(main(Fake::home(), commit('a')), 'a').owner(R, 0, 0);
    assert!(matches!(told(&fake)[..], [What::Foreign { uid: 0, .. }]));
}
