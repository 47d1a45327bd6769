use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};

use super::*;

struct Desk {
    signer: Signer,
    verifier: Verifier,
    clock: Clock,
}

fn desk() -> Desk {
    let clock = Clock::fixed("2026-11-24T09:00:00Z".parse().unwrap());
    let signer = Signer::generate().unwrap();
    let verifier = Verifier::new(settings(KeySource::Set(signer.jwks().unwrap())), clock.clone()).unwrap();
    Desk { signer, verifier, clock }
}

type Change = Box<dyn Fn(&mut Claims)>;

fn settings(keys: KeySource) -> AuthSettings {
    AuthSettings {
        issuer: "https://issuer.example".into(),
        audience: default_audience(),
        keys,
        leeway_seconds: default_leeway(),
        max_lifetime_seconds: default_lifetime(),
    }
}

fn claims(clock: &Clock) -> Claims {
    let now = clock.now().timestamp();
    Claims {
        iss: "https://issuer.example".into(),
        aud: default_audience(),
        sub: Uuid::from_u128(1),
        exp: now + 900,
        nbf: None,
        iat: now,
        jti: "1".into(),
        sid: None,
        agency_id: Uuid::from_u128(2),
        roles: vec!["CHAIR".into()],
        act: None,
        acr: None,
        scope: "read submit sing".into(),
    }
}

#[tokio::test]
async fn a_good_token_names_person_agency_post_and_grants() {
    let desk = desk();
    let principal = desk.verifier.verify(&desk.signer.sign(&claims(&desk.clock)).unwrap()).await.unwrap();
    assert_eq!((principal.person(), principal.agency()), (Uuid::from_u128(1), Uuid::from_u128(2)));
    assert!(principal.may(Grant::Submit) && !principal.may(Grant::Export));
    assert_eq!(format!("{principal:?}"), "Principal");
}

#[tokio::test]
async fn claims_that_do_not_fit_are_refused() {
    let desk = desk();
    let table: Vec<(Refusal, Change)> = vec![
        (Refusal::DoesNotVerify, Box::new(|c| c.iss = "https://other.example".into())),
        (Refusal::DoesNotVerify, Box::new(|c| c.aud = "another-api".into())),
        (Refusal::Expired, Box::new(|c| c.exp = c.iat - 31)),
        (Refusal::NotYetValid, Box::new(|c| c.nbf = Some(c.iat + 31))),
        (Refusal::NotYetValid, Box::new(|c| c.iat += 31)),
        (Refusal::TooLong, Box::new(|c| c.exp = c.iat + 3601)),
    ];
    for (refusal, change) in table {
        let mut claims = claims(&desk.clock);
        change(&mut claims);
        let token = desk.signer.sign(&claims).unwrap();
        assert_eq!(desk.verifier.verify(&token).await.unwrap_err(), refusal);
    }
}

#[tokio::test]
async fn a_token_ends_by_the_clock() {
    let desk = desk();
    let token = desk.signer.sign(&claims(&desk.clock)).unwrap();
    desk.clock.advance(Duration::seconds(929));
    assert!(desk.verifier.verify(&token).await.is_ok());
    desk.clock.advance(Duration::seconds(1));
    assert_eq!(desk.verifier.verify(&token).await.unwrap_err(), Refusal::Expired);
}

#[tokio::test]
async fn forgeries_are_refused() {
    let desk = desk();
    let good = desk.signer.sign(&claims(&desk.clock)).unwrap();
    let header = decode_header(&good).unwrap();
    let body = good.split('.').nth(1).unwrap();

    let none =
        URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"none","typ":"at+jwt","kid":"{}"}}"#, header.kid.as_ref().unwrap()));
    assert_eq!(desk.verifier.verify(&format!("{none}.{body}.")).await.unwrap_err(), Refusal::Malformed);

    // HS256 keyed with the public key
    let jwks = serde_json::to_value(desk.signer.jwks().unwrap()).unwrap();
    let public = URL_SAFE_NO_PAD.decode(jwks["keys"][0]["x"].as_str().unwrap()).unwrap();
    let mut hmac = Header::new(Algorithm::HS256);
    hmac.kid = header.kid.clone();
    hmac.typ = Some("at+jwt".into());
    let forged = encode(&hmac, &claims(&desk.clock), &EncodingKey::from_secret(&public)).unwrap();
    assert_eq!(desk.verifier.verify(&forged).await.unwrap_err(), Refusal::WrongAlgorithm);

    let stranger = Signer::generate().unwrap().sign(&claims(&desk.clock)).unwrap();
    assert_eq!(desk.verifier.verify(&stranger).await.unwrap_err(), Refusal::UnknownKey);

    let mut parts: Vec<_> = good.split('.').map(str::to_owned).collect();
    parts[1] =
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&Claims { scope: "export".into(), ..claims(&desk.clock) }).unwrap());
    assert_eq!(desk.verifier.verify(&parts.join(".")).await.unwrap_err(), Refusal::DoesNotVerify);

    for junk in ["", "x", "a.b.c", &good[..good.len() - 4]] {
        assert!(desk.verifier.verify(junk).await.is_err());
    }
}

