//! A page as a QR code for the terminal, so that nobody has to type it into a telephone.

use qrcode::{EcLevel, QrCode, render::unicode::Dense1x2};

/// Black on white whatever the terminal's colours are: many readers know nothing else.
const BLACK_ON_WHITE: &str = "\x1b[38;5;16;48;5;231m";
const RESET: &str = "\x1b[0m";

/// The code, two modules to a character, in lines; `None` if the text is too long for one.
pub fn draw(text: &str) -> Option<String> {
    let modules = modules(text)?;
    let lines = modules.lines().map(|line| format!("  {BLACK_ON_WHITE}{line}{RESET}\n"));
    Some(lines.collect())
}

fn modules(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    Some(code.render::<Dense1x2>().quiet_zone(true).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The picture as a camera sees it: each module four pixels wide.
    fn read(modules: &str) -> Option<String> {
        const SCALE: usize = 4;
        let rows: Vec<(Vec<bool>, Vec<bool>)> = modules
            .lines()
            .map(|line| line.chars().map(|c| ("█▀".contains(c), "█▄".contains(c))).unzip())
            .collect();
        let rows: Vec<Vec<bool>> = rows.into_iter().flat_map(|(top, low)| [top, low]).collect();
        let (width, height) = (rows[0].len() * SCALE, rows.len() * SCALE);
        let dark = |x: usize, y: usize| if rows[y / SCALE][x / SCALE] { 0 } else { 255 };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, dark);
        let (_, text) = image.detect_grids().first()?.decode().ok()?;
        Some(text)
    }

    #[test]
    fn a_camera_reads_what_was_drawn() {
        let long = format!("https://idp.example/device?user_code={}", "WDJB-MJHT".repeat(20));
        for text in ["https://www.google.com/device", "https://idp.example/d?c=AB-CD", &long] {
            assert_eq!(read(&modules(text).unwrap()).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_is_too_long_is_not_drawn() {
        assert_eq!(draw(&"x".repeat(3000)), None);
    }
}
