//! Broken inputs from good ones, by a seed: what a fuzzer does, without one. A run of it finds less
//! than a fuzzer that watches the program, but it runs with every test and always in the same way.

use crate::Random;

/// What parsers stumble over.
const TOKENS: [&[u8]; 28] = [
    b"\"",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"\\ud83d\\ude00",
    b"null",
    b"true",
    b"-0",
    b"1e999",
    b"-1e-999",
    b"9223372036854775808",
    b"0.1e1",
    b"{\"a\":",
    b"[[[[[[[[",
    b"\0",
    b"\xff\xfe",
    b"\xe2\x80\xae",
    b"\x1b[31m",
    b"%00%ff",
    b"https://[::1]:99999/",
    b"xn--a",
    b"\r\n\r\n",
];
/// Changes to one input, at most.
const CHANGES_MAX: usize = 6;
/// Longest stretch that is removed, repeated or taken from another input, bytes.
const STRETCH_BYTES_MAX: usize = 64;

/// One of the inputs, changed a few times. Of ten, about one stays as it was.
pub fn mutant(random: &mut Random, inputs: &[&[u8]]) -> Vec<u8> {
    let mut bytes = pick(random, inputs).to_vec();
    for _ in 0..random.below(CHANGES_MAX + 1) {
        change(random, &mut bytes, inputs);
    }
    bytes
}

fn change(random: &mut Random, bytes: &mut Vec<u8>, inputs: &[&[u8]]) {
    let at = random.below(bytes.len() + 1);
    match random.below(7) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = random.below(256) as u8;
            }
        }
        2 => bytes.truncate(at),
        3 => {
            let end = stretch_end(random, at, bytes.len());
            bytes.drain(at..end);
        }
        4 => {
            let end = stretch_end(random, at, bytes.len());
            let again = bytes.get(at..end).unwrap_or_default().to_vec();
            bytes.splice(at..at, again);
        }
        5 => {
            let token = pick(random, &TOKENS);
            bytes.splice(at..at, token.iter().copied());
        }
        _ => {
            let other = pick(random, inputs);
            let from = random.below(other.len() + 1);
            let end = stretch_end(random, from, other.len());
            let piece = other.get(from..end).unwrap_or_default().to_vec();
            bytes.splice(at..at, piece);
        }
    }
}

fn stretch_end(random: &mut Random, from: usize, length: usize) -> usize {
    (from + random.below(STRETCH_BYTES_MAX)).min(length)
}

fn pick<'a>(random: &mut Random, all: &[&'a [u8]]) -> &'a [u8] {
    all.get(random.below(all.len()))
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_gives_the_same_mutants_and_nearly_all_are_changed() {
        let inputs: [&[u8]; 2] = [b"{\"n\":\"pageview\"}", b"[1,2,3]"];
        let mutants = |seed| {
            let mut random = Random::new(seed);
            (0..1_000)
                .map(|_| mutant(&mut random, &inputs))
                .collect::<Vec<_>>()
        };
        assert_eq!(mutants(1), mutants(1));
        let all = mutants(1);
        let unchanged = all
            .iter()
            .filter(|mutant| inputs.contains(&mutant.as_slice()));
        let unchanged = unchanged.count();
        assert!((50..300).contains(&unchanged), "{unchanged} of 1,000");
    }
}
