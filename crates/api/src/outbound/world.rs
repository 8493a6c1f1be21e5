//! What a request needs of the machine: the meaning of names, and connections. Tests give their
//! own, so that they can count who was asked.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;

use tokio::net::TcpStream;

type Coming<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

/// Names and connections, as functions.
pub(super) struct World {
    resolve: Box<dyn Fn(String) -> Coming<Vec<IpAddr>> + Send + Sync>,
    connect: Box<dyn Fn(SocketAddr) -> Coming<TcpStream> + Send + Sync>,
}

impl World {
    /// The machine that this program runs on.
    pub(super) fn system() -> Self {
        Self::new(
            |host| {
                Box::pin(async move {
                    let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
                    Ok(found.map(|address| address.ip()).collect())
                })
            },
            |address| Box::pin(TcpStream::connect(address)),
        )
    }

    pub(super) fn new(
        resolve: impl Fn(String) -> Coming<Vec<IpAddr>> + Send + Sync + 'static,
        connect: impl Fn(SocketAddr) -> Coming<TcpStream> + Send + Sync + 'static,
    ) -> Self {
        Self {
            resolve: Box::new(resolve),
            connect: Box::new(connect),
        }
    }

    /// The addresses that a name stands for at this moment.
    pub(super) fn resolve(&self, host: String) -> Coming<Vec<IpAddr>> {
        (self.resolve)(host)
    }

    /// A connection to exactly that address.
    pub(super) fn connect(&self, address: SocketAddr) -> Coming<TcpStream> {
        (self.connect)(address)
    }
}
