//! Certificates from an authority: Debian's Pebble, which speaks ACME like the real ones and refuses
//! some requests on purpose. Names are resolved by the little server that comes with it.

use std::fs::File;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use almanac_testkit::TestServer;
use almanac_testkit::server::free_address;
use almanac_testkit::wait::until;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};

use crate::{almanac, tls};

const HOST: &str = "stats.example";
const PATIENCE: Duration = Duration::from_secs(90);
/// How long a certificate is good that nobody is to wait for the end of, seconds.
const LONG_S: u32 = 90 * 24 * 3600;

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn spawn(command: &mut Command) -> Running {
    let silent = command.stdin(Stdio::null()).stdout(Stdio::null());
    let child = silent.stderr(Stdio::null()).spawn();
    Running(child.expect("Debian's package pebble is there (cargo xtask test installs it)"))
}

/// An authority.
struct Authority {
    _running: [Running; 2],
    address: SocketAddr,
    /// With the certificate by which it is known itself.
    folder: tempfile::TempDir,
}

/// Starts an authority that looks at a port of this machine, whatever the name, and whose
/// certificates are good for so long.
fn authority(tls_port: u16, life_s: u32) -> Authority {
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]);
    let made = made.expect("a certificate");
    let file = |name: &str, text: String| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    let (names, address) = (free_address(), free_address());
    let config = json!({ "pebble": {
        "listenAddress": address,
        "managementListenAddress": free_address(),
        "certificate": file("chain.pem", made.cert.pem()),
        "privateKey": file("key.pem", made.signing_key.serialize_pem()),
        "httpPort": free_address().port(),
        "tlsPort": tls_port,
        "certificateValidityPeriod": life_s,
    }});
    let config = file("pebble.json", config.to_string());
    let resolver = spawn(
        Command::new("pebble-challtestsrv")
            .args(["-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""])
            .args(["-http01", "", "-https01", "", "-tlsalpn01", ""])
            .args(["-dns01", &names.to_string()])
            .args(["-management", &free_address().to_string()]),
    );
    let pebble = spawn(
        Command::new("pebble")
            .arg("-config")
            .arg(config)
            .args(["-dnsserver", &names.to_string()])
            .env("PEBBLE_VA_NOSLEEP", "1")
            .env("PEBBLE_WFE_NONCEREJECT", "20"),
    );
    let listens = || TcpStream::connect(address).ok();
    until("the authority listens", PATIENCE, listens);
    Authority {
        _running: [resolver, pebble],
        address,
        folder,
    }
}

/// A server that gets its certificate from an authority.
struct Certified {
    _process: Running,
    port: u16,
    folder: PathBuf,
}

/// Starts one on the directory of a server that has stopped.
fn certified(stopped: &TestServer, port: u16, authority: &Authority) -> Certified {
    let listen = format!("127.0.0.1:{port}");
    let mut command = stopped.command(&["serve", "--listen", &listen, "--json"]);
    let said = File::create(authority.folder.path().join("said")).expect("a file");
    command
        .stderr(said)
        .env("ALMANAC_ACME_HOSTS", HOST)
        .env("ALMANAC_ACME_CONTACT", "ada@example.org")
        .env(
            "ALMANAC_ACME_DIRECTORY",
            format!("https://{}/dir", authority.address),
        )
        .env("ALMANAC_OUTBOUND_TRUSTED", authority.address.to_string())
        .env(
            "ALMANAC_OUTBOUND_AUTHORITIES",
            authority.folder.path().join("chain.pem"),
        );
    let (process, port) = tls::serve(&mut command);
    Certified {
        _process: Running(process),
        port,
        folder: stopped.data_dir().join("acme"),
    }
}

impl Certified {
    /// What is kept of the certificate, and whether it is the one that is served: believing whoever
    /// signed it and nobody else.
    fn served(&self) -> Option<Vec<u8>> {
        let kept = std::fs::read(self.folder.join("certificate.json")).ok()?;
        let content: Value = serde_json::from_slice(&kept).expect("JSON");
        let chain = content["chain"].as_str().expect("a chain");
        let signer = CertificateDer::pem_slice_iter(chain.as_bytes()).last();
        let signer = signer.expect("a chain").expect("PEM");
        let answer = tls::get_from((HOST, self.port), "/api/health", &signer).ok()?;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        Some(kept)
    }
}

/// A directory with a project, and nobody who serves it.
fn stopped() -> TestServer {
    let mut server = almanac().start();
    server.add_project("shop.example");
    server.stop();
    server
}

#[test]
fn a_certificate_is_got_from_an_authority_kept_and_served_again_after_a_kill() {
    let (port, directory) = (free_address().port(), stopped());
    let authority = authority(port, LONG_S);
    let server = certified(&directory, port, &authority);
    let (first, _) = until("a certificate is served", PATIENCE, || server.served());
    for name in ["certificate.json", "account.json"] {
        let file = std::fs::metadata(server.folder.join(name)).expect("a file");
        assert_eq!(file.permissions().mode() & 0o777, 0o600, "{name}");
    }
    drop(server);

    // What was got is served, and no other one is asked for.
    let server = certified(&directory, port, &authority);
    let (kept, _) = until("the certificate is served", PATIENCE, || server.served());
    assert!(kept == first, "another certificate was asked for");
}

#[test]
fn a_certificate_is_renewed_before_it_ends() {
    let (port, directory) = (free_address().port(), stopped());
    let authority = authority(port, 12);
    let server = certified(&directory, port, &authority);
    let (first, _) = until("a certificate is served", PATIENCE, || server.served());
    let another = || server.served().filter(|kept| *kept != first);
    until("another certificate is served", PATIENCE, another);
}

#[test]
fn an_authority_that_refuses_is_named_and_everything_else_goes_on() {
    let (port, directory) = (free_address().port(), stopped());
    // It looks where nobody answers.
    let authority = authority(free_address().port(), LONG_S);
    let _server = certified(&directory, port, &authority);
    let said = || {
        let said = std::fs::read_to_string(authority.folder.path().join("said")).ok()?;
        said.contains("could not verify stats.example")
            .then_some(())
    };
    until("the refusal is in the log", PATIENCE, said);
    let projects = directory.run_json(&["project", "list"]);
    assert_eq!(projects["projects"][0]["hosts"][0], "shop.example");
}
