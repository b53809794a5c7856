//! Bar codes for paper: Code 128, subset B, as SVG.
//!
//! Subset B holds every printable letter of ASCII, which is what a device's handle and a field's name are made of;
//! any scanner reads it as if it were typed. Source: ISO/IEC 15417:2007, table 1 (patterns), clause 4.3 (symbol),
//! annex A (check character).

use std::fmt::Write;

/// The longest text that is drawn: a longer one would not fit across a page of A4.
const LONGEST: usize = 48;
/// Start of subset B.
const START_B: usize = 104;
/// End of the symbol.
const STOP: &str = "2331112";
/// Light space on either side, in modules; ten are asked for.
const QUIET: u32 = 10;
/// Width of one module in micrometres: a little over five dots of a 600 dpi printer.
const MODULE: u32 = 250;
/// Height of the bars in modules: 9 mm.
const HEIGHT: u32 = 36;

/// Widths of bar, space, bar, space, bar, space of every character by its value, in modules.
#[rustfmt::skip]
const WIDTHS: [&str; 106] = [
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213",
    "221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132",
    "221231", "213212", "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211",
    "212123", "212321", "232121", "111323", "131123", "131321", "112313", "132113", "132311", "211313",
    "231113", "231311", "112133", "112331", "132131", "113123", "113321", "133121", "313121", "211331",
    "231131", "213113", "213311", "213131", "311123", "311321", "331121", "312113", "312311", "332111",
    "314111", "221411", "431111", "111224", "111422", "121124", "121421", "141122", "141221", "112214",
    "112412", "122114", "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111",
    "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
    "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311", "113141",
    "114131", "311141", "411131", "211412", "211214", "211232",
];

/// Why a text cannot be a bar code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoBarcode {
    /// There is nothing to draw.
    #[error("failed to draw a bar code: there is no text")]
    Empty,
    /// It would not fit across a page.
    #[error("failed to draw a bar code: {0} letters, expected at most {LONGEST}")]
    TooLong(usize),
    /// A letter that subset B does not have.
    #[error("failed to draw a bar code: {0:?} is not a printable letter of ASCII")]
    Letter(char),
}

/// The bar code of a text as a standalone SVG in its true size, its text as title for screen readers.
///
/// # Errors
/// When the text is empty, too long, or holds a letter beyond printable ASCII.
pub fn barcode_svg(text: &str) -> Result<String, NoBarcode> {
    let widths = widths(&symbol(text)?);
    let across: u32 = widths.iter().sum::<u32>() + 2 * QUIET;
    let (mut path, mut at) = (String::new(), QUIET);
    for (position, width) in widths.iter().enumerate() {
        if position % 2 == 0 {
            let _ = write!(path, "M{at} 0h{width}v{HEIGHT}h-{width}z");
        }
        at += width;
    }
    let (wide, high) = (millimetres(across), millimetres(HEIGHT));
    let title = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    Ok(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" class="barcode" role="img" width="{wide}mm" height="{high}mm" viewBox="0 0 {across} {HEIGHT}" preserveAspectRatio="none" shape-rendering="crispEdges"><title>{title}</title><rect width="{across}" height="{HEIGHT}" fill="#fff"/><path d="{path}" fill="#000"/></svg>"##
    ))
}

/// Values of the characters: start, text, check character.
fn symbol(text: &str) -> Result<Vec<usize>, NoBarcode> {
    let count = text.chars().count();
    match count {
        0 => return Err(NoBarcode::Empty),
        count if count > LONGEST => return Err(NoBarcode::TooLong(count)),
        _ => {}
    }
    let mut values = vec![START_B];
    for letter in text.chars() {
        match u8::try_from(letter) {
            Ok(byte @ b' '..=b'~') => values.push(usize::from(byte - b' ')),
            _ => return Err(NoBarcode::Letter(letter)),
        }
    }
    values.push(check(&values));
    Ok(values)
}

/// The check character: the start's value, and every value times its place, modulo 103.
fn check(values: &[usize]) -> usize {
    let weighted = values.iter().enumerate().map(|(place, value)| place.max(1) * value);
    weighted.sum::<usize>() % 103
}

/// Bars and spaces in turn, from the first bar on, in modules.
fn widths(values: &[usize]) -> Vec<u32> {
    let patterns = values.iter().filter_map(|value| WIDTHS.get(*value).copied());
    patterns.chain([STOP]).flat_map(str::chars).filter_map(|digit| digit.to_digit(10)).collect()
}

