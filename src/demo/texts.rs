//! What people write about a child. Every text names the child it is about, so brothers and sisters never share one.

use rand::Rng;

use super::names::any;

/// A concern, in the words of each kind of text that can come back to it.
#[derive(Clone, Copy)]
pub struct Theme {
    /// Why a strategy meeting is called.
    pub reason: &'static str,
    worry: &'static str,
    danger: &'static str,
    safety: &'static str,
    progress: &'static str,
    change: &'static str,
    action: &'static str,
}

/// Concerns about neglect, then injury, sexual harm, emotional harm, and several at once.
const THEMES: [[Theme; 2]; 5] = [
    [
        Theme {
            reason: "Neighbours found the children alone after dark, with nothing in the kitchen to eat",
            worry: "comes hungry, wears the same clothes all week and has missed three dental appointments",
            danger: "goes without food and medical care and comes to lasting harm",
            safety: "has meals, clean clothes and a doctor when one is needed, every day and whoever is at home",
            progress: "has breakfast on most days and was seen by the dentist; the bedroom is still damp",
            change: "Regular meals, a warm room and appointments that are kept.",
            action: "Agree a week's plan of meals and check the cupboard at each visit",
        },
        Theme {
            reason: "The home was without heating or running water, and help was refused twice",
            worry: "sleeps on a bare mattress, is often late and falls behind in weight",
            danger: "lives in a home that makes children ill and is not seen by anybody who would notice",
            safety: "sleeps in a clean bed in a warm room and is weighed every month",
            progress: "has a bed and bedding now; the boiler is repaired, attendance is up to four days of five",
            change: "Repairs done, and help let into the home.",
            action: "Apply for the repairs and go through the list with the landlord",
        },
    ],
    [
        Theme {
            reason: "Bruises on the upper arms that the explanation given does not fit",
            worry: "had bruises on two occasions and flinched when an adult moved quickly",
            danger: "is hit again when the adults are under strain, and is badly hurt",
            safety: "is looked after by adults who walk away before they lose their temper, and knows whom to tell",
            progress: "has had no new injury since the last meeting, and the safety plan was used once as agreed",
            change: "No physical punishment, and a person to call before it comes to that.",
            action: "Go through the safety plan with the adults and practise it",
        },
        Theme {
            reason: "A fracture was found at the hospital for which nobody could account",
            worry: "was taken to hospital late, with an account of the injury that changed",
            danger: "is injured when left with somebody who cannot cope",
            safety: "is never left alone with anyone who is not named in the agreement",
            progress: "was seen by the paediatrician, and care is shared with the grandparents as agreed",
            change: "Care by the people named in the agreement only.",
            action: "Arrange the follow-up at the clinic and go along",
        },
    ],
    [
        Theme {
            reason: "An adult who may have no contact with children was staying in the home",
            worry: "speaks of secrets with a visitor and no longer wants to be collected by him",
            danger: "is left with an adult who is a risk of sexual harm",
            safety: "has no contact with the adult named, and the family knows why and says so",
            progress: "has had no contact with the adult named, and has begun the protective work",
            change: "The agreement on contact kept, without exception.",
            action: "Begin the keep-safe sessions and tell the group how they go",
        },
        Theme {
            reason: "Messages on a telephone suggest exploitation by an older person",
            worry: "goes missing at night, has gifts nobody can explain and is withdrawn in class",
            danger: "is drawn further into exploitation and comes to sexual harm",
            safety: "is at home at night, and trusts an adult enough to say where the gifts come from",
            progress: "was missing once instead of weekly, and now talks to the youth worker",
            change: "Home at night, and a return interview after each absence.",
            action: "Map the contacts and agree who is called when there is an absence",
        },
    ],
    [
        Theme {
            reason: "Police were called three times in a month to violence between the adults",
            worry: "is frightened at night, watches the door and cannot settle to work",
            danger: "goes on living with violence between the adults and comes to feel unsafe everywhere",
            safety: "sleeps through the night in a home without shouting and threats",
            progress: "sleeps better, and there was one call to the police, made by the parent as planned",
            change: "Separate homes kept to, and the course on relationships finished.",
            action: "Finish the programme and show how the plan for bad nights works",
        },
        Theme {
            reason: "A parent's drinking has become worse, and the children care for one another",
            worry: "looks after the younger ones, is tired and says it is nobody's business",
            danger: "carries what an adult should carry and believes it is all to blame on them",
            safety: "can be a child at home, with a sober adult there every evening",
            progress: "has joined the young carers' group; there were two relapses, both told at once",
            change: "An adult who is sober in the evenings, shown by the tests agreed.",
            action: "Keep the weekly appointment with the alcohol service",
        },
    ],
    [
        Theme {
            reason: "Injury, neglect and violence at home were reported by three agencies in one week",
            worry: "is harmed in more than one way: hungry, frightened and twice hurt",
            danger: "goes on being harmed in several ways at once, each of which hides the other",
            safety: "is fed, unhurt and unafraid, and the adults show it week by week",
            progress: "is safer at home on weekdays; weekends remain a worry to everybody in the group",
            change: "All parts of the plan together, not one after the other.",
            action: "Bring the three plans into one and give the family a copy",
        },
        Theme {
            reason: "A long list of concerns of which none alone was enough",
            worry: "shows signs of neglect and of emotional harm, and the two feed one another",
            danger: "is let down a little by everybody and badly in all",
            safety: "has one adult who is there every day and whom the school knows",
            progress: "gained weight, laughs in class again, and still comes late on Mondays",
            change: "One plan, one person to call, and no more gaps.",
            action: "Keep the diary of good and bad days and bring it to the group",
        },
    ],
];

