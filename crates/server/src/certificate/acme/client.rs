//! The ACME library speaks through the server's one way out.

use std::future::Future;
use std::pin::Pin;

use almanac_api::{Call, Outbound};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};

pub(super) struct Client(pub(super) Outbound);

type Asking = Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>>;

impl HttpClient for Client {
    fn request(&self, request: Request<BodyWrapper<Bytes>>) -> Asking {
        let outbound = self.0.clone();
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let Ok(body) = body.collect().await;
            let call = Call::from(Request::from_parts(head, body.to_bytes()));
            let reply = outbound.send(call).await;
            let reply = reply.map_err(|error| Error::Other(Box::new(error)))?;
            Ok(BytesResponse::from(Response::from(reply).map(Full::new)))
        })
    }
}
