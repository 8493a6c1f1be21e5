//! How commands reach a server that runs on the same data directory: the server writes its address
//! and a token of its own into a file that only its user can read, and takes the file away when it
//! stops. Whoever can read the data directory could do anything to it anyway.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde::{Deserialize, Serialize};

const FILE_NAME: &str = "server.json";
/// How long a server may take to say that it is there.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(5);

/// What the file says.
#[derive(Serialize, Deserialize)]
struct Announcement {
    address: SocketAddr,
    token: String,
}

/// A running server's announcement; dropping it takes the file away.
pub(crate) struct LocalAccess {
    path: PathBuf,
    token: String,
}

impl LocalAccess {
    /// Writes the file for a server at that address.
    pub(crate) fn announce(data_dir: &Path, address: SocketAddr) -> anyhow::Result<Self> {
        let path = data_dir.join(FILE_NAME);
        let token = format!(
            "{}{}",
            uuid::Uuid::new_v4().simple(),
            uuid::Uuid::new_v4().simple()
        );
        let announcement = Announcement {
            address: reachable(address),
            token: token.clone(),
        };
        // A file left by a crash is replaced, never followed or appended to.
        if path.exists() {
            fs::remove_file(&path).with_context(|| format!("cannot replace {}", path.display()))?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options
            .open(&path)
            .with_context(|| format!("cannot create {}", path.display()))?;
        file.write_all(&serde_json::to_vec(&announcement)?)?;
        Ok(Self { path, token })
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }
}

impl Drop for LocalAccess {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            let path = self.path.display();
            tracing::warn!(%error, %path, "the announcement could not be removed");
        }
    }
}

/// A server that listens on every address is reached through the loopback one.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        let loopback: std::net::IpAddr = if address.is_ipv4() {
            std::net::Ipv4Addr::LOCALHOST.into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        };
        address.set_ip(loopback);
    }
    address
}

/// The server that runs on a data directory, as a command sees it.
#[derive(Debug)]
pub(crate) struct RunningServer {
    base: String,
    token: String,
    agent: ureq::Agent,
}

impl RunningServer {
    /// The server that announced itself, if there is one and it answers.
    pub(crate) fn find(data_dir: &Path) -> Option<Self> {
        let bytes = fs::read(data_dir.join(FILE_NAME)).ok()?;
        let announcement: Announcement = serde_json::from_slice(&bytes).ok()?;
        let base = format!("http://{}", announcement.address);
        // The server is on this machine: a proxy of the environment would not find it.
        let agent = ureq::Agent::new_with_config(
            ureq::Agent::config_builder()
                .proxy(None)
                .http_status_as_error(false)
                .build(),
        );
        agent
            .get(format!("{base}/healthz"))
            .config()
            .http_status_as_error(true)
            .timeout_global(Some(HEALTH_TIMEOUT))
            .build()
            .call()
            .ok()?;
        Some(Self {
            base,
            token: announcement.token,
            agent,
        })
    }

    /// Asks for something long, and answers with a reader of it. `query` are names and values as
    /// they are.
    pub(crate) fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> anyhow::Result<impl std::io::Read + use<>> {
        let mut reply = self
            .agent
            .get(format!("{}{path}", self.base))
            .query_pairs(query.iter().copied())
            .header("authorization", format!("Bearer {}", self.token))
            .call()
            .context("the running server did not answer")?;
        if reply.status().as_u16() != 200 {
            let told: serde_json::Value = reply.body_mut().read_json().unwrap_or_default();
            let text = told["error"].as_str().unwrap_or("it did not say why");
            anyhow::bail!("the running server refused: {text}");
        }
        Ok(reply.into_body().into_reader())
    }

    /// Sends a request with a body and answers with the JSON of the reply, whatever its status.
    /// `query` are names and values as they are.
    pub(crate) fn post(
        &self,
        path: &str,
        query: &[(&str, &str)],
        body: impl ureq::AsSendBody,
    ) -> anyhow::Result<(u16, serde_json::Value)> {
        let mut reply = self
            .agent
            .post(format!("{}{path}", self.base))
            .query_pairs(query.iter().copied())
            .header("authorization", format!("Bearer {}", self.token))
            .send(body)
            .context("the running server did not answer")?;
        let status = reply.status().as_u16();
        if status == 204 {
            return Ok((status, serde_json::Value::Null));
        }
        let value = reply
            .body_mut()
            .read_json()
            .context("the running server answered no JSON")?;
        Ok((status, value))
    }
}
