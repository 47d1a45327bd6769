//! Names of people and places, all made up.

use entity::child::Ethnicity as E;
use rand::Rng;

/// People who share names and languages, with the codes of the national return they are recorded under.
pub struct Community {
    codes: &'static [E],
    girls: &'static [&'static str],
    boys: &'static [&'static str],
    families: &'static [&'static str],
    languages: &'static [&'static str],
}

const BRITISH: Community = Community {
    codes: &[E::Wbri, E::Wbri, E::Wbri, E::Wbri, E::Wbri, E::Wbri, E::Refu, E::Nobt],
    girls: &[
        "Amelia", "Grace", "Freya", "Ivy", "Lily", "Poppy", "Evie", "Isla", "Ruby", "Daisy", "Ella", "Millie",
        "Florence", "Harriet", "Jessica", "Megan", "Rosie", "Tilly", "Bethany", "Chloe",
    ],
    boys: &[
        "Noah", "Oliver", "Leo", "Arthur", "Jack", "George", "Harry", "Alfie", "Charlie", "Jacob", "Freddie", "Archie",
        "Tyler", "Jayden", "Mason", "Riley", "Toby", "Ethan", "Callum", "Dylan",
    ],
    families: &[
        "Harper",
        "Walsh",
        "Bailey",
        "Fraser",
        "Hughes",
        "Turner",
        "Cartwright",
        "Holloway",
        "Bentley",
        "Ashdown",
        "Pemberton",
        "Radcliffe",
        "Stubbs",
        "Thornley",
        "Wainwright",
        "Yardley",
        "Barlow",
        "Cropper",
        "Duckworth",
        "Entwistle",
        "Fairhurst",
        "Grimshaw",
        "Haworth",
        "Ingham",
    ],
    languages: &["English"],
};

const COMMUNITIES: [(u32, Community); 7] = [
    (62, BRITISH),
    (
        4,
        Community {
            codes: &[E::Wiri, E::Wirt],
            girls: &["Niamh", "Aoife", "Saoirse", "Ciara", "Roisin", "Kathleen", "Bridget", "Orla"],
            boys: &["Cillian", "Fionn", "Oisin", "Declan", "Padraig", "Tadhg", "Martin", "Johnny"],
            families: &["Doherty", "Byrne", "Connors", "Gallagher", "Maughan", "Quilligan", "Sweeney", "Delaney"],
            languages: &["English", "Irish"],
        },
    ),
    (
        7,
        Community {
            codes: &[E::Woth, E::Woth, E::Wrom],
            girls: &["Zuzanna", "Maja", "Elena", "Ioana", "Katarina", "Lenka", "Ewa", "Daria"],
            boys: &["Tomasz", "Jakub", "Andrei", "Mihai", "Marek", "Lukas", "Stefan", "Adrian"],
            families: &["Nowak", "Kowalczyk", "Popescu", "Ionescu", "Horvath", "Kovac", "Lakatos", "Wozniak"],
            languages: &["Polish", "Romanian", "Romani", "Slovak", "English"],
        },
    ),
    (
        11,
        Community {
            codes: &[E::Apkn, E::Aind, E::Aban, E::Aoth],
            girls: &["Aisha", "Zara", "Fatima", "Maryam", "Priti", "Anjali", "Nusrat", "Simran"],
            boys: &["Mohammed", "Yusuf", "Ibrahim", "Arjun", "Hamza", "Rahul", "Bilal", "Imran"],
            families: &["Siddiqui", "Patel", "Begum", "Hussain", "Chowdhury", "Kaur", "Malik", "Sharma"],
            languages: &["Urdu", "Punjabi", "Bengali", "Gujarati", "English"],
        },
    ),
    (
        7,
        Community {
            codes: &[E::Bafr, E::Bcrb, E::Both],
            girls: &["Adaeze", "Hodan", "Abena", "Shanice", "Folake", "Imani", "Nala", "Tanisha"],
            boys: &["Kofi", "Abdi", "Chidi", "Kwame", "Jerome", "Malachi", "Tunde", "Isaiah"],
            families: &["Okonkwo", "Mensah", "Campbell", "Warsame", "Adeleke", "Bartley", "Owusu", "Gordon"],
            languages: &["English", "Somali", "Yoruba", "Twi"],
        },
    ),
    (
        7,
        Community {
            codes: &[E::Mwbc, E::Mwba, E::Mwas, E::Moth],
            girls: &["Maya", "Jasmine", "Leila", "Nina", "Sienna", "Tia", "Amara", "Esme"],
            boys: &["Kai", "Zac", "Reuben", "Theo", "Jordan", "Malik", "Elijah", "Finley"],
            families: &["Morgan", "Francis", "Reid", "Bennett", "Simmonds", "Clarke", "Haynes", "Lindsay"],
            languages: &["English"],
        },
    ),
    (
        2,
        Community {
            codes: &[E::Chne, E::Ooth],
            girls: &["Mei", "Xin", "Layla", "Shirin", "Rojin", "Noor"],
            boys: &["Jun", "Wei", "Omar", "Karwan", "Sami", "Hevin"],
            families: &["Chen", "Zhang", "Haddad", "Karimi", "Barzani", "Nassar"],
            languages: &["Cantonese", "Mandarin", "Arabic", "Farsi", "Kurdish"],
        },
    ),
];

