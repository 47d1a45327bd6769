//! What the resolving of one field takes: the executor moves as much as the largest field of a type for each field of each
//! row, so that one resolver that holds a whole read makes every name and date of a list cost more.

use std::future::Future;
use std::mem::size_of;

use async_graphql::Context;
use async_graphql::resolver_utils::ContainerType;

use super::types::agency::Agency;
use super::types::child::Child;
use super::types::conference::{Conference, ConferenceChild};
use super::types::core_group::{CoreGroup, CoreGroupMeeting};
use super::types::household::{Household, HouseholdMember, Person};
use super::types::invitation::Invitation;
use super::types::plan::{Plan, PlanAction};
use super::types::report_request::ReportRequest;
use super::types::strategy_meeting::StrategyMeeting;

/// Bytes.
const MOST: usize = 1500;

fn size<'a, T: 'a, F: Future>(_: impl Fn(&'a T, &'a Context<'a>) -> F) -> usize {
    size_of::<F>()
}

#[test]
fn fields_of_rows_are_small() {
    macro_rules! each {
        ($($ty:ty),+ $(,)?) => { $(
            let taken = size(<$ty as ContainerType>::resolve_field);
            assert!(taken < MOST, "{}: {taken} bytes; box what the largest of its resolvers waits for", stringify!($ty));
        )+ };
    }
    each!(
        Agency,
        Child,
        Conference,
        ConferenceChild,
        CoreGroup,
        CoreGroupMeeting,
        Household,
        HouseholdMember,
        Invitation,
        Person,
        Plan,
        PlanAction,
        ReportRequest,
        StrategyMeeting,
    );
}
