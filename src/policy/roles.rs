//! The roles of the access model: a post, seen together with the kind of agency it is at.

use entity::agency::Kind;
use entity::appointment::Post;

/// A column of the access matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Allocated social worker of children's social care.
    SocialWorker,
    /// Manager of a social work team.
    TeamManager,
    /// Service or operations manager.
    ServiceManager,
    /// Conference chair or independent reviewing officer.
    Chair,
    /// Minute taker or business support of conferences.
    MinuteTaker,
    /// Police.
    Police,
    /// Health.
    Health,
    /// School, nursery or college.
    Education,
    /// Early help.
    EarlyHelp,
    /// Any other agency: housing, probation, voluntary, legal, another authority.
    OtherAgency,
    /// Runs the machine; sees no child.
    SystemAdmin,
    /// Audits how the record is used.
    Auditor,
    /// A system that submits for its agency and reads nothing.
    AgencySystem,
}

impl Role {
    /// Every role, in the order of the matrix.
    pub const ALL: [Self; 13] = [
        Self::SocialWorker,
        Self::TeamManager,
        Self::ServiceManager,
        Self::Chair,
        Self::MinuteTaker,
        Self::Police,
        Self::Health,
        Self::Education,
        Self::EarlyHelp,
        Self::OtherAgency,
        Self::SystemAdmin,
        Self::Auditor,
        Self::AgencySystem,
    ];

    /// The name of the role for a person.
    pub const fn title(self) -> &'static str {
        match self {
            Self::SocialWorker => "Social worker",
            Self::TeamManager => "Team manager",
            Self::ServiceManager => "Service manager",
            Self::Chair => "Chair",
            Self::MinuteTaker => "Minute taker",
            Self::Police => "Police",
            Self::Health => "Health",
            Self::Education => "Education",
            Self::EarlyHelp => "Early help",
            Self::OtherAgency => "Other agency",
            Self::SystemAdmin => "System administrator",
            Self::Auditor => "Auditor",
            Self::AgencySystem => "Agency system",
        }
    }

    /// The role that `post` at an agency of `kind` gives; `None` where the two do not belong together.
    pub const fn of(post: Post, kind: Kind) -> Option<Self> {
        match (post, kind) {
            (Post::SocialWorker, Kind::Csc) => Some(Self::SocialWorker),
            (Post::TeamManager, Kind::Csc) => Some(Self::TeamManager),
            (Post::ServiceManager, Kind::Csc) => Some(Self::ServiceManager),
            (Post::Chair, Kind::Csc) => Some(Self::Chair),
            (Post::MinuteTaker, Kind::Csc) => Some(Self::MinuteTaker),
            (Post::SystemAdmin, _) => Some(Self::SystemAdmin),
            (Post::Auditor, _) => Some(Self::Auditor),
            (Post::AgencySystem, _) => Some(Self::AgencySystem),
            (Post::Practitioner | Post::SafeguardingLead, kind) => Self::of_partner(kind),
            (Post::SocialWorker | Post::TeamManager | Post::ServiceManager | Post::Chair | Post::MinuteTaker, _) => {
                None
            }
        }
    }

    const fn of_partner(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Police => Some(Self::Police),
            Kind::Health => Some(Self::Health),
            Kind::Education => Some(Self::Education),
            Kind::EarlyHelp => Some(Self::EarlyHelp),
            Kind::Probation | Kind::Housing | Kind::Voluntary | Kind::Legal | Kind::OtherLa => Some(Self::OtherAgency),
            // a practitioner of social care is appointed as what it is: social worker, manager, chair
            Kind::Csc => None,
        }
    }

    /// True for the posts of children's social care that work with the record itself.
    pub const fn holds_the_record(self) -> bool {
        matches!(self, Self::SocialWorker | Self::TeamManager | Self::ServiceManager)
    }

    /// True for all posts of children's social care that work on conferences: with the record, or at the table.
    pub const fn holds_a_social_care_post(self) -> bool {
        self.holds_the_record() || matches!(self, Self::Chair | Self::MinuteTaker)
    }
}
