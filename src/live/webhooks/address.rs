//! Where a name leads, and whether something may be sent there: to addresses of the public internet alone. A name that leads to
//! any other as well is refused whole; what was looked at is what is connected to, so that a name that leads elsewhere a moment
//! later leads nowhere.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};

use reqwest::Url;
use tokio::sync::oneshot;

/// Why nothing is sent to a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Its name leads nowhere.
    NoName,
    /// Its name leads to an address that is not of the public internet.
    NotPublic,
}

/// The addresses of a host, all of them public; under the test allowance also those of the own machine.
///
/// # Errors
/// Why there are none.
pub async fn resolve(url: &Url, test_allowance: bool) -> Result<Vec<SocketAddr>, Refused> {
    let host = url.host_str().unwrap_or_default();
    // an address of the sixth version stands in brackets, which are not of its name
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = url.port_or_known_default().unwrap_or_default();
    let found = match host.parse::<IpAddr>() {
        Ok(address) => vec![SocketAddr::new(address, port)],
        Err(_) => look_up(host.to_owned(), port).await.ok_or(Refused::NoName)?,
    };
    allowed(found, test_allowance)
}

/// Asks the machine, in a thread that nobody waits for: a resolver that does not answer would hold up the end of the program.
async fn look_up(host: String, port: u16) -> Option<Vec<SocketAddr>> {
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || {
        let found = (host.as_str(), port).to_socket_addrs();
        // whoever asked may have lost patience
        let _ = tell.send(found.ok().map(Iterator::collect));
    });
    told.await.ok().flatten()
}

fn allowed(mut addresses: Vec<SocketAddr>, test_allowance: bool) -> Result<Vec<SocketAddr>, Refused> {
    if addresses.is_empty() {
        return Err(Refused::NoName);
    }
    let may = |address: &SocketAddr| is_public(address.ip()) || (test_allowance && address.ip().is_loopback());
    if !addresses.iter().all(may) {
        return Err(Refused::NotPublic);
    }
    // a resolver may turn them about: they are the same client's
    addresses.sort_unstable();
    addresses.dedup();
    Ok(addresses)
}

/// True for an address of the public internet: everything that the registries of special addresses name is not.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !matches!(
        (a, b, c),
        // this network, private, loopback, multicast and all above
        (0 | 10 | 127 | 224..=255, ..)
            // shared by carriers, link-local, private
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            // protocols, documentation, relays, private
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            // benchmarks, documentation
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // one of the fourth version, as such or through a translator
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // tunnels and protocols, documentation
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // all else that was ever given out
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        let public = [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.0.3.1",
            "192.88.98.1",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "198.51.99.1",
            "203.0.112.1",
            "203.0.114.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2a00:1450::1",
            "2001:200::1",
            "2003::1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
        ];
        let other = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "192.168.255.255",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.255",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::2",
            "::127.0.0.1",
            "::8.8.8.8",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:192.168.1.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b:1::8.8.8.8",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:0a00:0001::1",
            "2002:808:808::1",
            "3fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "ffff::1",
        ];
        for text in public {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
        for text in other {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn one_address_that_is_not_public_refuses_the_name() {
        let addresses = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<SocketAddr>>();
        let both = addresses(&["8.8.8.8:443", "10.0.0.1:443"]);
        assert_eq!(allowed(both, false), Err(Refused::NotPublic));
        assert_eq!(allowed(vec![], false), Err(Refused::NoName));
        let here = addresses(&["127.0.0.1:3000", "[::1]:3000"]);
        assert_eq!(allowed(here.clone(), false), Err(Refused::NotPublic));
        assert_eq!(allowed(here.clone(), true).unwrap(), here);
        // the allowance opens the own machine, and nothing beside it
        assert_eq!(allowed(addresses(&["192.168.0.1:80"]), true), Err(Refused::NotPublic));
        let turned = addresses(&["9.9.9.9:443", "8.8.8.8:443", "9.9.9.9:443"]);
        assert_eq!(allowed(turned, false).unwrap(), addresses(&["8.8.8.8:443", "9.9.9.9:443"]));
    }

    #[tokio::test]
    async fn a_literal_address_is_looked_at_as_well() {
        for (url, refused) in [
            ("https://127.0.0.1/", Refused::NotPublic),
            ("https://[::1]/", Refused::NotPublic),
            ("https://[::ffff:10.0.0.1]/", Refused::NotPublic),
            ("https://2130706433/", Refused::NotPublic),
            ("https://0x7f.1/", Refused::NotPublic),
        ] {
            assert_eq!(resolve(&Url::parse(url).unwrap(), false).await, Err(refused), "{url}");
        }
    }
}
