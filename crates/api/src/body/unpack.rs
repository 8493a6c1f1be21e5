//! Unpacks bodies. A few bytes may expand to anything, so no more is unpacked than a body may have,
//! and no packer may ask for more memory than that takes.

use std::io::{self, Read};

use axum::http::HeaderValue;
use bytes::Bytes;

use super::too_large;
use crate::error::ApiError;

/// Largest window that a zstd frame may ask for, as a power of two: 8 MiB, which RFC 8878 asks
/// every decoder to support.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;
/// Bytes that the brotli decoder reads at once.
const BROTLI_BUFFER_BYTES: usize = 4096;

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Gzip,
    Brotli,
    Zstd,
}

impl Encoding {
    /// What `Content-Encoding` says; none for a body as it is.
    pub(super) fn of(header: Option<&HeaderValue>) -> Result<Option<Self>, ApiError> {
        let Some(header) = header else {
            return Ok(None);
        };
        let name = header.to_str().unwrap_or_default().trim();
        match name.to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(None),
            "gzip" | "x-gzip" => Ok(Some(Self::Gzip)),
            "br" => Ok(Some(Self::Brotli)),
            "zstd" => Ok(Some(Self::Zstd)),
            _ => Err(ApiError::UnknownEncoding(format!(
                "the encoding {name:?} is not known; send gzip, zstd, br, or the body as it is"
            ))),
        }
    }

    /// The content, if it is at most so long.
    pub(super) fn unpack(self, packed: &[u8], bytes_max: usize) -> Result<Bytes, ApiError> {
        let unpacked = self.read(packed, bytes_max as u64 + 1).map_err(|error| {
            ApiError::BadRequest(format!("the body could not be unpacked: {error}"))
        })?;
        if unpacked.len() > bytes_max {
            return Err(too_large());
        }
        Ok(unpacked.into())
    }

    fn read(self, packed: &[u8], bytes_max: u64) -> io::Result<Vec<u8>> {
        let mut unpacked = Vec::new();
        match self {
            Self::Gzip => flate2::read::MultiGzDecoder::new(packed)
                .take(bytes_max)
                .read_to_end(&mut unpacked)?,
            Self::Brotli => brotli::Decompressor::new(packed, BROTLI_BUFFER_BYTES)
                .take(bytes_max)
                .read_to_end(&mut unpacked)?,
            Self::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(packed)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
                decoder.take(bytes_max).read_to_end(&mut unpacked)?
            }
        };
        Ok(unpacked)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn pack(encoding: Encoding, content: &[u8]) -> Vec<u8> {
        let mut packed = Vec::new();
        match encoding {
            Encoding::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(&mut packed, Default::default());
                encoder.write_all(content).unwrap();
                encoder.finish().unwrap();
            }
            Encoding::Brotli => {
                let mut encoder = brotli::CompressorWriter::new(&mut packed, 4096, 5, 22);
                encoder.write_all(content).unwrap();
            }
            Encoding::Zstd => packed = zstd::encode_all(content, 3).unwrap(),
        }
        packed
    }

    #[test]
    fn content_comes_back_up_to_the_limit_and_not_past_it() {
        let content: Vec<u8> = (0..100_000_u32).map(|at| (at % 251) as u8).collect();
        for encoding in [Encoding::Gzip, Encoding::Brotli, Encoding::Zstd] {
            let packed = pack(encoding, &content);
            let whole = encoding.unpack(&packed, content.len()).unwrap();
            assert_eq!(whole, content, "{encoding:?}");
            let short = encoding.unpack(&packed, content.len() - 1);
            assert!(
                matches!(short, Err(ApiError::TooLarge(_))),
                "{encoding:?}: {short:?}"
            );
            let cut = encoding.unpack(&packed[..packed.len() / 2], content.len());
            assert!(
                matches!(cut, Err(ApiError::BadRequest(_))),
                "{encoding:?}: {cut:?}"
            );
        }
    }

    #[test]
    fn encodings_are_known_by_their_names() {
        let of = |name: &'static str| Encoding::of(Some(&HeaderValue::from_static(name)));
        assert_eq!(Encoding::of(None).unwrap(), None);
        assert_eq!(of("identity").unwrap(), None);
        assert_eq!(of("GZIP").unwrap(), Some(Encoding::Gzip));
        assert_eq!(of("zstd").unwrap(), Some(Encoding::Zstd));
        assert!(matches!(of("gzip, br"), Err(ApiError::UnknownEncoding(_))));
    }
}
