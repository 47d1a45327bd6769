//! When staying away is a pattern: rates with their intervals, the limits of a funnel around the partnership's rate, and
//! what is flagged (BIR-NA-02). Pure counting; the formulas stand in docs/non-attendance.md.

use chrono::NaiveDate;
use entity::local_authority::Profile;

use super::Practice;
use super::standards::Hold;

/// The rule that has patterns taken up.
pub const RULE: &str = "BIR-NA-02";

/// The normal deviate of a 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// Working days of notice that count as proper.
pub const PROPER_NOTICE: i32 = 5;

/// The counts of a bucket. Meetings that are still to come are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Invitations.
    pub invitations: i64,
    /// Of these with five working days' notice or more.
    pub proper_notice: i64,
    /// Attended in person, remotely or by a deputy.
    pub attended: i64,
    /// Sent apologies.
    pub apologies: i64,
    /// Neither came nor wrote.
    pub no_word: i64,
    /// Attendance not recorded.
    pub unrecorded: i64,
    /// Attended, having had proper notice.
    pub attended_proper: i64,
    /// Did not attend, having had proper notice.
    pub missed_proper: i64,
    /// Reports that came in time.
    pub reports_on_time: i64,
    /// Reports that came late.
    pub reports_late: i64,
    /// Reports that were due and did not come.
    pub reports_missing: i64,
}

impl Counts {
    /// Not attended: with apologies or without a word.
    pub const fn missed(&self) -> i64 {
        self.apologies + self.no_word
    }

    /// Of all whose attendance is recorded, how many did not attend.
    pub const fn all(&self) -> Share {
        Share { of: self.attended + self.missed(), some: self.missed() }
    }

    /// The same among those who had proper notice.
    pub const fn adjusted(&self) -> Share {
        Share { of: self.attended_proper + self.missed_proper, some: self.missed_proper }
    }

    /// The parts that add up to wholes: of the invitations by attendance, by notice, by both, and by report.
    pub const fn parts(&self) -> [i64; 17] {
        [
            self.attended,
            self.apologies,
            self.no_word,
            self.unrecorded,
            self.apologies + self.no_word,
            self.proper_notice,
            self.invitations - self.proper_notice,
            self.attended_proper,
            self.missed_proper,
            self.attended - self.attended_proper,
            self.apologies + self.no_word - self.missed_proper,
            self.proper_notice - self.attended_proper - self.missed_proper,
            self.unrecorded - self.proper_notice + self.attended_proper + self.missed_proper,
            self.reports_on_time,
            self.reports_late,
            self.reports_missing,
            self.invitations - self.reports_on_time - self.reports_late - self.reports_missing,
        ]
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, other: &Self) -> Self {
        Self {
            invitations: self.invitations + other.invitations,
            proper_notice: self.proper_notice + other.proper_notice,
            attended: self.attended + other.attended,
            apologies: self.apologies + other.apologies,
            no_word: self.no_word + other.no_word,
            unrecorded: self.unrecorded + other.unrecorded,
            attended_proper: self.attended_proper + other.attended_proper,
            missed_proper: self.missed_proper + other.missed_proper,
            reports_on_time: self.reports_on_time + other.reports_on_time,
            reports_late: self.reports_late + other.reports_late,
            reports_missing: self.reports_missing + other.reports_missing,
        }
    }
}

/// Some of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Of how many.
    pub of: i64,
    /// How many.
    pub some: i64,
}

/// From where to where.
pub type Range = (f64, f64);

fn real(count: i64) -> f64 {
    // counts of one database stay far below the four thousand millions of u32
    f64::from(u32::try_from(count.max(0)).unwrap_or(u32::MAX))
}

impl Share {
    /// The rate; none of nothing.
    pub fn rate(self) -> Option<f64> {
        (self.of > 0).then(|| real(self.some) / real(self.of))
    }

    /// Wilson's score interval of 95 % about the rate (Wilson 1927).
    pub fn interval(self) -> Option<Range> {
        let (n, p) = (real(self.of), self.rate()?);
        let z2 = Z * Z;
        let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
        let half = (Z / (1.0 + z2 / n)) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
        Some(((centre - half).max(0.0), (centre + half).min(1.0)))
    }

    /// The limits of a funnel: within so many standard errors of the centre lies who differs from it by chance alone
    /// (Spiegelhalter 2005).
    pub fn limits(self, centre: f64, sigma: f64) -> Option<Range> {
        let half = sigma * (centre * (1.0 - centre) / real(self.of)).sqrt();
        (self.of > 0).then(|| ((centre - half).max(0.0), (centre + half).min(1.0)))
    }

