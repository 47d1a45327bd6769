//! An episode of need about one child: from its referral to social care to the closing of the case.

use sea_orm::entity::prelude::*;

use crate::category::AssessmentDetail;
use crate::codes::codes;
use crate::id::{AgencyId, ChildId, EpisodeId, LocalAuthorityId, PractitionerId, TeamId};
use crate::sealed::Sealed;

codes! {
    /// Where the case stands.
    pub enum Status { Open, NoFurtherAction, Closed }
}

codes! {
    /// Who referred the child, as the national returns tell them apart.
    pub enum Source {
        FamilyMember, Acquaintance, ChildThemselves, OtherIndividual, School, EducationService, Gp, HealthVisitor,
        SchoolNurse, OtherPrimaryHealth, EmergencyDepartment, OtherHealth, Housing, OwnSocialCare, OwnOtherService,
        OtherAuthority, EarlyHelp, Police, OtherLegal, Other, Anonymous, Unknown,
    }
}

codes! {
    /// What the child needs help for in the first place, as in the national returns.
    pub enum Need {
        AbuseOrNeglect, ChildDisability, ParentalDisabilityOrIllness, FamilyInAcuteStress, FamilyDysfunction,
        UnacceptableBehaviour, LowIncome, AbsentParenting, OtherThanInNeed, NotStated,
    }
}

codes! {
    /// Why the case was closed, as in the national returns.
    pub enum Reason {
        Adopted, Died, ChildArrangementsOrder, SpecialGuardianshipOrder, Transferred, AdultServices, Other,
        NoFurtherActionAfterAssessment, EarlyHelpAfterAssessment,
    }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "episode")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EpisodeId,
    pub local_authority_id: LocalAuthorityId,
    /// The social care agency that holds the case.
    pub agency_id: AgencyId,
    pub team_id: Option<TeamId>,
    pub child_id: ChildId,
    /// The day of the referral.
    pub referred_on: Date,
    pub source: Sealed<Source, AssessmentDetail>,
    pub need: Sealed<Need, AssessmentDetail>,
    pub status: Status,
    pub closed_on: Option<Date>,
    pub closed_because: Sealed<Option<Reason>, AssessmentDetail>,
    pub recorded_by: PractitionerId,
    pub recorded_at: DateTimeUtc,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