/// A first name of an adult.
pub const MOTHERS: [&str; 24] = [
    "Sarah", "Kelly", "Gemma", "Donna", "Stacey", "Nadia", "Ewelina", "Shazia", "Amina", "Rachel", "Leanne", "Carly",
    "Natalie", "Samantha", "Joanna", "Paula", "Rukhsana", "Denise", "Charlene", "Lorraine", "Hayley", "Monika",
    "Sofia", "Blessing",
];

/// A first name of an adult.
pub const FATHERS: [&str; 24] = [
    "James", "Darren", "Lee", "Craig", "Wayne", "Imran", "Piotr", "Kwabena", "Sean", "Gareth", "Ryan", "Stuart",
    "Neil", "Karl", "Tariq", "Marcin", "Delroy", "Anthony", "Scott", "Kevin", "Jason", "Vasile", "Samuel", "Ahmed",
];

const TITLES: [&str; 6] = ["Ms", "Mr", "Mrs", "Dr", "Mx", "Miss"];

/// The `n`th of a list that begins again.
pub fn nth<'t>(list: &[&'t str], n: usize) -> &'t str {
    n.checked_rem(list.len()).and_then(|i| list.get(i)).copied().unwrap_or_default()
}

/// One of a list.
pub fn any<'t>(rng: &mut impl Rng, list: &[&'t str]) -> &'t str {
    nth(list, rng.random_range(0..list.len().max(1)))
}

impl Community {
    /// A family's community.
    pub fn any(rng: &mut impl Rng) -> &'static Self {
        const ALL: &[(u32, Community)] = &COMMUNITIES;
        let mut left = rng.random_range(0..ALL.iter().map(|(weight, _)| *weight).sum::<u32>());
        for (weight, community) in ALL {
            if left < *weight {
                return community;
            }
            left -= weight;
        }
        Self::first()
    }

    /// The community of the first family.
    pub const fn first() -> &'static Self {
        const FIRST: &Community = &BRITISH;
        FIRST
    }

    /// A family name.
    pub fn family(&self, rng: &mut impl Rng) -> &'static str {
        any(rng, self.families)
    }

    /// The code a child is recorded under.
    pub fn code(&self, rng: &mut impl Rng) -> E {
        self.codes.get(rng.random_range(0..self.codes.len().max(1))).copied().unwrap_or(E::Nobt)
    }

    /// A first language; not always recorded.
    pub fn language(&self, rng: &mut impl Rng) -> Option<&'static str> {
        rng.random_bool(0.93).then(|| any(rng, self.languages))
    }

    /// A given name that none of `taken` has.
    pub fn given(&self, rng: &mut impl Rng, girl: bool, taken: &[&str]) -> &'static str {
        let list = if girl { self.girls } else { self.boys };
        let from = rng.random_range(0..list.len().max(1));
        (from..from + list.len()).map(|i| nth(list, i)).find(|name| !taken.contains(name)).unwrap_or("Robin")
    }
}

