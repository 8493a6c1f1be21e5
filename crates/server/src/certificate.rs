//! The certificate for TLS: from files that something else renews, read at the start and again when
//! one of them has changed, or from an authority (`acme`). What cannot be used is refused at the
//! start and left out later.

mod acme;

use std::path::{Path, PathBuf};
use std::time::Duration;

use almanac_api::{Certificate, Outbound};
use tokio::sync::watch;

use crate::cli::{ExitCode, Failure};
use crate::config::Config;

/// Changes of the files are noticed within this.
const LOOK: Duration = Duration::from_secs(2);

/// Where chain and key are, and what was last read there.
struct Files {
    chain: PathBuf,
    key: PathBuf,
    seen: Contents,
}

type Contents = (Vec<u8>, Vec<u8>);

/// The certificate of the moment, if one is configured. It is looked after until `stop`.
pub(crate) fn watched(
    config: &Config,
    outbound: &Outbound,
    stop: watch::Receiver<bool>,
) -> anyhow::Result<Option<watch::Receiver<Certificate>>> {
    if !config.acme.hosts.is_empty() {
        return acme::watched(config, outbound, stop).map(Some);
    }
    let (chain, key) = match (&config.http.tls_certificate, &config.http.tls_key) {
        (None, None) => return Ok(None),
        (Some(chain), Some(key)) => (chain.clone(), key.clone()),
        _ => {
            let text = "TLS needs both ALMANAC_TLS_CERTIFICATE and ALMANAC_TLS_KEY";
            return Err(Failure::new(ExitCode::Configuration, text).into());
        }
    };
    let seen = contents(&chain, &key).map_err(unusable)?;
    let first = Certificate::read(&seen.0, &seen.1).map_err(|error| unusable(error.to_string()))?;
    let (sender, receiver) = watch::channel(first);
    let files = Files { chain, key, seen };
    tokio::spawn(look_after(files, sender, stop));
    Ok(Some(receiver))
}

fn unusable(reason: String) -> anyhow::Error {
    Failure::new(
        ExitCode::Configuration,
        format!("TLS cannot be served: {reason}"),
    )
    .into()
}

async fn look_after(
    mut files: Files,
    certificate: watch::Sender<Certificate>,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.wait_for(|stopping| *stopping) => return,
        }
        match files.changed() {
            Ok(None) => {}
            Ok(Some(new)) => {
                certificate.send_replace(new);
                tracing::info!("the certificate for TLS was read again");
            }
            Err(reason) => {
                tracing::error!(%reason, "the old certificate goes on: the new one cannot be used");
            }
        }
    }
}

impl Files {
    /// The certificate, where the files are not what they were. Each content is judged once.
    fn changed(&mut self) -> Result<Option<Certificate>, String> {
        let now = contents(&self.chain, &self.key)?;
        if now == self.seen {
            return Ok(None);
        }
        self.seen = now;
        Certificate::read(&self.seen.0, &self.seen.1)
            .map(Some)
            .map_err(|error| error.to_string())
    }
}

fn contents(chain: &Path, key: &Path) -> Result<Contents, String> {
    let read = |path: &Path| {
        std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
    };
    Ok((read(chain)?, read(key)?))
}
