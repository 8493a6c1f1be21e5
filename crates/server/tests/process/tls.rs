//! The server speaks TLS itself: with the certificate that its files hold, also after they were
//! renewed, and it does not start with files that cannot be used.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;

use crate::almanac;

/// Longest that a renewed certificate may take to be served; only a fault reaches it.
const RENEWAL_MAX: Duration = Duration::from_secs(60);

/// Writes a new certificate for localhost, and gives it.
fn renew(folder: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).expect("a key file");
    std::fs::write(folder.join("chain.pem"), made.cert.pem()).expect("a chain file");
    made.cert.der().clone()
}

/// `GET path` over TLS from the server that calls itself so, trusting that certificate alone.
pub(crate) fn get_from(
    (host, port): (&str, u16),
    path: &str,
    trusted: &CertificateDer<'static>,
) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).expect("a root");
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).expect("a name");
    let connection =
        ClientConnection::new(Arc::new(config), name).map_err(std::io::Error::other)?;
    let socket = TcpStream::connect(("127.0.0.1", port))?;
    let mut stream = StreamOwned::new(connection, socket);
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn get(port: u16, path: &str, trusted: &CertificateDer<'static>) -> std::io::Result<String> {
    get_from(("localhost", port), path, trusted)
}

/// Starts a server that speaks TLS, and tells its port.
pub(crate) fn serve(command: &mut Command) -> (Child, u16) {
    let mut process = command
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut line = String::new();
    let out = process.stdout.take().expect("its output");
    BufReader::new(out).read_line(&mut line).expect("a line");
    let greeting: Value = serde_json::from_str(&line).expect("a greeting in JSON");
    let origin = greeting["listen"].as_str().expect("an origin").to_owned();
    let port = origin.rsplit(':').next().and_then(|port| port.parse().ok());
    assert!(origin.starts_with("https://"), "{origin}");
    (process, port.expect("a port"))
}

#[test]
fn a_renewed_certificate_is_served_without_a_restart_and_commands_need_none() {
    let mut plain = almanac().start();
    plain.add_project("shop.example");
    plain.stop();
    let folder = tempfile::tempdir().expect("a folder");
    let first = renew(folder.path());
    let mut command = plain.command(&["serve", "--listen", "127.0.0.1:0", "--json"]);
    command
        .env("ALMANAC_TLS_CERTIFICATE", folder.path().join("chain.pem"))
        .env("ALMANAC_TLS_KEY", folder.path().join("key.pem"));
    let (mut server, port) = serve(&mut command);
    let answer = get(port, "/api/health", &first).expect("an answer over TLS");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(
        answer.contains("strict-transport-security: max-age="),
        "{answer}"
    );
    // A command asks the running server, over its side door.
    let asked = plain.run_json(&["query", "--project", "shop.example"]);
    assert!(asked["results"].is_array(), "{asked}");

    let second = renew(folder.path());
    let began = Instant::now();
    while get(port, "/healthz", &second).is_err() {
        assert!(
            began.elapsed() < RENEWAL_MAX,
            "the renewed certificate is not served"
        );
    }
    assert!(
        get(port, "/healthz", &first).is_err(),
        "the first certificate is still served"
    );
    server.kill().expect("the server can be killed");
    server.wait().expect("the server ends");
}

#[test]
fn files_that_cannot_be_used_are_refused_at_the_start() {
    let server = almanac().start();
    let folder = tempfile::tempdir().expect("a folder");
    renew(folder.path());
    let chain = folder.path().join("chain.pem");
    let refusal = |key: &Path| {
        let elsewhere = tempfile::tempdir().expect("a folder");
        let mut command = server.command(&["serve", "--listen", "127.0.0.1:0"]);
        command
            .env("ALMANAC_DATA_DIR", elsewhere.path())
            .env("ALMANAC_TLS_CERTIFICATE", &chain)
            .env("ALMANAC_TLS_KEY", key);
        let output = command.output().expect("the program runs");
        assert_eq!(output.status.code(), Some(6));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(refusal(Path::new("")).contains("ALMANAC_TLS_KEY"));
    assert!(refusal(&chain).contains("private key"));
    assert!(refusal(&folder.path().join("none.pem")).contains("none.pem"));
}
