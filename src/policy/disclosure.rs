//! The matrix of information categories and roles, as data, and the disclosure it gives on a row.

use std::fmt::Write as _;

use entity::agency::Kind;
use entity::category::{Category, Depth};
use entity::sealed::Disclose;

use super::roles::Role;

/// A cell of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// W: reads and writes.
    Write,
    /// F: reads.
    Full,
    /// R: reads what is released or circulated; the row rule holds the unreleased back.
    Released,
    /// O: the agency's own items only.
    Own,
    /// O W + R: writes its own, reads what others released.
    OwnAndReleased,
    /// S: summary or flag.
    Summary,
    /// L: only if on the reader list of the item.
    Listed,
    /// L, O W: writes its own items, reads those of others only if on their reader lists.
    ListedAndOwn,
    /// D: aggregates with small counts suppressed.
    Aggregate,
    /// –: nothing.
    Nothing,
}

impl Cell {
    /// Every kind of cell, with its letters in the printed matrix and what they mean.
    pub const LEGEND: [(Self, &'static str, &'static str); 10] = [
        (Self::Write, "W", "reads and writes"),
        (Self::Full, "F", "reads"),
        (Self::Released, "R", "reads what is released or circulated"),
        (Self::Own, "O", "reads the agency's own items only"),
        (Self::OwnAndReleased, "O W + R", "writes the agency's own items, reads what others released"),
        (Self::Summary, "S", "reads the summary or flag"),
        (Self::Listed, "L", "reads an item only if on its reader list"),
        (Self::ListedAndOwn, "L, O W", "writes the agency's own items, reads others only if on their reader lists"),
        (Self::Aggregate, "D", "counts only, 1 to 5 suppressed"),
        (Self::Nothing, "–", "nothing"),
    ];

    /// True if the cell lets its role write items of the category.
    pub const fn writes(self) -> bool {
        match self {
            Self::Write | Self::Own | Self::OwnAndReleased | Self::ListedAndOwn => true,
            Self::Full | Self::Released | Self::Summary | Self::Listed | Self::Aggregate | Self::Nothing => false,
        }
    }

    /// True if a reader list can open an item of the category to the role.
    pub const fn listable(self) -> bool {
        match self {
            Self::Write | Self::Listed | Self::ListedAndOwn => true,
            Self::Full
            | Self::Released
            | Self::Own
            | Self::OwnAndReleased
            | Self::Summary
            | Self::Aggregate
            | Self::Nothing => false,
        }
    }

    /// The letters of the cell in the printed matrix.
    pub fn letters(self) -> &'static str {
        Self::LEGEND.iter().find(|(cell, ..)| *cell == self).map_or("", |(_, letters, _)| letters)
    }
}

/// The categories in the order of the matrix.
pub const CATEGORIES: [Category; 15] = [
    Category::Identity,
    Category::ProtectedAddress,
    Category::Household,
    Category::Education,
    Category::Health,
    Category::PoliceIntelligence,
    Category::SocialCareAssessment,
    Category::FamilyViews,
    Category::DangerStatements,
    Category::Plan,
    Category::Legal,
    Category::Restricted,
    Category::NonAttendance,
    Category::AuditLog,
    Category::Allegation,
];

use Cell::{
    Aggregate as D, Full as F, Listed as L, ListedAndOwn as LO, Nothing as N, Own as O, OwnAndReleased as OR,
    Released as R, Summary as S, Write as W,
};

/// Rows of [`row`]: one cell per role, in the order of [`Role::ALL`].
type Row = [Cell; 13];

#[rustfmt::skip]
const fn row(category: Category) -> Row {
    match category {
        //                                    SW  TM  SM  Ch  MT  Pol Hea Edu EH  Oth Adm Aud Sys
        Category::Identity             =>    [W,  W,  F,  F,  F,  F,  F,  F,  F,  S,  N,  N,  N],
        Category::ProtectedAddress     =>    [W,  W,  L,  L,  N,  L,  L,  L,  N,  N,  N,  N,  N],
        Category::Household            =>    [W,  W,  F,  F,  F,  F,  F,  S,  S,  S,  N,  N,  N],
        Category::Education            =>    [F,  F,  F,  F,  R,  R,  R,  OR, R,  N,  N,  N,  N],
        Category::Health               =>    [F,  F,  F,  F,  R,  R,  OR, S,  S,  N,  N,  N,  N],
        Category::PoliceIntelligence   =>    [L,  L,  L,  L,  N,  O,  L,  N,  N,  N,  N,  N,  N],
        Category::SocialCareAssessment =>    [W,  W,  F,  F,  R,  R,  R,  R,  S,  S,  N,  N,  N],
        Category::FamilyViews          =>    [W,  F,  F,  W,  R,  R,  R,  R,  R,  N,  N,  N,  N],
        Category::DangerStatements     =>    [W,  W,  F,  W,  F,  F,  F,  F,  F,  S,  N,  N,  N],
        Category::Plan                 =>    [W,  W,  F,  W,  F,  F,  F,  F,  F,  O,  N,  N,  N],
        Category::Legal                =>    [F,  W,  W,  S,  N,  N,  N,  N,  N,  N,  N,  N,  N],
        Category::Restricted           =>    [L,  L,  L,  W,  L,  LO, LO, LO, L,  L,  N,  N,  N],
        // a social worker's own cases and a manager's team are all the rows that reach them
        Category::NonAttendance        =>    [F,  F,  F,  F,  S,  O,  O,  O,  O,  O,  N,  D,  N],
        Category::AuditLog             =>    [S,  F,  F,  S,  N,  O,  O,  O,  O,  N,  N,  F,  N],
        // the LADO, who leads, and who is listed by name; who referred has a receipt
        Category::Allegation           =>    [L,  L,  L,  L,  L,  L,  L,  L,  L,  L,  N,  N,  N],
    }
}

