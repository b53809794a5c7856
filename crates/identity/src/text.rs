//! Text made comparable: case, blanks, punctuation, accents, and damage done by a wrong decoding.
//!
//! For comparing only. What a person sees is always the text as it was written.

/// Words in lower case with single blanks between, accents removed, punctuation as a blank, trade mark signs and
/// apostrophes dropped, and UTF-8 that was read as Latin-1 or Windows-1252 repaired first.
///
/// `fold("B.Braun  MELSUNGEN AG") == "b braun melsungen ag"`. Folding twice changes nothing.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in repair(text).chars().flat_map(char::to_lowercase) {
        match character {
            '\'' | '’' | '‘' | '`' | '´' | '®' | '™' | '©' => {}
            _ if is_combining(character) => {}
            _ => match plain(character) {
                Some(letters) => folded.push_str(letters),
                None if character.is_alphanumeric() => folded.push(character),
                None if folded.is_empty() || folded.ends_with(' ') => {}
                None => folded.push(' '),
            },
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// [`fold`] without any blank, for names whose spacing varies: `MX-800`, `MX 800` and `MX800` are one.
#[must_use]
pub fn squash(text: &str) -> String {
    let mut folded = fold(text);
    folded.retain(|character| character != ' ');
    folded
}

/// Undoes the reading of UTF-8 bytes as Latin-1 or Windows-1252 (`YhtymÃ¤` for `Yhtymä`), at most twice over.
/// A text that would not become valid UTF-8 is left as it is.
#[must_use]
pub fn repair(text: &str) -> String {
    let mut current = text.to_owned();
    for _ in 0..2 {
        if current.is_ascii() {
            break;
        }
        let bytes: Option<Vec<u8>> = current.chars().map(western_byte).collect();
        match bytes.map(String::from_utf8) {
            Some(Ok(repaired)) => current = repaired,
            _ => break,
        }
    }
    current
}

/// The byte that Windows-1252, or Latin-1 where it leaves a gap, writes for a character.
fn western_byte(character: char) -> Option<u8> {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    if let Ok(byte) = u8::try_from(u32::from(character)) {
        return Some(byte);
    }
    let index = HIGH.iter().position(|&high| high == character)?;
    u8::try_from(0x80 + index).ok()
}

/// Marks that stand alone after decomposition.
const fn is_combining(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

/// A Latin letter with an accent, as its bare letter or letters.
const fn plain(character: char) -> Option<&'static str> {
    Some(match character {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => "e",
        'ğ' => "g",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'į' | 'ı' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => "o",
        'œ' => "oe",
        'ř' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ß' => "ss",
        'ť' | 'ţ' | 'ț' => "t",
        'þ' => "th",
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_name_fold_alike() {
        assert_eq!(fold("B.Braun  MELSUNGEN AG"), fold("B. Braun Melsungen AG"));
        assert_eq!(fold("Dräger®"), "drager");
        assert_eq!(fold("Innokas YhtymÃ¤ Oy"), fold("Innokas Yhtymä Oy"));
        assert_eq!(squash("MX-800"), squash("mx 800"));
        assert_eq!(fold("  (—) "), "");
    }

    #[test]
    fn only_damage_is_repaired() {
        assert_eq!(repair("DrÃ¤gerwerk"), "Drägerwerk");
        assert_eq!(repair("DrÃƒÂ¤gerwerk"), "Drägerwerk");
        assert_eq!(repair("Dräger"), "Dräger");
        assert_eq!(repair("日本光電"), "日本光電");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn damage_is_undone(text in "[A-Za-zäöüéèñßåø ]{0,20}") {
            let damaged: String = text.bytes().map(char::from).collect();
            prop_assert_eq!(fold(&damaged), fold(&text));
        }
    }
}
