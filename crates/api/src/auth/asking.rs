//! A request, as far as it says who asks and roughly from where. The address is used to find a
//! country and then dropped: it is neither kept nor logged.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use almanac_catalog::session::Device;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};

use crate::app::App;
use crate::client::{client_ip, header_text};
use crate::router::Shared;

/// Who might be asking.
#[derive(Debug)]
pub(crate) struct Asking {
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    peer: Option<SocketAddr>,
}

impl FromRequestParts<Shared> for Asking {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self {
            method: parts.method.clone(),
            headers: parts.headers.clone(),
            peer: peer.map(|peer| peer.0),
        })
    }
}

impl Asking {
    /// From what a handler has that does not care where a request comes from.
    pub(crate) fn of(method: &Method, headers: &HeaderMap) -> Self {
        Self {
            method: method.clone(),
            headers: headers.clone(),
            peer: None,
        }
    }

    /// The headers.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The method.
    pub(crate) fn method(&self) -> &Method {
        &self.method
    }

    /// The address of the client, for the length of this request.
    pub(crate) fn ip(&self, app: &App) -> Option<IpAddr> {
        let peer = self.peer?;
        Some(client_ip(peer, &self.headers, &app.http.trusted_proxies))
    }

    /// The country's two letters, where a database of addresses is configured.
    pub(crate) fn place(&self, app: &App) -> String {
        app.places.find(self.ip(app), "").country
    }

    /// By what a person recognises this client: families of browser and system, and the country.
    pub(crate) fn device(&self, app: &App) -> Device {
        let agent = app
            .agents
            .recognise(header_text(&self.headers, header::USER_AGENT));
        let name = match (agent.browser.as_str(), agent.os.as_str()) {
            ("", "") => String::new(),
            (browser, "") => browser.to_owned(),
            ("", system) => system.to_owned(),
            (browser, system) => format!("{browser} on {system}"),
        };
        let place = self.place(app);
        Device { name, place }
    }
}
