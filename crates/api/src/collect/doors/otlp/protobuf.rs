//! Reads the fields of protobuf messages where they lie. Nothing is built and nothing is copied, so
//! a hostile body costs no more memory than its own bytes, and contents that are not wanted are
//! stepped over. It knows the encoding and no message.

/// One field's value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value<'a> {
    /// An integer or truth value.
    Varint(u64),
    /// Eight bytes: an integer or a floating-point number.
    Fixed64(u64),
    /// Text, bytes or a message.
    Bytes(&'a [u8]),
    /// Four bytes.
    Fixed32(u32),
}

/// Why bytes are no protobuf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("a field breaks off")]
    BrokenOff,
    #[error("an integer has more than ten bytes")]
    TooLong,
    #[error("the wire type {0} is not known")]
    WireType(u64),
    #[error("a message is where none may be, or none is where one must be")]
    NoMessage,
}

/// The fields of one message, in their order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn of(message: &'a [u8]) -> Self {
        Self(message)
    }

    fn next_field(&mut self) -> Result<(u64, Value<'a>), Malformed> {
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => {
                let bytes = usize::try_from(self.varint()?).map_err(|_| Malformed::BrokenOff)?;
                Value::Bytes(self.take(bytes)?)
            }
            5 => Value::Fixed32(u32::from_le_bytes(self.array()?)),
            other => return Err(Malformed::WireType(other)),
        };
        Ok((tag >> 3, value))
    }

    /// Seven bits a byte, the lowest first; the top bit says that more follow.
    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0_u64;
        for at in 0..10_u32 {
            let [byte] = self.array()?;
            value |= u64::from(byte & 0x7f) << (7 * at);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Malformed::TooLong)
    }

    fn array<const BYTES: usize>(&mut self) -> Result<[u8; BYTES], Malformed> {
        let (head, rest) = self.0.split_first_chunk().ok_or(Malformed::BrokenOff)?;
        self.0 = rest;
        Ok(*head)
    }

    fn take(&mut self, bytes: usize) -> Result<&'a [u8], Malformed> {
        let (head, rest) = self.0.split_at_checked(bytes).ok_or(Malformed::BrokenOff)?;
        self.0 = rest;
        Ok(head)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.next_field();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Value<'a> {
    /// The bytes of a text or message.
    pub(super) fn bytes(self) -> Result<&'a [u8], Malformed> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            _ => Err(Malformed::NoMessage),
        }
    }

    /// An integer, however it is encoded.
    pub(super) fn integer(self) -> u64 {
        match self {
            Self::Varint(value) | Self::Fixed64(value) => value,
            Self::Fixed32(value) => u64::from(value),
            Self::Bytes(_) => 0,
        }
    }
}

/// Appends an integer field.
pub(super) fn put_varint(into: &mut Vec<u8>, number: u64, value: u64) {
    put_raw(into, number << 3);
    put_raw(into, value);
}

/// Appends a text or message.
pub(super) fn put_bytes(into: &mut Vec<u8>, number: u64, bytes: &[u8]) {
    put_raw(into, number << 3 | 2);
    put_raw(into, bytes.len() as u64);
    into.extend_from_slice(bytes);
}

fn put_raw(into: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        into.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    into.push(value.to_le_bytes()[0]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(message: &[u8]) -> Result<Vec<(u64, Value<'_>)>, Malformed> {
        Fields::of(message).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        let mut message = Vec::new();
        put_varint(&mut message, 1, 300);
        put_bytes(&mut message, 2000, b"text");
        put_varint(&mut message, 3, u64::MAX);
        message.extend([4 << 3 | 5, 1, 0, 0, 0, 5 << 3 | 1, 2, 0, 0, 0, 0, 0, 0, 0]);
        let expected = [
            (1, Value::Varint(300)),
            (2000, Value::Bytes(b"text")),
            (3, Value::Varint(u64::MAX)),
            (4, Value::Fixed32(1)),
            (5, Value::Fixed64(2)),
        ];
        assert_eq!(read(&message).unwrap(), expected);
        for end in 1..message.len() {
            // Cut anywhere, it is shorter or broken off, and never a panic.
            assert!(
                read(&message[..end]).is_ok_and(|fields| fields.len() < 5)
                    || read(&message[..end]) == Err(Malformed::BrokenOff)
            );
        }
    }

    #[test]
    fn bytes_that_are_no_protobuf_are_named() {
        assert_eq!(read(&[]), Ok(vec![]));
        assert_eq!(read(&[0x80; 11]), Err(Malformed::TooLong));
        assert_eq!(read(&[3]), Err(Malformed::WireType(3)));
        let claims_everything = [2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
        assert_eq!(read(&claims_everything), Err(Malformed::BrokenOff));
    }
}