    /// The chance of so many or more, where each is so likely: the upper tail of the binomial distribution. Summed term by term
    /// from the count outwards, until a term adds nothing any more.
    pub fn chance(self, likely: f64) -> f64 {
        if self.some <= 0 || likely >= 1.0 {
            return 1.0;
        }
        if likely <= 0.0 || self.some > self.of {
            return 0.0;
        }
        let (n, k, odds) = (real(self.of), real(self.some), likely / (1.0 - likely));
        let term = |k: f64| {
            let ways = ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k);
            (ways + k * likely.ln() + (n - k) * (1.0 - likely).ln()).exp()
        };
        if k > n * likely {
            outwards(term(k), k, |k| (k < n).then(|| (k + 1.0, (n - k) / (k + 1.0) * odds)))
        } else {
            let fewer = outwards(term(k - 1.0), k - 1.0, |k| (k > 0.0).then(|| (k - 1.0, k / (n - k + 1.0) / odds)));
            (1.0 - fewer).clamp(0.0, 1.0)
        }
    }
}

/// The sum of terms that fall from the first on; `next` gives the next place, and its term by the one before.
fn outwards(first: f64, from: f64, next: impl Fn(f64) -> Option<(f64, f64)>) -> f64 {
    let (mut sum, mut term, mut place) = (first, first, from);
    while let Some((there, ratio)) = next(place) {
        term *= ratio;
        sum += term;
        place = there;
        if term <= sum * 1e-17 {
            break;
        }
    }
    f64::min(sum, 1.0)
}

/// The logarithm of a factorial: by Stirling's series where that is exact to the last places, else multiplied out.
fn ln_factorial(n: f64) -> f64 {
    if n < 20.0 {
        let mut product = 1.0;
        let mut k = 2.0;
        while k <= n {
            product *= k;
            k += 1.0;
        }
        return f64::ln(product);
    }
    let series = 1.0 / (12.0 * n) - 1.0 / (360.0 * n.powi(3)) + 1.0 / (1260.0 * n.powi(5));
    n * n.ln() - n + 0.5 * (2.0 * std::f64::consts::PI * n).ln() + series
}

/// How patterns are found.
#[derive(Clone, Debug, PartialEq)]
pub struct Method {
    /// The rule of practice that asks for them; none where the authority holds none and the project's default goes.
    pub rule: Option<String>,
    /// How many at the least were missed, of those with proper notice.
    pub least: i64,
    /// How many standard errors above the partnership is no chance any more.
    pub sigma: u8,
    /// How likely so many or more may be at the most, where it stays away as often as the partnership.
    pub chance: f64,
    /// How many times the partnership's rate it is at the least: of very many invitations a rate may be a little above and no
    /// chance, and yet nothing to speak of.
    pub times: f64,
    /// In how many answers, as a part of one, somebody is flagged by bad luck at the most: of many agencies that are looked at
    /// together some are always unlucky.
    pub by_luck: f64,
    /// How many missed in a row, for the same child, are told as a streak.
    pub running: i64,
}

/// The chance of being so many standard errors above a mean: one side of the normal distribution.
const fn beyond(sigma: u8) -> f64 {
    match sigma {
        0 | 1 => 0.158_655_253_931_457,
        2 => 0.022_750_131_948_179,
        3 => 0.001_349_898_031_630,
        _ => 0.000_031_671_241_833,
    }
}

impl Default for Method {
    /// The project's own default (AMB-31): three missed, beyond three standard errors and half as often again; two in a row for
    /// the same child.
    fn default() -> Self {
        Self { rule: None, least: 3, sigma: 3, chance: beyond(3), times: 1.5, by_luck: 0.01, running: 2 }
    }
}

impl Method {
    /// Whether so much is a pattern beside the partnership's rate, looked at among so many.
    pub fn flags(&self, adjusted: Share, partnership: f64, among: usize) -> bool {
        let among = real(i64::try_from(among.max(1)).unwrap_or(i64::MAX));
        adjusted.some >= self.least
            && adjusted.rate().is_some_and(|rate| rate >= self.times * partnership)
            && adjusted.chance(partnership) <= f64::min(self.chance, self.by_luck / among)
    }
}

impl Practice {
    /// How an authority finds patterns: as its profile says, else by the project's default.
    pub fn patterns(&self, profile: Profile, on: NaiveDate) -> Method {
        let held = self.standards.book(profile).standard(RULE, on).filter(|standard| standard.hold > Hold::Off);
        let Some(standard) = held else { return Method::default() };
        let plain = Method::default();
        let sigma = standard.sigma.unwrap_or(plain.sigma);
        Method {
            rule: Some(standard.rule.clone()),
            least: standard.least.map_or(plain.least, i64::from),
            sigma,
            chance: beyond(sigma),
            times: standard.percent.map_or(plain.times, |percent| f64::from(percent) / 100.0),
            by_luck: plain.by_luck,
            running: standard.running.map_or(plain.running, i64::from),
        }
    }
}

