//! The picture of an address that telephones read from a screen (QR code, ISO/IEC 18004), as the
//! path of a drawing: the page draws it itself, so that no markup travels.

use qrcode::{Color, EcLevel, QrCode};
use serde::Serialize;
use utoipa::ToSchema;

/// A QR code.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"size": 21, "path": "M0 0h7v1h-7zM8 0h1v1h-1z"}))]
pub(crate) struct Picture {
    /// Modules along each side, without the four of blank margin that it needs.
    size: usize,
    /// The dark modules, as the `d` of an SVG path; a module is one unit wide.
    path: String,
}

/// The picture of a text; nothing when it is too long for one.
pub(crate) fn picture(text: &str) -> Option<Picture> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let (size, colours) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in colours.chunks(size).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            let width = run.len();
            if run.first() == Some(&Color::Dark) {
                path.push_str(&format!("M{x} {y}h{width}v1h-{width}z"));
            }
            x += width;
        }
    }
    Some(Picture { size, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether each module is dark, drawn again from the path.
    fn drawn(picture: &Picture) -> Vec<Vec<bool>> {
        let mut dark = vec![vec![false; picture.size]; picture.size];
        for run in picture.path.split('M').skip(1) {
            let numbers: Vec<usize> = run
                .split(|c: char| !c.is_ascii_digit())
                .filter_map(|number| number.parse().ok())
                .collect();
            let (x, y, width) = (numbers[0], numbers[1], numbers[2]);
            for module in &mut dark[y][x..x + width] {
                *module = true;
            }
        }
        dark
    }

    #[test]
    fn the_path_draws_the_code() {
        let text = "otpauth://totp/Almanac:ada%40shop.example?secret=JBSWY3DPEHPK3PXP";
        let picture = picture(text).unwrap();
        let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        let dark = drawn(&picture);
        for (y, row) in dark.iter().enumerate() {
            for (x, is_dark) in row.iter().enumerate() {
                assert_eq!(*is_dark, code[(x, y)] == Color::Dark, "module {x}, {y}");
            }
        }
        // The eye in the corner, as every code has it.
        assert!((0..7).all(|x| dark[0][x]) && !dark[1][1] && dark[2][2] && !dark[0][7]);
    }

    #[test]
    fn a_text_that_fits_no_picture_has_none() {
        assert_eq!(picture(&"x".repeat(4_000)), None);
    }
}
