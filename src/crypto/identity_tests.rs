use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::super::authority::{issue, make_root, pem};
use super::*;
use crate::domain::tls::Names;

const NOW: UnixSeconds = 1_800_000_000;

fn names(text: &str) -> Names {
    Names::parse(text).unwrap()
}

/// A certificate for these names, and its key in PKCS#8.
fn made(for_names: &str) -> (Vec<u8>, Vec<u8>) {
    let validity = Validity::of_root(NOW);
    let root = make_root("Test root", &names(for_names), validity).unwrap();
    let leaf = issue("Test root", &root.private_pkcs8, &names(for_names), Validity::of_leaf(NOW, validity)).unwrap();
    (leaf.certificate_der, leaf.private_pkcs8.to_vec())
}

fn key_pem(pkcs8: &[u8]) -> String {
    pem(pkcs8).replace("CERTIFICATE", "PRIVATE KEY")
}

/// Two files of one test's own.
struct Files {
    folder: PathBuf,
}

impl Files {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("latchkey-certificate-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self { folder }
    }

    fn paths(&self) -> (PathBuf, PathBuf) {
        (self.folder.join("cert.pem"), self.folder.join("key.pem"))
    }

    fn write(&self, certificate: &str, key: &str) -> &Self {
        let (certificate_path, key_path) = self.paths();
        fs::write(certificate_path, certificate).unwrap();
        fs::write(&key_path, key).unwrap();
        fs::set_permissions(key_path, fs::Permissions::from_mode(0o600)).unwrap();
        self
    }

    fn read(&self) -> Result<Identity, Unusable> {
        let (certificate, key) = self.paths();
        Identity::read(&certificate, &key)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.folder));
    }
}

#[test]
fn a_certificate_and_its_key_are_read_with_times_and_names() {
    let (certificate, key) = made("auth.home.example, 192.168.1.5, fd00::1");
    let files = Files::new("good");
    let (other, _) = made("chain.example");
    let chain = format!("subject=/CN=x\n{}{}", pem(&certificate), pem(&other));
    let read = files.write(&chain, &key_pem(&key)).read().unwrap();
    let validity = Validity::of_leaf(NOW, Validity::of_root(NOW));
    assert_eq!((read.validity, read.certified_key().cert.len()), (validity, 2));
    assert_eq!(read.fingerprint(), sha256(&certificate));
    for host in ["auth.home.example", "AUTH.home.example", "192.168.1.5", "[fd00::1]"] {
        assert!(read.is_for(host), "{host}");
    }
    for host in ["home.example", "192.168.1.6", "[fd00::2]", "x.auth.home.example", ""] {
        assert!(!read.is_for(host), "{host}");
    }
    assert!(Identity::own(&certificate, &key).is_ok());
}

#[test]
fn what_cannot_be_used_is_refused_in_words() {
    let (certificate, key) = made("nas");
    let (_, other_key) = made("nas");
    let (certificate, key, other_key) = (pem(&certificate), key_pem(&key), key_pem(&other_key));
    let files = Files::new("bad");
    let refused = |certificate: &str, key: &str| files.write(certificate, key).read().unwrap_err();
    assert!(matches!(refused(&certificate, &other_key), Unusable::Mismatch { .. }));
    assert!(matches!(refused("", &key), Unusable::NoCertificate { .. }));
    assert!(matches!(refused(&key, &key), Unusable::NoCertificate { .. }));
    assert!(matches!(refused(&certificate[..200], &key), Unusable::NoCertificate { .. }));
    assert!(matches!(refused(&certificate, ""), Unusable::NoKey { .. }));
    assert!(matches!(refused(&certificate, &certificate), Unusable::NoKey { .. }));
    let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    assert!(matches!(refused(&certificate, &encrypted), Unusable::NoKey { .. }));
    assert!(matches!(refused(&pem(b"\x30\x03\x02\x01\x01"), &key), Unusable::Malformed { .. }));
    assert!(matches!(refused(&certificate, &key_pem(b"\x30\x03\x02\x01\x01")), Unusable::KeyKind { .. }));
    assert!(matches!(refused(&"x".repeat(300 << 10), &key), Unusable::TooLarge { .. }));
    for file in [files.paths().0, files.paths().1] {
        files.write(&certificate, &key).read().unwrap();
        for make in ["mkfifo", "mkdir"] {
            fs::remove_file(&file).unwrap();
            assert!(std::process::Command::new(make).arg(&file).status().unwrap().success());
            let error = files.read().unwrap_err();
            assert!(matches!(&error, Unusable::NoFile { path } if *path == file), "{make}: {error}");
            fs::remove_file(&file).or_else(|_| fs::remove_dir(&file)).unwrap();
            files.write(&certificate, &key).read().unwrap();
        }
        fs::remove_file(&file).unwrap();
        let error = files.read().unwrap_err();
        assert!(error.to_string().contains(&file.display().to_string()), "{error}");
        assert!(matches!(error, Unusable::Unreadable { .. }));
    }
}

#[test]
fn a_key_that_others_can_read_is_refused_with_the_command_that_mends_it() {
    let (certificate, key) = made("nas");
    let files = Files::new("modes");
    files.write(&pem(&certificate), &key_pem(&key));
    let with_mode = |mode| {
        fs::set_permissions(files.paths().1, fs::Permissions::from_mode(mode)).unwrap();
        files.read()
    };
    for fine in [0o600, 0o400, 0o640, 0o440] {
        assert!(with_mode(fine).is_ok(), "{fine:o}");
    }
    for loose in [0o644, 0o660, 0o604, 0o620, 0o601, 0o777] {
        let error = with_mode(loose).unwrap_err().to_string();
        assert!(error.contains(&format!("{loose:03o}")) && error.contains("chmod 600"), "{error}");
    }
}

#[test]
fn an_error_holds_nothing_of_the_key() {
    let (certificate, key) = made("nas");
    let files = Files::new("secret");
    let key = key_pem(&key);
    let secret = key.lines().nth(1).unwrap();
    let broken = format!("{}\n!!!\n", &key[..key.len() / 2]);
    for error in [files.write(&pem(&certificate), &broken).read(), files.write(&key, &key).read()] {
        let error = error.unwrap_err();
        assert!(!format!("{error} {error:?}").contains(secret), "{error:?}");
    }
}

#[test]
fn a_stamp_changes_with_either_file() {
    let files = Files::new("stamp");
    files.write("a", "b");
    let (certificate, key) = files.paths();
    let stamp = || Stamp::of(&[&certificate, &key]);
    let before = stamp();
    assert_eq!(stamp(), before);
    fs::write(&key, "bb").unwrap();
    let after = stamp();
    assert_ne!(after, before);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let loose = stamp();
    assert_ne!(loose, after, "who may read it counts");
    fs::rename(&key, &certificate).unwrap();
    assert_ne!(stamp(), loose);
}
