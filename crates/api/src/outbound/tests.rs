//! Who is asked and who is not, with names and connections under the tests' control: every
//! connection that is wanted is written down and led to a listener that counts the ones it gets.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::world::World;
use super::{Call, Destination, Outbound, OutboundError, OutboundSettings, Refused, network};
use crate::serve::Certificate;

const REFUSED: &str = include_str!("../../../../testdata/outbound/refused.txt");
const ADMITTED: &str = include_str!("../../../../testdata/outbound/admitted.txt");
/// What a name stands for when nothing else is said.
const PUBLIC: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(93, 184, 215, 14));
const HELLO: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

/// The first byte of a client that wants TLS.
const TLS_HANDSHAKE: u8 = 0x16;

type Names = Box<dyn Fn(&str) -> Vec<IpAddr> + Send + Sync>;

/// A listener that everybody is led to, and what was wanted of the network.
struct Sink {
    address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    wanted: Arc<Mutex<Vec<SocketAddr>>>,
    /// The requests that came, as they were sent.
    requests: Arc<Mutex<Vec<String>>>,
}

impl Sink {
    /// Answers every request with the same bytes.
    async fn saying(answer: impl Into<String>) -> Self {
        Self::start(answer.into(), None).await
    }

    async fn start(answer: String, certificate: Option<Certificate>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sink = Self {
            address: listener.local_addr().unwrap(),
            accepted: Arc::default(),
            wanted: Arc::default(),
            requests: Arc::default(),
        };
        let (accepted, requests) = (Arc::clone(&sink.accepted), Arc::clone(&sink.requests));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                accepted.fetch_add(1, Ordering::SeqCst);
                let (answer, requests) = (answer.clone(), Arc::clone(&requests));
                let certificate = certificate.clone();
                tokio::spawn(async move {
                    match certificate {
                        None => answer_once(stream, &answer, &requests).await,
                        Some(certificate) => {
                            if let Ok(stream) = certificate.accept(stream).await {
                                answer_once(stream, &answer, &requests).await;
                            }
                        }
                    }
                });
            }
        });
        sink
    }

    fn client(&self, settings: &OutboundSettings, names: Names) -> Outbound {
        let (wanted, sink) = (Arc::clone(&self.wanted), self.address);
        let world = World::new(
            move |host| {
                let found = names(&host);
                Box::pin(async move { Ok(found) })
            },
            move |address| {
                wanted.lock().unwrap().push(address);
                Box::pin(TcpStream::connect(sink))
            },
        );
        Outbound::in_world(settings, world).unwrap()
    }

    /// A client with the defaults to which every name is public.
    fn public_client(&self) -> Outbound {
        self.client(&OutboundSettings::default(), Box::new(|_| vec![PUBLIC]))
    }

    fn wanted(&self) -> Vec<SocketAddr> {
        self.wanted.lock().unwrap().clone()
    }

    fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }
}

async fn answer_once<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    answer: &str,
    requests: &Mutex<Vec<String>>,
) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(1..) if answer.is_empty() => return std::future::pending().await,
            // A client that wants TLS is not talked to in plain.
            Ok(1..) if buffer[0] == TLS_HANDSHAKE => return,
            Ok(length @ 1..) => request.extend_from_slice(&buffer[..length]),
            _ => return,
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    requests.lock().unwrap().push(request);
    // Who was told enough may be gone.
    if stream.write_all(answer.as_bytes()).await.is_ok() {
        stream.shutdown().await.ok();
    }
}

/// A line of the files: the reason where there is one, the address, and what its name stands for.
struct Case {
    reason: String,
    url: String,
    addresses: Vec<IpAddr>,
}

fn cases(text: &str, with_reason: bool) -> Vec<Case> {
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| case(line, with_reason)).collect()
}

