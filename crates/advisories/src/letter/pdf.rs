//! The text of a PDF file (ISO 32000-2), as far as its fonts say what their glyphs mean.
//!
//! What a file may make its reader do has no bound that can be seen before (forms within forms, streams that unpack
//! to anything), so whoever calls this gives it a process with limits of its own.

use super::MAX_TEXT;
use hayro_cmap::BfString;
use hayro_interpret::font::{Glyph, GlyphRun};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, SoftMask, interpret_page,
};
use hayro_syntax::Pdf;
use kurbo::{Affine, BezPath, Point, Rect};

/// The most pages read of one file.
const MAX_PAGES: usize = 500;
/// Units of a glyph's own space for the height of its line (ISO 32000-2, 9.2.4).
const EM: f64 = 1_000.0;

/// Whether a file is a PDF.
#[must_use]
pub fn is_pdf(bytes: &[u8]) -> bool {
    bytes.starts_with(b"%PDF-")
}

/// The text of a PDF file, a line for each line on its pages, in the order in which the file draws them. At most as much
/// as a letter keeps.
///
/// # Errors
/// In words for the reader of the letter, when there is no text to be read.
pub fn pdf_text(bytes: Vec<u8>) -> Result<String, String> {
    let pdf =
        Pdf::new(bytes).map_err(|_| "it is no PDF that can be read, or it asks for a password".to_owned())?;
    let cache = InterpreterCache::new();
    let mut lines = Lines::default();
    for page in pdf.pages().iter().take(MAX_PAGES) {
        let mut context = Context::new(
            Affine::IDENTITY,
            Rect::new(0.0, 0.0, 1.0, 1.0),
            &cache,
            pdf.xref(),
            InterpreterSettings::default(),
        );
        interpret_page(page, &mut context, &mut lines);
        lines.end();
        if lines.text.len() > MAX_TEXT {
            break;
        }
    }
    let (shown, read) = (lines.shown, lines.read);
    if shown == 0 {
        return Err("its pages hold no text; they may be pictures of text".to_owned());
    }
    if read * 2 < shown {
        return Err("its fonts do not say which letters they show".to_owned());
    }
    Ok(lines.text)
}

/// Puts glyphs into lines.
#[derive(Default)]
struct Lines {
    text: String,
    /// Where the last glyph ended, and how large it was.
    last: Option<(Point, f64)>,
    shown: usize,
    read: usize,
}

impl Lines {
    fn end(&mut self) {
        self.last = None;
        if !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn put(&mut self, glyph: &Glyph<'_>, place: Affine) {
        self.shown += 1;
        let meant = match glyph.as_unicode() {
            Some(BfString::Char(letter)) => plain(letter).map_or_else(|| letter.to_string(), str::to_owned),
            Some(BfString::String(letters)) => letters,
            None => char::REPLACEMENT_CHARACTER.to_string(),
        };
        self.read += usize::from(!meant.contains(char::REPLACEMENT_CHARACTER));
        let at = place * Point::ZERO;
        let size = (place * Point::new(0.0, EM) - at).hypot();
        if let Some((end, before)) = self.last {
            let far = at.x - end.x > 0.15 * size || at.x < end.x - 2.0 * size;
            if (end.y - at.y).abs() > 0.5 * size.max(before) {
                // A number broken after its hyphen, as "CVE-" and "2026-12345", is one.
                let broken =
                    self.text.ends_with('-') && meant.starts_with(|first: char| first.is_ascii_digit());
                self.text.push_str(if broken { "" } else { "\n" });
            } else if far && !self.text.ends_with(char::is_whitespace) {
                self.text.push(' ');
            }
        }
        self.text.extend(meant.chars().filter(|one| !one.is_control()));
        let wide = match glyph {
            Glyph::Outline(outline) => outline.advance_width().map(f64::from),
            Glyph::Type3(_) => None,
        };
        self.last = Some((place * Point::new(wide.unwrap_or(EM / 2.0), 0.0), size));
    }
}

/// Letters set as one glyph, taken apart (Unicode, Alphabetic Presentation Forms).
const fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        '\u{fb00}' => "ff",
        '\u{fb01}' => "fi",
        '\u{fb02}' => "fl",
        '\u{fb03}' => "ffi",
        '\u{fb04}' => "ffl",
        '\u{a0}' => " ",
        '\u{ad}' => "",
        _ => return None,
    })
}

impl Device<'_> for Lines {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, _: &DrawMode) {
        for glyph in run.glyphs() {
            if self.text.len() <= MAX_TEXT {
                self.put(glyph, props.transform * glyph.transform());
            }
        }
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'_>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'_, '_>, _: ImageDrawProps<'_>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A PDF of one page with this content stream, in Helvetica.
    pub fn made(content: &str) -> Vec<u8> {
        let objects = [
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>".to_owned(),
            format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
        ];
        let (mut file, mut places) = ("%PDF-1.4\n".to_owned(), String::new());
        for (at, object) in objects.iter().enumerate() {
            places += &format!("{:010} 00000 n \n", file.len());
            file += &format!("{} 0 obj\n{object}\nendobj\n", at + 1);
        }
        let table = file.len();
        file += &format!(
            "xref\n0 6\n0000000000 65535 f \n{places}trailer<</Size 6/Root 1 0 R>>\nstartxref\n{table}\n%%EOF"
        );
        file.into_bytes()
    }

    #[test]
    fn lines_words_and_a_number_broken_after_its_hyphen() {
        let content = "BT /F1 12 Tf 72 700 Td (Infuse 8 LVP: CVE-) Tj 0 -16 Td (2026-33333) Tj 0 -16 Td \
            [(Hal) -20 (den) -400 (Medical)] TJ ET";
        let text = pdf_text(made(content)).unwrap();
        assert_eq!(text, "Infuse 8 LVP: CVE-2026-33333\nHalden Medical\n");
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { cases: 200, ..Default::default() })]
        #[test]
        fn a_damaged_file_gives_text_or_a_reason(at in 0_usize..900, byte: u8, cut in 0_usize..900) {
            let mut file = made("BT /F1 12 Tf 72 700 Td (Infuse 8 LVP) Tj [(a) -300 (b)] TJ ET");
            let (at, cut) = (at % file.len(), cut % file.len());
            file[at] = byte;
            for bytes in [file.clone(), file[..cut].to_vec(), file[cut..].to_vec()] {
                match pdf_text(bytes) {
                    Ok(text) => assert!(text.len() <= MAX_TEXT + 64),
                    Err(why) => assert!(!why.is_empty()),
                }
            }
        }
    }

    #[test]
    fn a_page_without_text_says_so() {
        assert!(pdf_text(made("0 0 100 100 re f")).unwrap_err().contains("no text"));
        assert!(pdf_text(b"%PDF-1.7\n\0\x01".to_vec()).is_err());
        assert!(pdf_text(Vec::new()).is_err());
    }
}
