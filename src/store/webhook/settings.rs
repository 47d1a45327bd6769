//! What the configuration says of webhooks: where they may be.

use reqwest::Url;
use serde::Deserialize;

/// Characters of an address at the most.
const MOST: usize = 2000;

/// Where webhooks may be. Where no host is named there are none, and nothing is sent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookSettings {
    /// Hosts to which may be sent, such as `hooks.school.example` or `hooks.trust.example:8443`: without a port, to that of
    /// https alone. There are no patterns: each host is named by whoever runs the system.
    pub hosts: Vec<String>,
    /// FOR TESTS ONLY: sends to `http` and to addresses of the own machine as well, and to every port of a host that is named
    /// without one. Whoever registers a webhook could reach what listens there.
    pub test_allowance: bool,
}

/// Why nothing is sent to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It cannot be read as one.
    Malformed,
    /// It is too long.
    TooLong,
    /// What is sent could be read on its way.
    NotHttps,
    /// A name and a password would stand in it, and in the log.
    Credentials,
    /// A fragment is never sent.
    Fragment,
    /// Nobody who runs the system named this host and port.
    HostNotAllowed,
}

impl Unfit {
    /// A sentence for a person.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Malformed => "This is no address.",
            Self::TooLong => "At most 2000 characters.",
            Self::NotHttps => "Webhooks are sent over https only.",
            Self::Credentials => "No name and no password in the address.",
            Self::Fragment => "No fragment: it is never sent.",
            Self::HostNotAllowed => "This host and port are not among those that whoever runs the system allows.",
        }
    }
}

impl WebhookSettings {
    /// True where there may be webhooks.
    pub fn is_on(&self) -> bool {
        !self.hosts.is_empty()
    }

    /// Reads an address to which may be sent. Asked when it is registered, and again before everything that is sent: a host
    /// that is taken off the list is sent nothing more.
    ///
    /// # Errors
    /// Why it is not.
    pub fn fit(&self, text: &str) -> Result<Url, Unfit> {
        if text.chars().count() > MOST {
            return Err(Unfit::TooLong);
        }
        let url = Url::parse(text).map_err(|_| Unfit::Malformed)?;
        if url.scheme() != "https" && !(self.test_allowance && url.scheme() == "http") {
            return Err(Unfit::NotHttps);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Unfit::Credentials);
        }
        if url.fragment().is_some() {
            return Err(Unfit::Fragment);
        }
        let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
        let names = |listed: &String| {
            listed_as(listed).is_some_and(|listed| {
                let any_port = self.test_allowance && listed.port().is_none();
                listed.host_str() == Some(host) && (any_port || listed.port_or_known_default() == Some(port))
            })
        };
        if self.hosts.iter().any(names) { Ok(url) } else { Err(Unfit::HostNotAllowed) }
    }

    /// Looks whether every host that is named is one: what is not would silently allow nothing.
    ///
    /// # Errors
    /// A sentence that names the first that is none.
    pub fn checked(self) -> Result<Self, String> {
        match self.hosts.iter().find(|listed| listed_as(listed).is_none()) {
            Some(listed) => Err(format!("webhooks.hosts: {listed:?} is no host, with or without a port")),
            None => Ok(self),
        }
    }
}

/// A host of the list, spelled as addresses spell it; `None` of anything else.
fn listed_as(text: &str) -> Option<Url> {
    // a pattern would be taken for a name
    if text.contains('*') {
        return None;
    }
    let url = Url::parse(&format!("https://{text}/")).ok()?;
    let is_all = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    (is_all && url.username().is_empty() && url.password().is_none()).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(test_allowance: bool) -> WebhookSettings {
        let hosts = ["hooks.school.example", "Hooks.Trust.example:8443", "[2001:db8::1]"].map(str::to_owned).into();
        WebhookSettings { hosts, test_allowance }
    }

    #[test]
    fn only_what_is_listed_is_sent_to() {
        use Unfit::{Credentials, Fragment, HostNotAllowed, Malformed, NotHttps, TooLong};
        let long = format!("https://hooks.school.example/{}", "a".repeat(2000));
        let table: &[(&str, Option<Unfit>)] = &[
            ("https://hooks.school.example/feed?key=1", None),
            ("https://HOOKS.school.EXAMPLE", None),
            ("https://hooks.school.example:443/", None),
            ("https://hooks.trust.example:8443/", None),
            ("https://[2001:db8::1]/", None),
            ("https://hooks.school.example:8443/", Some(HostNotAllowed)),
            ("https://hooks.trust.example/", Some(HostNotAllowed)),
            ("https://hooks.school.example.evil.example/", Some(HostNotAllowed)),
            ("https://evil.example/hooks.school.example", Some(HostNotAllowed)),
            ("https://evil.example\\@hooks.school.example/", Some(HostNotAllowed)),
            ("https://sub.hooks.school.example/", Some(HostNotAllowed)),
            ("https://hooks.school.example./", Some(HostNotAllowed)),
            ("https://127.0.0.1/", Some(HostNotAllowed)),
            ("http://hooks.school.example/", Some(NotHttps)),
            ("file:///etc/passwd", Some(NotHttps)),
            ("https://user@hooks.school.example/", Some(Credentials)),
            ("https://:secret@hooks.school.example/", Some(Credentials)),
            ("https://hooks.school.example/#part", Some(Fragment)),
            ("hooks.school.example", Some(Malformed)),
            ("", Some(Malformed)),
            (&long, Some(TooLong)),
        ];
        for (url, why) in table {
            assert_eq!(settings(false).fit(url).err(), *why, "{url}");
        }
    }

    #[test]
    fn the_test_allowance_opens_http_and_ports_and_no_host() {
        let tests = settings(true);
        assert!(tests.fit("http://hooks.school.example:3000/").is_ok());
        assert_eq!(tests.fit("http://evil.example:3000/").err(), Some(Unfit::HostNotAllowed));
        assert_eq!(tests.fit("https://hooks.trust.example:1/").err(), Some(Unfit::HostNotAllowed));
    }

    #[test]
    fn a_list_names_hosts_and_nothing_else() {
        let of = |host: &str| WebhookSettings { hosts: vec![host.to_owned()], test_allowance: false };
        for host in ["a.example", "a.example:8443", "A.Example:443", "[2001:db8::1]:1", "b\u{fc}cher.example"] {
            assert!(of(host).checked().is_ok(), "{host}");
        }
        for host in
            ["", "https://a.example", "a.example/", "a.example/hook", "*.example", "u@a.example", "a.example:x", "a b"]
        {
            assert!(of(host).checked().is_err(), "{host}");
        }
        assert!(of("b\u{fc}cher.example").fit("https://xn--bcher-kva.example/").is_ok());
    }

    #[test]
    fn without_a_host_there_are_none() {
        assert!(!WebhookSettings::default().is_on());
        assert_eq!(WebhookSettings::default().fit("https://a.example/").err(), Some(Unfit::HostNotAllowed));
    }
}
