//! Whether enough agencies are at the table.

use std::collections::BTreeSet;

use entity::agency::Kind;
use entity::invitation::Attendance;

/// Kinds of agency a strategy meeting needs at the least (WAR-SM-08).
pub const STRATEGY_MINIMUM: [Kind; 3] = [Kind::Csc, Kind::Police, Kind::Health];

/// The kinds that are missing from a strategy meeting's invitation list. The calling social care agency counts.
pub fn missing_from_strategy(invited: impl IntoIterator<Item = Kind>) -> Vec<Kind> {
    let mut there: BTreeSet<Kind> = invited.into_iter().collect();
    there.insert(Kind::Csc);
    STRATEGY_MINIMUM.into_iter().filter(|kind| !there.contains(kind)).collect()
}

/// Whether a conference is quorate: social care and at least two other kinds of agency took part, in person,
/// remotely or by a deputy. BIR-CF-12 gives no number; this is the default reading (AMB-28).
pub fn conference_is_quorate(attendance: impl IntoIterator<Item = (Kind, Attendance)>) -> bool {
    let there: BTreeSet<Kind> = attendance.into_iter().filter(|(_, a)| took_part(*a)).map(|(kind, _)| kind).collect();
    there.contains(&Kind::Csc) && there.len() >= 3
}

/// Whether an entry means that somebody of the agency was there.
pub const fn took_part(attendance: Attendance) -> bool {
    match attendance {
        Attendance::InPerson | Attendance::Remote | Attendance::Deputy => true,
        Attendance::Apologies | Attendance::NoWord => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_agencies_of_one_kind_count_once() {
        let table = [
            (vec![(Kind::Csc, Attendance::InPerson), (Kind::Health, Attendance::Remote)], false),
            (
                vec![
                    (Kind::Csc, Attendance::InPerson),
                    (Kind::Health, Attendance::Remote),
                    (Kind::Health, Attendance::InPerson),
                ],
                false,
            ),
            (
                vec![
                    (Kind::Csc, Attendance::InPerson),
                    (Kind::Health, Attendance::Remote),
                    (Kind::Education, Attendance::Deputy),
                ],
                true,
            ),
            (
                vec![
                    (Kind::Police, Attendance::InPerson),
                    (Kind::Health, Attendance::Remote),
                    (Kind::Education, Attendance::Deputy),
                ],
                false,
            ),
            (
                vec![
                    (Kind::Csc, Attendance::InPerson),
                    (Kind::Health, Attendance::Apologies),
                    (Kind::Education, Attendance::NoWord),
                    (Kind::Police, Attendance::InPerson),
                ],
                false,
            ),
        ];
        for (attendance, quorate) in table {
            assert_eq!(conference_is_quorate(attendance.clone()), quorate, "{attendance:?}");
        }
    }

    #[test]
    fn a_strategy_meeting_names_who_is_missing() {
        assert_eq!(missing_from_strategy([Kind::Police]), [Kind::Health]);
        assert!(missing_from_strategy([Kind::Police, Kind::Health, Kind::Education]).is_empty());
    }
}
