//! What is kept of ACME in the data directory, readable by its owner only: the account's key, the
//! chain and its key. A file is written beside its place and moved there, so that a kill leaves
//! the old one or the new one.

use std::io::Write;
use std::path::{Path, PathBuf};

use almanac_api::Certificate;
use anyhow::Context;
use instant_acme::AccountCredentials;
use serde::{Deserialize, Serialize};

use crate::cli::make_private_directory;

const ACCOUNT: &str = "account.json";
const CERTIFICATE: &str = "certificate.json";

/// The account at one authority.
#[derive(Serialize, Deserialize)]
struct KeptAccount<C> {
    directory: String,
    credentials: C,
}

/// Chain and key in one file, so that they always belong together.
#[derive(Serialize, Deserialize)]
struct KeptCertificate {
    hosts: Vec<String>,
    chain: String,
    key: String,
}

/// The folder `acme` of a data directory.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn open(data_dir: &Path) -> anyhow::Result<Self> {
        let path = data_dir.join("acme");
        let made = make_private_directory(&path);
        made.with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }

    /// The account at that authority, if there is one.
    pub(super) fn account(&self, directory: &str) -> anyhow::Result<Option<AccountCredentials>> {
        let kept: Option<KeptAccount<AccountCredentials>> = self.read(ACCOUNT)?;
        Ok(kept
            .filter(|kept| kept.directory == directory)
            .map(|kept| kept.credentials))
    }

    pub(super) fn keep_account(
        &self,
        directory: &str,
        credentials: &AccountCredentials,
    ) -> anyhow::Result<()> {
        let kept = KeptAccount {
            directory: directory.to_owned(),
            credentials,
        };
        self.write(ACCOUNT, &kept)
    }

    /// The certificate for exactly these hosts, if there is one.
    pub(super) fn certificate(&self, hosts: &[String]) -> anyhow::Result<Option<Certificate>> {
        let kept: Option<KeptCertificate> = self.read(CERTIFICATE)?;
        match kept.filter(|kept| kept.hosts == hosts) {
            None => Ok(None),
            Some(kept) => Ok(Some(Certificate::read(
                kept.chain.as_bytes(),
                kept.key.as_bytes(),
            )?)),
        }
    }

    pub(super) fn keep_certificate(
        &self,
        hosts: &[String],
        chain: &str,
        key: &str,
    ) -> anyhow::Result<()> {
        let kept = KeptCertificate {
            hosts: hosts.to_vec(),
            chain: chain.to_owned(),
            key: key.to_owned(),
        };
        self.write(CERTIFICATE, &kept)
    }

    fn read<T: for<'a> Deserialize<'a>>(&self, name: &str) -> anyhow::Result<Option<T>> {
        let path = self.0.join(name);
        let what = || format!("cannot use {}", path.display());
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes).with_context(what)?)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(what),
        }
    }

    fn write(&self, name: &str, kept: &impl Serialize) -> anyhow::Result<()> {
        let (path, beside) = (self.0.join(name), self.0.join(format!("{name}.new")));
        let what = || format!("cannot write {}", path.display());
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside).with_context(what)?;
        file.write_all(&serde_json::to_vec(kept)?)
            .and_then(|()| file.sync_all())
            .and_then(|()| std::fs::rename(&beside, &path))
            .and_then(|()| std::fs::File::open(&self.0)?.sync_all())
            .with_context(what)
    }
}