/// The cell of `role` for `category`.
pub fn cell(role: Role, category: Category) -> Cell {
    Role::ALL.iter().zip(row(category)).find(|(column, _)| **column == role).map_or(Cell::Nothing, |(_, cell)| cell)
}

/// The name of a category for a person.
pub const fn title(category: Category) -> &'static str {
    match category {
        Category::Identity => "Identity",
        Category::ProtectedAddress => "Protected address",
        Category::Household => "Household",
        Category::Education => "Education",
        Category::Health => "Health",
        Category::PoliceIntelligence => "Police intelligence",
        Category::SocialCareAssessment => "Social care assessment",
        Category::FamilyViews => "Family views",
        Category::DangerStatements => "Danger and safety statements",
        Category::Plan => "Plan",
        Category::Legal => "Legal planning",
        Category::Restricted => "Restricted section",
        Category::NonAttendance => "Non-attendance",
        Category::AuditLog => "Access log",
        Category::Allegation => "Allegation against a professional",
    }
}

/// The matrix as Markdown, a row for each category and a column for each role, with its legend.
pub fn matrix_as_markdown() -> String {
    let mut text = String::from("| Category |");
    for role in Role::ALL {
        let _ = write!(text, " {} |", role.title());
    }
    text += "\n|---|";
    text += &"---|".repeat(Role::ALL.len());
    for category in CATEGORIES {
        let _ = write!(text, "\n| {} |", title(category));
        for role in Role::ALL {
            let _ = write!(text, " {} |", cell(role, category).letters());
        }
    }
    text += "\n\n";
    let legend: Vec<_> = Cell::LEGEND.iter().map(|(_, letters, meaning)| format!("{letters}: {meaning}")).collect();
    text += &legend.join("; ");
    text += ". Chairs and minute takers have their cells for the conferences assigned to them.\n";
    text
}

/// What one reader may open on one row. Computed where the row is read; `own` says that the row is of the
/// reader's agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disclosure {
    role: Role,
    own: bool,
    listed: bool,
}

impl Disclosure {
    /// The disclosure of `role` on a row that is, or is not, of the reader's own agency.
    pub const fn on_row(role: Role, own: bool) -> Self {
        Self { role, own, listed: false }
    }

    /// The same, where the reader may be on the reader list of the row.
    #[must_use]
    pub const fn listed(self, listed: bool) -> Self {
        Self { listed, ..self }
    }

    /// Those of `categories` that this reader cannot open in full: what a field's null stands for.
    pub fn withheld(self, categories: &[(Category, Depth)]) -> Vec<Category> {
        let mut closed: Vec<_> = categories.iter().filter(|(c, d)| !self.opens(*c, *d)).map(|(c, _)| *c).collect();
        closed.dedup();
        closed
    }
}

impl Disclose for Disclosure {
    fn opens(&self, category: Category, depth: Depth) -> bool {
        match cell(self.role, category) {
            Cell::Write | Cell::Full | Cell::Released | Cell::OwnAndReleased => true,
            Cell::Own => self.own,
            // an agency always reads what it wrote itself
            Cell::Summary => depth == Depth::Summary || self.own,
            Cell::Listed => self.listed,
            Cell::ListedAndOwn => self.listed || self.own,
            Cell::Aggregate => false,
            Cell::Nothing => self.own && self.role != Role::AgencySystem,
        }
    }
}

/// The category of what an agency of a kind reports, where nothing else is said of it.
pub const fn category_reported_by(kind: Kind) -> Category {
    match kind {
        Kind::Education => Category::Education,
        Kind::Health => Category::Health,
        Kind::Csc
        | Kind::Police
        | Kind::EarlyHelp
        | Kind::Probation
        | Kind::Housing
        | Kind::Voluntary
        | Kind::Legal
        | Kind::OtherLa => Category::SocialCareAssessment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn administrators_and_systems_open_nothing() {
        for category in CATEGORIES {
            for role in [Role::SystemAdmin, Role::AgencySystem] {
                assert!(!Disclosure::on_row(role, false).opens(category, Depth::Summary), "{role:?} {category:?}");
            }
        }
    }

    #[test]
    fn a_protected_address_is_open_to_the_holders_of_the_record_only() {
        for role in Role::ALL {
            let opens = Disclosure::on_row(role, false).opens(Category::ProtectedAddress, Depth::Full);
            assert_eq!(opens, matches!(role, Role::SocialWorker | Role::TeamManager), "{role:?}");
        }
    }

    #[test]
    fn a_summary_never_opens_the_whole() {
        let housing = Disclosure::on_row(Role::OtherAgency, false);
        assert!(housing.opens(Category::Identity, Depth::Summary));
        assert!(!housing.opens(Category::Identity, Depth::Full));
        assert_eq!(housing.withheld(&[(Category::Identity, Depth::Full)]), [Category::Identity]);
    }
}
