//! A mail server of a test's own: it speaks as much SMTP as a sender needs, with or without TLS,
//! keeps what it is given and refuses what it is told to refuse.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// How the server protects what it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protection {
    None,
    StartTls,
    Tls,
}

/// What one sender said.
#[derive(Debug, Clone, Default)]
pub(crate) struct Visit {
    /// The commands, one a line.
    pub(crate) commands: Vec<String>,
    /// The commands that came after TLS had begun.
    pub(crate) protected: Vec<String>,
    /// Head and text, if it came that far.
    pub(crate) letter: Option<String>,
}

/// The server.
pub(crate) struct Sink {
    pub(crate) port: u16,
    /// The certificate to trust, a PEM file.
    pub(crate) ca_file: PathBuf,
    visits: Arc<Mutex<Vec<Visit>>>,
    answers: Arc<Mutex<VecDeque<&'static str>>>,
}

impl Sink {
    /// Starts one that keeps its certificate in that folder. It answers the first recipients with
    /// `answers`, and takes every further one.
    pub(crate) fn start(folder: &Path, protection: Protection, answers: &[&'static str]) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a name");
        let ca_file = folder.join("mail-ca.pem");
        std::fs::write(&ca_file, made.cert.pem()).expect("a certificate file");
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], PrivateKeyDer::Pkcs8(key))
            .expect("a certificate that fits its key");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let sink = Self {
            port,
            ca_file,
            visits: Arc::default(),
            answers: Arc::new(Mutex::new(answers.iter().copied().collect())),
        };
        let (visits, answers) = (Arc::clone(&sink.visits), Arc::clone(&sink.answers));
        let config = Arc::new(config);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut visit = Visit::default();
                // A sender that does not like the certificate just goes away.
                drop(receive(stream, protection, &config, &answers, &mut visit));
                visits.lock().expect("visits").push(visit);
            }
        });
        sink
    }

    /// What every sender said so far.
    pub(crate) fn visits(&self) -> Vec<Visit> {
        self.visits.lock().expect("visits").clone()
    }

    /// The letters that were taken, with the breaks of long lines undone.
    pub(crate) fn letters(&self) -> Vec<String> {
        let letters = self.visits().into_iter().filter_map(|visit| visit.letter);
        let plain = |letter: String| letter.replace("=\r\n", "").replace("=3D", "=");
        letters.map(plain).collect()
    }
}

trait Line: Read + Write {}
impl<T: Read + Write> Line for T {}

fn receive(
    mut stream: TcpStream,
    protection: Protection,
    config: &Arc<ServerConfig>,
    answers: &Mutex<VecDeque<&'static str>>,
    visit: &mut Visit,
) -> io::Result<()> {
    let secure = |stream| {
        let connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
        io::Result::Ok(StreamOwned::new(connection, stream))
    };
    if protection == Protection::Tls {
        let mut stream = secure(stream)?;
        stream.write_all(b"220 sink\r\n")?;
        return talk(&mut stream, false, true, answers, visit).map(drop);
    }
    stream.write_all(b"220 sink\r\n")?;
    let offers_tls = protection == Protection::StartTls;
    if talk(&mut stream, offers_tls, false, answers, visit)? {
        talk(&mut secure(stream)?, false, true, answers, visit)?;
    }
    Ok(())
}

/// Answers commands until the sender leaves or asks for TLS, and tells whether it did.
fn talk(
    stream: &mut dyn Line,
    offers_tls: bool,
    is_protected: bool,
    answers: &Mutex<VecDeque<&'static str>>,
    visit: &mut Visit,
) -> io::Result<bool> {
    loop {
        let command = read_to(stream, "\r\n")?;
        visit.commands.push(command.clone());
        if is_protected {
            visit.protected.push(command.clone());
        }
        let word = command.split([' ', ':']).next().unwrap_or_default();
        let next = || answers.lock().expect("answers").pop_front();
        let answer = match word.to_ascii_uppercase().as_str() {
            "EHLO" if offers_tls => "250-sink\r\n250-STARTTLS\r\n250 8BITMIME",
            "EHLO" => "250-sink\r\n250-AUTH PLAIN\r\n250 8BITMIME",
            "STARTTLS" => {
                stream.write_all(b"220 go on\r\n")?;
                return Ok(true);
            }
            "AUTH" => "235 welcome",
            "RCPT" => next().unwrap_or("250 good"),
            "DATA" => {
                stream.write_all(b"354 go on\r\n")?;
                visit.letter = Some(read_to(stream, "\r\n.\r\n")?);
                "250 taken"
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n")?;
                return Ok(false);
            }
            _ => "250 good",
        };
        stream.write_all(answer.as_bytes())?;
        stream.write_all(b"\r\n")?;
    }
}

/// The text before the next `end`.
fn read_to(stream: &mut dyn Line, end: &str) -> io::Result<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end.as_bytes()) {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        bytes.extend_from_slice(&byte);
    }
    bytes.truncate(bytes.len() - end.len());
    String::from_utf8(bytes).map_err(io::Error::other)
}
