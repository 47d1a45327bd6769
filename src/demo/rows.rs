//! Rows that are ready to be written, table by table.

use crate::error::Result;
use crate::store::bulk::Bulk;

/// Declares the tables of a demo in the order in which they refer to one another.
macro_rules! tables {
    ($($name:ident: $table:ident),+ $(,)?) => {
        /// Rows of the demo.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct Rows {
            $(
                #[doc = concat!("Rows of `", stringify!($table), "`.")]
                pub $name: Vec<entity::$table::Model>,
            )+
        }

        impl Rows {
            /// How many there are.
            pub fn count(&self) -> usize {
                [$(self.$name.len()),+].iter().sum()
            }

            /// Writes them.
            pub async fn write(self, bulk: &mut Bulk) -> Result<()> {
                $( bulk.insert::<entity::$table::Entity>(self.$name).await?; )+
                Ok(())
            }

            /// Adds the rows of another.
            #[cfg(test)]
            pub fn extend(&mut self, other: Self) {
                $( self.$name.extend(other.$name); )+
            }
        }
    };
}

tables! {
    authorities: local_authority,
    feeds: feed,
    agencies: agency,
    teams: team,
    practitioners: practitioner,
    appointments: appointment,
    designations: designation,
    households: household,
    people: person,
    children: child,
    memberships: membership,
    former_numbers: former_number,
    references: agency_reference,
    allegations: allegation,
    strategies: strategy_meeting,
    strategy_children: strategy_meeting_child,
    conferences: conference,
    conference_children: conference_child,
    involvements: involvement,
    conflicts: conflict,
    plans: plan,
    versions: plan_version,
    actions: plan_action,
    core_groups: core_group,
    members: core_group_member,
    meetings: core_group_meeting,
    invitations: invitation,
    requests: report_request,
    reports: conference_report,
    answers: report_answer,
    chronology: chronology_row,
    family_copies: family_copy,
    deadlines: deadline,
    enquiries: enquiry,
    episodes: episode,
    assessments: assessment,
    entries: entry,
    steps: finished_step,
    documents: document_issue,
    copies: document_copy,
    circulations: circulation,
    items: restricted_item,
    listings: reader_listing,
    events: event,
    marks: instance,
}