fn case(line: &str, with_reason: bool) -> Case {
    let (reason, rest) = match with_reason {
        true => line.split_once(' ').unwrap(),
        false => ("", line),
    };
    let (url, addresses) = rest.split_once(" => ").unwrap_or((rest, ""));
    let mut parts = url.split("\\u{");
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        let (code, text) = part.split_once('}').unwrap();
        plain.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
        plain.push_str(text);
    }
    Case {
        reason: reason.to_owned(),
        url: plain,
        addresses: addresses
            .split_whitespace()
            .map(|ip| ip.parse().unwrap())
            .collect(),
    }
}

fn names_of(cases: &[Case]) -> Names {
    let known: HashMap<String, Vec<IpAddr>> = cases
        .iter()
        .filter(|case| !case.addresses.is_empty())
        .map(|case| (super::host_of(&case.url), case.addresses.clone()))
        .collect();
    Box::new(move |host| known.get(host).cloned().unwrap_or_else(|| vec![PUBLIC]))
}

fn reason(refused: Refused) -> &'static str {
    match refused {
        Refused::NoAddress => "no-address",
        Refused::TooLong => "too-long",
        Refused::Scheme => "scheme",
        Refused::UserInfo => "user-info",
        Refused::OddHost => "odd-host",
        Refused::InternalName => "internal-name",
        Refused::Port => "port",
        Refused::NotPublic => "not-public",
    }
}