/// `74.25`.
fn millimetres(modules: u32) -> String {
    let micrometres = modules * MODULE;
    format!("{}.{:03}", micrometres / 1_000, micrometres % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Reads bars as a scanner does, from their widths alone.
    fn scanned(widths: &[u32]) -> Option<String> {
        let text: String = widths.iter().map(u32::to_string).collect();
        let body = text.strip_suffix(STOP)?.as_bytes();
        let values: Option<Vec<usize>> =
            body.chunks(6).map(|one| WIDTHS.iter().position(|pattern| pattern.as_bytes() == one)).collect();
        let values = values?;
        let (last, rest) = values.split_last()?;
        let weighted: usize = rest.iter().enumerate().map(|(at, value)| value * at.max(1)).sum();
        if rest.first() != Some(&START_B) || weighted % 103 != *last {
            return None;
        }
        Some(rest[1..].iter().map(|value| char::from(u8::try_from(value + 32).unwrap())).collect())
    }

    #[test]
    fn check_characters_agree_with_those_worked_out_by_hand() {
        let last = |text: &str| *symbol(text).unwrap().last().unwrap();
        // 104 + 33·1 = 137 = 103 + 34.
        assert_eq!(last("A"), 34);
        // P 48, J 42, J 42, 1 17, 2 18, 3 19, C 35:
        // 104 + 48 + 84 + 126 + 68 + 90 + 114 + 245 = 879 = 8·103 + 55.
        assert_eq!(last("PJJ123C"), 55);
        // D 36, 1 17, 0 16, 4 20, 2 18, / 15, r 82, o 79, o 79, m 77:
        // 104 + 36 + 34 + 48 + 80 + 90 + 90 + 574 + 632 + 711 + 770 = 3169 = 30·103 + 79.
        assert_eq!(last("D1042/room"), 79);
    }

    #[test]
    fn every_pattern_is_eleven_modules_with_an_even_count_of_dark_ones() {
        let digits = |pattern: &str| -> Vec<u32> {
            pattern.chars().map(|digit| digit.to_digit(10).unwrap()).collect()
        };
        for pattern in WIDTHS {
            let widths = digits(pattern);
            assert_eq!(widths.iter().sum::<u32>(), 11, "{pattern}");
            assert_eq!(widths.iter().step_by(2).sum::<u32>() % 2, 0, "{pattern}");
        }
        assert_eq!(digits(STOP).iter().sum::<u32>(), 13);
        assert_eq!(WIDTHS.iter().collect::<BTreeSet<_>>().len(), WIDTHS.len(), "no two alike");
    }

    #[test]
    fn what_cannot_be_drawn_is_said() {
        assert_eq!(barcode_svg(""), Err(NoBarcode::Empty));
        assert_eq!(barcode_svg("D1/µ"), Err(NoBarcode::Letter('µ')));
        assert_eq!(barcode_svg("a\nb"), Err(NoBarcode::Letter('\n')));
        assert_eq!(barcode_svg(&"x".repeat(49)), Err(NoBarcode::TooLong(49)));
    }

    #[test]
    fn the_picture_has_its_true_size_and_a_title() {
        // 10 letters, start and check at 11 modules, stop 13, 20 light: 165 modules of 0.25 mm.
        let svg = barcode_svg("D1042/room").unwrap();
        assert!(svg.contains(r#"width="41.250mm" height="9.000mm" viewBox="0 0 165 36""#), "{svg}");
        assert!(svg.contains("<title>D1042/room</title>"));
        assert!(barcode_svg("<&>").unwrap().contains("<title>&lt;&amp;&gt;</title>"));
        assert!(svg.contains("M10 0h2v36h-2z"), "the start's first bar stands after the light space");
    }

    proptest! {
        #[test]
        fn what_is_drawn_reads_back(text in "[ -~]{1,48}") {
            let drawn = widths(&symbol(&text).unwrap());
            prop_assert_eq!(scanned(&drawn), Some(text));
        }

        #[test]
        fn a_changed_bar_never_reads_as_another_text(text in "[ -~]{1,24}", at in 0usize..200, wide in 1u32..5) {
            let mut drawn = widths(&symbol(&text).unwrap());
            let at = at % drawn.len();
            drawn[at] = wide;
            let read = scanned(&drawn);
            prop_assert!(read.is_none() || read == Some(text));
        }
    }
}
