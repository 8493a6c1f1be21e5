//! A network as bytes. Layout, little-endian: the magic `ALMLSTM`, the version of this layout (one
//! byte), centre and spread (f64 each), seven σ (f64 each), then burn's own record of the weights
//! to the end. Where the bytes are kept is the business of others.

use burn::module::Module;
use burn::store::ModuleRecord;
use burn::tensor::Bytes;

use crate::HORIZON_DAYS;
use crate::device::device;
use crate::features::Scale;
use crate::network::Network;
use crate::training::Trained;

const MAGIC: &[u8; 7] = b"ALMLSTM";
/// Grows when the layout or the network changes, so that weights never meet a network that they
/// were not made for.
const VERSION: u8 = 1;
const NUMBERS: usize = 2 + HORIZON_DAYS;
const HEAD_BYTES: usize = MAGIC.len() + 1 + 8 * NUMBERS;

/// Why bytes are no network.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not written by this program.
    #[error("these bytes are no network of almanac")]
    Foreign,
    /// Written by another version of the network.
    #[error("the network has version {found}, this program reads {VERSION}; train it again")]
    Version {
        /// What was found.
        found: u8,
    },
    /// The weights are damaged.
    #[error("the weights cannot be read: {0}")]
    Weights(String),
}

impl Trained {
    /// The bytes that [`Trained::from_bytes`] reads.
    ///
    /// # Errors
    /// [`ReadError::Weights`] where the weights cannot be written down.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ReadError> {
        let record = self
            .network
            .clone()
            .into_record()
            .into_bytes()
            .map_err(broken)?;
        let mut bytes = MAGIC.to_vec();
        bytes.push(VERSION);
        let numbers = [self.scale.centre, self.scale.spread];
        for number in numbers.iter().chain(&self.sigma) {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend_from_slice(&record);
        Ok(bytes)
    }

    /// Reads a network.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Trained, ReadError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(ReadError::Foreign)?;
        let found = *rest.first().ok_or(ReadError::Foreign)?;
        if found != VERSION {
            return Err(ReadError::Version { found });
        }
        let record = bytes.get(HEAD_BYTES..).ok_or(ReadError::Foreign)?;
        let numbers: Vec<f64> = rest[1..]
            .chunks_exact(8)
            .take(NUMBERS)
            .filter_map(|chunk| Some(f64::from_le_bytes(chunk.try_into().ok()?)))
            .collect();
        if numbers.len() < NUMBERS || numbers.iter().any(|number| !number.is_finite()) {
            return Err(ReadError::Foreign);
        }
        let record =
            ModuleRecord::from_bytes(Bytes::from_bytes_vec(record.to_vec())).map_err(broken)?;
        let blank = Network::new(&device());
        let network = blank.try_load_record(record).map_err(broken)?;
        Ok(Trained {
            network,
            scale: Scale {
                centre: numbers[0],
                spread: numbers[1],
            },
            sigma: numbers[2..].to_vec(),
        })
    }
}

fn broken(error: impl std::fmt::Display) -> ReadError {
    ReadError::Weights(error.to_string())
}
