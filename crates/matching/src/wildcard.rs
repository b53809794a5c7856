//! Model numbers, serial numbers and SKUs as a document's identification helper writes them: whole, abbreviated, or with
//! `?` for one sign and `*` for any number of them (CSAF 2.0 clauses 3.1.3.3.3, .6 and .7; a backslash before one of
//! these makes it a plain sign, as CSAF 2.1 has it).

use tallyward_identity::text::squash;

/// Longest text read, in bytes. What is longer is no number.
const LONGEST: usize = 200;
/// So many plain signs a wildcard must stand beside to tell anything.
pub(crate) const TELLING: usize = 3;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Sign {
    Is(char),
    One,
    Any,
}

/// One number of a helper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    signs: Vec<Sign>,
}

/// How a number stands to a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Likeness {
    /// It is the number, or every wildcard says so with enough plain signs beside it.
    Is,
    /// The pattern is nothing but wildcards, or may be the beginning of the number.
    MayBe,
    No,
}

/// A number made comparable: letters and digits in one case, and plus signs, which makers use to tell models apart.
pub(crate) fn plain(text: &str) -> String {
    text.split('+').map(squash).collect::<Vec<_>>().join("+")
}

impl Pattern {
    /// Reads one; `None` when nothing is left of it, or it is too long.
    pub fn read(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let mut signs = Vec::new();
        let mut literal = String::new();
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            let wild = match letter {
                '\\' => {
                    literal.extend(letters.next_if(|next| matches!(next, '?' | '*' | '\\')).or(Some(letter)));
                    continue;
                }
                '?' => Sign::One,
                '*' => Sign::Any,
                _ => {
                    literal.push(letter);
                    continue;
                }
            };
            signs.extend(plain(&std::mem::take(&mut literal)).chars().map(Sign::Is));
            signs.push(wild);
        }
        signs.extend(plain(&literal).chars().map(Sign::Is));
        signs.dedup_by(|next, held| *next == Sign::Any && *held == Sign::Any);
        (!signs.is_empty()).then_some(Self { signs })
    }

    /// Whether it has no wildcards.
    pub fn is_whole(&self) -> bool {
        self.signs.iter().all(|sign| matches!(sign, Sign::Is(_)))
    }

    /// The number it is, when it has no wildcards.
    pub fn whole(&self) -> Option<String> {
        let letters = self.signs.iter().map(|sign| match sign {
            Sign::Is(letter) => Some(*letter),
            _ => None,
        });
        letters.collect()
    }

    /// How a number, made comparable by [`plain`], stands to it. Takes at most the product of both lengths.
    pub fn likeness(&self, number: &str) -> Likeness {
        let literal = self.signs.iter().filter(|sign| matches!(sign, Sign::Is(_))).count();
        let is_wild = !self.is_whole();
        if number.is_empty() || number.len() > LONGEST {
            Likeness::No
        } else if self.covers(number) {
            if is_wild && literal < TELLING { Likeness::MayBe } else { Likeness::Is }
        } else if !is_wild && literal >= TELLING && self.begins(number) {
            Likeness::MayBe
        } else {
            Likeness::No
        }
    }

    fn begins(&self, number: &str) -> bool {
        let mut letters = number.chars();
        self.signs.iter().all(|sign| letters.next().is_some_and(|letter| *sign == Sign::Is(letter)))
    }

    fn covers(&self, number: &str) -> bool {
        let letters: Vec<char> = number.chars().collect();
        let (mut sign, mut letter) = (0, 0);
        // Behind the last star, and the letter it was tried at: when what follows does not fit, the star takes one more.
        let mut star: Option<(usize, usize)> = None;
        while letter < letters.len() {
            match self.signs.get(sign) {
                Some(Sign::Any) => {
                    star = Some((sign + 1, letter));
                    sign += 1;
                }
                Some(held) if *held == Sign::One || *held == Sign::Is(letters[letter]) => {
                    sign += 1;
                    letter += 1;
                }
                _ => match star {
                    Some((behind, tried)) => {
                        star = Some((behind, tried + 1));
                        (sign, letter) = (behind, tried + 1);
                    }
                    None => return false,
                },
            }
        }
        self.signs[sign..].iter().all(|sign| *sign == Sign::Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn likeness(pattern: &str, number: &str) -> Likeness {
        Pattern::read(pattern).map_or(Likeness::No, |pattern| pattern.likeness(&plain(number)))
    }

    #[test]
    fn wildcards_escapes_and_abbreviations() {
        for (pattern, number, expected) in [
            ("6RA8096-4MV62-0AA0", "6ra8096 4mv62 0aa0", Likeness::Is),
            ("6RA801?-??V62-0AA0", "6RA8013-6DV62-0AA0", Likeness::Is),
            ("6RA801?-??V62-0AA0", "6RA8013-6DV6-0AA0", Likeness::No),
            ("AB12*", "AB12", Likeness::Is),
            ("AB12*", "AB1234", Likeness::Is),
            ("*1234", "AB1234", Likeness::Is),
            ("A*B*34", "AxxBx34", Likeness::Is),
            ("A*B*34", "AxxBx35", Likeness::No),
            ("AB1?", "AB1", Likeness::No),
            (r"AB1\*", "AB1*", Likeness::Is),
            (r"AB1\*", "AB12", Likeness::MayBe),
            (r"AB1\?2", "AB1x2", Likeness::No),
            // Every number there is, or nearly.
            ("*", "AB1234", Likeness::MayBe),
            ("A*", "AB1234", Likeness::MayBe),
            ("??????", "AB1234", Likeness::MayBe),
            // Abbreviated: the number may begin so.
            ("6RA80", "6RA8096-4MV62-0AA0", Likeness::MayBe),
            ("6R", "6RA8096-4MV62-0AA0", Likeness::No),
            ("AP-300", "AP-300+", Likeness::MayBe),
            ("", "AB1", Likeness::No),
            ("AB1", "", Likeness::No),
        ] {
            assert_eq!(likeness(pattern, number), expected, "{pattern} {number}");
        }
    }

    /// The same by trying everything.
    fn slow(signs: &[Sign], letters: &[char]) -> bool {
        match (signs.split_first(), letters.split_first()) {
            (None, None) => true,
            (Some((Sign::Any, rest)), _) if slow(rest, letters) => true,
            (Some((Sign::Any, _)), Some((_, behind))) => slow(signs, behind),
            (Some((Sign::One, rest)), Some((_, behind))) => slow(rest, behind),
            (Some((Sign::Is(sign), rest)), Some((letter, behind))) => sign == letter && slow(rest, behind),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn covers_what_trying_everything_covers(pattern in "[ab?*]{0,8}", number in "[ab]{0,8}") {
            if let Some(read) = Pattern::read(&pattern) {
                let letters: Vec<char> = number.chars().collect();
                prop_assert_eq!(read.covers(&number), slow(&read.signs, &letters));
            }
        }

        #[test]
        fn every_number_is_like_itself_escaped(number in "[A-Z0-9 ./*?\\\\-]{1,20}") {
            let escaped: String = number.chars().flat_map(|letter| match letter {
                '?' | '*' | '\\' => vec!['\\', letter],
                _ => vec![letter],
            }).collect();
            let plain = plain(&number);
            prop_assert_eq!(likeness(&escaped, &number), if plain.is_empty() { Likeness::No } else { Likeness::Is });
        }

        #[test]
        fn nothing_panics_or_hangs(pattern in ".{0,200}", number in ".{0,200}") {
            let _ = likeness(&pattern, &number);
            let _ = likeness(&"*a".repeat(100), &"a".repeat(200));
        }
    }
}
