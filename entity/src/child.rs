//! A child, born or expected.

use sea_orm::entity::prelude::*;

use crate::category::{IdentityDetail, LegalStatus, NameOfPerson};
use crate::codes::codes;
use crate::id::{ChildId, LocalAuthorityId};
use crate::sealed::Sealed;

codes! {
    /// Sex as in the national returns; U for an unborn child.
    pub enum Sex { M, F, U }
}

codes! {
    /// Ethnicity as in the national returns.
    pub enum Ethnicity {
        Wbri, Wiri, Wirt, Woth, Wrom, Mwbc, Mwba, Mwas, Moth, Aind, Apkn, Aban, Aoth,
        Bcrb, Bafr, Both, Chne, Ooth, Refu, Nobt,
    }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, DeriveEntityModel)]
#[sea_orm(table_name = "child")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ChildId,
    pub local_authority_id: LocalAuthorityId,
    /// The authority's own reference, 20 letters and digits at the most.
    pub local_reference: String,
    pub given_name: Sealed<String, NameOfPerson>,
    pub family_name: Sealed<String, NameOfPerson>,
    /// Both names in lower case with single spaces: what a search by name compares.
    pub name_key: Sealed<String, IdentityDetail>,
    /// None until birth.
    pub born_on: Sealed<Option<Date>, NameOfPerson>,
    /// Expected date of birth of an unborn child.
    pub expected_on: Sealed<Option<Date>, NameOfPerson>,
    pub died_on: Sealed<Option<Date>, NameOfPerson>,
    pub sex: Sex,
    pub ethnicity: Sealed<Ethnicity, IdentityDetail>,
    pub first_language: Sealed<Option<String>, IdentityDetail>,
    /// Codes of the national return, separated by spaces; NONE stands alone.
    pub disabilities: Sealed<String, IdentityDetail>,
    pub communication_needs: Sealed<Option<String>, IdentityDetail>,
    pub nhs_number: Sealed<Option<String>, IdentityDetail>,
    pub upn: Sealed<Option<String>, IdentityDetail>,
    /// Code of the looked-after return.
    pub legal_status: Sealed<Option<String>, LegalStatus>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
