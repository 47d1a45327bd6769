//! Every mutation, tried without effect.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::key;
use super::sweep::Sweep;

/// An input with a word of its own wherever a person would say something.
pub fn said(value: &Value, word: &mut impl FnMut() -> String) -> Value {
    match value {
        Value::String(text) if text == "?" => word().into(),
        Value::Array(list) => list.iter().map(|each| said(each, word)).collect(),
        Value::Object(map) => map.iter().map(|(name, each)| (name.clone(), said(each, word))).collect(),
        other => other.clone(),
    }
}

/// The same input over rows that may not be seen.
fn elsewhere(sweep: &Sweep<'_>, value: &Value) -> Value {
    match value {
        Value::String(text) => {
            let noun = URL_SAFE_NO_PAD.decode(text).ok().and_then(|plain| String::from_utf8(plain).ok());
            let ty = noun.and_then(|plain| Some(plain.split_once(':')?.0.to_owned()));
            let ty = ty.filter(|ty| sweep.walk.nodes().contains(ty));
            let unseen = ty.and_then(|ty| sweep.some(&ty, 0, 1).pop());
            unseen.map_or_else(|| value.clone(), Value::from)
        }
        Value::Array(list) => list.iter().map(|each| elsewhere(sweep, each)).collect(),
        Value::Object(map) => map.iter().map(|(name, each)| (name.clone(), elsewhere(sweep, each))).collect(),
        other => other.clone(),
    }
}

/// Every mutation as somebody: tried without effect, with nothing said, and over rows that may not be seen.
pub async fn tries(sweep: &mut Sweep<'_>, inputs: &[(String, Value)], keys: &mut u32) {
    for (mutation, input) in inputs {
        let dry = |mut input: Value| {
            *keys += 1;
            input["idempotencyKey"] = key(*keys).into();
            input["dryRun"] = true.into();
            input
        };
        let words = said(input, &mut || sweep.canaries.word_for_input(1));
        let unseen = elsewhere(sweep, &words);
        for input in [words, said(input, &mut || " ".to_owned()), unseen].map(dry) {
            sweep.change(mutation, &input).await;
        }
    }
}
