//! Files of reports: seen with the version they belong to; before that by the agency that was asked, as a draft is.

use entity::attachment::Column as C;
use entity::{conference_report, report_request};
use sea_orm::{ColumnTrait as _, Condition};

use super::seen;
use crate::policy::Standing;

pub(super) fn seen_by(who: &Standing) -> Condition {
    let unbound = Condition::all().add(C::ConferenceReportId.is_null()).add(C::AgencyId.eq(who.agency)).add(seen::<
        report_request::Entity,
    >(
        who,
        C::ReportRequestId,
    ));
    let bound = Condition::all()
        .add(C::ConferenceReportId.is_not_null())
        .add(seen::<conference_report::Entity>(who, C::ConferenceReportId));
    Condition::any().add(unbound).add(bound)
}
