//! Check digits and characters of the four issuers, as pure arithmetic on text.

/// The GS1 check digit over `digits` without their last: from the right, weights 3, 1, 3, 1 … (GS1 General
/// Specifications, section on check digits). `None` unless all characters are digits and at least one is there.
#[must_use]
pub fn gs1_check_digit(digits: &str) -> Option<char> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(index, byte)| u32::from(byte - b'0') * if index % 2 == 0 { 3 } else { 1 })
        .fold(0, |sum, term| (sum + term) % 10);
    char::from_digit((10 - sum) % 10, 10)
}

/// A GTIN-8, -12, -13 or -14 with a right check digit, as 14 digits with leading zeros; `None` otherwise.
/// Leading zeros are never removed again: the 14-digit form is the key.
#[must_use]
pub fn normal_gtin(gtin: &str) -> Option<String> {
    if !matches!(gtin.len(), 8 | 12 | 13 | 14) {
        return None;
    }
    let (body, check) = gtin.split_at_checked(gtin.len() - 1)?;
    (gs1_check_digit(body)? == check.chars().next()?).then(|| format!("{gtin:0>14}"))
}

/// GS1 characters in the order that gives their value in the check pair (character set 82).
const SET_82: &str = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
/// The characters a check pair is written in: no 0, 1, I or O.
const PAIR: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// One weight a character, the last character before the pair taking the first.
const PRIMES: [u32; 23] =
    [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83];

/// The GS1 check character pair of a Global Model Number (AI 8013, 8014) over the text before the pair: sum of
/// value times prime, modulo 1021, written as two characters of five bits each. `None` when the text is
/// empty, longer than 23 or holds a character outside set 82.
#[must_use]
pub fn gs1_check_pair(text: &str) -> Option<[char; 2]> {
    let characters: Vec<char> = text.chars().rev().take(PRIMES.len() + 1).collect();
    if characters.is_empty() || characters.len() > PRIMES.len() {
        return None;
    }
    let mut sum = 0u32;
    for (character, prime) in characters.iter().zip(PRIMES) {
        sum += u32::try_from(SET_82.find(*character)?).ok()? * prime;
    }
    let sum = (sum % 1021) as usize;
    Some([char::from(PAIR[sum >> 5]), char::from(PAIR[sum & 31])])
}

/// The characters of HIBCC in the order of their value, 0 to 42 (ANSI/HIBC 2.6, appendix on the check character).
const HIBC: &[u8; 43] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";

/// True for the 43 characters HIBCC can carry (those of Code 39 without the asterisk).
#[must_use]
pub fn is_hibc_character(character: char) -> bool {
    u8::try_from(character).is_ok_and(|byte| HIBC.contains(&byte))
}

/// The HIBCC check character over everything before it, the leading `+` included and Code 39 asterisks
/// excluded: sum of the character values modulo 43. `None` when a character has no value.
#[must_use]
pub fn hibc_check_character(text: &str) -> Option<char> {
    let mut sum = 0usize;
    for byte in text.bytes() {
        sum = (sum + HIBC.iter().position(|&known| known == byte)?) % HIBC.len();
    }
    HIBC.get(sum).map(|&byte| char::from(byte))
}

/// The two check digits of a Pharmacy Product Number over everything before them: ASCII value times weight
/// 2, 3, 4 … from the left, modulo 97 (IFA, technical specification of the PPN; the same rule serves the
/// IFA Basic UDI-DI).
#[must_use]
pub fn ppn_check_digits(text: &str) -> String {
    let sum = text
        .bytes()
        .zip((2u64..).map(|weight| weight % 97))
        .fold(0u64, |sum, (byte, weight)| (sum + u64::from(byte) * weight) % 97);
    format!("{sum:02}")
}

/// Whether eight digits are a German Pharmazentralnummer with a right check digit: digits times 1 to 7,
/// modulo 11, a remainder of 10 being never issued (IFA, check digit calculations; general knowledge here).
#[must_use]
pub fn is_pzn(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|character| character.to_digit(10)).collect();
    if text.len() != 8 || digits.len() != 8 {
        return false;
    }
    let sum: u32 = digits.iter().zip(1..=7).map(|(digit, weight)| digit * weight).sum();
    sum % 11 == digits[7]
}

/// The ISO/IEC 7064 MOD 37,36 check character over `text`, hyphens skipped: a hybrid system with one
/// character 0-9 A-Z. It detects every single wrong character and every swap of neighbours. `None` when a
/// character is neither a digit nor an upper-case letter.
#[must_use]
pub fn mod_37_36(text: &str) -> Option<char> {
    let mut product = 36u32;
    for character in text.chars().filter(|&character| character != '-') {
        if character.is_ascii_lowercase() {
            return None;
        }
        let sum = (product + character.to_digit(36)?) % 36;
        product = (if sum == 0 { 36 } else { sum }) * 2 % 37;
    }
    char::from_digit((37 - product) % 36, 36).map(|character| character.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples() {
        assert_eq!(gs1_check_digit("5102222223333"), Some('6'));
        assert_eq!(hibc_check_character("+A123BJC5D6E71"), Some('G'));
        assert_eq!(ppn_check_digits("1103752864"), "14");
        assert_eq!(ppn_check_digits("PP12345ABCD.12345678.90"), "04");
        assert!(is_pzn("03752864"));
        assert!(!is_pzn("03752863"));
        assert_eq!(gs1_check_pair("1987654Ad4X4bL5ttr2310c"), Some(['2', 'K']));
    }

    #[test]
    fn gtins_of_all_lengths_become_fourteen_digits() {
        assert_eq!(normal_gtin("4006501003638").as_deref(), Some("04006501003638"));
        assert_eq!(normal_gtin("51022222233336").as_deref(), Some("51022222233336"));
        assert_eq!(normal_gtin("51022222233337"), None);
        assert_eq!(normal_gtin("١٢٣٤"), None);
    }
}