#[tokio::test]
async fn a_new_key_in_the_file_is_found() {
    let folder = std::env::temp_dir().join(format!("quorate-keys-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("jwks.json");
    let clock = Clock::fixed("2026-11-24T09:00:00Z".parse().unwrap());
    let (old, new) = (Signer::generate().unwrap(), Signer::generate().unwrap());
    std::fs::write(&file, serde_json::to_vec(&old.jwks().unwrap()).unwrap()).unwrap();
    let verifier = Verifier::new(settings(KeySource::File(file.clone())), clock.clone()).unwrap();
    let token = old.sign(&claims(&clock)).unwrap();
    assert!(verifier.verify(&token).await.is_ok());
    std::fs::write(&file, serde_json::to_vec(&new.jwks().unwrap()).unwrap()).unwrap();
    assert!(verifier.verify(&new.sign(&claims(&clock)).unwrap()).await.is_ok());
    // that it fitted once does not outlast its key
    assert_eq!(verifier.verify(&token).await.unwrap_err(), Refusal::UnknownKey);
    std::fs::remove_dir_all(folder).unwrap();
}

/// A token with any header and claims, signed by the desk's key.
fn forge(desk: &Desk, header: impl Fn(&mut Header), change: impl Fn(&mut serde_json::Value)) -> String {
    let mut head = decode_header(desk.signer.sign(&claims(&desk.clock)).unwrap()).unwrap();
    header(&mut head);
    let mut body = serde_json::to_value(claims(&desk.clock)).unwrap();
    change(&mut body);
    encode(&head, &body, &desk.signer.encoding_key()).unwrap()
}

#[tokio::test]
async fn other_forms_of_audience_and_client_are_read() {
    let desk = desk();
    let token = forge(
        &desk,
        |header| header.typ = Some("application/AT+JWT".into()),
        |body| {
            body["aud"] = serde_json::json!(["another-api", default_audience()]);
            body["act"] = serde_json::json!({"sub": "records"});
            body["sid"] = "s".into();
        },
    );
    let principal = desk.verifier.verify(&token).await.unwrap();
    assert_eq!((principal.client(), principal.session(), principal.token_id()), (Some("records"), Some("s"), "1"));
    let foreign = forge(&desk, |_| {}, |body| body["aud"] = serde_json::json!(["another-api", "third"]));
    assert_eq!(desk.verifier.verify(&foreign).await.unwrap_err(), Refusal::DoesNotVerify);
}

#[tokio::test]
async fn headers_and_claims_are_required() {
    let desk = desk();
    let changes: [fn(&mut Header); 4] = [
        |header| header.kid = None,
        |header| header.typ = None,
        |header| header.typ = Some("JWT".into()),
        |header| header.crit = Some(vec!["b64".into()]),
    ];
    for change in changes {
        assert_eq!(desk.verifier.verify(&forge(&desk, change, |_| {})).await.unwrap_err(), Refusal::Malformed);
    }
    for claim in ["iss", "aud", "sub", "exp", "iat", "jti", "agency_id", "roles", "scope"] {
        let without = forge(&desk, |_| {}, |body| drop(body.as_object_mut().unwrap().remove(claim)));
        assert!(desk.verifier.verify(&without).await.is_err(), "{claim}");
        let null = forge(&desk, |_| {}, |body| body[claim] = serde_json::Value::Null);
        assert!(desk.verifier.verify(&null).await.is_err(), "{claim}");
    }
    assert_eq!(desk.verifier.verify(&"a".repeat(20_000)).await.unwrap_err(), Refusal::Malformed);
}

#[tokio::test]
async fn another_key_under_the_same_name_does_not_sign() {
    let (desk, thief) = (desk(), desk());
    let kid = decode_header(desk.signer.sign(&claims(&desk.clock)).unwrap()).unwrap().kid;
    let token = forge(&thief, |header| header.kid.clone_from(&kid), |_| {});
    assert_eq!(desk.verifier.verify(&token).await.unwrap_err(), Refusal::DoesNotVerify);
}

#[test]
fn keys_of_other_kinds_and_uses_are_no_keys() {
    let good = serde_json::to_value(Signer::generate().unwrap().jwks().unwrap()).unwrap()["keys"][0].clone();
    let opens = |key: serde_json::Value| {
        let set = serde_json::from_value(serde_json::json!({"keys": [key]})).unwrap();
        Verifier::new(settings(KeySource::Set(set)), desk().clock).is_ok()
    };
    assert!(opens(good.clone()));
    for (name, value) in [("use", "enc"), ("alg", "RS256"), ("crv", "P-384")] {
        let mut other = good.clone();
        other[name] = value.into();
        assert!(!opens(other), "{name}");
    }
    assert!(!opens(serde_json::json!({"kty": "oct", "kid": "s", "k": "c2VjcmV0"})));
}

#[test]
fn keys_are_not_fetched_in_the_clear() {
    let opens = |address: &str| Verifier::new(settings(KeySource::Url(address.into())), desk().clock).is_ok();
    assert!(opens("https://issuer.example/jwks") && opens("http://127.0.0.1:9/jwks"));
    assert!(!opens("http://issuer.example/jwks") && !opens("file:///etc/passwd") && !opens("jwks"));
}

#[tokio::test]
async fn a_withdrawn_key_ends_and_a_lost_source_ends_nobody() {
    let file = std::env::temp_dir().join(format!("quorate-withdrawn-{}.json", std::process::id()));
    let clock = Clock::fixed("2026-11-24T09:00:00Z".parse().unwrap());
    let (old, new) = (Signer::generate().unwrap(), Signer::generate().unwrap());
    std::fs::write(&file, serde_json::to_vec(&old.jwks().unwrap()).unwrap()).unwrap();
    let verifier = Verifier::new(settings(KeySource::File(file.clone())), clock.clone()).unwrap();
    std::fs::write(&file, serde_json::to_vec(&new.jwks().unwrap()).unwrap()).unwrap();
    assert!(verifier.verify(&old.sign(&claims(&clock)).unwrap()).await.is_ok());
    clock.advance(Duration::minutes(15));
    assert_eq!(verifier.verify(&old.sign(&claims(&clock)).unwrap()).await.unwrap_err(), Refusal::UnknownKey);
    std::fs::remove_file(file).unwrap();
    clock.advance(Duration::minutes(16));
    assert!(verifier.verify(&new.sign(&claims(&clock)).unwrap()).await.is_ok());
}

#[tokio::test]
async fn unknown_kinds_of_keys_take_no_other_key_with_them() {
    let file = std::env::temp_dir().join(format!("quorate-kinds-{}.json", std::process::id()));
    let clock = Clock::fixed("2026-11-24T09:00:00Z".parse().unwrap());
    let signer = Signer::generate().unwrap();
    let mut set = serde_json::to_value(signer.jwks().unwrap()).unwrap();
    let others = [
        serde_json::json!({"kty": "AKP", "alg": "ML-DSA-44", "kid": "a", "pub": "AA"}),
        serde_json::json!({"kty": "EC", "crv": "secp256k1", "kid": "b", "x": "AA", "y": "AA"}),
        serde_json::json!({"kty": "OKP", "crv": "Ed448", "kid": "c", "x": "AA", "use": 7}),
        serde_json::json!({"kid": "d"}),
        serde_json::json!("a key"),
    ];
    for other in others {
        set["keys"].as_array_mut().unwrap().insert(0, other);
    }
    std::fs::write(&file, set.to_string()).unwrap();
    let verifier = Verifier::new(settings(KeySource::File(file.clone())), clock.clone()).unwrap();
    assert!(verifier.verify(&signer.sign(&claims(&clock)).unwrap()).await.is_ok());
    std::fs::remove_file(file).unwrap();
}