#[tokio::test]
async fn no_forbidden_address_is_ever_connected_to() {
    let cases = cases(REFUSED, true);
    assert!(cases.len() >= 400, "{} cases", cases.len());
    let sink = Sink::saying(HELLO).await;
    let client = sink.client(&OutboundSettings::default(), names_of(&cases));
    let mut wrong = Vec::new();
    for case in &cases {
        let url = &case.url;
        match client.send(Call::get(url)).await {
            Err(OutboundError::Refused(refused)) if reason(refused) == case.reason => {}
            other => wrong.push(format!("{} {url:?}: {other:?}", case.reason)),
        }
        let at_save = client.admits(url).map_err(reason);
        if case.addresses.is_empty() && at_save != Err(case.reason.as_str()) {
            wrong.push(format!("{} {url:?} at save: {at_save:?}", case.reason));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(sink.wanted(), []);
    assert_eq!(sink.accepted(), 0);
}

#[tokio::test]
async fn public_addresses_are_asked_at_the_address_that_was_judged() {
    let cases = cases(ADMITTED, false);
    let sink = Sink::saying(HELLO).await;
    let client = sink.client(&OutboundSettings::default(), names_of(&cases));
    for case in &cases {
        assert_eq!(client.admits(&case.url), Ok(()), "{}", case.url);
        let outcome = client.send(Call::get(&case.url)).await;
        if case.url.starts_with("https") {
            // The sink speaks no TLS here.
            assert!(matches!(outcome, Err(OutboundError::Certificate { .. })));
        } else {
            assert_eq!(outcome.unwrap().body.as_ref(), b"hello", "{}", case.url);
        }
    }
    assert_eq!(sink.accepted(), cases.len());
    assert!(
        sink.wanted()
            .iter()
            .all(|address| network::is_public(address.ip()))
    );
}

#[tokio::test]
async fn a_name_that_changes_its_meaning_is_asked_where_it_was_judged_or_not_at_all() {
    let sink = Sink::saying(HELLO).await;
    let asked = AtomicUsize::new(0);
    let names = move |_: &str| match asked.fetch_add(1, Ordering::SeqCst) % 2 {
        0 => vec![PUBLIC],
        _ => vec![IpAddr::from([127, 0, 0, 1])],
    };
    let client = sink.client(&OutboundSettings::default(), Box::new(names));
    for _ in 0..20 {
        client
            .send(Call::get("http://rebind.example.com/"))
            .await
            .unwrap();
        let second = client.send(Call::get("http://rebind.example.com/")).await;
        assert!(matches!(
            second,
            Err(OutboundError::Refused(Refused::NotPublic))
        ));
    }
    assert_eq!(sink.wanted(), vec![SocketAddr::new(PUBLIC, 80); 20]);
}

#[tokio::test]
async fn nothing_is_followed_unless_asked_and_every_step_is_judged() {
    let cases = cases(REFUSED, true);
    for case in cases
        .iter()
        .filter(|case| case.url.parse::<axum::http::HeaderValue>().is_ok())
    {
        let url = &case.url;
        let answer = format!("HTTP/1.1 302 Found\r\nlocation: {url}\r\ncontent-length: 0\r\n\r\n");
        let sink = Sink::saying(answer).await;
        let client = sink.client(&OutboundSettings::default(), names_of(&cases));
        let start = "http://start.example.com/";
        assert_eq!(client.send(Call::get(start)).await.unwrap().status, 302);
        // Some are no address and name a page of the same host; none may lead elsewhere.
        client.send(Call::get(start).redirects(2)).await.ok();
        let wanted = sink.wanted();
        assert!(
            wanted
                .iter()
                .all(|address| network::is_public(address.ip())),
            "{url}"
        );
        assert!(
            wanted
                .iter()
                .all(|address| [80, 443].contains(&address.port())),
            "{url}"
        );
        let post = Call::post(start, "text/plain", "x").redirects(2);
        assert_eq!(client.send(post).await.unwrap().status, 302);
    }
}

#[tokio::test]
async fn headers_stay_with_the_host_they_were_meant_for_and_circles_end() {
    let answer = "HTTP/1.1 307 T\r\nlocation: http://b.example.com/\r\ncontent-length: 0\r\n\r\n";
    let sink = Sink::saying(answer).await;
    let call = Call::get("http://a.example.com/x?y#z")
        .header(
            axum::http::header::AUTHORIZATION,
            "Bearer secret".parse().unwrap(),
        )
        .header(axum::http::header::HOST, "other.example".parse().unwrap())
        .redirects(2);
    let outcome = sink.public_client().send(call).await;
    assert!(matches!(
        outcome,
        Err(OutboundError::LedOn {
            redirects_max: 2,
            ..
        })
    ));
    let requests = sink.requests.lock().unwrap().clone();
    assert_eq!(requests.len(), 3);
    assert!(
        requests[0].starts_with("GET /x?y HTTP/1.1\r\n"),
        "{}",
        requests[0]
    );
    assert!(
        requests[0].contains("host: a.example.com\r\n"),
        "{}",
        requests[0]
    );
    assert!(requests[0].contains("secret"));
    assert!(!requests[0].contains("other.example"));
    assert!(
        requests[1..]
            .iter()
            .all(|request| !request.contains("secret"))
    );
}

#[tokio::test]
async fn an_answer_has_a_limit_on_every_part() {
    async fn fails(answer: String) -> OutboundError {
        let sink = Sink::saying(answer).await;
        let call = Call::get("http://example.com/").body_bytes_max(100);
        sink.public_client().send(call).await.unwrap_err()
    }
    let body = |length: usize| "x".repeat(length);
    let told = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n{}",
        body(101)
    );
    assert!(matches!(
        fails(told).await,
        OutboundError::TooLong { bytes_max: 100, .. }
    ));
    let untold = format!("HTTP/1.1 200 OK\r\n\r\n{}", body(101));
    assert!(matches!(fails(untold).await, OutboundError::TooLong { .. }));
    let short = "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nx".to_owned();
    assert!(matches!(
        fails(short).await,
        OutboundError::Unreadable { .. }
    ));
    let headers = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(101));
    assert!(matches!(
        fails(headers).await,
        OutboundError::Unreadable { .. }
    ));
    let head = format!("HTTP/1.1 200 OK\r\na: {}\r\n\r\n", body(64 * 1024));
    assert!(matches!(
        fails(head).await,
        OutboundError::Unreadable { .. }
    ));
    let other = "SSH-2.0-OpenSSH_9.2\r\n".to_owned();
    assert!(matches!(
        fails(other).await,
        OutboundError::Unreadable { .. }
    ));

    let exact = Sink::saying(format!("HTTP/1.1 200 OK\r\n\r\n{}", body(100))).await;
    let call = Call::get("http://example.com/").body_bytes_max(100);
    assert_eq!(
        exact.public_client().send(call).await.unwrap().body.len(),
        100
    );

    let silent = Sink::saying("").await;
    let call = Call::get("http://example.com/").time_max(std::time::Duration::from_millis(50));
    let error = silent.public_client().send(call).await.unwrap_err();
    assert!(matches!(error, OutboundError::TimedOut { .. }), "{error:?}");
}

