//! Metrics of a CVSS vector: their letters, weights, and the names they have as members beside the vector.

/// One metric.
pub(super) struct Metric {
    /// `AV`.
    pub letters: &'static str,
    /// `attackVector`.
    pub member: &'static str,
    /// Letters, name and weight of each value. A weight of 0 may also mean "looked up elsewhere".
    pub values: &'static [(&'static str, &'static str, f64)],
}

/// The metrics of a vector, each known and with a value it may have.
pub(super) struct Vector<'a> {
    pairs: Vec<(&'a str, &'a str)>,
    metrics: &'static [Metric],
}

impl<'a> Vector<'a> {
    /// `None` when a part is no metric with one of its values. A metric may be missing or stand twice.
    pub fn read(text: &'a str, metrics: &'static [Metric]) -> Option<Self> {
        let pairs: Vec<_> = text.split('/').map(|pair| pair.split_once(':')).collect::<Option<_>>()?;
        let vector = Self { pairs, metrics };
        vector
            .pairs
            .iter()
            .all(|(letters, value)| vector.value_of(letters, value).is_some())
            .then_some(vector)
    }

    fn metric(&self, letters: &str) -> Option<&'static Metric> {
        self.metrics.iter().find(|metric| metric.letters == letters)
    }

    fn value_of(&self, letters: &str, value: &str) -> Option<&'static (&'static str, &'static str, f64)> {
        self.metric(letters)?.values.iter().find(|(held, ..)| *held == value)
    }

    /// Whether no metric stands twice.
    pub fn each_once(&self) -> bool {
        (1..self.pairs.len()).all(|at| self.pairs[..at].iter().all(|(held, _)| *held != self.pairs[at].0))
    }

    /// The value of a metric, when it is there.
    pub fn value(&self, letters: &str) -> Option<&'a str> {
        self.pairs.iter().find(|(held, _)| *held == letters).map(|(_, value)| *value)
    }

    /// The weight of a metric; that of its undefined value when it is missing, `None` when it has none.
    pub fn weight(&self, letters: &str) -> Option<f64> {
        let undefined = ["X", "ND"];
        let value = self.value(letters);
        let weight = |value: &str| self.value_of(letters, value).map(|(_, _, weight)| *weight);
        value.map_or_else(|| undefined.iter().find_map(|value| weight(value)), weight)
    }

    /// Metrics with the name of their value, in the order of the vector.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.pairs.iter().filter_map(|(letters, value)| {
            Some((self.metric(letters)?.member, self.value_of(letters, value)?.1))
        })
    }
}

/// Base, temporal and environmental score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scores {
    pub base: f64,
    pub temporal: f64,
    pub environmental: f64,
}