/// Which way a rate went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// More stayed away than chance explains.
    Up,
    /// Fewer.
    Down,
    /// Chance explains the difference.
    Steady,
}

/// A rate beside the one of the period before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// The rate before.
    pub before: f64,
    /// The rate now, less that.
    pub difference: f64,
    /// Which way, by the test of two proportions at 5 %.
    pub direction: Direction,
}

/// What became of a rate; none where there was nothing before, or is nothing now.
pub fn trend(before: Share, now: Share) -> Option<Trend> {
    let (was, is) = (before.rate()?, now.rate()?);
    let both = Share { of: before.of + now.of, some: before.some + now.some }.rate()?;
    let error = (both * (1.0 - both) * (1.0 / real(before.of) + 1.0 / real(now.of))).sqrt();
    let z = if error > 0.0 { (is - was) / error } else { 0.0 };
    let direction = if z >= Z {
        Direction::Up
    } else if z <= -Z {
        Direction::Down
    } else {
        Direction::Steady
    };
    Some(Trend { before: was, difference: is - was, direction })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn intervals_and_tails_are_those_of_the_books() {
        // Newcombe 1998: 81 of 263 and 15 of 148, to four places
        for (some, of, low, high) in [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)] {
            let (a, b) = Share { of, some }.interval().unwrap();
            assert!((a - low).abs() < 5e-5 && (b - high).abs() < 5e-5, "{some} of {of}: {a} {b}");
        }
        assert!(near(Share { of: 2, some: 2 }.chance(0.1), 0.01));
        assert!(near(Share { of: 10, some: 1 }.chance(0.5), 1.0 - 0.5_f64.powi(10)));
        // whole numbers: 26 or more of 50, and 60 or more of 100, where both are as likely
        assert!(near(Share { of: 50, some: 26 }.chance(0.5), 0.443_862_413_670_392));
        assert!(near(Share { of: 100, some: 60 }.chance(0.5), 0.028_443_966_820_490));
        assert_eq!(Share::default().interval(), None);
    }

    /// A school invited twice is not called a pattern (AMB-31, BIR-NA-02); one that keeps staying away is.
    #[test]
    fn small_and_unlucky_is_no_pattern() {
        let method = Method::default();
        for (some, of, flagged) in [
            (2, 2, false),
            (3, 9, false),
            (4, 8, false),
            (5, 8, true),
            (190, 1890, false),
            (12, 40, true),
            (9, 60, false),
        ] {
            assert_eq!(method.flags(Share { of, some }, 0.09, 20), flagged, "{some} of {of}");
        }
        let practice = Practice::embedded();
        let on = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        let (held, other) = (practice.patterns(Profile::Birmingham, on), practice.patterns(Profile::Bristol, on));
        assert_eq!(held.rule.as_deref(), Some(RULE));
        assert_eq!((held.least, held.sigma, held.running), (3, 3, 2));
        assert_eq!(other, Method::default());
    }

    #[test]
    fn a_trend_is_no_chance() {
        let share = |some, of| Share { of, some };
        let way = |before, now| trend(before, now).unwrap().direction;
        assert_eq!(way(share(5, 100), share(20, 100)), Direction::Up);
        assert_eq!(way(share(20, 100), share(5, 100)), Direction::Down);
        assert_eq!(way(share(0, 4), share(2, 4)), Direction::Steady);
        assert_eq!(way(share(0, 4), share(0, 4)), Direction::Steady);
        assert_eq!(trend(share(0, 0), share(1, 4)), None);
    }

    proptest! {
        #[test]
        fn what_holds_of_every_share(of in 1_i64..400, part in 0.0_f64..=1.0, likely in 0.01_f64..0.99) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a number of the test")]
            let some = (of as f64 * part) as i64;
            let share = Share { of, some };
            let (rate, (low, high)) = (share.rate().unwrap(), share.interval().unwrap());
            prop_assert!(0.0 <= low && low <= rate + 1e-12 && rate <= high + 1e-12 && high <= 1.0);
            // more of the same is known better
            let (low2, high2) = Share { of: of * 4, some: some * 4 }.interval().unwrap();
            prop_assert!(high2 - low2 < high - low);
            let ((l2, u2), (l3, u3)) = (share.limits(likely, 2.0).unwrap(), share.limits(likely, 3.0).unwrap());
            prop_assert!(l3 <= l2 && l2 <= likely && likely <= u2 && u2 <= u3);
            let chance = share.chance(likely);
            prop_assert!((0.0..=1.0).contains(&chance));
            if some < of {
                let more = Share { of, some: some + 1 }.chance(likely);
                prop_assert!(more <= chance + 1e-12);
            }
        }
    }
}
