//! The instance's secret: the key under which salts are sealed. It is given by configuration or
//! kept in `secret.key`, never in the database, so that a copy of the database alone opens nothing.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::error::{CatalogError, Result};
use crate::{limits, random};

/// The secret's file inside the data directory.
pub const FILE_NAME: &str = "secret.key";

const NONCE_BYTES: usize = 24;

/// Words that appear in copied examples and never in a random secret.
const PLACEHOLDERS: [&str; 9] = [
    "change",
    "placeholder",
    "example",
    "secret",
    "password",
    "insert",
    "replace",
    "your",
    "default",
];

/// A key derived from the instance's secret text. It prints as `InstanceSecret(…)`.
#[derive(Clone)]
pub struct InstanceSecret([u8; 32]);

impl std::fmt::Debug for InstanceSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("InstanceSecret(…)")
    }
}

impl InstanceSecret {
    /// Accepts a secret from configuration.
    ///
    /// # Errors
    /// It is shorter than 32 characters, contains a word of a copied example, or repeats a few
    /// characters.
    pub fn from_text(text: &str) -> Result<Self> {
        let text = text.trim();
        refuse_weak(text).map_err(|problem| CatalogError::Secret {
            reason: format!("{problem}; make one with `openssl rand -hex 32`"),
        })?;
        Ok(Self(blake3::derive_key(
            "almanac 2026-11 instance secret",
            text.as_bytes(),
        )))
    }

    /// Reads `secret.key` in the data directory; the first process to need it makes it, readable
    /// by its owner only. Two processes that start together end with the same secret.
    ///
    /// # Errors
    /// The directory cannot be written, or the file holds a weak secret.
    pub fn load_or_create(directory: &Path) -> Result<Self> {
        let path = directory.join(FILE_NAME);
        let io = |source| CatalogError::Io {
            path: path.clone(),
            source,
        };
        match std::fs::read_to_string(&path) {
            Ok(text) => return Self::from_text(&text),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(io(error)),
        }
        // Written aside and linked into place: nobody ever reads half a secret, and the link fails
        // when another process was faster.
        let draft = directory.join(format!("{FILE_NAME}.{}", random::hex::<8>()?));
        write_private(&draft, &format!("{}\n", random::hex::<32>()?)).map_err(io)?;
        let linked = std::fs::hard_link(&draft, &path);
        std::fs::remove_file(&draft).map_err(io)?;
        match linked {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(io(error)),
            _ => File::open(directory)
                .and_then(|file| file.sync_all())
                .map_err(io)?,
        }
        Self::from_text(&std::fs::read_to_string(&path).map_err(io)?)
    }

    /// Seals a value. `place` says where it is kept; opened anywhere else, it is refused.
    pub(crate) fn seal(&self, place: &str, value: &[u8]) -> Result<String> {
        let nonce = random::bytes::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: value,
            aad: place.as_bytes(),
        };
        let sealed = self
            .cipher()
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| CatalogError::Secret {
                reason: format!("cannot seal {place}"),
            })?;
        Ok(random::to_hex(&nonce) + &random::to_hex(&sealed))
    }

    /// Opens what `seal` gave for the same place.
    pub(crate) fn open(&self, place: &str, sealed: &str) -> Result<Vec<u8>> {
        let bytes = random::from_hex(sealed);
        let parts = bytes
            .as_ref()
            .and_then(|bytes| bytes.split_first_chunk::<NONCE_BYTES>());
        let (nonce, sealed) = parts.ok_or_else(|| CatalogError::corrupt("sealed value", place))?;
        let payload = Payload {
            msg: sealed,
            aad: place.as_bytes(),
        };
        self.cipher()
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| CatalogError::Secret {
                reason: format!("{place} was sealed with another secret; restore the former one"),
            })
    }

    /// Bytes that follow from the secret and a purpose, and tell nothing about either.
    pub(crate) fn derive(&self, purpose: &str) -> [u8; 16] {
        let hash = blake3::keyed_hash(&self.0, purpose.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(hash.as_bytes().split_at(16).0);
        bytes
    }

    /// A key for one purpose, for hashes that only holders of the secret can make.
    pub(crate) fn hash_key(&self, purpose: &str) -> [u8; 32] {
        *blake3::keyed_hash(&self.0, purpose.as_bytes()).as_bytes()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.0.into())
    }
}

/// Says what is wrong with a secret, never what it is.
fn refuse_weak(text: &str) -> std::result::Result<(), String> {
    let length = text.chars().count();
    if length < limits::SECRET_CHARS_MIN {
        let min = limits::SECRET_CHARS_MIN;
        return Err(format!(
            "it has {length} characters, at least {min} are needed"
        ));
    }
    let lower = text.to_lowercase();
    if let Some(word) = PLACEHOLDERS.iter().find(|word| lower.contains(**word)) {
        return Err(format!(
            "it contains {word:?}, so it looks like a copied example"
        ));
    }
    let mut distinct: Vec<char> = text.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < 8 {
        return Err(format!(
            "it uses only {} different characters",
            distinct.len()
        ));
    }
    Ok(())
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

    #[test]
    fn weak_and_copied_secrets_are_refused_without_being_repeated() {
        let cases = [
            ("short", "it has 5 characters"),
            ("", "it has 0 characters"),
            ("changeme-changeme-changeme-changeme", "copied example"),
            ("YOUR-KEY-GOES-HERE-0123456789abcdef", "copied example"),
            (
                "abababababababababababababababababab",
                "only 2 different characters",
            ),
            ("0f1e2d3c4b5a69788796a5b4c3d2e1f", "it has 31 characters"),
        ];
        for (text, expected) in cases {
            let message = InstanceSecret::from_text(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{text:?}: {message}");
            assert!(text.is_empty() || !message.contains(text), "{message}");
        }
        InstanceSecret::from_text(GOOD).unwrap();
    }

    #[test]
    fn a_sealed_value_opens_only_in_its_place_and_with_its_secret() {
        let secret = InstanceSecret::from_text(GOOD).unwrap();
        let sealed = secret.seal("salt 1", b"value").unwrap();
        assert_eq!(secret.open("salt 1", &sealed).unwrap(), b"value");
        assert!(matches!(
            secret.open("salt 2", &sealed),
            Err(CatalogError::Secret { .. })
        ));
        let other = InstanceSecret::from_text("f0e1d2c3b4a5968778695a4b3c2d1e0f").unwrap();
        assert!(matches!(
            other.open("salt 1", &sealed),
            Err(CatalogError::Secret { .. })
        ));
        assert!(matches!(
            secret.open("salt 1", "beef"),
            Err(CatalogError::Corrupt { .. })
        ));
    }

    #[test]
    fn processes_that_start_together_agree_on_one_private_secret() {
        let directory = tempfile::tempdir().unwrap();
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let path = directory.path().to_owned();
                std::thread::spawn(move || InstanceSecret::load_or_create(&path).unwrap().0)
            })
            .collect();
        let secrets: Vec<_> = threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect();
        assert!(secrets.iter().all(|secret| secret == &secrets[0]));
        let names: Vec<_> = std::fs::read_dir(directory.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, [FILE_NAME]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let metadata = directory.path().join(FILE_NAME).metadata().unwrap();
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn the_secret_does_not_print() {
        let secret = InstanceSecret::from_text(GOOD).unwrap();
        assert_eq!(format!("{secret:?}"), "InstanceSecret(…)");
    }
}