const SINCE: [&str; 6] = [
    "since reception",
    "for two years",
    "since the spring",
    "from birth",
    "for a few months",
    "since the family moved",
];
const ROLE: [&str; 6] = [
    "through weekly contact",
    "through the duty desk",
    "from home visits",
    "through the clinic",
    "from daily contact",
    "from records only",
];
const STRENGTHS: [&str; 12] = [
    "is warmly greeted by the parents and turns to them for comfort",
    "has a grandmother who is there every weekend",
    "likes school and has a good friend there",
    "has parents who came to every appointment this term",
    "talks openly with one adult at school",
    "is close to the brothers and sisters and proud of them",
    "has gained a lot of confidence since the summer",
    "has a father who has found work and keeps to contact",
    "eats well when somebody sits down with the family",
    "has an aunt who steps in at once when she is called",
    "was brought to the clinic without a reminder",
    "sings in the choir and has not missed a rehearsal",
];
const VOICES: [&str; 12] = [
    "I like it when we eat together",
    "I want the shouting to stop",
    "I worry when Mum is sad",
    "My best day is Wednesday, because of football",
    "I do not want to move again",
    "I feel safe at Gran's",
    "Nobody tells me what is going on",
    "I want to see Dad, but not at night",
    "I sleep better with the light on",
    "I would like a bed of my own",
    "School is the best part",
    "I wish they listened to me",
];
const FAMILY: [&str; 8] = [
    "agrees with most of it and would like more help in the evenings",
    "feels judged, and still wants the visits to go on",
    "does not agree that there was a risk",
    "says that things have been better since the partner left",
    "wants clearer words on what has to change",
    "was shown the report and asked for two corrections",
    "thanks the school and distrusts the rest",
    "would rather work with the grandparents present",
];

/// Why an agency does not come.
pub const APOLOGIES: [&str; 10] = [
    "Annual leave, no cover",
    "Sickness",
    "Court the same morning",
    "Another conference at the same time",
    "Told too late to rearrange the clinic",
    "Half-term: the school is closed",
    "Post is vacant",
    "On a training course",
    "No longer involved with the family",
    "An emergency the same day",
];

/// Disciplines for which a communication need is recorded.
pub const NEEDS: [&str; 6] = [
    "Uses Makaton signs",
    "Needs an interpreter",
    "Hears better on the left side",
    "Needs short sentences and pictures",
    "Uses a communication board",
    "Needs time to answer",
];

impl Theme {
    /// A concern of a category, by its place in the code list.
    pub fn of(rng: &mut impl Rng, category: usize) -> Self {
        let [first, second] = *THEMES.get(category).unwrap_or(&THEMES[0]);
        if rng.random_bool(0.5) { first } else { second }
    }

    /// How long and from where an agency knows the child.
    pub fn involvement(rng: &mut impl Rng, child: &str) -> String {
        format!(
            "We have known {child} {} {}; last seen {} days ago.",
            any(rng, &SINCE),
            any(rng, &ROLE),
            rng.random_range(1..60)
        )
    }

    /// What an agency worries about.
    pub fn worries(&self, rng: &mut impl Rng, child: &str) -> String {
        format!(
            "{child} {}. Noted {} times in the last {} weeks.",
            self.worry,
            rng.random_range(2..12),
            rng.random_range(4..26)
        )
    }

    /// What an agency sees that is good.
    pub fn strengths(rng: &mut impl Rng, child: &str) -> String {
        format!("{child} {}.", any(rng, &STRENGTHS))
    }

    /// What the child says.
    pub fn voice(rng: &mut impl Rng, child: &str) -> String {
        format!("{child} said: «{}.»", any(rng, &VOICES))
    }

    /// What the family says.
    pub fn family(rng: &mut impl Rng, child: &str) -> String {
        format!("{child}'s family {}.", any(rng, &FAMILY))
    }

    /// What must change.
    pub fn must_change(&self, rng: &mut impl Rng, child: &str) -> String {
        format!("For {child}: {} To be seen within {} weeks.", self.change, rng.random_range(4..14))
    }

    /// What is feared.
    pub fn danger(&self, rng: &mut impl Rng, child: &str) -> String {
        format!("We worry that {child} {} within the next {} months.", self.danger, rng.random_range(3..13))
    }

    /// What safety would look like.
    pub fn safety(&self, rng: &mut impl Rng, child: &str) -> String {
        format!("{child} {}, for {} weeks without a break.", self.safety, rng.random_range(8..27))
    }

    /// What a core group notes.
    pub fn progress(&self, rng: &mut impl Rng, child: &str) -> String {
        format!("{child} {}. {} of {} steps done.", self.progress, rng.random_range(1..5), rng.random_range(5..8))
    }

    /// What somebody does under a plan; `n` counts them.
    pub fn action(&self, rng: &mut impl Rng, child: &str, n: usize) -> String {
        match n {
            0 => format!("See {child} alone at every visit, at home and at school."),
            1 => format!("{} (for {child}).", self.action),
            2 => {
                format!("Health check of {child}, and the result to the group within {} days.", rng.random_range(7..29))
            }
            3 => format!("A place for {child} at the breakfast club, {} days a week.", rng.random_range(2..6)),
            _ => format!("Offer {child}'s parents {} sessions, and say who came.", rng.random_range(4..13)),
        }
    }

    /// What the chair sums up.
    pub fn summary(&self, rng: &mut impl Rng, child: &str, quorate: bool) -> String {
        let quorum = if quorate { "" } else { " The minimum was not met; the chair went on so that no time is lost." };
        format!(
            "{}. {child} and the family were heard; scores went from {} to {}.{quorum}",
            self.reason,
            rng.random_range(1..4),
            rng.random_range(4..8)
        )
    }
}
