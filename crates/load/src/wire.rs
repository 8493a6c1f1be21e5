//! As much of HTTP/1.1 as a generator of load needs: a request out, its whole answer in. It knows
//! no chunks, because the server answers what is asked here in one piece.

use std::net::SocketAddr;

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// One connection.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    answer: Vec<u8>,
    /// Where the body of the last answer begins.
    body_at: usize,
}

impl Wire {
    pub(crate) async fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address)
            .await
            .with_context(|| format!("nothing listens on {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            answer: Vec::with_capacity(1_024),
            body_at: 0,
        })
    }

    /// Writes a request and reads its whole answer; answers with the status.
    pub(crate) async fn exchange(&mut self, request: &str) -> anyhow::Result<u16> {
        self.stream.write_all(request.as_bytes()).await?;
        self.answer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.answer).await?;
            anyhow::ensure!(read > 0, "the server closed the connection");
            if let Some(end) = head_end(&self.answer) {
                let (head, rest) = self.answer.split_at(end);
                let head = std::str::from_utf8(head)?;
                if rest.len() >= content_length(head) {
                    self.body_at = end;
                    return status(head);
                }
            }
            anyhow::ensure!(
                self.answer.len() < ANSWER_BYTES_MAX,
                "the answer does not end"
            );
        }
    }

    /// The body of the last answer.
    pub(crate) fn body(&self) -> &[u8] {
        self.answer.get(self.body_at..).unwrap_or_default()
    }
}

fn head_end(answer: &[u8]) -> Option<usize> {
    answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .map(|start| start + 4)
}

fn content_length(head: &str) -> usize {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0)
}

fn status(head: &str) -> anyhow::Result<u16> {
    let code = head.split(' ').nth(1).context("the answer has no status")?;
    Ok(code.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_an_answer_is_found() {
        let answer = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok";
        let end = head_end(answer).unwrap();
        let head = std::str::from_utf8(&answer[..end]).unwrap();
        assert_eq!((content_length(head), status(head).unwrap()), (2, 202));
        assert_eq!(&answer[end..], b"ok");
    }
}
