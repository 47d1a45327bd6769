//! The information categories a column can belong to. Which role may open which is policy, not data.

/// Kinds of information about a child and family, each with its own cell per role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Category {
    Identity,
    ProtectedAddress,
    Household,
    Education,
    Health,
    PoliceIntelligence,
    SocialCareAssessment,
    FamilyViews,
    DangerStatements,
    Plan,
    Legal,
    Restricted,
    NonAttendance,
    AuditLog,
    Allegation,
}

/// How much of a category a column gives away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Shown to those who have the summary of the category.
    Summary,
    /// Shown to those who have the category.
    Full,
}

/// What closes a sealed column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seal {
    /// Its category, at its depth.
    Category(Category, Depth),
    /// A category that depends on the row.
    ByRow,
    /// The rule of its row alone: who reads the row reads it.
    RowRule,
}

/// Any mark of a sealed column.
pub trait Sealing: 'static {
    /// What closes the column.
    fn seal() -> Seal;
}

/// What a sealed column is marked with: its category and depth, or that its row rule is its only rule.
pub trait Mark: 'static {
    /// `None`: who may read the row may read the column.
    const SEAL: Option<(Category, Depth)>;
}

macro_rules! marks {
    ($($name:ident => $seal:expr),+ $(,)?) => { $(
        #[doc = concat!("Mark of columns sealed as `", stringify!($seal), "`.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name;
        impl Mark for $name { const SEAL: Option<(Category, Depth)> = $seal; }
        impl Sealing for $name {
            fn seal() -> Seal {
                Self::SEAL.map_or(Seal::RowRule, |(category, depth)| Seal::Category(category, depth))
            }
        }
    )+ };
}

marks! {
    NameOfPerson => Some((Category::Identity, Depth::Summary)),
    IdentityDetail => Some((Category::Identity, Depth::Full)),
    HouseholdSummary => Some((Category::Household, Depth::Summary)),
    HouseholdDetail => Some((Category::Household, Depth::Full)),
    DangerStatement => Some((Category::DangerStatements, Depth::Full)),
    PlanDetail => Some((Category::Plan, Depth::Full)),
    LegalStatus => Some((Category::Legal, Depth::Full)),
    AssessmentDetail => Some((Category::SocialCareAssessment, Depth::Full)),
    FamilyView => Some((Category::FamilyViews, Depth::Full)),
    AllegationDetail => Some((Category::Allegation, Depth::Full)),
    NonAttendanceDetail => Some((Category::NonAttendance, Depth::Full)),
    RowRule => None,
}

/// Mark of columns whose category depends on the row, such as the body of a report: its reader names the category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByRow;

impl Sealing for ByRow {
    fn seal() -> Seal {
        Seal::ByRow
    }
}
