//! The tree of a clause. Every leaf is typed: a version is never held against a model, a date never against a string.

use crate::date::{Date, DateKind};
use crate::scheme::Scheme;
use crate::segment::Version;
use crate::serial::Serials;

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    /// Strictly below.
    Less,
    /// Below or the same.
    AtMost,
    /// The same.
    Equal,
    /// Anything else (only `vers` can say this).
    NotEqual,
    /// The same or above.
    AtLeast,
    /// Strictly above.
    Greater,
}

impl Op {
    /// The sign.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::AtLeast => ">=",
            Self::Greater => ">",
        }
    }

    pub(crate) fn is_upper(self) -> bool {
        matches!(self, Self::Less | Self::AtMost)
    }

    pub(crate) fn is_lower(self) -> bool {
        matches!(self, Self::AtLeast | Self::Greater)
    }
}

/// A piece of a clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// Every version.
    Everything,
    /// No version (`vers:none/*`).
    Nothing,
    /// The version compared with one bound or one single version. Inside [`Node::Hardware`] and
    /// [`Node::Component`] it is their version that is compared.
    Version(Op, Version),
    /// The version compared with one bound in a published order; only a `vers` names one.
    Ordered(Scheme, Op, String),
    /// A date of a kind compared with one bound.
    Date(DateKind, Op, Date),
    /// The device's serial number is this one or inside this span.
    Serial(Serials),
    /// The device's model or catalogue number is one of these.
    Model(Vec<String>),
    /// A part number is printed on the device. Only an equal model number settles it, and only to yes, or a person.
    PartNumber(String),
    /// The operating system is this.
    OperatingSystem(String),
    /// The version of the hardware satisfies this.
    Hardware(Box<Node>),
    /// The version of the named component inside the product satisfies this.
    Component(String, Box<Node>),
    /// A condition in words; only a fact that names the same thing settles it, and only to yes, or a person.
    Condition(String),
    /// A remark that decides nothing ("end-of-life 2011"), kept with what it stands beside.
    Remark(String, Box<Node>),
    /// One of these is enough.
    Any(Vec<Node>),
    /// All of these are needed.
    All(Vec<Node>),
    /// The text can be read in each of these ways; only what all of them say is said.
    Either(Vec<Node>),
    /// Not understood: a person has to read it. Always the whole tree.
    Person(String),
}

impl Node {
    /// One node, or any of several.
    pub(crate) fn any(mut nodes: Vec<Self>) -> Self {
        match nodes.pop() {
            Some(only) if nodes.is_empty() => only,
            Some(last) => {
                nodes.push(last);
                Self::Any(nodes)
            }
            None => Self::Nothing,
        }
    }

    /// One node, or all of several.
    pub(crate) fn all(mut nodes: Vec<Self>) -> Self {
        match nodes.pop() {
            Some(only) if nodes.is_empty() => only,
            Some(last) => {
                nodes.push(last);
                Self::All(nodes)
            }
            None => Self::Everything,
        }
    }

    /// The node under any remarks.
    pub(crate) fn bare(&self) -> &Self {
        match self {
            Self::Remark(_, inner) => inner.bare(),
            other => other,
        }
    }

    /// The nodes one level below; none for a leaf.
    #[must_use]
    pub fn children(&self) -> &[Self] {
        match self {
            Self::Any(nodes) | Self::All(nodes) | Self::Either(nodes) => nodes,
            Self::Remark(_, inner) | Self::Hardware(inner) | Self::Component(_, inner) => {
                std::slice::from_ref(inner)
            }
            _ => &[],
        }
    }

    /// Calls `see` with each version compared with the device's own.
    pub(crate) fn each_version<'a>(&'a self, see: &mut impl FnMut(&'a str)) {
        match self {
            Self::Version(_, version) => see(version.text()),
            Self::Ordered(_, _, version) => see(version),
            Self::Hardware(_) | Self::Component(..) => {}
            other => other.children().iter().for_each(|child| child.each_version(see)),
        }
    }
}