#[tokio::test]
async fn what_an_operator_vouches_for_is_asked_and_nothing_beside_it() {
    let sink = Sink::saying(HELLO).await;
    let settings = OutboundSettings {
        trusted: ["127.0.0.1:9000", "login.lan:8080", "[::1]:80"]
            .map(|text| Destination::parse(text).unwrap())
            .to_vec(),
        ports: vec![8443],
        ..OutboundSettings::default()
    };
    let client = sink.client(&settings, Box::new(|_| vec![IpAddr::from([10, 0, 0, 9])]));
    for url in [
        "http://127.0.0.1:9000/a",
        "http://LOGIN.lan:8080/",
        "http://[::1]/",
    ] {
        assert_eq!(
            client.send(Call::get(url)).await.unwrap().status,
            200,
            "{url}"
        );
    }
    assert_eq!(sink.accepted(), 3);
    for url in [
        "http://127.0.0.1/",
        "http://127.0.0.1:9001/",
        "http://127.1:9000/",
        "http://2130706433:9000/",
        "http://127.0.0.1.:9000/",
        "http://login.lan/",
        "http://login.lan.:8080/",
        "http://x.login.lan:8080/",
        "http://public.example.com:8080/",
        "http://public.example.com:8443/",
        "http://[::1]:8080/",
    ] {
        let outcome = client.send(Call::get(url)).await;
        assert!(
            matches!(outcome, Err(OutboundError::Refused(_))),
            "{url}: {outcome:?}"
        );
    }
    assert_eq!(sink.accepted(), 3);
    assert_eq!(client.admits("https://public.example.com:8443/"), Ok(()));
    for text in [
        "",
        "host",
        "host:",
        ":80",
        "host:0",
        "host:65536",
        "a@b:80",
        "127.1:80",
        "a/b:80",
    ] {
        assert_eq!(Destination::parse(text), None, "{text}");
    }
}

#[tokio::test]
async fn a_certificate_has_to_be_of_the_host_and_of_a_believed_authority() {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["secure.example.com".to_owned()]).unwrap();
    let served = Certificate::read(
        cert.pem().as_bytes(),
        signing_key.serialize_pem().as_bytes(),
    )
    .unwrap();
    let sink = Sink::start(HELLO.to_owned(), Some(served)).await;
    let names = || -> Names { Box::new(|_| vec![PUBLIC]) };
    let settings = OutboundSettings {
        authorities: cert.pem().into_bytes(),
        ..OutboundSettings::default()
    };
    let url = "https://secure.example.com/";
    let believing = sink.client(&settings, names());
    assert_eq!(
        believing.send(Call::get(url)).await.unwrap().body.as_ref(),
        b"hello"
    );
    let other = believing
        .send(Call::get("https://other.example.com/"))
        .await;
    assert!(
        matches!(other, Err(OutboundError::Certificate { .. })),
        "{other:?}"
    );
    let strict = sink.public_client().send(Call::get(url)).await;
    assert!(
        matches!(strict, Err(OutboundError::Certificate { .. })),
        "{strict:?}"
    );
    let empty = OutboundSettings {
        authorities: b"no PEM at all".to_vec(),
        ..OutboundSettings::default()
    };
    assert!(Outbound::new(&empty).is_err());
}