/// A professional's name: the `n`th, all different for the first few thousand.
pub fn professional(n: usize, title: bool) -> String {
    let lists = [BRITISH.girls, BRITISH.boys];
    let given = lists.get(n % 2).map_or("", |list| nth(list, n / 2));
    let families: [&[&str]; 3] = [BRITISH.families, &STREETS, &TOWNS];
    let family = families.get((n / 40) % 3).map_or("", |list| nth(list, n / 120 + n));
    if title { format!("{} {given} {family}", nth(&TITLES, n)) } else { format!("{given} {family}") }
}

const STREETS: [&str; 20] = [
    "Alder", "Beech", "Cedar", "Damson", "Elder", "Fern", "Gorse", "Hazel", "Juniper", "Laurel", "Maple", "Nettle",
    "Orchard", "Poplar", "Quince", "Rowan", "Sycamore", "Thistle", "Willow", "Yew",
];
const ROADS: [&str; 8] = ["Street", "Road", "Close", "Avenue", "Lane", "Court", "Rise", "Gardens"];

/// Places of the demo's counties.
pub const TOWNS: [&str; 40] = [
    "Ashbourne",
    "Birchley",
    "Coldbrook",
    "Dunsford",
    "Eastmere",
    "Foxcote",
    "Greenhill",
    "Hartwell",
    "Ironbridge",
    "Kingsmead",
    "Longford",
    "Millbrook",
    "Netherby",
    "Oldcastle",
    "Penhurst",
    "Quarryfield",
    "Redhill",
    "Stonebridge",
    "Thornton",
    "Upton",
    "Valebrook",
    "Westacre",
    "Wolverley",
    "Yewdale",
    "Ackerley",
    "Brampton",
    "Claverdon",
    "Dalehead",
    "Elmstead",
    "Farleigh",
    "Grangetown",
    "Heathcote",
    "Inkberrow",
    "Kelsall",
    "Lowfield",
    "Marlpit",
    "Northgate",
    "Overton",
    "Parkside",
    "Rushford",
];

/// An address that cannot be anybody's: the postcode area does not exist.
pub fn address(rng: &mut impl Rng) -> (String, String) {
    let street = format!("{} {} {}", rng.random_range(1..220), any(rng, &STREETS), any(rng, &ROADS));
    let letters = ["AA", "AB", "BD", "DE", "EF", "GH", "HJ", "JL", "LN", "NP"];
    let postcode = format!("ZZ{} {}{}", rng.random_range(1..99), rng.random_range(0..10), any(rng, &letters));
    (format!("{street}, {}", any(rng, &TOWNS)), postcode)
}

/// The name of the `n`th agency of a kind beyond those every authority has; `words` are what such agencies are called.
pub fn place(n: usize, words: &[&str]) -> String {
    let round = n / (TOWNS.len() * words.len().max(1));
    let saint = ["", "Upper ", "Lower ", "East ", "West ", "North ", "South ", "New "];
    let name = format!("{}{} {}", nth(&saint, round), nth(&TOWNS, n), nth(words, n / TOWNS.len()));
    // where a country's worth of children makes more of them than there are names
    match round / saint.len() {
        0 => name,
        more => format!("{name} {}", more + 1),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    #[test]
    fn places_are_named_once() {
        let schools: HashSet<_> = (0..1900)
            .map(|n| super::place(n, &["Primary", "Academy", "High", "Nursery", "Infants", "Juniors"]))
            .collect();
        assert_eq!(schools.len(), 1900);
        let shelters: HashSet<_> = (0..20_000).map(|n| super::place(n, &["Surgery"])).collect();
        assert_eq!(shelters.len(), 20_000);
    }
}
